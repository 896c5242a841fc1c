//! `unused-suppression`

use super::{Findings, RuleInfo};
use crate::finding::Severity;
use crate::world::World;

pub(crate) const INFO: RuleInfo = RuleInfo {
    id: "unused-suppression",
    summary: "A suppression comment without a reason, of an unknown rule, or of nothing.",
    severity: Severity::Warning,
    explanation: include_str!("unused_suppression.md"),
};

/// Comments are matched with findings once all rules have run (`crate::suppression`).
pub(super) fn run(_world: &World, _findings: &mut Findings<'_>) {}
