//! The event log in SQLite: one connection that writes, and some that read beside it.

mod append;
mod connection;
mod events;
mod expectation;
mod identity;
mod kpi;
mod outbox;
mod overview;
mod releases;
mod schema;
mod seal;
mod submit;
mod summary;
mod value;

use crate::append::Appended;
use crate::database::{Counts, Schema};
use crate::day::Day;
use crate::error::StoreError;
use crate::expectation::{Expectation, Overdue, Settlement};
use crate::kpi::{Dispatch, EventFilter, Incident, KpiFilter, KpiRow, Release, SettledIncident};
use crate::log_mark::LogMark;
use crate::outbox::{DeadLetter, LeasedMessage, OutboxState};
use crate::release_filter::ReleaseFilter;
use crate::seal::{Anchor, Sealed, Verification};
use crate::stored_event::StoredEvent;
use crate::submission::{EntryOutcome, Submission, Submitted};
use crate::summary::{KpiSummary, ReleaseHistory};
use identity::Identity;
use jiff::Timestamp;
use jiff::civil::Date;
use provost_record::Event;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};

/// An open database. Any number of processes may have the same one open.
#[derive(Clone)]
pub(crate) struct SqliteStore(Arc<Inner>);

struct Inner {
    path: PathBuf,
    writer: Slot,
    /// Connections that only read; without any, the writer reads too.
    readers: Vec<Slot>,
    turn: AtomicUsize,
}

/// A connection, or none after a failure: the next use then connects anew, so that nothing of a
/// broken transaction is carried over.
type Slot = Mutex<Option<Opened>>;

/// A connection, and the files that it has open.
struct Opened {
    connection: SqliteConnection,
    identity: Identity,
}

/// A connection in use. Dropping it in the middle of something closes it, which rolls an open
/// transaction back.
struct Held<'a> {
    slot: MutexGuard<'a, Option<Opened>>,
    connection: SqliteConnection,
    identity: Identity,
}

impl SqliteStore {
    /// Opens the database, and makes file, folder and schema when they are missing.
    pub(crate) async fn open(path: &Path, readers: usize) -> Result<Self, StoreError> {
        let connection = connection::open(path).await?;
        let opened = Opened { connection, identity: Identity::of(path)? };
        Ok(Self(Arc::new(Inner {
            path: path.to_owned(),
            writer: Mutex::new(Some(opened)),
            readers: (0..readers).map(|_| Mutex::new(None)).collect(),
            turn: AtomicUsize::new(0),
        })))
    }

    pub(crate) fn place(&self) -> String {
        self.0.path.display().to_string()
    }

    /// Closes all connections. What was written is safe without it; it only tidies the write-ahead
    /// log away.
    pub(crate) async fn close(&self) {
        for slot in self.0.readers.iter().chain([&self.0.writer]) {
            if let Some(opened) = slot.lock().await.take() {
                opened.connection.close().await.ok();
            }
        }
    }

    async fn writer(&self) -> Result<Held<'_>, StoreError> {
        self.hold(&self.0.writer).await
    }

    /// A connection to read with: one that is free, or else the next in turn.
    async fn reader(&self) -> Result<Held<'_>, StoreError> {
        let readers = &self.0.readers;
        if readers.is_empty() {
            return self.writer().await;
        }
        let start = self.0.turn.fetch_add(1, Ordering::Relaxed) % readers.len();
        let in_turn = || readers[start..].iter().chain(&readers[..start]);
        match in_turn().find_map(|slot| slot.try_lock().ok()) {
            Some(slot) => self.fill(slot).await,
            None => self.hold(&readers[start]).await,
        }
    }

    async fn hold<'a>(&'a self, slot: &'a Slot) -> Result<Held<'a>, StoreError> {
        self.fill(slot.lock().await).await
    }

    async fn fill<'a>(
        &'a self,
        mut slot: MutexGuard<'a, Option<Opened>>,
    ) -> Result<Held<'a>, StoreError> {
        let Opened { connection, identity } = match slot.take() {
            Some(opened) => opened,
            None => {
                // Of a file that is replaced in this moment the check of the first use tells.
                let before = Identity::of(&self.0.path)?;
                let connection = connection::reopen(&self.0.path).await?;
                Opened { connection, identity: Identity::of(&self.0.path)?.since(before) }
            }
        };
        Ok(Held { slot, connection, identity })
    }
}

impl Held<'_> {
    /// Puts the connection back after a success, and closes it after a failure. Nothing counts as
    /// read or written when the files are not at their paths any more: a commit into a file that
    /// nobody finds again is none.
    async fn settle<T>(
        mut self,
        path: &Path,
        result: Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let result = result.and_then(|done| self.identity.check(path).map(|()| done));
        if result.is_ok() {
            let (connection, identity) = (self.connection, self.identity);
            *self.slot = Some(Opened { connection, identity });
        } else {
            // Closing rolls an open transaction back.
            self.connection.close().await.ok();
        }
        result
    }
}

/// Does something with a connection that writes, or with one that reads.
macro_rules! with {
    ($store:ident.$kind:ident, $module:ident::$function:ident($($argument:expr),*)) => {{
        let mut held = $store.$kind().await?;
        let result =
            $module::$function(&mut held.connection, &$store.0.path, $($argument),*).await;
        held.settle(&$store.0.path, result).await
    }};
}

impl SqliteStore {
    pub(crate) async fn append(&self, events: &[Event]) -> Result<Vec<Appended>, StoreError> {
        with!(self.writer, append::append(events))
    }

    pub(crate) async fn submit(
        &self,
        submissions: Vec<Submission>,
    ) -> Result<Vec<Submitted>, StoreError> {
        with!(self.writer, submit::submit(&submissions, Timestamp::now()))
    }

