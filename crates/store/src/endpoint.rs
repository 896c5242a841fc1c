//! The event log behind an ingestion endpoint.
//!
//! A placeholder: every call answers that it cannot be done yet.

use crate::access::Access;
use crate::append::Appended;
use crate::database::Schema;
use crate::error::StoreError;
use crate::kpi::{Dispatch, Incident, KpiFilter, KpiRow};
use crate::seal::{Anchor, Sealed, Verification};
use crate::stored_event::StoredEvent;
use crate::submission::{EntryOutcome, ManifestEntry};
use crate::summary::KpiSummary;
use jiff::Timestamp;
use provost_outbound::{Origin, shown};
use provost_record::Event;

/// An endpoint.
pub(crate) struct Endpoint {
    base: Origin,
}

impl Endpoint {
    /// The endpoint with this base URL.
    pub(crate) fn open(base: &Origin, _access: &Access) -> Result<Self, StoreError> {
        Err(Self { base: base.clone() }.not_yet())
    }

    pub(crate) fn place(&self) -> String {
        shown(self.base.url())
    }

    fn not_yet(&self) -> StoreError {
        StoreError::NotSupported {
            place: self.place(),
            what: "be used yet",
            remedy: "name an SQLite file",
        }
    }

    pub(crate) fn append(&self, _events: &[Event]) -> Result<Vec<Appended>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) fn ingest(
        &self,
        _entries: &[ManifestEntry],
    ) -> Result<Vec<EntryOutcome>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) fn kpi(&self, _filter: &KpiFilter) -> Result<Vec<KpiRow>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) fn latest(&self, _filter: &KpiFilter) -> Result<Vec<KpiRow>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) fn incidents(&self, _filter: &KpiFilter) -> Result<Vec<Incident>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) fn open_incidents(&self, _filter: &KpiFilter) -> Result<Vec<Incident>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) fn dispatches(&self, _filter: &KpiFilter) -> Result<Vec<Dispatch>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) fn summary(
        &self,
        _filter: &KpiFilter,
        _now: Timestamp,
    ) -> Result<KpiSummary, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) fn events_after(
        &self,
        _seq: i64,
        _limit: u32,
    ) -> Result<Vec<(i64, StoredEvent)>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) fn import(&self, _events: &[StoredEvent]) -> Result<Vec<EntryOutcome>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) fn schema(&self) -> Result<Schema, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) fn migrate(&self) -> Result<Schema, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) fn seal(&self, _now: Timestamp) -> Result<Sealed, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) fn newest_seal(&self) -> Result<Option<Anchor>, StoreError> {
        Err(self.not_yet())
    }

    pub(crate) fn verify(&self, _anchors: &[Anchor]) -> Result<Verification, StoreError> {
        Err(self.not_yet())
    }
}
