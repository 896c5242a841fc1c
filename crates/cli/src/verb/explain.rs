//! `provost explain`

use crate::args::ExplainArgs;
use crate::exit::Exit;
use crate::output::{Output, Shown};
use crate::screen::wrap;
use provost_policy::check::registry;
use provost_workflow_audit::rules;

pub(crate) fn run(args: &ExplainArgs, output: &Output) -> Shown {
    let Some(code) = &args.code else {
        let list: Vec<serde_json::Value> = entries().map(|entry| entry.json()).collect();
        let text: String =
            entries().map(|entry| format!("{:24}  {}\n", entry.id, entry.question)).collect();
        output.document(&format!("{}\n", serde_json::Value::from(list)), &text)?;
        return Ok(Exit::Fine);
    };
    let Some(entry) = entries().find(|entry| entry.id == code) else {
        let error = UnknownCode { code: code.clone(), near: nearest(code) };
        output.error("nothing was explained", "unknown-code", &error)?;
        return Ok(Exit::BadArguments);
    };
    let text = format!(
        "{}\n\n  {}\n\n{}\n\nhow to mend it\n{}\n",
        entry.id,
        entry.question,
        wrap(entry.meaning, 88, "  "),
        wrap(entry.mend, 88, "  "),
    );
    output.document(&format!("{}\n", entry.json()), &text)?;
    Ok(Exit::Fine)
}

/// A check of a decision, or a rule of the audit.
struct Entry {
    id: &'static str,
    question: &'static str,
    meaning: &'static str,
    mend: &'static str,
}

impl Entry {
    fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "id": self.id,
            "question": self.question,
            "meaning": self.meaning,
            "mend": self.mend,
        })
    }
}

/// Checks, then rules.
fn entries() -> impl Iterator<Item = Entry> {
    let checks = registry().map(|info| Entry {
        id: info.id.as_str(),
        question: info.question,
        meaning: info.meaning,
        mend: info.mend,
    });
    let rules = rules().map(|info| Entry {
        id: info.id,
        question: info.summary,
        meaning: info.meaning(),
        mend: info.mend(),
    });
    checks.chain(rules)
}

#[derive(Debug)]
struct UnknownCode {
    code: String,
    near: Option<&'static str>,
}

impl std::fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "there is no check and no rule {:?}", self.code)?;
        match self.near {
            Some(near) => write!(f, "; did you mean {near}?"),
            None => f.write_str("; `provost explain` lists them"),
        }
    }
}

impl std::error::Error for UnknownCode {}

/// A check whose id shares most of its words with what was typed.
fn nearest(code: &str) -> Option<&'static str> {
    let shared = |id: &str| {
        id.split('-').filter(|word| code.split(['-', '_', ' ']).any(|typed| typed == *word)).count()
    };
    entries().map(|entry| entry.id).max_by_key(|id| shared(id)).filter(|id| shared(id) > 0)
}
