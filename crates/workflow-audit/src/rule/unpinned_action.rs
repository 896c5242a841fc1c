//! `unpinned-action`

use super::{Findings, RuleInfo};
use crate::effect::At;
use crate::finding::{Confidence, Severity};
use crate::model::{Step, Uses, UsesKind};
use crate::permission::Granted;
use crate::place::Spanned;
use crate::scope::{Access, Scope};
use crate::world::{JobRef, World};
use std::collections::HashSet;

pub(super) const INFO: RuleInfo = RuleInfo {
    id: "unpinned-action",
    summary: "An action that may become another one, in a job with write rights or secrets.",
    severity: Severity::Error,
    explanation: include_str!("unpinned_action.md"),
};

pub(super) fn run(world: &World, findings: &mut Findings<'_>) {
    let with_secrets: HashSet<JobRef> = world.readers().iter().map(|reader| reader.job).collect();
    let mut told = HashSet::new();
    for job in world.jobs() {
        let granted = Granted::of(world, job);
        let writes = Scope::grantable().any(|scope| granted.access(scope) == Some(Access::Write));
        let unknown = granted.permissions().is_none();
        let secrets = with_secrets.contains(&job.at);
        if !(writes || unknown || secrets) {
            continue;
        }
        let holds = match (writes, secrets) {
            (_, true) => "secrets",
            (true, false) => "write rights",
            (false, false) => "rights that are not written down",
        };
        let mut uses: Vec<(usize, &Spanned<Uses>)> = Vec::new();
        uses.extend(job.job.uses.as_ref().map(|uses| (job.at.file, uses)));
        uses.extend(job.job.steps.iter().filter_map(|s| s.uses.as_ref()).map(|u| (job.at.file, u)));
        let mut seen = HashSet::new();
        for step in &job.job.steps {
            nested(world, step, &mut uses, &mut seen);
        }
        for (file, uses) in uses {
            // An action of the repository that many jobs use is told once.
            if !told.insert(At { file, span: uses.span }) {
                continue;
            }
            judge(findings, At { file, span: uses.span }, &uses.value, holds, job.id());
        }
    }
}

/// Actions that actions of the repository use, each of these once.
fn nested<'a>(
    world: &'a World,
    step: &'a Step,
    uses: &mut Vec<(usize, &'a Spanned<Uses>)>,
    seen: &mut HashSet<usize>,
) {
    let Some(UsesKind::Local(path)) = step.uses.as_ref().map(|uses| &uses.value.kind) else {
        return;
    };
    let Some(file) = world.files.local_action(path) else { return };
    let Some(action) = world.file(file).action() else { return };
    if !seen.insert(file) {
        return;
    }
    for step in &action.steps {
        uses.extend(step.uses.as_ref().map(|uses| (file, uses)));
        nested(world, step, uses, seen);
    }
}

fn judge(findings: &mut Findings<'_>, at: At, uses: &Uses, holds: &str, job: &str) {
    if uses.is_pinned() || is_generator_at_version(uses) {
        return;
    }
    let reference = uses.reference().unwrap_or_default();
    let is_version = reference.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
    let own = matches!(&uses.kind, UsesKind::Remote { owner, .. } if owner == "actions" || owner == "github");
    let severity = match (is_version, own) {
        (true, true) => Severity::Note,
        (true, false) => Severity::Warning,
        (false, _) => Severity::Error,
    };
    let what = if reference.is_empty() { "no ref".to_owned() } else { format!("`{reference}`") };
    let message =
        format!("`{}` is at {what}, which can be moved, in a job with {holds}", name(uses));
    let finding = findings.add(severity, Confidence::High, at, message);
    finding.label(if is_version { "a tag" } else { "a moving ref" });
    finding.job = Some(job.to_owned());
    finding.hint(format!(
        "{}@FULL_COMMIT_SHA # {}",
        name(uses),
        if is_version { reference } else { "vX.Y.Z" }
    ));
}

fn name(uses: &Uses) -> &str {
    uses.raw.split('@').next().unwrap_or(&uses.raw)
}

/// The one workflow that has to be at a version: its verifiers refuse a commit.
fn is_generator_at_version(uses: &Uses) -> bool {
    let is_generator = uses.remote_name().is_some_and(|name| {
        name.starts_with("slsa-framework/slsa-github-generator/.github/workflows/")
    });
    let version = uses.reference().and_then(|reference| reference.strip_prefix('v'));
    let is_full = version.is_some_and(|version| {
        let parts: Vec<&str> = version.split('.').collect();
        parts.len() == 3 && parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()))
    });
    is_generator && is_full
}
