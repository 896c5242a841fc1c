//! The event log in PostgreSQL.
//!
//! A placeholder: every call answers that it cannot be done yet.

use crate::access::Access;
use crate::append::Appended;
use crate::database::{Counts, Schema};
use crate::error::StoreError;
use crate::expectation::{Expectation, Overdue};
use crate::kpi::{Dispatch, EventFilter, Incident, KpiFilter, KpiRow, Release};
use crate::outbox::{DeadLetter, LeasedMessage, OutboxState};
use crate::postgres_url::PostgresUrl;
use crate::seal::{Anchor, Sealed, Verification};
use crate::stored_event::StoredEvent;
use crate::submission::{EntryOutcome, Submission, Submitted};
use crate::summary::KpiSummary;
use jiff::Timestamp;
use provost_record::Event;
use std::time::Duration;

/// An open database.
#[derive(Clone)]
pub(crate) struct PostgresStore {
    place: String,
}

impl PostgresStore {
    /// Opens the database.
    pub(crate) async fn open(url: &PostgresUrl, _access: &Access) -> Result<Self, StoreError> {
        Err(Self { place: url.to_string() }.not_yet())
    }

    pub(crate) fn place(&self) -> String {
        self.place.clone()
    }

    pub(crate) async fn close(&self) {}

    fn not_yet(&self) -> StoreError {
        StoreError::NotSupported {
            place: self.place(),
            what: "be used yet",
            remedy: "name an SQLite file",
        }
    }

    pub(crate) async fn append(&self, _events: &[Event]) -> Result<Vec<Appended>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn submit(
        &self,
        _submissions: Vec<Submission>,
    ) -> Result<Vec<Submitted>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn import(
        &self,
        _events: &[StoredEvent],
    ) -> Result<Vec<EntryOutcome>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn kpi(&self, _filter: &KpiFilter) -> Result<Vec<KpiRow>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn latest(&self, _filter: &KpiFilter) -> Result<Vec<KpiRow>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn incidents(&self, _filter: &KpiFilter) -> Result<Vec<Incident>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn open_incidents(
        &self,
        _filter: &KpiFilter,
    ) -> Result<Vec<Incident>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn dispatches(
        &self,
        _filter: &KpiFilter,
    ) -> Result<Vec<Dispatch>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn releases(&self, _filter: &KpiFilter) -> Result<Vec<Release>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn summary(
        &self,
        _filter: &KpiFilter,
        _now: Timestamp,
    ) -> Result<KpiSummary, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn events(
        &self,
        _filter: &EventFilter,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn events_after(
        &self,
        _seq: i64,
        _limit: u32,
    ) -> Result<Vec<(i64, StoredEvent)>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn counts(&self) -> Result<Counts, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn schema(&self) -> Result<Schema, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn migrate(&self) -> Result<Schema, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn lease(
        &self,
        _worker: &str,
        _limit: u32,
        _lease: Duration,
        _now: Timestamp,
    ) -> Result<Vec<LeasedMessage>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn delivered(
        &self,
        _worker: &str,
        _key: &str,
        _now: Timestamp,
    ) -> Result<bool, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn retry_at(
        &self,
        _worker: &str,
        _key: &str,
        _at: Timestamp,
        _problem: &str,
    ) -> Result<bool, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn dead(
        &self,
        _worker: &str,
        _key: &str,
        _now: Timestamp,
        _problem: &str,
    ) -> Result<bool, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn outbox_state(&self) -> Result<OutboxState, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn dead_letters(&self, _limit: u32) -> Result<Vec<DeadLetter>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn expect_release(
        &self,
        _expectation: &Expectation,
    ) -> Result<bool, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn overdue(
        &self,
        _now: Timestamp,
        _limit: u32,
    ) -> Result<Vec<Overdue>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn settle_expectation(
        &self,
        _repository: &str,
        _tag: &str,
        _settlement: &str,
        _now: Timestamp,
    ) -> Result<bool, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn seal(&self, _now: Timestamp) -> Result<Sealed, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn newest_seal(&self) -> Result<Option<Anchor>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) async fn verify(&self, _anchors: &[Anchor]) -> Result<Verification, StoreError> {
        Err(self.not_yet())
    }
}
