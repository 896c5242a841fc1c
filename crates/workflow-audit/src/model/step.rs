//! A step of a job or of a composite action.

use super::job::continue_on_error;
use super::{Problem, Uses};
use crate::place::{Lines, Span, Spanned};
use crate::script::Script;
use crate::yaml::Node;

/// A step.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) span: Span,
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) condition: Option<Spanned<String>>,
    pub(crate) uses: Option<Spanned<Uses>>,
    pub(crate) with: Vec<Pair>,
    pub(crate) run: Option<Script>,
    /// `with.script`, as `actions/github-script` takes it.
    pub(crate) script: Option<Script>,
    pub(crate) shell: Option<String>,
    pub(crate) env: Vec<Pair>,
    pub(crate) continue_on_error: Option<Span>,
}

/// A key with its text, as in `env` and `with`.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) key: Spanned<String>,
    pub(crate) value: String,
    pub(crate) span: Span,
}

impl Step {
    pub(crate) fn input(&self, name: &str) -> Option<&Pair> {
        self.with.iter().find(|pair| pair.key.value.eq_ignore_ascii_case(name))
    }

    /// The action, in lower case, without its ref.
    pub(crate) fn action(&self) -> Option<String> {
        self.uses.as_ref().and_then(|uses| uses.value.remote_name())
    }

    /// What a person would call it.
    pub(crate) fn title(&self, index: usize) -> String {
        let title = self.name.clone().or_else(|| self.id.clone());
        title.unwrap_or_else(|| match &self.uses {
            Some(uses) => uses.value.raw.clone(),
            None => format!("step {}", index + 1),
        })
    }
}

pub(super) fn pairs(node: Option<&Node>) -> Vec<Pair> {
    let entries = node.map(Node::entries).unwrap_or_default();
    let pair = |entry: &crate::yaml::Entry| {
        let scalar = entry.value.scalar()?;
        Some(Pair {
            key: entry.key.clone(),
            value: if scalar.is_null() { String::new() } else { scalar.text.clone() },
            span: entry.value.span,
        })
    };
    entries.iter().filter_map(pair).collect()
}

pub(super) fn steps(
    node: &Node,
    text: &str,
    lines: &Lines,
    shell: Option<&str>,
    problems: &mut Vec<Problem>,
) -> Vec<Step> {
    node.items().iter().map(|item| step(item, text, lines, shell, problems)).collect()
}

fn step(
    node: &Node,
    text: &str,
    lines: &Lines,
    shell: Option<&str>,
    problems: &mut Vec<Problem>,
) -> Step {
    let run = node.entry("run");
    let uses = node.get("uses").and_then(Node::spanned);
    match (run.is_some(), uses.is_some()) {
        (true, true) => {
            let what = "a step has `run` and `uses`; it takes one of them";
            problems.push(Problem::new(node.span, what));
        }
        (false, false) => {
            problems.push(Problem::new(node.span, "a step has neither `run` nor `uses`"));
        }
        _ => {}
    }
    let script = run.and_then(|entry| {
        let scalar = entry.value.scalar()?;
        Some(Script::new(scalar, entry.value.span, text, lines))
    });
    Step {
        span: node.span,
        id: node.get("id").and_then(Node::text).map(str::to_owned),
        name: node.get("name").and_then(Node::text).map(str::to_owned),
        condition: node.get("if").and_then(Node::spanned),
        uses: uses.map(|uses| Spanned { value: Uses::parse(&uses.value), span: uses.span }),
        with: pairs(node.get("with")),
        run: script,
        script: node
            .get("with")
            .and_then(|with| with.get("script"))
            .and_then(|node| Some(Script::new(node.scalar()?, node.span, text, lines))),
        shell: node.get("shell").and_then(Node::text).or(shell).map(str::to_owned),
        env: pairs(node.get("env")),
        continue_on_error: continue_on_error(node),
    }
}
