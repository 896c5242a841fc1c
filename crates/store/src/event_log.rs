//! The event log as its users see it, wherever it is.

use crate::access::Access;
use crate::append::Appended;
use crate::database::{Database, Schema};
use crate::endpoint::Endpoint;
use crate::error::StoreError;
use crate::kpi::{Dispatch, Incident, KpiFilter, KpiRow};
use crate::seal::{Anchor, Sealed, Verification};
use crate::store_url::StoreUrl;
use crate::stored_event::StoredEvent;
use crate::submission::{EntryOutcome, ManifestEntry};
use crate::summary::KpiSummary;
use crate::transfer::{self, Exported, Imported, TransferError};
use jiff::Timestamp;
use provost_record::Event;
use std::fmt;
use std::io::{BufRead, Write};
use tokio::runtime::{Builder, Runtime};

/// An open event log: a database, or an ingestion endpoint in front of one. Any number of processes
/// and threads may have the same one open.
///
/// All calls block, and must not be made on a thread that runs asynchronous tasks: those use
/// [`Database`].
pub struct EventLog {
    kept: Kept,
    runtime: Runtime,
}

enum Kept {
    Database(Database),
    Endpoint(Endpoint),
}

/// Asks the database, on this thread, or the endpoint.
macro_rules! ask {
    ($self:ident.$method:ident($($argument:expr),*)) => {
        match &$self.kept {
            Kept::Database(database) => {
                $self.runtime.block_on(database.$method($($argument),*))
            }
            Kept::Endpoint(endpoint) => endpoint.$method($($argument),*),
        }
    };
}

