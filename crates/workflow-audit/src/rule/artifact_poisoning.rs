//! `artifact-poisoning`

use super::{Findings, RuleInfo};
use crate::effect::{Act, Download, Effect};
use crate::finding::{Confidence, Severity};
use crate::world::{JobView, World};

pub(super) const INFO: RuleInfo = RuleInfo {
    id: "artifact-poisoning",
    summary: "An artifact of another run is taken without asking whose run it was.",
    severity: Severity::Error,
    explanation: include_str!("artifact_poisoning.md"),
};

pub(super) fn run(world: &World, findings: &mut Findings<'_>) {
    for job in world.jobs() {
        for effect in job.effects() {
            if let Act::Download(download) = &effect.act
                && download.from_another_run
            {
                judge(world, findings, job, effect, download);
            }
        }
    }
}

fn judge(
    world: &World,
    findings: &mut Findings<'_>,
    job: JobView<'_>,
    effect: &Effect,
    download: &Download,
) {
    let text = words_of(job);
    let by_event = download.run.contains("workflow_run") || is_started_by_a_run(world, job);
    let asks_whose = ["head_repository", "head.repo.full_name", "pull_request.head.repo"]
        .iter()
        .any(|word| text.contains(word))
        || (text.contains("workflow_run.event") && text.contains("'push'"));
    let has_digest =
        ["sha256sum", "digest", "attestation verify", "provost gate", "provost verify", "shasum"]
            .iter()
            .any(|word| text.contains(word));
    let own_run = download.run.contains("needs.") || download.run.contains("steps.");
    let (severity, lack) = if download.run.is_empty() && !asks_whose {
        (Severity::Error, "by its name alone, and any run may upload under that name")
    } else if by_event && !asks_whose {
        (Severity::Error, "of the run that ended, which may be a fork's")
    } else if !has_digest && !own_run && !asks_whose {
        (Severity::Warning, "of another run, and its digest is compared with nothing")
    } else {
        return;
    };
    let message = format!("{} takes an artifact {lack}", effect.by);
    let finding = findings.add(severity, Confidence::Medium, effect.at, message);
    finding.label("whose files are these?").in_job(job);
    finding.hint(
        "name the run by id, ask that `github.event.workflow_run.head_repository.full_name == \
         github.repository`, and compare the digest that GitHub keeps of the artifact",
    );
}

fn is_started_by_a_run(world: &World, job: JobView<'_>) -> bool {
    world.roots_of(job.at.file).iter().any(|&file| {
        let workflow = world.file(file).workflow();
        workflow.is_some_and(|workflow| workflow.trigger("workflow_run").is_some())
    })
}

/// Conditions and scripts of the job, which is where such questions are asked.
fn words_of(job: JobView<'_>) -> String {
    let mut text = String::new();
    let steps = &job.job.steps;
    let conditions =
        job.job.condition.iter().chain(steps.iter().filter_map(|s| s.condition.as_ref()));
    for condition in conditions {
        text.push_str(&condition.value);
        text.push('\n');
    }
    for step in steps {
        for script in step.run.iter().chain(&step.script) {
            text.push_str(&script.text);
        }
        for pair in &step.env {
            text.push_str(&pair.value);
        }
    }
    text
}
