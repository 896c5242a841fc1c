//! `untrusted-expression`

use super::{Findings, RuleInfo};
use crate::effect::At;
use crate::expression::{expressions, values};
use crate::finding::{Confidence, Severity};
use crate::model::Step;
use crate::script::Script;
use crate::world::{JobView, World};
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

pub(super) const INFO: RuleInfo = RuleInfo {
    id: "untrusted-expression",
    summary: "Text that an outsider chose is pasted into a script.",
    severity: Severity::Error,
    explanation: include_str!("untrusted_expression.md"),
};

/// What strangers write (GitHub documentation, "Script injections").
const STRANGERS: [&str; 34] = [
    "github.event.issue.title",
    "github.event.issue.body",
    "github.event.discussion.title",
    "github.event.discussion.body",
    "github.event.comment.body",
    "github.event.review.body",
    "github.event.review_comment.body",
    "github.event.pages.*.page_name",
    "github.event.commits.*.message",
    "github.event.commits.*.author.email",
    "github.event.commits.*.author.name",
    "github.event.head_commit.message",
    "github.event.head_commit.author.email",
    "github.event.head_commit.author.name",
    "github.event.head_commit.committer.email",
    "github.event.head_commit.committer.name",
    "github.event.pull_request.title",
    "github.event.pull_request.body",
    "github.event.pull_request.head.ref",
    "github.event.pull_request.head.label",
    "github.event.pull_request.head.repo.default_branch",
    "github.event.pull_request.head.repo.description",
    "github.event.pull_request.head.repo.homepage",
    "github.event.pull_request.milestone.title",
    "github.event.merge_group.head_ref",
    "github.event.workflow_run.head_branch",
    "github.event.workflow_run.display_title",
    "github.event.workflow_run.head_commit.message",
    "github.event.workflow_run.head_commit.author.email",
    "github.event.workflow_run.head_commit.author.name",
    "github.event.workflow_run.head_repository.description",
    "github.event.workflow_run.pull_requests.*.head.ref",
    "github.event.client_payload",
    "github.head_ref",
];

/// What people write who may push or start runs: more than a script should take as code.
const COLLEAGUES: [&str; 8] = [
    "github.event.inputs",
    "inputs",
    "github.ref_name",
    "github.ref",
    "github.event.ref",
    "github.event.release",
    "github.event.label.name",
    "github.event.base_ref",
];

pub(super) fn run(world: &World, findings: &mut Findings<'_>) {
    for job in world.jobs() {
        for step in &job.job.steps {
            let scripts = step.run.iter().chain(step.script.iter().filter(|_| is_script(step)));
            for script in scripts {
                judge(findings, job, step, script);
            }
        }
    }
    for (file, source) in world.files.all().iter().enumerate() {
        let Some(action) = source.action().filter(|_| !source.is_foreign) else { continue };
        for script in action.steps.iter().filter_map(|step| step.run.as_ref()) {
            of_action(findings, file, script);
        }
    }
}

fn is_script(step: &Step) -> bool {
    step.action().as_deref() == Some("actions/github-script")
}

fn judge(findings: &mut Findings<'_>, job: JobView<'_>, step: &Step, script: &Script) {
    let expressions = expressions(&script.text);
    if expressions.is_empty() {
        return;
    }
    let origins = Origins::of(job, step);
    for expression in expressions {
        let Some((context, severity)) = origins.worst(expression.inner) else { continue };
        let at = At { file: job.at.file, span: script.place(expression.start, expression.end) };
        let who = if severity == Severity::Error {
            "anyone can write"
        } else {
            "whoever starts the run writes"
        };
        let message = format!("`{context}` is pasted into the script, and {who} what is in it");
        let confidence =
            if severity == Severity::Error { Confidence::High } else { Confidence::Medium };
        let finding = findings.add(severity, confidence, at, message);
        finding.label("becomes part of the script").in_job(job);
        finding.hint("put it into `env` of the step, and write \"$NAME\" in the script");
    }
}

