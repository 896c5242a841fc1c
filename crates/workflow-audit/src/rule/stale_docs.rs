//! `stale-docs`

use super::{Findings, RuleInfo};
use crate::world::World;
use crate::finding::Severity;

pub(super) const INFO: RuleInfo = RuleInfo {
    id: "stale-docs",
    summary: "The diagram or the table says something else than the workflows.",
    severity: Severity::Warning,
    explanation: include_str!("stale_docs.md"),
};

pub(super) fn run(_world: &World, _findings: &mut Findings<'_>) {}
