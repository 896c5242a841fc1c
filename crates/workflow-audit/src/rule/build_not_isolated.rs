//! `build-not-isolated`

use super::{Findings, RuleInfo};
use crate::effect::{Act, At};
use crate::finding::{Confidence, Severity};
use crate::permission::Granted;
use crate::role;
use crate::scope::{Access, Scope};
use crate::world::{JobView, World};

pub(super) const INFO: RuleInfo = RuleInfo {
    id: "build-not-isolated",
    summary: "What is built can reach what signs, or an earlier run can reach what is built.",
    severity: Severity::Warning,
    explanation: include_str!("build_not_isolated.md"),
};

pub(super) fn run(world: &World, findings: &mut Findings<'_>) {
    let release_files = role::release_files(world);
    for job in world.jobs() {
        let signs = job.does(role::signs);
        let ships = job.does(role::ships);
        let builds = job.effects().find(|effect| effect.act == Act::Build);
        if let (true, Some(build)) = (signs, builds) {
            let signing = job.effects().find(|effect| effect.act == Act::Sign);
            let signing = signing.map(|signing| findings.spot(signing.at, "signs in the same job"));
            let message =
                format!("`{}` builds and signs: what it builds can sign what it likes", job.id());
            let finding = findings.add(Severity::Warning, Confidence::High, build.at, message);
            finding.label("builds").in_job(job).related.extend(signing);
            finding
                .hint("build in one job and sign in another, which runs nothing of the repository");
        } else if let (true, Some(build), Some(grant)) = (ships, builds, id_token(world, job)) {
            let grant = findings.spot(grant, "an identity to sign with");
            let message = format!("`{}` builds with `id-token: write` in reach", job.id());
            let finding = findings.add(Severity::Warning, Confidence::High, build.at, message);
            finding.label("builds").in_job(job).with(grant);
            finding.hint("grant `id-token: write` to a job that runs nothing of the repository");
        }
        if signs && job.workflow.trigger("workflow_call").is_none() {
            not_reusable(findings, job);
        }
        if release_files.contains(&job.at.file) {
            caches(findings, job, signs || ships || builds.is_some());
            runners(findings, job, signs || ships || builds.is_some());
        }
    }
}

fn not_reusable(findings: &mut Findings<'_>, job: JobView<'_>) {
    let Some(signing) = job.effects().find(|effect| effect.act == Act::Sign) else { return };
    let message = format!("`{}` signs in a workflow that is not reusable", job.id());
    let finding = findings.add(Severity::Note, Confidence::High, signing.at, message);
    finding.label("its identity is that of the whole workflow").in_job(job);
    finding.hint("move building and signing into a workflow with `on: workflow_call`");
}

/// Where the job is granted an identity.
fn id_token(world: &World, job: JobView<'_>) -> Option<At> {
    let permissions = Granted::of(world, job).permissions()?;
    let granted = permissions.access(Scope::ID_TOKEN) == Access::Write;
    let span = permissions.grant(Scope::ID_TOKEN).map_or(permissions.span, |grant| grant.span);
    granted.then_some(At { file: job.at.file, span })
}

fn caches(findings: &mut Findings<'_>, job: JobView<'_>, matters: bool) {
    if !matters {
        return;
    }
    for effect in job.effects().filter(|effect| effect.act == Act::Cache) {
        let message = format!("{} restores a cache where a release is made", effect.by);
        let finding = findings.add(Severity::Warning, Confidence::Medium, effect.at, message);
        finding.label("what an earlier run left").in_job(job);
        finding.hint("build releases without caches: any run of the default branch may fill them");
    }
}

fn runners(findings: &mut Findings<'_>, job: JobView<'_>, matters: bool) {
    let own = job.job.runs_on.iter().find(|label| {
        let label = label.value.to_ascii_lowercase();
        let matrix = label.strip_prefix("${{").and_then(|inner| inner.strip_suffix("}}"));
        let values = matrix.and_then(|inner| inner.trim().strip_prefix("matrix.")).map(|key| {
            let values = job.job.matrix.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
            values
                .is_some_and(|(_, values)| values.iter().any(|value| value.contains("self-hosted")))
        });
        label.contains("self-hosted") || values == Some(true)
    });
    if let (true, Some(label)) = (matters, own) {
        let at = At { file: job.at.file, span: label.span };
        let message =
            format!("`{}` runs on a machine of your own, which is no hosted builder", job.id());
        let finding = findings.add(Severity::Warning, Confidence::High, at, message);
        finding.label("self-hosted").in_job(job);
        finding.hint("SLSA Build L2 and L3 need GitHub's own runners here");
    }
}