    pub(crate) async fn import(
        &self,
        events: &[StoredEvent],
    ) -> Result<Vec<EntryOutcome>, StoreError> {
        with!(self.writer, submit::import(events))
    }

    pub(crate) async fn kpi(&self, filter: &KpiFilter) -> Result<Vec<KpiRow>, StoreError> {
        with!(self.reader, kpi::successes(filter))
    }

    pub(crate) async fn latest(&self, filter: &KpiFilter) -> Result<Vec<KpiRow>, StoreError> {
        with!(self.reader, kpi::latest(filter))
    }

    pub(crate) async fn incidents(&self, filter: &KpiFilter) -> Result<Vec<Incident>, StoreError> {
        with!(self.reader, kpi::incidents(filter))
    }

    pub(crate) async fn open_incidents(
        &self,
        filter: &KpiFilter,
    ) -> Result<Vec<Incident>, StoreError> {
        with!(self.reader, kpi::open_incidents(filter))
    }

    pub(crate) async fn dispatches(&self, filter: &KpiFilter) -> Result<Vec<Dispatch>, StoreError> {
        with!(self.reader, kpi::dispatches(filter))
    }

    pub(crate) async fn settled_incidents(
        &self,
        filter: &KpiFilter,
    ) -> Result<Vec<SettledIncident>, StoreError> {
        with!(self.reader, kpi::settled_incidents(filter))
    }

    pub(crate) async fn releases(
        &self,
        filter: &ReleaseFilter,
    ) -> Result<Vec<Release>, StoreError> {
        with!(self.reader, releases::releases(filter))
    }

    pub(crate) async fn histories(
        &self,
        repository: Option<&str>,
        since: Timestamp,
    ) -> Result<Vec<ReleaseHistory>, StoreError> {
        with!(self.reader, summary::histories(repository, Some(since)))
    }

    pub(crate) async fn daily(
        &self,
        repository: Option<&str>,
        since: Date,
    ) -> Result<Vec<Day>, StoreError> {
        with!(self.reader, overview::daily(repository, since))
    }

    pub(crate) async fn repositories(&self, limit: u32) -> Result<Vec<String>, StoreError> {
        with!(self.reader, overview::repositories(limit))
    }

    pub(crate) async fn mark(&self) -> Result<LogMark, StoreError> {
        with!(self.reader, overview::mark())
    }

    pub(crate) async fn summary(
        &self,
        filter: &KpiFilter,
        now: Timestamp,
    ) -> Result<KpiSummary, StoreError> {
        with!(self.reader, summary::summary(filter, now))
    }

    pub(crate) async fn events(
        &self,
        filter: &EventFilter,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        with!(self.reader, events::events(filter))
    }

    pub(crate) async fn events_after(
        &self,
        seq: i64,
        limit: u32,
    ) -> Result<Vec<(i64, StoredEvent)>, StoreError> {
        with!(self.reader, events::events_after(seq, limit))
    }

    pub(crate) async fn counts(&self) -> Result<Counts, StoreError> {
        with!(self.reader, events::counts())
    }

    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        with!(self.reader, schema::ping())
    }

    pub(crate) async fn schema(&self) -> Result<Schema, StoreError> {
        // Whatever was older was brought to the newest when it was opened.
        Ok(Schema { found: schema::SUPPORTED, supported: schema::SUPPORTED })
    }

    pub(crate) async fn migrate(&self) -> Result<Schema, StoreError> {
        self.schema().await
    }

    pub(crate) async fn lease(
        &self,
        worker: &str,
        limit: u32,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<LeasedMessage>, StoreError> {
        with!(self.writer, outbox::lease(worker, limit, lease, now))
    }

    pub(crate) async fn delivered(
        &self,
        worker: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        with!(self.writer, outbox::delivered(worker, key, now))
    }

    pub(crate) async fn retry_at(
        &self,
        worker: &str,
        key: &str,
        at: Timestamp,
        problem: &str,
    ) -> Result<bool, StoreError> {
        with!(self.writer, outbox::retry_at(worker, key, at, problem))
    }

    pub(crate) async fn dead(
        &self,
        worker: &str,
        key: &str,
        now: Timestamp,
        problem: &str,
    ) -> Result<bool, StoreError> {
        with!(self.writer, outbox::dead(worker, key, now, problem))
    }

    pub(crate) async fn outbox_state(&self) -> Result<OutboxState, StoreError> {
        with!(self.reader, outbox::state())
    }

    pub(crate) async fn dead_letters(&self, limit: u32) -> Result<Vec<DeadLetter>, StoreError> {
        with!(self.reader, outbox::dead_letters(limit))
    }

    pub(crate) async fn expect_release(
        &self,
        expectation: &Expectation,
    ) -> Result<bool, StoreError> {
        with!(self.writer, expectation::expect(expectation))
    }

    pub(crate) async fn overdue(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Overdue>, StoreError> {
        with!(self.reader, expectation::overdue(now, limit))
    }

    pub(crate) async fn settle_expectation(
        &self,
        repository: &str,
        tag: &str,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        with!(self.writer, expectation::settle(repository, tag, settlement, now))
    }

    pub(crate) async fn seal(&self, now: Timestamp) -> Result<Sealed, StoreError> {
        with!(self.writer, seal::seal(now))
    }

    pub(crate) async fn newest_seal(&self) -> Result<Option<Anchor>, StoreError> {
        with!(self.reader, seal::newest())
    }

    pub(crate) async fn verify(&self, anchors: &[Anchor]) -> Result<Verification, StoreError> {
        with!(self.reader, seal::verify(anchors))
    }
}
