//! `undetermined-permission`

use super::{Findings, RuleInfo};
use crate::effect::At;
use crate::finding::{Confidence, Severity};
use crate::model::UsesKind;
use crate::permission::Granted;
use crate::scope::{Access, Scope};
use crate::world::World;
use std::collections::HashSet;

pub(super) const INFO: RuleInfo = RuleInfo {
    id: "undetermined-permission",
    summary: "An action or command of which it is not known what it needs.",
    severity: Severity::Note,
    explanation: include_str!("undetermined_permission.md"),
};

pub(super) fn run(world: &World, findings: &mut Findings<'_>) {
    let mut told = HashSet::new();
    for job in world.jobs() {
        let granted = Granted::of(world, job);
        // Without any right the token can do nothing, whatever is asked of it.
        let has_rights = granted.permissions().is_none_or(|permissions| {
            Scope::grantable().any(|scope| permissions.access(scope) > Access::None)
        });
        if !has_rights {
            continue;
        }
        for unknown in job.unknowns() {
            if told.insert((unknown.at, unknown.what.clone())) {
                let message = format!("what {} needs is not known", unknown.what);
                let finding = findings.add(Severity::Note, Confidence::High, unknown.at, message);
                finding.label("in no table").in_job(job).hint(
                    "read what it asks for and grant just that; `--actions-dir DIR` with a checkout \
                     below DIR/owner/name lets the audit look into an action",
                );
            }
        }
        let Some(uses) = &job.job.uses else { continue };
        let is_remote = matches!(uses.value.kind, UsesKind::Remote { .. });
        let is_known = uses
            .value
            .remote_name()
            .is_some_and(|name| name.starts_with("slsa-framework/slsa-github-generator/"));
        if is_remote && !is_known {
            let at = At { file: job.at.file, span: uses.span };
            let message = format!("what the jobs of `{}` need is not known", uses.value.raw);
            let finding = findings.add(Severity::Note, Confidence::High, at, message);
            finding.label("a workflow of another repository").in_job(job);
            finding.hint("read its `permissions` and grant just those");
        }
    }
}
