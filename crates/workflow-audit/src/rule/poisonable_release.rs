//! `poisonable-release`

use super::{Findings, RuleInfo};
use crate::effect::{Act, At, Effect};
use crate::finding::{Confidence, Severity, Spot};
use crate::model::Trigger;
use crate::permission::Granted;
use crate::role;
use crate::scope::{Access, Scope};
use crate::world::{JobView, World};

pub(super) const INFO: RuleInfo = RuleInfo {
    id: "poisonable-release",
    summary: "A stranger's code runs where it can reach what a release uses.",
    severity: Severity::Error,
    explanation: include_str!("poisonable_release.md"),
};

/// Events that bring strangers' content into a run with the repository's rights.
const DANGEROUS: [&str; 5] =
    ["pull_request_target", "workflow_run", "issue_comment", "discussion_comment", "issues"];

pub(super) fn run(world: &World, findings: &mut Findings<'_>) {
    for (root, _, workflow) in world.workflows() {
        let Some(trigger) =
            workflow.triggers.iter().find(|t| DANGEROUS.contains(&t.event.as_str()))
        else {
            continue;
        };
        for file in world.called_by(root) {
            for job in world.jobs_of(file) {
                judge(world, findings, At { file: root, span: trigger.span }, trigger, job);
            }
        }
    }
}

fn judge(
    world: &World,
    findings: &mut Findings<'_>,
    event: At,
    trigger: &Trigger,
    job: JobView<'_>,
) {
    let Some(checkout) = job.effects().find(|effect| is_strange(effect, trigger)) else { return };
    // What is checked out does harm once something of it runs, or a cache keeps it.
    let runs = job.effects().find(|effect| effect.act == Act::Build);
    let cache = job.effects().find(|effect| effect.act == Act::Cache);
    let gains = gains(world, job);
    let targets = targets(world, findings, job, cache.is_some());
    if runs.is_none() && cache.is_none() && gains.is_empty() {
        return;
    }
    if targets.is_empty() && gains.is_empty() {
        return;
    }
    let reach = match (cache.is_some(), gains.is_empty()) {
        (true, true) => "the cache that other runs restore".to_owned(),
        (true, false) => format!("the cache that other runs restore, {}", gains.join(", ")),
        (false, true) => "this run".to_owned(),
        (false, false) => gains.join(", "),
    };
    let message = format!("`{}` checks a stranger's commit out and reaches {reach}", job.id());
    let mut related = vec![findings.spot(event, "started by strangers")];
    related.extend(runs.map(|effect| findings.spot(effect.at, "runs it")));
    related.extend(cache.map(|effect| findings.spot(effect.at, "keeps what it leaves")));
    related.extend(targets);
    let confidence =
        if runs.is_some() || cache.is_some() { Confidence::High } else { Confidence::Medium };
    let finding = findings.add(Severity::Error, confidence, checkout.at, message);
    finding.label("a stranger's commit").in_job(job);
    finding.note("a poisoned pipeline signs valid provenance for poisoned files");
    finding.hint(
        "build strangers' commits on `pull_request`, without secrets, rights and caches; restore no \
         cache where a release is made",
    );
    finding.related = related;
}

/// Whether a checkout takes the commit of whoever caused the event.
fn is_strange(effect: &Effect, trigger: &Trigger) -> bool {
    let Act::Checkout { reference, repository, .. } = &effect.act else { return false };
    let text = format!("{reference} {repository}").to_ascii_lowercase();
    let named = [
        "head.sha",
        "head_sha",
        "head.ref",
        "head_ref",
        "head.repo",
        "head_repository",
        "head_branch",
        "refs/pull/",
        "pull/",
        "merge_commit_sha",
        "pull request",
        "fetch_head",
        "issue.number",
    ];
    let by_name = named.iter().any(|word| text.contains(word));
    let by_default = trigger.event == "issue_comment" && reference == "pull request";
    by_name || by_default
}

/// What the job itself holds.
fn gains(world: &World, job: JobView<'_>) -> Vec<String> {
    let mut gains = Vec::new();
    let granted = Granted::of(world, job);
    if granted.access(Scope::ID_TOKEN) == Some(Access::Write) {
        gains.push("an identity to sign with".to_owned());
    }
    let writes = Scope::grantable()
        .any(|scope| scope != Scope::ID_TOKEN && granted.access(scope) == Some(Access::Write));
    if writes || matches!(granted, Granted::Default) {
        gains.push("a token that may write".to_owned());
    }
    if world.readers().iter().any(|reader| reader.job == job.at) {
        gains.push("secrets".to_owned());
    }
    gains
}

/// Where a release would take it in: restored caches, and the identity that signs.
fn targets(world: &World, findings: &Findings<'_>, job: JobView<'_>, has_cache: bool) -> Vec<Spot> {
    let mut spots = Vec::new();
    for file in role::release_files(world) {
        for other in world.jobs_of(file).filter(|other| other.at != job.at) {
            if has_cache {
                let caches = other.effects().filter(|effect| effect.act == Act::Cache);
                spots.extend(
                    caches
                        .map(|effect| findings.spot(effect.at, "a release restores a cache here")),
                );
            }
            let permissions = Granted::of(world, other).permissions();
            if let Some(grant) =
                permissions.and_then(|permissions| permissions.grant(Scope::ID_TOKEN))
                && grant.access == Access::Write
            {
                let at = At { file, span: grant.span };
                spots.push(findings.spot(at, "what comes out is signed here"));
            }
        }
    }
    spots
}
