//! `dangling-reference`

use super::{Findings, RuleInfo};
use crate::effect::{Act, At, Effect};
use crate::finding::{Confidence, Severity};
use crate::graph::{target_file, workflow_runs};
use crate::model::{Document, UsesKind};
use crate::pattern::may_be_same;
use crate::world::{JobView, World, file_name};

pub(super) const INFO: RuleInfo = RuleInfo {
    id: "dangling-reference",
    summary: "A workflow, job or artifact that is referred to and that nothing provides.",
    severity: Severity::Error,
    explanation: include_str!("dangling_reference.md"),
};

pub(super) fn run(world: &World, findings: &mut Findings<'_>) {
    for (file, ..) in world.workflows() {
        runs(world, findings, file);
    }
    for job in world.jobs() {
        needs(findings, job);
        calls(world, findings, job);
        for (_, step, facts) in job.steps() {
            if let Some(uses) = &step.uses
                && let UsesKind::Local(path) = &uses.value.kind
                && world.files.local_action(path).is_none()
            {
                let at = At { file: job.at.file, span: uses.span };
                // Another step may check something out or build it there.
                let is_own = path.is_empty() || path.starts_with(".github/");
                let confidence = if is_own { Confidence::High } else { Confidence::Medium };
                let message = format!("there is no action `{path}/action.yml` in this repository");
                let finding = findings.add(Severity::Warning, confidence, at, message);
                finding.label("not there").in_job(job);
            }
            for effect in &facts.effects {
                dispatch(world, findings, job, effect);
                artifact(world, findings, job, effect);
            }
        }
    }
}

/// `workflow_run` knows other workflows by their names.
fn runs(world: &World, findings: &mut Findings<'_>, file: usize) {
    let (_, unknown) = workflow_runs(world, file);
    for name in unknown {
        let at = At { file, span: name.span };
        let by_file =
            world.workflows().find(|(_, source, _)| file_name(&source.path) == name.value);
        let message = format!("no workflow is named `{}`, so this never runs for it", name.value);
        let finding = findings.add(Severity::Error, Confidence::High, at, message);
        finding.label("no such name");
        finding.hint(match by_file.and_then(|(.., workflow)| workflow.name.as_ref()) {
            Some(name) => format!("`workflow_run` goes by the name, which is `{}`", name.value),
            None => "write the `name` of the other workflow".to_owned(),
        });
    }
}

fn needs(findings: &mut Findings<'_>, job: JobView<'_>) {
    for need in &job.job.needs {
        if job.workflow.job(&need.value).is_none() {
            let at = At { file: job.at.file, span: need.span };
            let message = format!("there is no job `{}` in this workflow", need.value);
            let finding = findings.add(Severity::Error, Confidence::High, at, message);
            finding.label("no such job").in_job(job);
            finding.hint("GitHub refuses the whole file; name a job that is there");
        }
    }
}

/// A reusable workflow of this repository: there, readable, and callable.
fn calls(world: &World, findings: &mut Findings<'_>, job: JobView<'_>) {
    let Some(uses) = &job.job.uses else { return };
    let UsesKind::Local(path) = &uses.value.kind else { return };
    let at = At { file: job.at.file, span: uses.span };
    let Some(called) = world.files.by_path(path) else {
        let message = format!("there is no workflow `{path}` in this repository");
        let finding = findings.add(Severity::Error, Confidence::High, at, message);
        finding.label("not there").in_job(job);
        return;
    };
    match &world.file(called).document {
        Document::Workflow(workflow) if workflow.trigger("workflow_call").is_none() => {
            let other = findings.spot(At { file: called, span: workflow.span() }, "not callable");
            let message =
                format!("`{}` cannot be called: it has no `workflow_call`", file_name(path));
            let finding = findings.add(Severity::Error, Confidence::High, at, message);
            finding.label("called here").in_job(job).with(other);
            finding.hint("add `workflow_call:` below its `on`");
        }
        Document::Broken(_) => broken(world, findings, job, at, called, "called"),
        _ => {}
    }
}

fn broken(
    world: &World,
    findings: &mut Findings<'_>,
    job: JobView<'_>,
    at: At,
    file: usize,
    verb: &str,
) {
    let source = world.file(file);
    let span = source.problems().first().map_or_else(Default::default, |problem| problem.span);
    let other = findings.spot(At { file, span }, "GitHub stops reading here");
    let message =
        format!("`{}` is {verb} here, and GitHub cannot load it", file_name(&source.path));
    let finding = findings.add(Severity::Error, Confidence::High, at, message);
    finding.label(format!("{verb} here")).in_job(job).with(other);
    finding.hint("mend that file first (unparseable-workflow)");
}

