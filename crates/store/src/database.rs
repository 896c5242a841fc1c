//! The event log in a database, for programs that run asynchronous tasks.

use crate::access::Access;
use crate::append::Appended;
use crate::day::Day;
use crate::error::StoreError;
use crate::expectation::{Expectation, Overdue, Settlement};
use crate::kpi::{Dispatch, EventFilter, Incident, KpiFilter, KpiRow, Release, SettledIncident};
use crate::log_mark::LogMark;
use crate::outbox::{DeadLetter, LeasedMessage, OutboxState};
use crate::page::Page;
use crate::postgres::PostgresStore;
use crate::release_filter::{ReleaseFilter, ReleasePage};
use crate::seal::{Anchor, Sealed, Verification};
use crate::sqlite::SqliteStore;
use crate::store_url::StoreUrl;
use crate::stored_event::StoredEvent;
use crate::submission::{EntryOutcome, ManifestEntry, Submission, SubmissionBody, Submitted};
use crate::summary::{KpiSummary, ReleaseHistory};
use jiff::Timestamp;
use jiff::civil::Date;
use provost_record::{Event, EventKind};
use std::fmt;
use std::time::Duration;

/// How many connections of a service read an SQLite log beside the one that writes.
const SQLITE_READERS: usize = 4;

/// How many rows a page has when nobody says how many.
const DEFAULT_PAGE: u32 = 100;

/// An open event log in SQLite or PostgreSQL. Clones are the same one; any number of processes and
/// tasks may use it at once.
#[derive(Clone)]
pub struct Database {
    backend: Backend,
}

#[derive(Clone)]
enum Backend {
    Sqlite(SqliteStore),
    Postgres(PostgresStore),
}

/// How much is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Rows, as the numbers that they were given tell.
    pub events: u64,
    /// Those that are under no seal yet.
    pub unsealed: u64,
}

/// The version of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// What is there; 0 for nothing.
    pub found: i64,
    /// The newest that this program knows.
    pub supported: i64,
}

/// Asks the backend.
macro_rules! ask {
    ($self:ident.$method:ident($($argument:expr),*)) => {
        match &$self.backend {
            Backend::Sqlite(store) => store.$method($($argument),*).await,
            Backend::Postgres(store) => store.$method($($argument),*).await,
        }
    };
}

impl Database {
    /// Opens the event log. An SQLite file with its folder and schema, and the schema of an empty
    /// PostgreSQL database, are made when they are missing, and an older schema of SQLite is
    /// brought up to date.
    ///
    /// # Errors
    /// [`StoreError`]; what is no event log is left as it is. [`StoreError::NotSupported`] for an
    /// endpoint: it is for [`EventLog`](crate::EventLog).
    pub async fn open(url: &StoreUrl, access: &Access) -> Result<Self, StoreError> {
        Self::open_with_readers(url, access, SQLITE_READERS).await
    }

    /// Opens the event log with so many connections that only read, where that has a meaning.
    pub(crate) async fn open_with_readers(
        url: &StoreUrl,
        access: &Access,
        readers: usize,
    ) -> Result<Self, StoreError> {
        let backend = if let Some(path) = url.sqlite_path() {
            Backend::Sqlite(SqliteStore::open(path, readers).await?)
        } else if let Some(postgres) = url.postgres() {
            Backend::Postgres(PostgresStore::open(postgres, access).await?)
        } else {
            return Err(StoreError::NotSupported {
                place: url.to_string(),
                what: "be opened as a database",
                remedy: "name an SQLite file or a PostgreSQL database",
            });
        };
        Ok(Self { backend })
    }

    /// Where the log is, without secrets.
    pub fn place(&self) -> String {
        match &self.backend {
            Backend::Sqlite(store) => store.place(),
            Backend::Postgres(store) => store.place(),
        }
    }

    /// Whether the database takes one writer at a time, so that a second one would only wait.
    pub fn takes_one_writer(&self) -> bool {
        matches!(self.backend, Backend::Sqlite(_))
    }

    /// Closes the connections that are not in use. Nothing is lost without it.
    pub async fn close(&self) {
        ask!(self.close());
    }

    /// Writes events, all or none; see [`EventLog::append`](crate::EventLog::append).
    ///
    /// # Errors
    /// Those of [`EventLog::append`](crate::EventLog::append).
    pub async fn append(&self, events: &[Event]) -> Result<Vec<Appended>, StoreError> {
        ask!(self.append(events))
    }

    /// Writes what several requests ask for, in one transaction that is durable when this returns:
    /// one answer a submission, in the same order. What is wrong with one submission is its own
    /// outcome, and keeps none of the others from being written.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written; then nothing of the batch counts as
    /// written, and all of it may be submitted again.
    pub async fn submit(&self, submissions: Vec<Submission>) -> Result<Vec<Submitted>, StoreError> {
        ask!(self.submit(submissions))
    }

