//! A job of a workflow.

use super::step::{Pair, pairs, steps};
use super::{Permissions, Problem, Step, Uses};
use crate::place::{Lines, Span, Spanned};
use crate::yaml::{Entry, Node, Value};

/// A job.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: Spanned<String>,
    pub(crate) name: Option<Spanned<String>>,
    pub(crate) needs: Vec<Spanned<String>>,
    pub(crate) condition: Option<Spanned<String>>,
    pub(crate) runs_on: Vec<Spanned<String>>,
    pub(crate) permissions: Option<Permissions>,
    pub(crate) env: Vec<Pair>,
    pub(crate) environment: Option<Environment>,
    pub(crate) concurrency: Option<Concurrency>,
    /// The place of `continue-on-error`, unless it is `false`.
    pub(crate) continue_on_error: Option<Span>,
    pub(crate) steps: Vec<Step>,
    /// The reusable workflow that the job is.
    pub(crate) uses: Option<Spanned<Uses>>,
    pub(crate) with: Vec<Pair>,
    pub(crate) secrets: Secrets,
    pub(crate) outputs: Vec<Pair>,
    /// Values of the matrix, by key.
    pub(crate) matrix: Vec<(String, Vec<String>)>,
}

/// Secrets that a job hands to the reusable workflow that it is.
#[derive(Debug, Default)]
pub(crate) enum Secrets {
    #[default]
    None,
    Inherit(Span),
    Named(Vec<Pair>),
}

#[derive(Debug, Clone)]
pub(crate) struct Environment {
    pub(crate) name: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Concurrency {
    /// The place of `cancel-in-progress`, unless it is `false`.
    pub(crate) cancels: Option<Spanned<String>>,
}

impl Concurrency {
    pub(super) fn read(node: &Node) -> Option<Self> {
        let group = node.get("concurrency")?;
        let cancels = group.get("cancel-in-progress").and_then(Node::spanned);
        Some(Self { cancels: cancels.filter(|cancels| cancels.value != "false") })
    }
}

pub(super) fn jobs(
    entry: Option<&Entry>,
    first: Span,
    text: &str,
    lines: &Lines,
    shell: Option<&str>,
    problems: &mut Vec<Problem>,
) -> Vec<Job> {
    let Some(entry) = entry else {
        problems.push(Problem::new(first, "there is no `jobs`"));
        return Vec::new();
    };
    if entry.value.entries().is_empty() {
        problems.push(Problem::new(entry.key.span, "`jobs` holds no job"));
    }
    let jobs = entry.value.entries().iter();
    jobs.map(|entry| job(entry, text, lines, shell, problems)).collect()
}

fn job(
    entry: &Entry,
    text: &str,
    lines: &Lines,
    shell: Option<&str>,
    problems: &mut Vec<Problem>,
) -> Job {
    let node = &entry.value;
    let id = entry.key.clone();
    let uses = node.get("uses").and_then(Node::spanned);
    let runs_on = node.get("runs-on").map(runs_on).unwrap_or_default();
    if uses.is_none() && runs_on.is_empty() {
        let what = format!("the job `{}` has neither `runs-on` nor `uses`", id.value);
        problems.push(Problem::new(id.span, what));
    }
    if uses.is_none() && node.get("steps").is_none_or(|steps| steps.items().is_empty()) {
        let what = format!("the job `{}` has no steps", id.value);
        problems.push(Problem::new(id.span, what));
    }
    let own_shell = super::workflow::shell(node);
    // Where nothing is said, Windows runs scripts with PowerShell.
    let is_windows = runs_on.iter().any(|l| l.value.to_ascii_lowercase().starts_with("windows"));
    let shell = own_shell.as_deref().or(shell).or(is_windows.then_some("pwsh"));
    let secrets = match node.entry("secrets") {
        Some(entry) if entry.value.text() == Some("inherit") => Secrets::Inherit(entry.value.span),
        Some(entry) => Secrets::Named(pairs(Some(&entry.value))),
        None => Secrets::None,
    };
    Job {
        name: node.get("name").and_then(Node::spanned),
        needs: node
            .get("needs")
            .map(Node::one_or_many)
            .unwrap_or_default()
            .iter()
            .filter_map(Node::spanned)
            .collect(),
        condition: node.get("if").and_then(Node::spanned),
        permissions: node
            .entry("permissions")
            .map(|entry| Permissions::read(entry.key.span, &entry.value, problems)),
        env: pairs(node.get("env")),
        environment: node.get("environment").and_then(|environment| {
            let name = environment.text().or_else(|| environment.get("name")?.text())?;
            Some(Environment { name: name.to_owned() })
        }),
        concurrency: Concurrency::read(node),
        continue_on_error: continue_on_error(node),
        steps: node
            .get("steps")
            .map(|node| steps(node, text, lines, shell, problems))
            .unwrap_or_default(),
        uses: uses.map(|uses| Spanned { value: Uses::parse(&uses.value), span: uses.span }),
        with: pairs(node.get("with")),
        secrets,
        outputs: pairs(node.get("outputs")),
        matrix: matrix(node),
        runs_on,
        id,
    }
}

/// The place of `continue-on-error` unless it says `false`.
pub(super) fn continue_on_error(node: &Node) -> Option<Span> {
    let entry = node.entry("continue-on-error")?;
    let is_off = entry.value.scalar().is_some_and(|scalar| scalar.bool() == Some(false));
    (!is_off).then(|| Span::new(entry.key.span.start, entry.value.span.end))
}

fn runs_on(node: &Node) -> Vec<Spanned<String>> {
    match &node.value {
        Value::Mapping(_) => {
            let of = |key: &str| node.get(key).map(Node::one_or_many).unwrap_or_default();
            of("labels").iter().chain(of("group")).filter_map(Node::spanned).collect()
        }
        _ => node.one_or_many().iter().filter_map(Node::spanned).collect(),
    }
}

fn matrix(node: &Node) -> Vec<(String, Vec<String>)> {
    let Some(matrix) = node.get("strategy").and_then(|strategy| strategy.get("matrix")) else {
        return Vec::new();
    };
    let mut values: Vec<(String, Vec<String>)> = Vec::new();
    let mut add = |key: &str, value: &Node| {
        let Some(text) = value.text() else { return };
        match values.iter_mut().find(|(known, _)| known == key) {
            Some((_, list)) => list.push(text.to_owned()),
            None => values.push((key.to_owned(), vec![text.to_owned()])),
        }
    };
    for entry in matrix.entries() {
        match entry.key.value.as_str() {
            "exclude" => {}
            "include" => {
                for item in entry.value.items() {
                    for inner in item.entries() {
                        add(&inner.key.value, &inner.value);
                    }
                }
            }
            key => entry.value.one_or_many().iter().for_each(|item| add(key, item)),
        }
    }
    values
}