fn dispatch(world: &World, findings: &mut Findings<'_>, job: JobView<'_>, effect: &Effect) {
    match &effect.act {
        Act::Dispatch { targets, inputs, elsewhere: false } => {
            for target in targets.iter().filter(|target| !is_unknown(target)) {
                dispatched(world, findings, job, effect, target, inputs);
            }
        }
        Act::RepositoryDispatch { event: Some(event), elsewhere: false } if !is_unknown(event) => {
            let heard = world.workflows().any(|(.., workflow)| {
                workflow.trigger("repository_dispatch").is_some_and(|trigger| {
                    trigger.types.is_empty() || trigger.types.iter().any(|known| known == event)
                })
            });
            if !heard {
                let message = format!("no workflow listens to the dispatch of type `{event}`");
                let finding = findings.add(Severity::Error, Confidence::Medium, effect.at, message);
                finding.label("heard by nobody").in_job(job);
            }
        }
        _ => {}
    }
}

fn dispatched(
    world: &World,
    findings: &mut Findings<'_>,
    job: JobView<'_>,
    effect: &Effect,
    target: &str,
    inputs: &[String],
) {
    // An id; only GitHub knows whose.
    if target.chars().all(|c| c.is_ascii_digit()) {
        return;
    }
    let Some(file) = target_file(world, target) else {
        let message = format!("there is no workflow `{target}` to start");
        let finding = findings.add(Severity::Error, Confidence::High, effect.at, message);
        finding.label("starts nothing").in_job(job);
        return;
    };
    let workflow = match &world.file(file).document {
        Document::Workflow(workflow) => workflow,
        Document::Broken(_) => return broken(world, findings, job, effect.at, file, "started"),
        _ => return,
    };
    let Some(trigger) = workflow.trigger("workflow_dispatch") else {
        let other = findings.spot(At { file, span: workflow.span() }, "has no `workflow_dispatch`");
        let message = format!("`{target}` cannot be dispatched: it has no `workflow_dispatch`");
        let finding = findings.add(Severity::Error, Confidence::High, effect.at, message);
        finding.label("GitHub answers 422").in_job(job).with(other);
        finding.hint("add `workflow_dispatch:` below its `on`");
        return;
    };
    if effect.by.contains("provost") {
        return;
    }
    for input in inputs.iter().filter(|input| !is_unknown(input)) {
        if !trigger.inputs.iter().any(|known| known.value.eq_ignore_ascii_case(input)) {
            let other = findings.spot(At { file, span: trigger.span }, "does not declare it");
            let message =
                format!("`{target}` has no input `{input}`, so GitHub refuses the dispatch");
            let finding = findings.add(Severity::Error, Confidence::High, effect.at, message);
            finding.label("GitHub answers 422").in_job(job).with(other);
        }
    }
}

/// An artifact of the same run: some job of the run has to upload it.
fn artifact(world: &World, findings: &mut Findings<'_>, job: JobView<'_>, effect: &Effect) {
    let Act::Download(download) = &effect.act else { return };
    if download.from_another_run || download.name.is_empty() {
        return;
    }
    let roots = world.roots_of(job.at.file);
    let family = roots.iter().flat_map(|&file| world.called_by(file)).chain([job.at.file]);
    let mut has_unknown_call = false;
    for file in family {
        for other in world.jobs_of(file) {
            let is_call = other.job.uses.is_some();
            has_unknown_call |= is_call && other.facts.calls.is_none();
            let uploads = other.effects().any(|effect| {
                matches!(&effect.act, Act::Upload { name } if may_be_same(name, &download.name))
            });
            if uploads {
                return;
            }
        }
    }
    // Actions and workflows of others upload what nobody sees here.
    if has_unknown_call || job.unknowns().next().is_some() {
        return;
    }
    let message = format!("no job of this run uploads an artifact `{}`", download.name);
    let finding = findings.add(Severity::Error, Confidence::Medium, effect.at, message);
    finding.label("nothing to download").in_job(job);
    finding.hint("upload it in a job that this one needs, or name the run with `run-id`");
}

fn is_unknown(text: &str) -> bool {
    text.is_empty() || text.contains('$')
}
