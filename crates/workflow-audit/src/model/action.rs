//! An action of the repository: `action.yml`.

use super::step::steps;
use super::{Problem, Step};
use crate::place::{Lines, Spanned};
use crate::yaml::{Node, Value};

/// An action.
#[derive(Debug)]
pub(crate) struct Action {
    /// `composite`, `docker`, or a version of node.
    pub(crate) using: String,
    pub(crate) inputs: Vec<Input>,
    /// Steps of a composite action.
    pub(crate) steps: Vec<Step>,
}

#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) name: Spanned<String>,
    pub(crate) default: Option<String>,
}

impl Action {
    pub(super) fn read(
        root: &Node,
        text: &str,
        lines: &Lines,
        problems: &mut Vec<Problem>,
    ) -> Self {
        if !matches!(root.value, Value::Mapping(_)) {
            problems.push(Problem::new(root.span, "an action is a mapping with `runs`"));
        }
        let runs = root.get("runs");
        let using = runs.and_then(|runs| runs.get("using")).and_then(Node::text);
        if using.is_none() {
            problems.push(Problem::new(root.span, "the action has no `runs.using`"));
        }
        let inputs = root.get("inputs").map(Node::entries).unwrap_or_default();
        let inputs = inputs.iter().map(|entry| Input {
            name: entry.key.clone(),
            default: entry.value.get("default").and_then(Node::text).map(str::to_owned),
        });
        Self {
            using: using.unwrap_or_default().to_owned(),
            inputs: inputs.collect(),
            steps: runs
                .and_then(|runs| runs.get("steps"))
                .map(|node| steps(node, text, lines, None, problems))
                .unwrap_or_default(),
        }
    }
}
