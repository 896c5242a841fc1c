//! The manifest against the event log, which is its projection.

use super::gap::{Gap, GapKind};
use super::world::World;
use std::collections::BTreeSet;

/// Compares by run and tag, in both directions.
pub(super) fn compare(world: &World, gaps: &mut Vec<Gap>) {
    let Some(rows) = &world.rows else { return };
    let in_log: BTreeSet<(u64, &str)> =
        rows.iter().map(|row| (row.run_id, row.tag.as_str())).collect();
    let in_manifest: BTreeSet<(u64, &str)> =
        world.all.iter().map(|entry| (entry.run, entry.tag.as_str())).collect();
    for entry in world.entries() {
        if !in_log.contains(&(entry.run, entry.tag.as_str())) {
            let detail = format!("{}, {}", entry.status.as_str(), entry.validated_at);
            let kind = GapKind::EntryWithoutRow;
            gaps.push(Gap::new(kind, entry.tag.as_str(), entry.run, detail));
        }
    }
    for row in rows {
        if !in_manifest.contains(&(row.run_id, row.tag.as_str())) {
            let detail = format!("{}, {}", row.status.as_str(), row.occurred_at);
            gaps.push(Gap::new(GapKind::RowWithoutEntry, &row.tag, row.run_id, detail));
        }
    }
}
