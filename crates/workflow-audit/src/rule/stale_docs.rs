//! `stale-docs`

use super::{Findings, RuleInfo};
use crate::docs::{diagrams, table};
use crate::finding::{Confidence, Severity};
use crate::input::{DIAGRAM, TABLE};
use crate::world::World;

pub(super) const INFO: RuleInfo = RuleInfo {
    id: "stale-docs",
    summary: "The diagram or the table says something else than the workflows.",
    severity: Severity::Warning,
    explanation: include_str!("stale_docs.md"),
};

pub(super) fn run(world: &World, findings: &mut Findings<'_>) {
    if let Some(kept) = world.files.document(DIAGRAM) {
        let documents = diagrams(world);
        let now = documents.first().map(|document| document.text.as_str()).unwrap_or_default();
        tell(findings, DIAGRAM, kept, now);
    }
    if let Some(kept) = world.files.document(TABLE) {
        tell(findings, TABLE, kept, &table(world));
    }
}

fn tell(findings: &mut Findings<'_>, path: &str, kept: &str, now: &str) {
    if kept == now {
        return;
    }
    let line = kept.lines().zip(now.lines()).take_while(|(kept, now)| kept == now).count() + 1;
    let message = format!("`{path}` differs from what the workflows say, from line {line} on");
    let finding =
        findings.add_in_document(Severity::Warning, Confidence::High, path, line, message);
    finding.hint("provost workflows docs");
}
