//! One event of the log as JSON: what is sent, answered and exported.

use super::run_id::RunId;
use jiff::Timestamp;
use provost_record::{Event, EventKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// An event with every column of the log.
///
/// Members that are null may be left out. Unknown members are refused: an event is never kept with
/// less than was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventDocument {
    /// Id of the row, a UUID; null while it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The run; `"0"` when none ever started.
    pub run_id: RunId,
    /// The tag.
    pub tag: String,
    /// URL of the release.
    #[serde(default)]
    pub release_url: Option<String>,
    /// Path of the bundle in the repository.
    #[serde(default)]
    pub artifact_path: Option<String>,
    /// `success`, `failure` or `pending`.
    pub status: String,
    /// Why it failed.
    #[serde(default)]
    pub failure_reason: Option<String>,
    /// When the row was written, RFC 3339 UTC; null while it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// `OWNER/NAME`.
    #[serde(default)]
    pub repository: Option<String>,
    /// `dispatched`, `provenance`, `validated`, `notified`, `reconciled` or `rolled_back`.
    pub event: String,
    /// By what a repeat is recognised.
    pub event_key: String,
    /// When it happened, RFC 3339 UTC.
    pub occurred_at: String,
    /// Attempt of the run.
    #[serde(default)]
    pub attempt: Option<u32>,
    /// When the outcome was written into the manifest, RFC 3339 UTC.
    #[serde(default)]
    pub validated_at: Option<String>,
    /// The commit that was built.
    #[serde(default)]
    pub commit_sha: Option<String>,
    /// The builder.
    #[serde(default)]
    pub builder_id: Option<String>,
    /// The SLSA Build level that was found.
    #[serde(default)]
    pub slsa_build_level: Option<u8>,
    /// The decisions, version 1 of the wire format.
    #[serde(default)]
    pub decision: Option<Value>,
    /// SHA-256 of the manifest file after writing, hex.
    #[serde(default)]
    pub manifest_sha256: Option<String>,
    /// Who caused it; display only.
    #[serde(default)]
    pub actor: Option<String>,
}

/// A document that is no event: which member is wrong, and what it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidDocument {
    /// The member.
    pub member: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for InvalidDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.member, self.problem)
    }
}

impl std::error::Error for InvalidDocument {}

impl From<&Event> for EventDocument {
    fn from(event: &Event) -> Self {
        Self {
            id: None,
            run_id: RunId(event.run_id),
            tag: event.tag.clone(),
            release_url: event.release_url.clone(),
            artifact_path: event.artifact_path.clone(),
            status: event.status.as_str().to_owned(),
            failure_reason: event.failure_reason.clone(),
            created_at: None,
            repository: event.repository.clone(),
            event: event.kind.as_str().to_owned(),
            event_key: event.key.as_str().to_owned(),
            occurred_at: event.occurred_at.to_string(),
            attempt: event.attempt,
            validated_at: event.validated_at.map(|at| at.to_string()),
            commit_sha: event.commit_sha.clone(),
            builder_id: event.builder_id.clone(),
            slsa_build_level: event.slsa_build_level,
            decision: event.decision.clone(),
            manifest_sha256: event.manifest_sha256.clone(),
            actor: event.actor.clone(),
        }
    }
}

impl TryFrom<EventDocument> for Event {
    type Error = InvalidDocument;

    /// The event of a document. `id` and `created_at` are the log's own and stand beside it.
    fn try_from(document: EventDocument) -> Result<Self, InvalidDocument> {
        let word = |member, problem: &dyn fmt::Display| InvalidDocument {
            member,
            problem: problem.to_string(),
        };
        let validated_at = document.validated_at.map(|text| parse_time("validated_at", &text));
        Ok(Self {
            key: EventKey::parse(&document.event_key).map_err(|why| word("event_key", &why))?,
            kind: document.event.parse().map_err(|why| word("event", &why))?,
            status: document.status.parse().map_err(|why| word("status", &why))?,
            run_id: document.run_id.0,
            attempt: document.attempt,
            tag: document.tag,
            repository: document.repository,
            release_url: document.release_url,
            artifact_path: document.artifact_path,
            failure_reason: document.failure_reason,
            occurred_at: parse_time("occurred_at", &document.occurred_at)?,
            validated_at: validated_at.transpose()?,
            commit_sha: document.commit_sha,
            builder_id: document.builder_id,
            slsa_build_level: document.slsa_build_level,
            decision: document.decision.filter(|decision| !decision.is_null()),
            manifest_sha256: document.manifest_sha256,
            actor: document.actor,
        })
    }
}

/// A time of a document.
///
/// # Errors
/// [`InvalidDocument`] for what is no RFC 3339 time.
pub fn parse_time(member: &'static str, text: &str) -> Result<Timestamp, InvalidDocument> {
    text.parse().map_err(|_| InvalidDocument {
        member,
        problem: "must be a time such as 2026-11-23T12:00:00Z".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is the failure of a test")]

    use super::*;
    use serde_json::json;

    fn event() -> Event {
        let now = "2026-11-23T12:00:00.5Z".parse().unwrap();
        let mut event = Event::of_dispatch("acme/app", 77, "v1", "", Some("octocat".into()), now);
        event.decision = Some(json!({"outcome": "accepted"}));
        event.slsa_build_level = Some(3);
        event
    }

    fn document() -> Value {
        serde_json::to_value(EventDocument::from(&event())).unwrap()
    }

    fn read(document: Value) -> Result<Event, String> {
        let document: EventDocument =
            serde_json::from_value(document).map_err(|why| why.to_string())?;
        Event::try_from(document).map_err(|why| why.to_string())
    }

    #[test]
    fn an_event_comes_back_as_it_went_out() {
        assert_eq!(read(document()).unwrap(), event());
    }

    #[test]
    fn members_that_are_null_may_be_left_out() {
        let mut short = document();
        short.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        assert_eq!(read(short).unwrap(), event());
    }

    #[test]
    fn a_document_with_one_wrong_member_is_refused_naming_it() {
        for (member, value) in [
            ("event", json!("deleted")),
            ("status", json!("ok")),
            ("event_key", json!("")),
            ("occurred_at", json!("yesterday")),
            ("validated_at", json!("2026")),
        ] {
            let mut wrong = document();
            wrong[member] = value;
            let refused = read(wrong).unwrap_err();
            assert!(refused.starts_with(member), "{refused}");
        }
        for (member, value) in [
            ("run_id", json!("x")),
            ("attempt", json!(-1)),
            ("slsa_build_level", json!(256)),
            ("surprise", json!(1)),
            ("tag", json!(null)),
        ] {
            let mut wrong = document();
            wrong[member] = value;
            assert!(read(wrong).is_err(), "{member}");
        }
    }
}