impl EventLog {
    /// Opens the event log with the secrets of this process's environment; see
    /// [`EventLog::open_with`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(url: &StoreUrl) -> Result<Self, StoreError> {
        Self::open_with(url, &Access::from_process()?)
    }

    /// Opens the event log. An SQLite file with its folder and schema, and the schema of an empty
    /// PostgreSQL database, are made when they are missing.
    ///
    /// # Errors
    /// [`StoreError`]; what is not an event log is left as it is.
    pub fn open_with(url: &StoreUrl, access: &Access) -> Result<Self, StoreError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|source| StoreError::Runtime { source })?;
        let kept = match url.endpoint() {
            Some(base) => Kept::Endpoint(Endpoint::open(base, access)?),
            None => {
                let database = Database::open_with_readers(url, access, 0);
                Kept::Database(runtime.block_on(database)?)
            }
        };
        Ok(Self { kept, runtime })
    }

    /// Where the log is, without secrets.
    pub fn place(&self) -> String {
        match &self.kept {
            Kept::Database(database) => database.place(),
            Kept::Endpoint(endpoint) => endpoint.place(),
        }
    }

    /// Writes the events of one decision, all or none, and answers one [`Appended`] an event in
    /// the same order. When this returns, the events are on disk.
    ///
    /// An event whose key is there already is not written again. It is the same event when no
    /// fact that both know differs; `decision`, `manifest_sha256` and `actor` belong to one
    /// recording rather than to the event, and are not compared.
    ///
    /// # Errors
    /// [`StoreError::KeyConflict`] when a key is there with another content;
    /// [`StoreError::Unstorable`] for a value without a place in the log; the others when the
    /// database cannot be written. After a failure to write, append the same events again.
    pub fn append(&self, events: &[Event]) -> Result<Vec<Appended>, StoreError> {
        ask!(self.append(events))
    }

    /// The runs whose latest word is success, newest first: view `provenance_kpi`.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub fn kpi(&self, filter: &KpiFilter) -> Result<Vec<KpiRow>, StoreError> {
        ask!(self.kpi(filter))
    }

    /// The latest word on every run, whatever it is, newest first: view `provenance_latest`.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub fn latest(&self, filter: &KpiFilter) -> Result<Vec<KpiRow>, StoreError> {
        ask!(self.latest(filter))
    }

    /// Every failure, newest first: view `provenance_incidents`.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub fn incidents(&self, filter: &KpiFilter) -> Result<Vec<Incident>, StoreError> {
        ask!(self.incidents(filter))
    }

    /// The failures with no later success of the same repository and tag, newest first: view
    /// `provenance_open_incidents`.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub fn open_incidents(&self, filter: &KpiFilter) -> Result<Vec<Incident>, StoreError> {
        ask!(self.open_incidents(filter))
    }

    /// The runs that were started, newest first: events `dispatched`.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub fn dispatches(&self, filter: &KpiFilter) -> Result<Vec<Dispatch>, StoreError> {
        ask!(self.dispatches(filter))
    }

    /// The figures above the KPI table. `filter.limit` has no meaning here; `now` ends the period
    /// that `filter.since` begins.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub fn summary(&self, filter: &KpiFilter, now: Timestamp) -> Result<KpiSummary, StoreError> {
        ask!(self.summary(filter, now))
    }

    /// Writes the entries of manifests, one outcome an entry in the same order. A repeat adds
    /// nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be written; an entry that is not taken is its own outcome.
    pub fn ingest(&self, entries: &[ManifestEntry]) -> Result<Vec<EntryOutcome>, StoreError> {
        ask!(self.ingest(entries))
    }

    /// Writes all events as lines of JSON, in the order in which they were written: a header, one
    /// event a line, and a trailer that tells their number.
    ///
    /// # Errors
    /// [`TransferError`] when the log cannot be read or the lines cannot be written.
    pub fn export(&self, to: &mut dyn Write) -> Result<Exported, TransferError> {
        transfer::export(self, to)
    }

    /// Takes in the lines that an export wrote. A repeat adds nothing.
    ///
    /// # Errors
    /// [`TransferError`], which tells what was taken before.
    pub fn import(&self, from: &mut dyn BufRead) -> Result<Imported, TransferError> {
        transfer::import(self, from)
    }

    /// A part of an export; see [`Database::events_after`].
    pub(crate) fn events_after(
        &self,
        seq: i64,
        limit: u32,
    ) -> Result<Vec<(i64, StoredEvent)>, StoreError> {
        ask!(self.events_after(seq, limit))
    }

    /// A part of an import; see [`Database::import`].
    pub(crate) fn take_in(&self, events: &[StoredEvent]) -> Result<Vec<EntryOutcome>, StoreError> {
        ask!(self.import(events))
    }

    /// The version of the schema.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    pub fn schema(&self) -> Result<Schema, StoreError> {
        ask!(self.schema())
    }

    /// Brings the schema to the newest version, and answers what it is then.
    ///
    /// # Errors
    /// [`StoreError`]; then the schema is as it was.
    pub fn migrate(&self) -> Result<Schema, StoreError> {
        ask!(self.migrate())
    }

    /// Puts every row that is under no seal yet under new ones.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be written.
    pub fn seal(&self, now: Timestamp) -> Result<Sealed, StoreError> {
        ask!(self.seal(now))
    }

    /// Number and hash of the newest seal.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub fn newest_seal(&self) -> Result<Option<Anchor>, StoreError> {
        ask!(self.newest_seal())
    }

    /// Compares the log with its seals, up to the first thing that is not as it was sealed. The
    /// seals that `anchors` name must be there with that hash.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read. A fault that was found is no error.
    pub fn verify(&self, anchors: &[Anchor]) -> Result<Verification, StoreError> {
        ask!(self.verify(anchors))
    }
}

impl Drop for EventLog {
    fn drop(&mut self) {
        if let Kept::Database(database) = &self.kept {
            // The events are safe without it; closing only tidies up.
            self.runtime.block_on(database.close());
        }
    }
}

impl fmt::Debug for EventLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventLog").field("place", &self.place()).finish_non_exhaustive()
    }
}
