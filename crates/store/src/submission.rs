//! What the service hands to the store in one piece, and what it came to.

use jiff::Timestamp;
use provost_record::Event;
use serde_json::Value;
use uuid::Uuid;

/// One entry of a manifest, in the form that each store takes.
#[derive(Debug, Clone, PartialEq)]
pub struct ManifestEntry {
    /// The entry as it stands in the manifest: what PostgreSQL and an endpoint are sent.
    pub json: Value,
    /// The events that it is, the outcome first: what SQLite is given.
    pub events: Vec<Event>,
}

/// What one request asks to be written: together with its token, its delivery and the messages that
/// follow from it, or not at all.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The token of the request, when it is good for one body only.
    pub token: Option<TokenUse>,
    /// Id of the webhook delivery, when it is one. It is remembered for 30 days.
    pub delivery: Option<String>,
    /// What is to be written.
    pub body: SubmissionBody,
    /// What is to be told. A message is kept once by its key; none is kept when every entry was
    /// rejected.
    pub messages: Vec<OutboxMessage>,
}

/// What is to be written.
#[derive(Debug, Clone)]
pub enum SubmissionBody {
    /// Single events.
    Events(Vec<Event>),
    /// Entries of a manifest.
    Manifest(Vec<ManifestEntry>),
}

/// The use of a token that may be used once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenUse {
    /// `iss`.
    pub issuer: String,
    /// `jti`.
    pub jti: String,
    /// SHA-256 of the request's body, hex: the same body again is a repeat and no new use.
    pub body_sha256: String,
    /// When the token ends, and its use may be forgotten.
    pub expires_at: Timestamp,
}

/// Something to be told, at least once.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxMessage {
    /// By what a repeat is recognised.
    pub key: String,
    /// How it is told; the store does not look into it.
    pub kind: String,
    /// What is told; the store does not look into it.
    pub payload: Value,
}

/// What a submission came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitted {
    /// It was looked at: one outcome an event, or one a manifest entry, in the same order.
    Done(Vec<EntryOutcome>),
    /// The token was used before with the same body; the outcomes are those that the body has now.
    Repeated(Vec<EntryOutcome>),
    /// The token was used before with another body. Nothing was written.
    TokenReused,
    /// The delivery was taken before. Nothing was written.
    DeliveryKnown,
}

/// What one entry came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryOutcome {
    /// Whether it was taken.
    pub outcome: EntryStanding,
    /// Id of the row of its first event; `None` when it was rejected.
    pub id: Option<Uuid>,
    /// Key of its first event; empty when the entry gives none.
    pub event_key: String,
    /// Why it was rejected.
    pub problem: Option<String>,
}

/// Whether an entry was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryStanding {
    /// At least one of its events is new.
    Inserted,
    /// All of it was there already.
    Duplicate,
    /// It was not taken; the others are not touched by that.
    Rejected,
}

impl EntryOutcome {
    /// An entry that was not taken.
    pub(crate) fn rejected(event_key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            outcome: EntryStanding::Rejected,
            id: None,
            event_key: event_key.into(),
            problem: Some(problem.into()),
        }
    }
}
