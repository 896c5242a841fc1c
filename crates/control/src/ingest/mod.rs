//! The use case *ingest*: manifests into the event log.

mod compare;
mod event;
mod rebuild;
mod source;

pub use compare::{Comparison, Difference, LoggedEvent};
pub use event::events_of_entry;
pub use rebuild::{Rebuilt, rebuild};
pub use source::IngestSource;

pub(crate) use event::{announcement_of, event_of};

use crate::error::ControlError;
use provost_record::Event;
use provost_store::{EntryOutcome, EntryStanding, EventLog, ManifestEntry, StoreError, StoreUrl};
use source::Documents;

/// What an ingestion came to, one outcome an entry in the order in which they were read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ingested {
    /// The entries.
    pub entries: Vec<IngestedEntry>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestedEntry {
    /// The run; 0 when none ever started.
    pub run: u64,
    /// The tag.
    pub tag: String,
    /// Whether it was taken.
    pub outcome: EntryStanding,
    /// Why not.
    pub problem: Option<String>,
}

impl Ingested {
    /// Entries of which something is new.
    pub fn inserted(&self) -> usize {
        self.count(EntryStanding::Inserted)
    }

    /// Entries that were there already.
    pub fn duplicates(&self) -> usize {
        self.count(EntryStanding::Duplicate)
    }

    /// Entries that were not taken, each with its place, counted from 0.
    pub fn rejected(&self) -> impl Iterator<Item = (usize, &IngestedEntry)> {
        let entries = self.entries.iter().enumerate();
        entries.filter(|(_, entry)| entry.outcome == EntryStanding::Rejected)
    }

    fn count(&self, outcome: EntryStanding) -> usize {
        self.entries.iter().filter(|entry| entry.outcome == outcome).count()
    }
}

/// Appends the events of every manifest entry to the log: its outcome, and that its failure was
/// announced; or the event of one `failure.json`. The log is a projection of the manifests: what is
/// there already is recognised, and a repeat adds nothing.
///
/// # Errors
/// [`ControlError::NothingToCheck`] when there is no entry; the others when the source or the log
/// cannot be read or written. An entry that the log does not take is an outcome of its own, and the
/// others are taken all the same.
pub fn ingest(source: &IngestSource, store: &StoreUrl) -> Result<Ingested, ControlError> {
    match source.read()? {
        Documents::Entries(entries) if entries.is_empty() => {
            let text = format!("no manifest entry in {}", source.shown());
            Err(ControlError::NothingToCheck(text))
        }
        Documents::Entries(entries) => ingest_entries(&entries, &EventLog::open(store)?),
        Documents::Failure(event) => {
            let entry = ingest_event(&event, &EventLog::open(store)?)?;
            Ok(Ingested { entries: vec![entry] })
        }
    }
}

fn ingest_entries(entries: &[ManifestEntry], log: &EventLog) -> Result<Ingested, ControlError> {
    let outcomes = log.ingest(entries)?;
    if outcomes.len() != entries.len() {
        let text = format!("{} outcomes of {} entries", outcomes.len(), entries.len());
        return Err(ControlError::Internal(text));
    }
    let ingested = entries.iter().zip(outcomes).filter_map(|(entry, outcome)| {
        let EntryOutcome { outcome, problem, .. } = outcome;
        let event = entry.events.first()?;
        Some(IngestedEntry { run: event.run_id, tag: event.tag.clone(), outcome, problem })
    });
    Ok(Ingested { entries: ingested.collect() })
}

fn ingest_event(event: &Event, log: &EventLog) -> Result<IngestedEntry, ControlError> {
    let (outcome, problem) = match log.append(std::slice::from_ref(event)) {
        Ok(appended) => match appended.first().map(|appended| appended.outcome) {
            Some(provost_store::Outcome::Inserted) => (EntryStanding::Inserted, None),
            _ => (EntryStanding::Duplicate, None),
        },
        Err(
            error @ (StoreError::KeyConflict { .. }
            | StoreError::Rejected { .. }
            | StoreError::Unstorable { .. }),
        ) => (EntryStanding::Rejected, Some(error.to_string())),
        Err(error) => return Err(error.into()),
    };
    Ok(IngestedEntry { run: event.run_id, tag: event.tag.clone(), outcome, problem })
}
