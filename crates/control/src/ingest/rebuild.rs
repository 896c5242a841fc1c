//! A new event log out of git.

use super::compare::{Comparison, compare};
use super::source::{Documents, IngestSource};
use super::{Ingested, ingest_entries};
use crate::error::{ControlError, chain};
use provost_store::{EventLog, ManifestEntry, StoreUrl};
use std::collections::BTreeSet;

/// What a rebuilding came to.
#[derive(Debug)]
pub struct Rebuilt {
    /// What became of the manifests' entries.
    pub ingested: Ingested,
    /// How the other log compares with the new one; why it was not compared, when it was not.
    pub compared: Result<Comparison, String>,
}

/// Fills the log `into` from the manifests, and compares `other` with it afterwards.
///
/// `into` must be empty, or hold nothing but what these manifests give: a rebuilding that was
/// interrupted is finished by a repeat, and nothing is ever mixed into a log that has a history of
/// its own.
///
/// # Errors
/// [`ControlError::NothingToCheck`] when there is no entry; [`ControlError::NotEmpty`] when `into`
/// holds anything else; the others when manifests or `into` cannot be read or written. That `other`
/// cannot be read is no error: it may be the reason for all this.
pub fn rebuild(
    source: &IngestSource,
    other: Option<&StoreUrl>,
    into: &StoreUrl,
) -> Result<Rebuilt, ControlError> {
    let entries = match source.read()? {
        Documents::Entries(entries) if !entries.is_empty() => entries,
        _ => {
            let text = format!("no manifest entry in {}", source.shown());
            return Err(ControlError::NothingToCheck(text));
        }
    };
    let new = EventLog::open(into)?;
    expect_nothing_else(&new, &entries)?;
    let ingested = ingest_entries(&entries, &new)?;
    let compared = match other {
        Some(other) => compare_with(other, &new),
        None => Err("there is no other event log".to_owned()),
    };
    Ok(Rebuilt { ingested, compared })
}

/// Refuses a log with an event that the manifests do not give.
fn expect_nothing_else(log: &EventLog, entries: &[ManifestEntry]) -> Result<(), ControlError> {
    let events = entries.iter().flat_map(|entry| &entry.events);
    let keys: BTreeSet<&str> = events.map(|event| event.key.as_str()).collect();
    log.each_event(|stored| match keys.contains(stored.event.key.as_str()) {
        true => Ok(()),
        false => Err(ControlError::NotEmpty { place: log.place() }),
    })
}

fn compare_with(other: &StoreUrl, new: &EventLog) -> Result<Comparison, String> {
    // A file that is not there is not made only to find it empty.
    if let Some(path) = other.sqlite_path().filter(|path| !path.exists()) {
        return Err(format!("there is no event log at {}", path.display()));
    }
    let there = EventLog::open(other).map_err(|error| chain(&error))?;
    compare(&there, new).map_err(|error| chain(&error))
}
