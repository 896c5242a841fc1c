//! What is noted when nothing could be decided about a release.

use super::request::GateRequest;
use crate::error::{ControlError, chain};
use crate::ingest::event_of;
use jiff::Timestamp;
use provost_manifest::{Entry, EntryKey};
use provost_record::Status;
use provost_store::EventLog;

/// The longest reason that is kept.
const MAX_REASON: usize = 500;

/// Notes in manifest and event log that the release could not be judged, and why, so that it is
/// seen where people look. A release that was decided keeps its decision; a mistake in the
/// configuration says nothing about a release. That it could not be noted changes nothing: the
/// error is told in any case.
pub(super) fn note(request: &GateRequest, error: &ControlError, now: Timestamp) {
    if error.exit_code() == 2 {
        return;
    }
    // Best effort on purpose: the caller's error is the news, and the exit code carries it.
    let _ = try_note(request, error, now);
}

fn try_note(
    request: &GateRequest,
    error: &ControlError,
    now: Timestamp,
) -> Result<(), ControlError> {
    let manifests = request.manifests()?;
    let key = EntryKey { run: request.run.unwrap_or(0), tag: request.tag.clone() };
    let standing = manifests.find(key.run, &key.tag)?;
    if standing.is_some_and(|standing| standing.entry.decision.is_some()) {
        return Ok(());
    }
    let mut entry = Entry::new(key, Status::Failure, now);
    entry.failure_reason = Some(reason(error));
    entry.release_url = request.release_url.clone().unwrap_or_default();
    entry.repository = request.config.config.repository().ok().map(|repository| repository.slug());
    let settled = manifests.record(entry, now)?;
    EventLog::open(&request.store_url()?)?.append(&[event_of(&settled.entry)])?;
    Ok(())
}

/// The error with its causes, in one line.
fn reason(error: &ControlError) -> String {
    let text = format!("not decided: {}", chain(error));
    text.chars().map(|char| if char.is_control() { ' ' } else { char }).take(MAX_REASON).collect()
}