/// A context, and how dangerous what is in it may be.
type Danger = (String, Severity);

/// How far a value is followed from one variable to the next.
const MAX_STEPS: usize = 5;

/// What was put into `env.X` and `matrix.X`, by these names in lower case.
struct Origins {
    dangers: HashMap<String, Danger>,
}

impl Origins {
    fn of(job: JobView<'_>, step: &Step) -> Self {
        let mut contexts: HashMap<String, HashSet<String>> = HashMap::new();
        // An inner `env` covers an outer one.
        for pair in step.env.iter().chain(&job.job.env).chain(&job.workflow.env) {
            let name = format!("env.{}", pair.key.value.to_ascii_lowercase());
            contexts.entry(name).or_insert_with(|| inside(&[&pair.value]));
        }
        for (key, values) in &job.job.matrix {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            contexts.insert(format!("matrix.{}", key.to_ascii_lowercase()), inside(&values));
        }
        let mut origins = Self { dangers: HashMap::new() };
        for _ in 0..MAX_STEPS {
            let mut found = Vec::new();
            for (name, contexts) in &contexts {
                let worst = contexts.iter().filter_map(|context| origins.danger(context));
                found.extend(worst.max_by(order).map(|danger| (name.clone(), danger)));
            }
            origins.dangers.extend(found);
        }
        origins
    }

    /// The most dangerous context of an expression.
    fn worst(&self, inner: &str) -> Option<Danger> {
        let mut found: Option<Danger> = None;
        for danger in values(inner).iter().filter_map(|context| self.danger(context)) {
            if found.as_ref().is_none_or(|(_, known)| danger.1 > *known) {
                found = Some(danger);
            }
        }
        found
    }

    fn danger(&self, context: &str) -> Option<Danger> {
        if STRANGERS.iter().any(|known| covers(known, context)) {
            return Some((context.to_owned(), Severity::Error));
        }
        if COLLEAGUES.iter().any(|known| covers(known, context)) {
            return Some((context.to_owned(), Severity::Warning));
        }
        let mut parts = context.splitn(3, '.');
        let name = format!("{}.{}", parts.next()?, parts.next()?);
        self.dangers.get(&name).cloned()
    }
}

/// The worse one is greater; of equals the one whose name comes first.
fn order((a, severity): &Danger, (b, other): &Danger) -> Ordering {
    severity.cmp(other).then_with(|| b.cmp(a))
}

/// The contexts whose text becomes part of one of these.
fn inside(texts: &[&str]) -> HashSet<String> {
    let open = texts.iter().filter(|text| text.contains("${{"));
    open.flat_map(|text| expressions(text)).flat_map(|one| values(one.inner)).collect()
}

/// Whether a context is a known one, below it, or above it (`toJSON(github.event.issue)`).
fn covers(known: &str, context: &str) -> bool {
    let known: Vec<&str> = known.split('.').collect();
    let context: Vec<&str> = context.split('.').collect();
    // `github` or `github.event` alone hold everything.
    if context.len() < known.len() && context.len() < 2 {
        return false;
    }
    known
        .iter()
        .zip(&context)
        .all(|(known, found)| *known == "*" || *found == "*" || known == found)
}

/// In an action, what callers pass is only seen as an input.
fn of_action(findings: &mut Findings<'_>, file: usize, script: &Script) {
    for expression in expressions(&script.text) {
        let Some(context) = values(expression.inner).into_iter().find(|context| {
            STRANGERS.iter().any(|known| covers(known, context)) || context.starts_with("inputs.")
        }) else {
            continue;
        };
        let at = At { file, span: script.place(expression.start, expression.end) };
        let message = format!("`{context}` is pasted into the script of this action");
        let is_input = context.starts_with("inputs.");
        let severity = if is_input { Severity::Warning } else { Severity::Error };
        let finding = findings.add(severity, Confidence::Medium, at, message);
        finding.label("becomes part of the script");
        finding.hint("put it into `env` of the step, and write \"$NAME\" in the script");
    }
}
