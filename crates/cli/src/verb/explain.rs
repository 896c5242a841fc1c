//! `provost explain`

use crate::args::ExplainArgs;
use crate::exit::Exit;
use crate::output::{Output, Shown};
use crate::screen::wrap;
use provost_policy::check::registry;
use provost_verify::check::CheckInfo;

pub(crate) fn run(args: &ExplainArgs, output: &Output) -> Shown {
    let Some(code) = &args.code else {
        let list: Vec<serde_json::Value> = registry().map(json).collect();
        let text: String = registry()
            .map(|info| format!("{:24}  {}\n", info.id.as_str(), info.question))
            .collect();
        output.document(&format!("{}\n", serde_json::Value::from(list)), &text)?;
        return Ok(Exit::Fine);
    };
    let Some(info) = registry().find(|info| info.id.as_str() == code) else {
        let error = UnknownCode { code: code.clone(), near: nearest(code) };
        output.error("nothing was explained", "unknown-code", &error)?;
        return Ok(Exit::BadArguments);
    };
    let text = format!(
        "{}\n\n  {}\n\n{}\n\nhow to mend it\n{}\n",
        info.id,
        info.question,
        wrap(info.meaning, 88, "  "),
        wrap(info.mend, 88, "  "),
    );
    output.document(&format!("{}\n", json(info)), &text)?;
    Ok(Exit::Fine)
}

fn json(info: &CheckInfo) -> serde_json::Value {
    serde_json::json!({
        "id": info.id.as_str(),
        "question": info.question,
        "meaning": info.meaning,
        "mend": info.mend,
    })
}

#[derive(Debug)]
struct UnknownCode {
    code: String,
    near: Option<&'static str>,
}

impl std::fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "there is no check {:?}", self.code)?;
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
    registry().map(|info| info.id.as_str()).max_by_key(|id| shared(id)).filter(|id| shared(id) > 0)
}
