//! The event log behind HTTPS: `provost serve`, or functions of Supabase.
//!
//! What is written goes to `https://HOST/functions/v1`, what is asked to `https://HOST/api/v1`
//! beside it. Every event bears its key, so that a call whose answer was lost is made again and
//! doubles nothing. An answer is held against what was sent before it counts.
//!
//! Reading order: [`Endpoint`], `credential` (who calls), `call` (one request and what its status
//! means), `batch` (how much goes into one request), `taken` (what a write answers), `read` (what is
//! asked).

mod batch;
mod call;
mod credential;
mod error;
mod place;
mod read;
mod taken;
mod validation;

pub use error::EndpointError;

use crate::access::Access;
use crate::append::{Appended, Outcome};
use crate::database::Schema;
use crate::error::StoreError;
use crate::seal::{Anchor, Sealed, Verification};
use crate::stored_event::StoredEvent;
use crate::submission::{EntryOutcome, EntryStanding, ManifestEntry};
use batch::{Weighed, batches};
use call::Caller;
use jiff::Timestamp;
use place::Place;
use provost_outbound::{Origin, Retry};
use provost_record::Event;
use provost_wire::v1::EventDocument;
use read::Exporting;
use serde_json::{Value, json};
use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

/// An event log that is reached over HTTPS.
pub(crate) struct Endpoint {
    place: Place,
    caller: Caller,
    /// Where an export stands.
    exporting: Mutex<Exporting>,
}

impl Endpoint {
    /// The endpoint at `https://HOST/functions/v1`. Nothing is asked of it yet.
    ///
    /// # Errors
    /// [`StoreError::Endpoint`] when no client can be made, or the job's identity has no usable
    /// address.
    pub(crate) fn open(url: &Origin, access: &Access) -> Result<Self, StoreError> {
        let retry = Retry {
            tries: 4,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(20),
            ..Retry::default()
        };
        let place = Place::new(url.clone());
        let caller = Caller::new(&place, access, retry)?;
        Ok(Self { place, caller, exporting: Mutex::default() })
    }

    /// The store URL, for people.
    pub(crate) fn place(&self) -> String {
        self.place.shown()
    }

    /// Sends events. What was taken before an event that is not stays taken, and may be sent again.
    ///
    /// # Errors
    /// [`StoreError::Rejected`] for the first event that is not taken, [`StoreError::Endpoint`] when
    /// the endpoint did not do it.
    pub(crate) fn append(&self, events: &[Event]) -> Result<Vec<Appended>, StoreError> {
        let outcomes = match events {
            [event] if let Some(body) = validation::body_of(event) => {
                vec![self.validate(event, &body)?]
            }
            _ => self.send(events.iter().map(EventDocument::from))?,
        };
        outcomes.into_iter().map(appended).collect()
    }

    /// Sends events of another log, one outcome an event in the same order. Their keys are known
    /// again; ids and times of writing are the endpoint's own.
    ///
    /// # Errors
    /// [`StoreError::Endpoint`].
    pub(crate) fn import(&self, events: &[StoredEvent]) -> Result<Vec<EntryOutcome>, StoreError> {
        Ok(self.send(events.iter().map(EventDocument::from))?)
    }

    fn send(
        &self,
        documents: impl Iterator<Item = EventDocument>,
    ) -> Result<Vec<EntryOutcome>, EndpointError> {
        let mut outcomes = Vec::new();
        let weighed = documents.map(|document| {
            let value = serde_json::to_value(&document).expect("an event is JSON");
            Weighed::new(&document.event_key, value)
        });
        for batch in batches(weighed) {
            let body = json!({ "events": batch.values });
            outcomes.extend(self.telemetry(&body, &batch.keys)?);
        }
        Ok(outcomes)
    }

    /// Sends entries of a manifest as they stand in it, and answers one outcome an entry in the
    /// same order.
    ///
    /// # Errors
    /// [`StoreError::Endpoint`]; what earlier requests of the same call wrote stays written.
    pub(crate) fn ingest(
        &self,
        entries: &[ManifestEntry],
    ) -> Result<Vec<EntryOutcome>, StoreError> {
        let mut outcomes = Vec::with_capacity(entries.len());
        let weighed = entries.iter().map(|entry| {
            let key = entry.events.first().map_or("", |event| event.key.as_str());
            Weighed::new(key, entry.json.clone())
        });
        for batch in batches(weighed) {
            outcomes.extend(self.telemetry(&Value::Array(batch.values), &batch.keys)?);
        }
        Ok(outcomes)
    }

    fn telemetry(&self, body: &Value, keys: &[String]) -> Result<Vec<EntryOutcome>, EndpointError> {
        let url = self.place.function("telemetry");
        let answer = self.caller.post(&url, body)?;
        taken::of_telemetry(&answer, keys)
    }

    fn validate(&self, event: &Event, body: &Value) -> Result<EntryOutcome, EndpointError> {
        let url = self.place.function("provenance-validate");
        let answer = self.caller.post(&url, body)?;
        taken::of_validation(&answer, event.key.as_str())
    }

    /// # Errors
    /// Always: an endpoint keeps its own schema.
    pub(crate) fn migrate(&self) -> Result<Schema, StoreError> {
        Err(self.needs_database("be migrated over HTTPS"))
    }

    /// # Errors
    /// Always: an endpoint keeps its own schema.
    pub(crate) fn schema(&self) -> Result<Schema, StoreError> {
        Err(self.needs_database("tell its schema over HTTPS"))
    }

    /// # Errors
    /// Always: `provost serve` seals by itself.
    pub(crate) fn seal(&self, _now: Timestamp) -> Result<Sealed, StoreError> {
        Err(self.needs_database("be sealed over HTTPS"))
    }

    /// Number and hash of the newest seal, as the endpoint tells it.
    ///
    /// # Errors
    /// [`StoreError::Endpoint`].
    pub(crate) fn newest_seal(&self) -> Result<Option<Anchor>, StoreError> {
        self.seal_of_health()
    }

    /// # Errors
    /// Always: what an endpoint says about its rows proves nothing about them.
    pub(crate) fn verify(&self, _anchors: &[Anchor]) -> Result<Verification, StoreError> {
        Err(self.needs_database("be compared with its seals over HTTPS"))
    }

    fn needs_database(&self, what: &'static str) -> StoreError {
        let remedy = "name the database behind it for this verb, as postgres://…";
        StoreError::NotSupported { place: self.place(), what, remedy }
    }
}

/// The outcome of an event that must have been taken.
fn appended(outcome: EntryOutcome) -> Result<Appended, StoreError> {
    let EntryOutcome { outcome, id, event_key: key, problem } = outcome;
    let outcome = match outcome {
        EntryStanding::Inserted => Outcome::Inserted,
        EntryStanding::Duplicate => Outcome::Duplicate,
        EntryStanding::Rejected => {
            return Err(StoreError::Rejected { key, problem: problem.unwrap_or_default() });
        }
    };
    match id {
        Some(id) => Ok(Appended { id, outcome }),
        None => Err(StoreError::Rejected { key, problem: "it was given no id".to_owned() }),
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("place", &self.place.shown()).finish_non_exhaustive()
    }
}
