//! What can be repeated, repeated.

use super::gap::{Gap, GapKind};
use super::world::World;
use crate::error::ControlError;
use crate::gate::{GateRequest, Online, gate};
use crate::ingest::{announcement_of, event_of};
use jiff::Timestamp;
use provost_manifest::Entry;
use provost_store::EventLog;

/// Mends what can be mended; a gap that could not be says why in its detail, and stays open.
pub(super) fn mend(world: &World, online: &Online, gaps: &mut [Gap], now: Timestamp) {
    for gap in gaps {
        let entry = world
            .all
            .iter()
            .find(|entry| entry.run == gap.run && entry.tag.as_str() == gap.tag.as_str());
        let result = match (gap.kind, entry) {
            (GapKind::EntryWithoutRow, Some(entry)) => append(world, entry),
            (GapKind::NotDecided, Some(entry)) => decide(world, entry, online, now),
            _ => continue,
        };
        match result {
            Ok(done) => gap.mended = Some(done),
            Err(error) => gap.detail.push_str(&format!("; could not be mended: {error}")),
        }
    }
}

fn append(world: &World, entry: &Entry) -> Result<String, ControlError> {
    let events: Vec<_> = std::iter::once(event_of(entry)).chain(announcement_of(entry)).collect();
    EventLog::open(&world.store)?.append(&events)?;
    Ok("its row was appended".to_owned())
}

fn decide(
    world: &World,
    entry: &Entry,
    online: &Online,
    now: Timestamp,
) -> Result<String, ControlError> {
    let tag = Some(entry.tag.to_string());
    let mut request = GateRequest::new(world.config.clone(), tag, Vec::new(), None)?;
    request.run = (entry.run != 0).then_some(entry.run);
    request.store = Some(world.store.clone());
    let outcome = gate(&request, Some(online), now)?;
    match outcome.recording {
        Some(recording) => {
            recording.manifest?;
            Ok(format!("decided: {}", recording.record.verdict().as_str()))
        }
        None => Err(ControlError::Undecidable("its run has not ended".into())),
    }
}
