//! `artifact-poisoning`

use super::{Findings, RuleInfo};
use crate::effect::{Act, Download, Effect};
use crate::finding::{Confidence, Severity};
use crate::origin;
use crate::world::{JobView, World};

pub(super) const INFO: RuleInfo = RuleInfo {
    id: "artifact-poisoning",
    summary: "An artifact of another run is taken without asking whose run it was.",
    severity: Severity::Error,
    explanation: include_str!("artifact_poisoning.md"),
};

pub(super) fn run(world: &World, findings: &mut Findings<'_>) {
    for job in world.jobs() {
        for (step, _, facts) in job.steps() {
            for effect in &facts.effects {
                if let Act::Download(download) = &effect.act
                    && download.from_another_run
                    && let Some((severity, lack)) = lack(world, job, step, download)
                {
                    tell(findings, job, effect, severity, lack);
                }
            }
        }
    }
}

/// What nobody asks about an artifact of another run.
fn lack(
    world: &World,
    job: JobView<'_>,
    step: usize,
    download: &Download,
) -> Option<(Severity, &'static str)> {
    if origin::is_asked(world, job, step) {
        return None;
    }
    if download.run.is_empty() {
        let lack = "by its name alone, and any run may upload under that name";
        return Some((Severity::Error, lack));
    }
    if download.run.contains("workflow_run") || is_started_by_a_run(world, job) {
        return Some((Severity::Error, "of the run that ended, which may be a fork's"));
    }
    let is_own = download.run.contains("needs.") || download.run.contains("steps.");
    let lack = "of another run, and compares it with nothing";
    (!is_own && !origin::is_verified(job, step)).then_some((Severity::Warning, lack))
}

fn tell(
    findings: &mut Findings<'_>,
    job: JobView<'_>,
    effect: &Effect,
    severity: Severity,
    lack: &str,
) {
    let message = format!("{} takes an artifact {lack}", effect.by);
    let finding = findings.add(severity, Confidence::Medium, effect.at, message);
    finding.label("whose files are these?").in_job(job);
    finding.hint(
        "name the run by id, ask in the `if` of the job that \
         `github.event.workflow_run.head_repository.full_name == github.repository`, and verify what \
         comes of it",
    );
}

fn is_started_by_a_run(world: &World, job: JobView<'_>) -> bool {
    world.roots_of(job.at.file).iter().any(|&file| {
        let workflow = world.file(file).workflow();
        workflow.is_some_and(|workflow| workflow.trigger("workflow_run").is_some())
    })
}
