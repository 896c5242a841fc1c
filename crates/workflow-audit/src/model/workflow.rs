//! A workflow.

use super::event::is_event;
use super::job::{Concurrency, jobs};
use super::step::{Pair, pairs};
use super::trigger::triggers;
use super::{Job, Permissions, Problem, Trigger};
use crate::place::{Lines, Span, Spanned};
use crate::yaml::{Node, Value};

/// A workflow that GitHub loads.
#[derive(Debug)]
pub(crate) struct Workflow {
    pub(crate) name: Option<Spanned<String>>,
    /// `# purpose: …` of the header.
    pub(crate) purpose: Option<String>,
    /// `# doc: …` of the header.
    pub(crate) doc: Option<String>,
    pub(crate) triggers: Vec<Trigger>,
    pub(crate) permissions: Option<Permissions>,
    pub(crate) env: Vec<Pair>,
    pub(crate) concurrency: Option<Concurrency>,
    pub(crate) jobs: Vec<Job>,
}

const KEYS: [&str; 8] =
    ["name", "run-name", "on", "permissions", "env", "defaults", "concurrency", "jobs"];

impl Workflow {
    pub(super) fn read(
        root: &Node,
        text: &str,
        lines: &Lines,
        problems: &mut Vec<Problem>,
    ) -> Self {
        if !matches!(root.value, Value::Mapping(_)) {
            problems.push(Problem::new(root.span, "a workflow is a mapping with `on` and `jobs`"));
        }
        misplaced_keys(root, problems);
        let first = root.entries().first().map_or(root.span, |entry| entry.key.span);
        let triggers = triggers(root.entry("on"), first, problems);
        let shell = shell(root);
        Self {
            name: root.get("name").and_then(Node::spanned),
            purpose: header(text, lines, "purpose"),
            doc: header(text, lines, "doc"),
            triggers,
            permissions: root
                .entry("permissions")
                .map(|entry| Permissions::read(entry.key.span, &entry.value, problems)),
            env: pairs(root.get("env")),
            concurrency: Concurrency::read(root),
            jobs: jobs(root.entry("jobs"), first, text, lines, shell.as_deref(), problems),
        }
    }

    pub(crate) fn trigger(&self, event: &str) -> Option<&Trigger> {
        self.triggers.iter().find(|trigger| trigger.event == event)
    }

    pub(crate) fn job(&self, id: &str) -> Option<&Job> {
        self.jobs.iter().find(|job| job.id.value.eq_ignore_ascii_case(id))
    }
}

pub(super) fn shell(node: &Node) -> Option<String> {
    node.get("defaults")?.get("run")?.get("shell")?.text().map(str::to_owned)
}

/// Keys that GitHub does not take here, and triggers that stand below another key than `on`.
fn misplaced_keys(root: &Node, problems: &mut Vec<Problem>) {
    for entry in root.entries() {
        let key = entry.key.value.as_str();
        if is_event(key) {
            problems.push(
                Problem::new(entry.key.span, format!("`{key}` is no key of a workflow"))
                    .because("a trigger beside `on` instead of below it"),
            );
        } else if !KEYS.contains(&key) {
            let what = format!("`{key}` is no key of a workflow");
            problems.push(Problem::new(entry.key.span, what));
        } else if !matches!(key, "on" | "jobs" | "env") {
            for inner in entry.value.entries().iter().filter(|inner| is_event(&inner.key.value)) {
                let what = format!("`{}` is no key of `{key}`", inner.key.value);
                problems.push(
                    Problem::new(inner.key.span, what)
                        .because(format!("triggers below `{key}` instead of `on`")),
                );
            }
        }
    }
}

/// `# KEY: text` above the first key.
fn header(text: &str, lines: &Lines, key: &str) -> Option<String> {
    for line in 1..=lines.count() {
        let content = lines.line(text, line).trim();
        if content.is_empty() || content == "---" {
            continue;
        }
        let comment = content.strip_prefix('#')?.trim();
        let value = comment.strip_prefix(key).and_then(|rest| rest.strip_prefix(':'));
        if let Some(value) = value {
            return Some(value.trim().to_owned()).filter(|value| !value.is_empty());
        }
    }
    None
}

/// The place of the name, or of the beginning.
impl Workflow {
    pub(crate) fn span(&self) -> Span {
        let name = self.name.as_ref().map(|name| name.span);
        name.or_else(|| self.triggers.first().map(|trigger| trigger.span)).unwrap_or_default()
    }
}
