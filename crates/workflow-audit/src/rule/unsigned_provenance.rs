//! `unsigned-provenance`

use super::{Findings, RuleInfo};
use crate::effect::Act;
use crate::finding::{Confidence, Severity};
use crate::role;
use crate::world::World;

pub(super) const INFO: RuleInfo = RuleInfo {
    id: "unsigned-provenance",
    summary: "Provenance that nobody signs, or that is looked at and not verified.",
    severity: Severity::Error,
    explanation: include_str!("unsigned_provenance.md"),
};

pub(super) fn run(world: &World, findings: &mut Findings<'_>) {
    for job in world.jobs() {
        let roots = world.roots_of(job.at.file);
        let family: Vec<usize> = roots.iter().copied().chain([job.at.file]).collect();
        let signs = family.iter().any(|&file| world.workflow_does(file, &role::signs));
        let verifies =
            family.iter().any(|&file| world.workflow_does(file, &|act| matches!(act, Act::Verify)));
        for effect in job.effects() {
            match &effect.act {
                Act::WriteProvenance { file } if !signs => {
                    let message =
                        format!("`{file}` is written by the job itself and signed by nobody");
                    let finding =
                        findings.add(Severity::Error, Confidence::High, effect.at, message);
                    finding.label("anyone could write this").in_job(job);
                    finding.hint("let `actions/attest` sign it, in a job that builds nothing");
                }
                Act::LookInto { tool } if !verifies => {
                    let message =
                        format!("`{tool}` looks into provenance, and nothing verifies it");
                    let finding =
                        findings.add(Severity::Error, Confidence::High, effect.at, message);
                    finding.label("any file with these words passes").in_job(job);
                    finding.hint("provost gate, or `provost verify` with what is expected");
                }
                _ => {}
            }
        }
    }
}
