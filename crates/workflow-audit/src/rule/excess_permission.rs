//! `excess-permission`

use super::{Findings, RuleInfo};
use crate::effect::At;
use crate::finding::{Confidence, Severity};
use crate::model::Permissions;
use crate::permission::{Balance, Granted, block};
use crate::place::Span;
use crate::scope::{Access, Scope};
use crate::world::{JobView, World};
use std::collections::BTreeMap;

pub(super) const INFO: RuleInfo = RuleInfo {
    id: "excess-permission",
    summary: "A granted scope that no step needs.",
    severity: Severity::Warning,
    explanation: include_str!("excess_permission.md"),
};

pub(super) fn run(world: &World, findings: &mut Findings<'_>) {
    for (file, _, workflow) in world.workflows() {
        let jobs: Vec<(JobView<'_>, Balance<'_>)> =
            world.jobs_of(file).map(|job| (job, Balance::of(world, job))).collect();
        for (job, balance) in &jobs {
            match balance.granted {
                Granted::Job(permissions) => of_job(findings, *job, balance, permissions),
                Granted::Default => unset(findings, *job, balance),
                _ => {}
            }
        }
        if let Some(permissions) = &workflow.permissions {
            let shared: Vec<&(JobView<'_>, Balance<'_>)> = jobs
                .iter()
                .filter(|(_, balance)| matches!(balance.granted, Granted::Workflow(_)))
                .collect();
            of_workflow(findings, file, permissions, &shared);
        }
    }
}

fn of_job(
    findings: &mut Findings<'_>,
    job: JobView<'_>,
    balance: &Balance<'_>,
    permissions: &Permissions,
) {
    let excess = balance.excess();
    let file = job.at.file;
    if permissions.all.is_some() {
        if excess.is_empty() {
            return;
        }
        let message =
            format!("this job is granted every scope and uses {}", used(&balance.minimal()));
        let at = At { file, span: permissions.span };
        let finding = findings.add(Severity::Warning, sure(balance), at, message);
        finding.label("grants everything").in_job(job).hint(balance.block());
        return;
    }
    for (scope, granted, used) in excess {
        let span = permissions.grant(scope).map_or(permissions.span, |grant| grant.span);
        let message = excess_message(scope, granted, used, "no step of this job");
        let severity = if granted == Access::Write { Severity::Warning } else { Severity::Note };
        let at = At { file, span };
        let finding = findings.add(severity, sure(balance), at, message);
        finding.label("nothing needs this").in_job(job).hint(balance.block());
        unknown_note(finding, balance);
    }
}

fn excess_message(scope: Scope, granted: Access, used: Access, who: &str) -> String {
    match used {
        Access::None => format!("`{scope}: {granted}` is granted, and {who} needs it"),
        _ => format!("`{scope}: {granted}` is granted, and {who} needs more than `{used}`"),
    }
}

fn used(minimal: &[(Scope, Access)]) -> String {
    if minimal.is_empty() {
        return "none".to_owned();
    }
    minimal
        .iter()
        .map(|(scope, access)| format!("`{scope}: {access}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn sure(balance: &Balance<'_>) -> Confidence {
    if balance.undetermined.is_empty() { Confidence::High } else { Confidence::Low }
}

fn unknown_note(finding: &mut crate::finding::Finding, balance: &Balance<'_>) {
    if !balance.undetermined.is_empty() {
        let what = balance.undetermined.join(", ");
        finding.note(format!("what {what} needs is not known (undetermined-permission)"));
    }
}

fn unset(findings: &mut Findings<'_>, job: JobView<'_>, balance: &Balance<'_>) {
    let at = At { file: job.at.file, span: job.job.id.span };
    let message = format!(
        "nothing says what `{}` may do: a setting of the repository decides, and it may be everything",
        job.id()
    );
    let finding = findings.add(Severity::Warning, Confidence::Medium, at, message);
    finding.label("no `permissions`, here or in the workflow").in_job(job).hint(balance.block());
    unknown_note(finding, balance);
}

/// What the workflow grants to all of its jobs that have no `permissions` of their own.
fn of_workflow(
    findings: &mut Findings<'_>,
    file: usize,
    permissions: &Permissions,
    jobs: &[&(JobView<'_>, Balance<'_>)],
) {
    let mut grants: BTreeMap<Scope, (Access, Span)> = BTreeMap::new();
    for scope in Scope::grantable() {
        let access = permissions.access(scope);
        if access > Access::None {
            let span = permissions.grant(scope).map_or(permissions.span, |grant| grant.span);
            grants.insert(scope, (access, span));
        }
    }
    if permissions.all.is_some() {
        let any_excess = jobs.iter().any(|(_, balance)| !balance.excess().is_empty());
        if any_excess || jobs.is_empty() {
            let at = At { file, span: permissions.span };
            let message = "the workflow grants its jobs every scope";
            let finding = findings.add(Severity::Warning, Confidence::High, at, message);
            finding.label("grants everything").hint(per_job(jobs));
        }
        return;
    }
    for (scope, (granted, span)) in grants {
        let users: Vec<&str> = jobs
            .iter()
            .filter(|(_, balance)| !balance.excess().iter().any(|(known, ..)| *known == scope))
            .map(|(job, _)| job.id())
            .collect();
        let at = At { file, span };
        let is_sure = jobs.iter().all(|(_, balance)| balance.undetermined.is_empty());
        let confidence = if is_sure { Confidence::High } else { Confidence::Low };
        if users.is_empty() {
            let message =
                format!("`{scope}: {granted}` is granted to every job, and none needs it");
            let severity =
                if granted == Access::Write { Severity::Warning } else { Severity::Note };
            let finding = findings.add(severity, confidence, at, message);
            finding.label("nothing needs this").hint(per_job(jobs));
        } else if granted == Access::Write && users.len() < jobs.len() {
            let message = format!(
                "`{scope}: {granted}` is granted to {} jobs, and only `{}` needs it",
                jobs.len(),
                users.join("`, `")
            );
            let finding = findings.add(Severity::Warning, confidence, at, message);
            finding.label("grant it in the job that needs it").hint(per_job(jobs));
        }
    }
}

fn per_job(jobs: &[&(JobView<'_>, Balance<'_>)]) -> String {
    let mut hint = "permissions: {}\n".to_owned();
    for (job, balance) in jobs {
        let block = block(&balance.minimal()).replace('\n', "\n    ");
        hint.push_str(&format!("\n  {}:\n    {block}", job.id()));
    }
    hint
}
