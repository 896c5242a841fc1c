//! The use case *ingest*: manifests into the event log.

use crate::entries::manifest_entries;
use crate::error::ControlError;
use provost_manifest::{DayFile, Entry, ManifestError};
use provost_record::{Event, EventKey, EventKind, EventStatus, Status};
use provost_store::{EventLog, Outcome, StoreUrl};
use std::path::Path;

/// What an ingestion came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ingested {
    /// Events that are new.
    pub inserted: usize,
    /// Events that were there already.
    pub duplicates: usize,
}

/// Appends the events of every manifest entry to the log: its outcome, and that its failure was
/// announced. The log is a projection of the
/// manifests: what is there already is recognised, and a repeat adds nothing.
///
/// `path` is one manifest file, or a folder that holds `docs/reports`.
///
/// # Errors
/// [`ControlError::NothingToCheck`] when there is no entry; the others when manifests or log cannot
/// be read or written. All entries are appended together, or none.
pub fn ingest(path: &Path, store: &StoreUrl) -> Result<Ingested, ControlError> {
    let entries = manifest_entries(path)?;
    if entries.is_empty() {
        let text = format!("no manifest entry in {}", path.display());
        return Err(ControlError::NothingToCheck(text));
    }
    let events_of = |entry: &Entry| std::iter::once(event_of(entry)).chain(announcement_of(entry));
    let events: Vec<Event> = entries.iter().flat_map(events_of).collect();
    let appended = EventLog::open(store)?.append(&events)?;
    let inserted = appended.iter().filter(|appended| appended.outcome == Outcome::Inserted).count();
    Ok(Ingested { inserted, duplicates: appended.len() - inserted })
}

/// The events of the manifest entry that `text` is as JSON: its outcome, then that its failure was
/// announced, if it was.
///
/// # Errors
/// What is wrong with the entry, ready to show, without its place.
pub fn events_of_entry(text: &str) -> Result<Vec<Event>, String> {
    let file = DayFile::parse("entry", format!("[{text}]").as_bytes()).map_err(|error| {
        let problems = match &error {
            ManifestError::InvalidFile { problems } => problems.as_slice(),
            _ => &[],
        };
        let texts: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        match texts.is_empty() {
            true => error.to_string(),
            false => texts.join("; "),
        }
    })?;
    let entry = file.entries().next().ok_or("it is no entry")?;
    Ok(std::iter::once(event_of(entry)).chain(announcement_of(entry)).collect())
}

/// The event that the failure of an entry was announced, as the entry now stands; `None` while
/// nobody was told.
pub(crate) fn announcement_of(entry: &Entry) -> Option<Event> {
    let notified = entry.notified.as_ref().filter(|told| told.slack || told.issue.is_some())?;
    if entry.status != Status::Failure {
        return None;
    }
    let outcome = event_of(entry);
    Some(Event {
        key: EventKey::of_announcement(&outcome.key, notified.slack, notified.issue),
        kind: EventKind::Notified,
        status: EventStatus::Success,
        ..outcome
    })
}

/// The event that an entry is: `validated` once the gate decided, before that `provenance`.
pub(crate) fn event_of(entry: &Entry) -> Event {
    let kind = match entry.decision {
        Some(_) => EventKind::Validated,
        None => EventKind::Provenance,
    };
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Event {
        key: EventKey::of_entry(
            kind,
            entry.repository.as_deref(),
            entry.run,
            entry.tag.as_str(),
            entry.status,
            entry.validated_at,
        ),
        kind,
        status: entry.status.into(),
        run_id: entry.run,
        attempt: entry.attempt,
        tag: entry.tag.to_string(),
        repository: entry.repository.clone(),
        release_url: some(&entry.release_url),
        artifact_path: some(&entry.artifact),
        failure_reason: entry.failure_reason.clone(),
        occurred_at: entry.validated_at,
        validated_at: Some(entry.validated_at),
        commit_sha: entry.commit.clone(),
        builder_id: entry.builder_id.clone(),
        slsa_build_level: entry.slsa_build_level,
        decision: None,
        manifest_sha256: None,
        actor: None,
    }
}
