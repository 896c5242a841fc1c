//! `missing-permission`

use super::{Findings, RuleInfo};
use crate::effect::{At, How};
use crate::finding::{Confidence, Severity};
use crate::permission::{Balance, Granted};
use crate::scope::{Access, Scope};
use crate::world::{JobView, World};

pub(super) const INFO: RuleInfo = RuleInfo {
    id: "missing-permission",
    summary: "A job whose steps need a scope that it does not grant.",
    severity: Severity::Error,
    explanation: include_str!("missing_permission.md"),
};

pub(super) fn run(world: &World, findings: &mut Findings<'_>) {
    for job in world.jobs() {
        let balance = Balance::of(world, job);
        if matches!(balance.granted, Granted::Unknown) {
            continue;
        }
        for (scope, needed, granted) in balance.missing() {
            let need = format!("`{scope}: {}`", needed.access);
            let (severity, confidence, message) = if !scope.is_grantable() {
                let message = format!(
                    "`{}` cannot run {}: `{scope}` is no key of `permissions`, and GITHUB_TOKEN \
                     never has it",
                    job.id(),
                    needed.by
                );
                (Severity::Error, Confidence::High, message)
            } else if granted.is_none() {
                let message = format!(
                    "{} needs {need}, and whether this job has it is a setting of the repository",
                    needed.by
                );
                (Severity::Warning, Confidence::Medium, message)
            } else if job.job.uses.is_some() {
                let message = format!(
                    "`{}` cannot call its workflow: {} asks for {need}, and the caller grants {}",
                    job.id(),
                    needed.by,
                    granted.unwrap_or(Access::None)
                );
                (Severity::Error, Confidence::High, message)
            } else if (scope, needed.access) == (Scope::CONTENTS, Access::Read) {
                let message = format!(
                    "{} needs {need}, and without it works in a public repository alone",
                    needed.by
                );
                (Severity::Warning, Confidence::Medium, message)
            } else {
                let message = format!("`{}` cannot run {}: it lacks {need}", job.id(), needed.by);
                (Severity::Error, Confidence::High, message)
            };
            let grant = grant(findings, &balance, job);
            let finding = findings.add(severity, confidence, needed.at, message);
            finding.label(format!("needs {scope}: {}", needed.access)).in_job(job);
            if let Some(lost) = &needed.lost {
                finding.note(lost_note(lost.how));
            }
            finding.hint(if scope.is_grantable() {
                balance.block()
            } else {
                "use a token of a GitHub App that has it, in this one step".to_owned()
            });
            finding.related.extend(grant);
        }
    }
}

fn lost_note(how: How) -> &'static str {
    match how {
        How::Or => {
            "GitHub answers 403, and what follows `||` turns it into success (swallowed-failure)"
        }
        _ => "GitHub answers 403, and the script goes on (swallowed-failure)",
    }
}

/// The line that grants too little.
fn grant(
    findings: &Findings<'_>,
    balance: &Balance<'_>,
    job: JobView<'_>,
) -> Option<crate::finding::Spot> {
    let (permissions, label) = match balance.granted {
        Granted::Job(permissions) => (permissions, "all that the job is granted"),
        Granted::Workflow(permissions) => (permissions, "all that the workflow grants its jobs"),
        // What a caller grants stands in another file and is told there.
        _ => return None,
    };
    Some(findings.spot(At { file: job.at.file, span: permissions.span }, label))
}
