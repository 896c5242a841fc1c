//! The event log as a value.

use crate::append::{self, Appended};
use crate::connection;
use crate::error::StoreError;
use crate::kpi::{self, Dispatch, Incident, KpiFilter, KpiRow};
use crate::store_url::StoreUrl;
use crate::summary::{self, KpiSummary};
use jiff::Timestamp;
use provost_record::Event;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tokio::runtime::{Builder, Runtime};

/// An open event log. Any number of processes and threads may have the same one open.
pub struct EventLog {
    path: PathBuf,
    runtime: Runtime,
    /// `None` after a failure: the next call then connects anew, so that nothing of a broken
    /// transaction is carried over.
    connection: Mutex<Option<SqliteConnection>>,
}

impl EventLog {
    /// Opens the event log, and makes file, folder and schema when they are missing.
    ///
    /// # Errors
    /// [`StoreError`]; a file that is not an event log is left as it is.
    pub fn open(url: &StoreUrl) -> Result<Self, StoreError> {
        let path = url.path().to_owned();
        let runtime = Builder::new_current_thread()
            .build()
            .map_err(|source| StoreError::from_sql(&path, source.into()))?;
        let connection = runtime.block_on(connection::open(&path))?;
        Ok(Self { path, runtime, connection: Mutex::new(Some(connection)) })
    }

    /// Path of the database file.
    pub fn path(&self) -> &Path {
        &self.path
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
        self.run(async |connection, path| append::append(connection, path, events).await)
    }

    /// The runs whose latest word is success, newest first: view `provenance_kpi`.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub fn kpi(&self, filter: &KpiFilter) -> Result<Vec<KpiRow>, StoreError> {
        self.run(async |connection, path| kpi::successes(connection, path, filter).await)
    }

    /// The latest word on every run, whatever it is, newest first: view `provenance_latest`.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub fn latest(&self, filter: &KpiFilter) -> Result<Vec<KpiRow>, StoreError> {
        self.run(async |connection, path| kpi::latest(connection, path, filter).await)
    }

    /// Every failure, newest first: view `provenance_incidents`.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub fn incidents(&self, filter: &KpiFilter) -> Result<Vec<Incident>, StoreError> {
        self.run(async |connection, path| kpi::incidents(connection, path, filter).await)
    }

    /// The failures with no later success of the same repository and tag, newest first: view
    /// `provenance_open_incidents`.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub fn open_incidents(&self, filter: &KpiFilter) -> Result<Vec<Incident>, StoreError> {
        self.run(async |connection, path| kpi::open_incidents(connection, path, filter).await)
    }

    /// The runs that were started, newest first: events `dispatched`.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub fn dispatches(&self, filter: &KpiFilter) -> Result<Vec<Dispatch>, StoreError> {
        self.run(async |connection, path| kpi::dispatches(connection, path, filter).await)
    }

    /// The figures above the KPI table. `filter.limit` has no meaning here; `now` ends the period
    /// that `filter.since` begins.
    ///
    /// # Errors
    /// [`StoreError`] when the log cannot be read.
    pub fn summary(&self, filter: &KpiFilter, now: Timestamp) -> Result<KpiSummary, StoreError> {
        self.run(async |connection, path| summary::summary(connection, path, filter, now).await)
    }

    fn run<T>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection, &Path) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut slot = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        self.runtime.block_on(async {
            let mut connection = match slot.take() {
                Some(connection) => connection,
                None => connection::reopen(&self.path).await?,
            };
            let result = work(&mut connection, &self.path).await;
            if result.is_ok() {
                *slot = Some(connection);
            } else {
                // Closing rolls an open transaction back.
                connection.close().await.ok();
            }
            result
        })
    }
}

impl Drop for EventLog {
    fn drop(&mut self) {
        let slot = self.connection.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = slot.take() {
            // The events are safe without it; closing only tidies the write-ahead log away.
            self.runtime.block_on(connection.close()).ok();
        }
    }
}

impl fmt::Debug for EventLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventLog").field("path", &self.path).finish_non_exhaustive()
    }
}