    /// Writes the entries of manifests, one outcome an entry in the same order.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written.
    pub async fn ingest(&self, entries: &[ManifestEntry]) -> Result<Vec<EntryOutcome>, StoreError> {
        let submission = Submission {
            token: None,
            delivery: None,
            body: SubmissionBody::Manifest(entries.to_vec()),
            messages: Vec::new(),
        };
        let submitted = self.submit(vec![submission]).await?;
        Ok(match submitted.into_iter().next() {
            Some(Submitted::Done(outcomes) | Submitted::Repeated(outcomes)) => outcomes,
            _ => Vec::new(),
        })
    }

    /// Writes events of another log with the ids and times that they have there, one outcome an
    /// event in the same order.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written.
    pub async fn import(&self, events: &[StoredEvent]) -> Result<Vec<EntryOutcome>, StoreError> {
        ask!(self.import(events))
    }

    /// The runs whose latest word is success, newest first: view `provenance_kpi`.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub async fn kpi(&self, filter: &KpiFilter) -> Result<Vec<KpiRow>, StoreError> {
        ask!(self.kpi(filter))
    }

    /// The latest word on every run, whatever it is, newest first: view `provenance_latest`.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub async fn latest(&self, filter: &KpiFilter) -> Result<Vec<KpiRow>, StoreError> {
        ask!(self.latest(filter))
    }

    /// Every failure, newest first: view `provenance_incidents`.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub async fn incidents(&self, filter: &KpiFilter) -> Result<Vec<Incident>, StoreError> {
        ask!(self.incidents(filter))
    }

    /// The failures with no later success of the same repository and tag, newest first: view
    /// `provenance_open_incidents`.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub async fn open_incidents(&self, filter: &KpiFilter) -> Result<Vec<Incident>, StoreError> {
        ask!(self.open_incidents(filter))
    }

    /// The runs that were started, newest first: events `dispatched`.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub async fn dispatches(&self, filter: &KpiFilter) -> Result<Vec<Dispatch>, StoreError> {
        ask!(self.dispatches(filter))
    }

    /// The figures above the KPI table; see [`EventLog::summary`](crate::EventLog::summary).
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub async fn summary(
        &self,
        filter: &KpiFilter,
        now: Timestamp,
    ) -> Result<KpiSummary, StoreError> {
        ask!(self.summary(filter, now))
    }

    /// A page of the releases, newest word first.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub async fn releases(&self, filter: &KpiFilter) -> Result<Page<Release>, StoreError> {
        let limit = filter.limit.unwrap_or(DEFAULT_PAGE);
        let more = Some(limit.saturating_add(1));
        let filter = ReleaseFilter { limit: more, ..ReleaseFilter::from(filter) };
        Ok(Page::cut(ask!(self.releases(&filter))?, limit))
    }

    /// A page of the releases, one row a repository and tag.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read, and [`StoreError::Cursor`] when the page before
    /// was in another order.
    pub async fn find_releases(&self, filter: &ReleaseFilter) -> Result<ReleasePage, StoreError> {
        filter.check()?;
        let limit = filter.limit.unwrap_or(DEFAULT_PAGE);
        let more = ReleaseFilter { limit: Some(limit.saturating_add(1)), ..filter.clone() };
        Ok(ReleasePage::cut(ask!(self.releases(&more))?, limit, filter.order))
    }

    /// The releases that were first heard of at `since` or later, in no order: what a summary is
    /// made of.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub async fn histories(
        &self,
        repository: Option<&str>,
        since: Timestamp,
    ) -> Result<Vec<ReleaseHistory>, StoreError> {
        ask!(self.histories(repository, since))
    }

    /// The days since `since` on which runs have their latest word, oldest first: view
    /// `provenance_kpi_daily`, summed over the repositories when none is named.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub async fn daily(
        &self,
        repository: Option<&str>,
        since: Date,
    ) -> Result<Vec<Day>, StoreError> {
        ask!(self.daily(repository, since))
    }

    /// The names of the repositories in the log, sorted by their bytes, at most so many.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub async fn repositories(&self, limit: u32) -> Result<Vec<String>, StoreError> {
        ask!(self.repositories(limit))
    }

    /// Every failure with what became of it, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub async fn settled_incidents(
        &self,
        filter: &KpiFilter,
    ) -> Result<Vec<SettledIncident>, StoreError> {
        ask!(self.settled_incidents(filter))
    }

    /// How far the log is. It costs next to nothing, so that an answer may be kept for as long as
    /// this stays the same.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub async fn mark(&self) -> Result<LogMark, StoreError> {
        ask!(self.mark())
    }

    /// The newest event of a kind.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub async fn newest_of(
        &self,
        kind: EventKind,
        repository: Option<&str>,
    ) -> Result<Option<StoredEvent>, StoreError> {
        let filter = EventFilter {
            kind: Some(kind),
            repository: repository.map(str::to_owned),
            limit: Some(1),
            ..EventFilter::default()
        };
        Ok(ask!(self.events(&filter))?.into_iter().next())
    }

    /// A page of the events, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub async fn events(&self, filter: &EventFilter) -> Result<Page<StoredEvent>, StoreError> {
        let limit = filter.limit.unwrap_or(DEFAULT_PAGE);
        let filter = EventFilter { limit: Some(limit.saturating_add(1)), ..filter.clone() };
        Ok(Page::cut(ask!(self.events(&filter))?, limit))
    }

    /// All events of one release, newest first; without a repository, those of the tag in every
    /// repository.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub async fn release_events(
        &self,
        repository: Option<&str>,
        tag: &str,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let filter = EventFilter {
            repository: repository.map(str::to_owned),
            tag: Some(tag.to_owned()),
            ..EventFilter::default()
        };
        ask!(self.events(&filter))
    }

    /// The events with a number above `seq`, each with its number, in the order in which they were
    /// written. Numbers begin with 1.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub async fn events_after(
        &self,
        seq: i64,
        limit: u32,
    ) -> Result<Vec<(i64, StoredEvent)>, StoreError> {
        ask!(self.events_after(seq, limit))
    }

    /// How much is in the log.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        ask!(self.counts())
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError`] when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        ask!(self.ping())
    }

    /// The version of the schema.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    pub async fn schema(&self) -> Result<Schema, StoreError> {
        ask!(self.schema())
    }

    /// Brings the schema to the newest version, and answers what it is then.
    ///
    /// # Errors
    /// [`StoreError`]; then the schema is as it was.
    pub async fn migrate(&self) -> Result<Schema, StoreError> {
        ask!(self.migrate())
    }

    /// Leases messages of the outbox to a worker until `now` plus `lease`: those that are due and
    /// under no other lease. A worker that ends leaves them to the others when the lease ends.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written.
    pub async fn lease(
        &self,
        worker: &str,
        limit: u32,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<LeasedMessage>, StoreError> {
        ask!(self.lease(worker, limit, lease, now))
    }

    /// Notes that a leased message was told; `false` when the lease is another's by now.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written.
    pub async fn delivered(
        &self,
        worker: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        ask!(self.delivered(worker, key, now))
    }

    /// Gives a leased message back, to be told at `at` or later; `false` when the lease is
    /// another's by now.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written.
    pub async fn retry_at(
        &self,
        worker: &str,
        key: &str,
        at: Timestamp,
        problem: &str,
    ) -> Result<bool, StoreError> {
        ask!(self.retry_at(worker, key, at, problem))
    }

    /// Gives a leased message up; `false` when the lease is another's by now.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written.
    pub async fn dead(
        &self,
        worker: &str,
        key: &str,
        now: Timestamp,
        problem: &str,
    ) -> Result<bool, StoreError> {
        ask!(self.dead(worker, key, now, problem))
    }

    /// How many messages stand where.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub async fn outbox_state(&self) -> Result<OutboxState, StoreError> {
        ask!(self.outbox_state())
    }

    /// The messages that were given up, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub async fn dead_letters(&self, limit: u32) -> Result<Vec<DeadLetter>, StoreError> {
        ask!(self.dead_letters(limit))
    }

    /// Waits for a release from now on; `false` when it is waited for already. One that was settled
    /// is waited for again when it is expected later than before.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written.
    pub async fn expect_release(&self, expectation: &Expectation) -> Result<bool, StoreError> {
        ask!(self.expect_release(expectation))
    }

    /// The expectations whose deadline passed and that nobody settled, the longest overdue first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub async fn overdue(&self, now: Timestamp, limit: u32) -> Result<Vec<Overdue>, StoreError> {
        ask!(self.overdue(now, limit))
    }

    /// Ends an expectation and keeps how; `false` when there is none that is open: of several
    /// processes one is told `true`.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written.
    pub async fn settle_expectation(
        &self,
        repository: &str,
        tag: &str,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        ask!(self.settle_expectation(repository, tag, settlement, now))
    }

    /// Puts every row that is under no seal yet under new ones.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be written. Seals that were written stay.
    pub async fn seal(&self, now: Timestamp) -> Result<Sealed, StoreError> {
        ask!(self.seal(now))
    }

    /// Number and hash of the newest seal.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub async fn newest_seal(&self) -> Result<Option<Anchor>, StoreError> {
        ask!(self.newest_seal())
    }

    /// Compares the log with its seals, up to the first thing that is not as it was sealed. The
    /// seals that `anchors` name must be there with that hash.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read. A fault that was found is no error.
    pub async fn verify(&self, anchors: &[Anchor]) -> Result<Verification, StoreError> {
        ask!(self.verify(anchors))
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("place", &self.place()).finish_non_exhaustive()
    }
}
