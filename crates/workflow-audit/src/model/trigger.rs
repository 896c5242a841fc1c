//! `on:`

use super::Problem;
use super::event::is_event;
use crate::place::{Span, Spanned};
use crate::yaml::{Entry, Node, Value};

/// One event that starts a workflow.
#[derive(Debug, Clone)]
pub(crate) struct Trigger {
    pub(crate) event: String,
    pub(crate) span: Span,
    /// `workflows` of `workflow_run`: names of other workflows.
    pub(crate) workflows: Vec<Spanned<String>>,
    pub(crate) types: Vec<String>,
    pub(crate) branches: Vec<String>,
    pub(crate) tags: Vec<String>,
    /// Whether only branches are named, so that tags start nothing.
    pub(crate) only_branches: bool,
    /// Inputs of `workflow_dispatch` and `workflow_call`.
    pub(crate) inputs: Vec<Spanned<String>>,
    pub(crate) crons: Vec<String>,
}

/// Reads `on:`; a file that nothing starts is one that GitHub does not load.
pub(super) fn triggers(
    on: Option<&Entry>,
    root: Span,
    problems: &mut Vec<Problem>,
) -> Vec<Trigger> {
    let Some(on) = on else {
        problems.push(Problem::new(root, "there is no `on`, so nothing starts this workflow"));
        return Vec::new();
    };
    let named: Vec<(Spanned<String>, Option<&Node>)> = match &on.value.value {
        Value::Scalar(_) => on.value.spanned().map(|event| (event, None)).into_iter().collect(),
        Value::Sequence(items) => {
            items.iter().filter_map(Node::spanned).map(|event| (event, None)).collect()
        }
        Value::Mapping(entries) => {
            entries.iter().map(|entry| (entry.key.clone(), Some(&entry.value))).collect()
        }
    };
    if named.is_empty() {
        problems.push(
            Problem::new(on.key.span, "`on` is empty, so nothing starts this workflow")
                .because("triggers below the wrong key, or none at all"),
        );
    }
    let mut triggers = Vec::new();
    for (event, node) in named {
        if !is_event(&event.value) {
            let what = format!("`{}` is no event", event.value);
            problems.push(Problem::new(event.span, what));
            continue;
        }
        triggers.push(trigger(event, node));
    }
    triggers
}

fn trigger(event: Spanned<String>, node: Option<&Node>) -> Trigger {
    let texts = |key: &str| -> Vec<String> {
        let node = node.and_then(|node| node.get(key));
        let items = node.map(Node::one_or_many).unwrap_or_default();
        items.iter().filter_map(Node::text).map(str::to_owned).collect()
    };
    let workflows = node.and_then(|node| node.get("workflows"));
    let inputs = node.and_then(|node| node.get("inputs"));
    let crons = node.map(Node::items).unwrap_or_default();
    let has = |key: &str| node.is_some_and(|node| node.get(key).is_some());
    let branches = has("branches") || has("branches-ignore");
    Trigger {
        workflows: workflows
            .map(Node::one_or_many)
            .unwrap_or_default()
            .iter()
            .filter_map(Node::spanned)
            .collect(),
        types: texts("types"),
        branches: texts("branches"),
        tags: texts("tags"),
        only_branches: branches && !has("tags") && !has("tags-ignore"),
        inputs: inputs
            .map(Node::entries)
            .unwrap_or_default()
            .iter()
            .map(|e| e.key.clone())
            .collect(),
        crons: crons
            .iter()
            .filter_map(|item| item.get("cron")?.text().map(str::to_owned))
            .collect(),
        event: event.value,
        span: event.span,
    }
}
