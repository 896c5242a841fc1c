//! `unprotected-concurrency`

use super::{Findings, RuleInfo};
use crate::effect::{Act, At};
use crate::finding::{Confidence, Severity};
use crate::model::Concurrency;
use crate::world::{JobView, World};
use std::collections::HashSet;

pub(super) const INFO: RuleInfo = RuleInfo {
    id: "unprotected-concurrency",
    summary: "Two runs may write the same record or tag at once, or one cancels the other half way.",
    severity: Severity::Warning,
    explanation: include_str!("unprotected_concurrency.md"),
};

pub(super) fn run(world: &World, findings: &mut Findings<'_>) {
    for job in world.jobs() {
        let writing = job.effects().find(|effect| {
            matches!(effect.act, Act::Record | Act::PushTag | Act::Push | Act::Release { .. })
        });
        let Some(writing) = writing else { continue };
        let groups = groups(world, job);
        if groups.is_empty() {
            let message = format!("two runs of `{}` may write at once", job.id());
            let finding = findings.add(Severity::Warning, Confidence::Medium, writing.at, message);
            finding
                .label(format!("{}, and no concurrency group", writing.by.trim_matches('`')))
                .in_job(job);
            finding.hint(
                "concurrency:\n  group: release-${{ github.ref }}\n  cancel-in-progress: false",
            );
        }
        for (file, concurrency) in groups {
            cancels(findings, job, file, concurrency, writing.at);
        }
    }
}

/// Groups of the job, of its workflow, and of those that call it.
fn groups<'a>(world: &'a World, job: JobView<'a>) -> Vec<(usize, &'a Concurrency)> {
    let mut groups: Vec<(usize, &Concurrency)> = Vec::new();
    let mut waiting = vec![job];
    let mut seen = HashSet::from([job.at]);
    while let Some(job) = waiting.pop() {
        let before = groups.len();
        let own = job.job.concurrency.iter().chain(&job.workflow.concurrency);
        groups.extend(own.map(|group| (job.at.file, group)));
        let only_called = job.workflow.triggers.iter().all(|t| t.event == "workflow_call");
        if only_called || groups.len() > before {
            waiting.extend(world.callers(job.at.file).filter(|caller| seen.insert(caller.at)));
        }
    }
    groups
}

fn cancels(
    findings: &mut Findings<'_>,
    job: JobView<'_>,
    file: usize,
    concurrency: &Concurrency,
    write: At,
) {
    let Some(cancels) = &concurrency.cancels else { return };
    // An expression that spares everything but pull requests is none that cancels a record.
    if cancels.value.contains("pull_request") {
        return;
    }
    let is_certain = cancels.value == "true";
    let writing = findings.spot(write, "writes here");
    let message = format!("a newer run cancels `{}` while it records", job.id());
    let confidence = if is_certain { Confidence::High } else { Confidence::Low };
    let at = At { file, span: cancels.span };
    let finding = findings.add(Severity::Warning, confidence, at, message);
    finding.label("cancelled half way").in_job(job).with(writing);
    finding.hint("cancel-in-progress: false");
}
