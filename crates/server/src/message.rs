//! Messages of the outbox: what is to be done once, at least, after a commit.

use jiff::{SignedDuration, Timestamp};
use provost_record::{Event, EventKind, EventStatus};
use provost_store::OutboxMessage;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A failure that is older when it comes is history, such as a log that is rebuilt, and is not
/// told.
const NEWS: SignedDuration = SignedDuration::from_hours(24);

/// What a worker does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Message {
    /// Tell a failure.
    Failure(FailureMessage),
    /// Look a run up that a webhook named.
    Run {
        /// `OWNER/NAME`.
        repository: String,
        /// The run.
        run_id: u64,
    },
    /// Look a release up that a webhook named.
    Release {
        /// `OWNER/NAME`.
        repository: String,
        /// The tag.
        tag: String,
    },
    /// Expect provenance of a release that was dispatched.
    Expect {
        /// `OWNER/NAME`.
        repository: String,
        /// The tag.
        tag: String,
        /// The run.
        run_id: u64,
        /// URL of the release.
        release_url: Option<String>,
        /// Since when.
        since: Timestamp,
    },
}

/// A failure to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FailureMessage {
    /// Key of the event.
    pub(crate) event_key: String,
    /// `OWNER/NAME`.
    pub(crate) repository: Option<String>,
    /// The tag.
    pub(crate) tag: String,
    /// The run; 0 when none ever started.
    pub(crate) run_id: u64,
    /// Why.
    pub(crate) reason: String,
    /// URL of the release.
    pub(crate) release_url: Option<String>,
    /// The checks that failed.
    pub(crate) checks_failed: Vec<String>,
    /// When.
    pub(crate) occurred_at: Timestamp,
}

impl Message {
    /// The words for it in the outbox.
    fn kind(&self) -> &'static str {
        match self {
            Self::Failure(_) => "failure",
            Self::Run { .. } => "run",
            Self::Release { .. } => "release",
            Self::Expect { .. } => "expect",
        }
    }

    /// As the outbox keeps it; `key` tells it from others of its kind.
    pub(crate) fn outboxed(&self, key: &str) -> OutboxMessage {
        let kind = self.kind();
        let payload = serde_json::to_value(self).unwrap_or(Value::Null);
        OutboxMessage { key: format!("{kind}:{key}"), kind: kind.to_owned(), payload }
    }

    /// Reads what the outbox kept.
    pub(crate) fn read(payload: &Value) -> Result<Self, String> {
        serde_json::from_value(payload.clone()).map_err(|error| error.to_string())
    }
}

/// What follows from an event: a failure is told, a dispatch is waited for.
pub(crate) fn of_event(
    event: &Event,
    checks_failed: &[String],
    now: Timestamp,
    (tells, expects): (bool, bool),
) -> Option<OutboxMessage> {
    let is_news = now.duration_since(event.occurred_at) < NEWS;
    match (event.kind, event.status) {
        (EventKind::Provenance | EventKind::Validated, EventStatus::Failure)
            if tells && is_news =>
        {
            let reason = event.failure_reason.clone();
            let message = Message::Failure(FailureMessage {
                event_key: event.key.as_str().to_owned(),
                repository: event.repository.clone(),
                tag: event.tag.clone(),
                run_id: event.run_id,
                reason: reason.unwrap_or_else(|| "no reason was given".to_owned()),
                release_url: event.release_url.clone(),
                checks_failed: checks_failed.to_vec(),
                occurred_at: event.occurred_at,
            });
            Some(message.outboxed(event.key.as_str()))
        }
        (EventKind::Dispatched, _) if expects && is_news => {
            let message = Message::Expect {
                repository: event.repository.clone()?,
                tag: event.tag.clone(),
                run_id: event.run_id,
                release_url: event.release_url.clone(),
                since: event.occurred_at,
            };
            Some(message.outboxed(event.key.as_str()))
        }
        _ => None,
    }
}
