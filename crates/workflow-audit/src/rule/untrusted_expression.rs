//! `untrusted-expression`

use super::{Findings, RuleInfo};
use crate::effect::At;
use crate::expression::{expressions, values};
use crate::finding::{Confidence, Severity};
use crate::model::{Pair, Step};
use crate::script::Script;
use crate::world::{JobView, World};

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
    for expression in expressions(&script.text) {
        let envs = [step.env.as_slice(), &job.job.env, &job.workflow.env];
        let Some((context, severity)) = worst(expression.inner, &envs, &job.job.matrix, 0) else {
            continue;
        };
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

/// The most dangerous context of an expression, through `env` and the matrix.
fn worst(
    inner: &str,
    envs: &[&[Pair]; 3],
    matrix: &[(String, Vec<String>)],
    depth: usize,
) -> Option<(String, Severity)> {
    let mut found: Option<(String, Severity)> = None;
    for context in values(inner) {
        let here = if STRANGERS.iter().any(|known| covers(known, &context)) {
            Some((context.clone(), Severity::Error))
        } else if COLLEAGUES.iter().any(|known| covers(known, &context)) {
            Some((context.clone(), Severity::Warning))
        } else {
            behind(&context, envs, matrix, depth)
        };
        let is_worse = |(_, severity): &(String, Severity)| {
            found.as_ref().is_none_or(|(_, known)| severity > known)
        };
        if let Some(here) = here.filter(is_worse) {
            found = Some(here);
        }
    }
    found
}

/// `env.X` and `matrix.X`: what was put there.
fn behind(
    context: &str,
    envs: &[&[Pair]; 3],
    matrix: &[(String, Vec<String>)],
    depth: usize,
) -> Option<(String, Severity)> {
    if depth > 4 {
        return None;
    }
    let texts: Vec<&str> = if let Some(name) = context.strip_prefix("env.") {
        let pair =
            envs.iter().find_map(|env| env.iter().find(|p| p.key.value.eq_ignore_ascii_case(name)));
        pair.map(|pair| pair.value.as_str()).into_iter().collect()
    } else if let Some(name) = context.strip_prefix("matrix.") {
        let key = name.split('.').next().unwrap_or(name);
        let values = matrix.iter().find(|(known, _)| known.eq_ignore_ascii_case(key));
        values.map(|(_, values)| values.iter().map(String::as_str).collect()).unwrap_or_default()
    } else {
        return None;
    };
    let inner = texts.into_iter().flat_map(expressions);
    let found = inner.filter_map(|expression| worst(expression.inner, envs, matrix, depth + 1));
    found.max_by_key(|(_, severity)| *severity)
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
