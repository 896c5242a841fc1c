//! Events: what the event log keeps, one row each, for ever.

use crate::release::{ReleaseRecord, Status, Verdict};
use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use serde_json::json;
use std::fmt;
use std::str::FromStr;

/// The longest key that is taken, in bytes. Those made here have below 80.
const MAX_KEY_BYTES: usize = 1024;

/// A text that should name a part of an event and does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidPart {
    pub(crate) part: &'static str,
    pub(crate) wanted: &'static str,
}

impl fmt::Display for InvalidPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} must be {}", self.part, self.wanted)
    }
}

impl std::error::Error for InvalidPart {}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// A provenance run was started.
    Dispatched,
    /// The provenance run ended.
    Provenance,
    /// The gate decided.
    Validated,
    /// A failure was announced.
    Notified,
    /// The nightly comparison ran.
    Reconciled,
    /// A release was withdrawn.
    RolledBack,
}

impl EventKind {
    /// The word in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dispatched => "dispatched",
            Self::Provenance => "provenance",
            Self::Validated => "validated",
            Self::Notified => "notified",
            Self::Reconciled => "reconciled",
            Self::RolledBack => "rolled_back",
        }
    }

    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Dispatched,
        Self::Provenance,
        Self::Validated,
        Self::Notified,
        Self::Reconciled,
        Self::RolledBack,
    ];
}

impl FromStr for EventKind {
    type Err = InvalidPart;

    fn from_str(text: &str) -> Result<Self, InvalidPart> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(InvalidPart {
            part: "event",
            wanted: "dispatched, provenance, validated, notified, reconciled or rolled_back",
        })
    }
}

/// How it came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventStatus {
    /// Well.
    Success,
    /// Badly.
    Failure,
    /// Not yet.
    Pending,
}

impl EventStatus {
    /// The word in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Pending => "pending",
        }
    }

    /// Every status.
    pub const ALL: [Self; 3] = [Self::Success, Self::Failure, Self::Pending];
}

impl FromStr for EventStatus {
    type Err = InvalidPart;

    fn from_str(text: &str) -> Result<Self, InvalidPart> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(InvalidPart { part: "status", wanted: "success, failure or pending" })
    }
}

impl From<Status> for EventStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Success => Self::Success,
            Status::Failure => Self::Failure,
        }
    }
}

/// By what an event is recognised when it is sent again: a hash over what makes it this event.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EventKey(String);

impl EventKey {
    /// The key of a manifest entry's event. It is computed from what the manifest itself keeps, so
    /// that the log can be rebuilt from git and a repeat is recognised.
    pub fn of_entry(
        kind: EventKind,
        repository: Option<&str>,
        run_id: u64,
        tag: &str,
        status: Status,
        validated_at: Timestamp,
    ) -> Self {
        let parts = json!([
            kind.as_str(),
            repository.unwrap_or_default(),
            run_id.to_string(),
            tag,
            status.as_str(),
            validated_at.to_string(),
        ]);
        let hash = hex::encode(digest(&SHA256, parts.to_string().as_bytes()));
        Self(format!("{}:{hash}", kind.as_str()))
    }

    /// The key of the start of a run: a run is started once, and run again as another attempt.
    pub fn of_dispatch(repository: &str, run_id: u64, tag: &str) -> Self {
        let kind = EventKind::Dispatched;
        let parts = json!([kind.as_str(), repository, run_id.to_string(), tag]);
        let hash = hex::encode(digest(&SHA256, parts.to_string().as_bytes()));
        Self(format!("{}:{hash}", kind.as_str()))
    }

    /// The key of the event that the outcome of a manifest entry was announced there: in Slack, in
    /// an issue, or in both. Computed from what the manifest keeps, like the others.
    pub fn of_announcement(outcome: &Self, slack: bool, issue: Option<u64>) -> Self {
        let parts = json!([outcome.0, slack, issue.map(|number| number.to_string())]);
        let hash = hex::encode(digest(&SHA256, parts.to_string().as_bytes()));
        Self(format!("{}:{hash}", EventKind::Notified.as_str()))
    }

    /// A key that was made before, as it stands in the log.
    ///
    /// # Errors
    /// [`InvalidPart`] for an empty text, and for one of more than 1,024 bytes.
    pub fn parse(text: &str) -> Result<Self, InvalidPart> {
        if text.is_empty() || text.len() > MAX_KEY_BYTES {
            return Err(InvalidPart { part: "event_key", wanted: "1 to 1024 bytes long" });
        }
        Ok(Self(text.to_owned()))
    }

    /// The key of the event that a gap about the log was told: once for each run, tag and kind of
    /// gap.
    pub fn of_gap(repository: &str, run_id: u64, tag: &str, code: &str) -> Self {
        let kind = EventKind::Reconciled;
        let parts = json!([kind.as_str(), repository, run_id.to_string(), tag, code]);
        let hash = hex::encode(digest(&SHA256, parts.to_string().as_bytes()));
        Self(format!("{}:{hash}", kind.as_str()))
    }

    /// The key as it stands in the log.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The columns of the facts of an event: where both sides know one, it must be the same whenever the
/// event is sent again. The others belong to one recording of it.
pub const FACTS: [&str; 14] = [
    "event",
    "status",
    "run_id",
    "tag",
    "repository",
    "occurred_at",
    "attempt",
    "validated_at",
    "commit_sha",
    "builder_id",
    "slsa_build_level",
    "failure_reason",
    "release_url",
    "artifact_path",
];

/// One row of the event log. Times are UTC; absent facts are `None`, never empty texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Recognises a repeat.
    pub key: EventKey,
    /// What happened.
    pub kind: EventKind,
    /// How it came out.
    pub status: EventStatus,
    /// The run it is about; 0 when none ever started.
    pub run_id: u64,
    /// Its attempt.
    pub attempt: Option<u32>,
    /// The tag.
    pub tag: String,
    /// `OWNER/NAME`.
    pub repository: Option<String>,
    /// URL of the release.
    pub release_url: Option<String>,
    /// Path of the bundle in the repository.
    pub artifact_path: Option<String>,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When the outcome was written into the manifest.
    pub validated_at: Option<Timestamp>,
    /// The commit that was built.
    pub commit_sha: Option<String>,
    /// The builder.
    pub builder_id: Option<String>,
    /// The SLSA Build level that was found.
    pub slsa_build_level: Option<u8>,
    /// The decisions as JSON, version 1 of the wire format.
    pub decision: Option<serde_json::Value>,
    /// SHA-256 of the manifest file after writing, hex.
    pub manifest_sha256: Option<String>,
    /// Who caused it, such as a GitHub login; display only.
    pub actor: Option<String>,
}

impl Event {
    /// The `dispatched` event of a run that was started for a tag. `release_url` may be empty.
    pub fn of_dispatch(
        repository: &str,
        run_id: u64,
        tag: &str,
        release_url: &str,
        actor: Option<String>,
        now: Timestamp,
    ) -> Self {
        Self {
            key: EventKey::of_dispatch(repository, run_id, tag),
            kind: EventKind::Dispatched,
            status: EventStatus::Pending,
            run_id,
            attempt: None,
            tag: tag.to_owned(),
            repository: Some(repository.to_owned()),
            release_url: (!release_url.is_empty()).then(|| release_url.to_owned()),
            artifact_path: None,
            failure_reason: None,
            occurred_at: now,
            validated_at: None,
            commit_sha: None,
            builder_id: None,
            slsa_build_level: None,
            decision: None,
            manifest_sha256: None,
            actor,
        }
    }

    /// What a `notified` event says in its `decision`: who was told, and in which issue.
    pub fn announcement_details(slack: bool, issue: Option<u64>) -> serde_json::Value {
        match issue {
            Some(number) => json!({"notified": {"slack": slack, "issue": number}}),
            None => json!({"notified": {"slack": slack}}),
        }
    }

    /// The `reconciled` event that a gap about the log was told. `code` is the kind of gap, `detail`
    /// what was found.
    pub fn of_gap(
        repository: &str,
        run_id: u64,
        tag: &str,
        code: &str,
        detail: &str,
        now: Timestamp,
    ) -> Self {
        Self {
            key: EventKey::of_gap(repository, run_id, tag, code),
            kind: EventKind::Reconciled,
            status: EventStatus::Failure,
            failure_reason: Some(format!("{code}: {detail}")),
            ..Self::of_dispatch(repository, run_id, tag, "", None, now)
        }
    }

    /// The `validated` event of a record whose time is settled by the manifest. `decision` is the
    /// decisions' JSON, `manifest_sha256` the hash of the file that now holds the entry.
    pub fn of_record(
        record: &ReleaseRecord,
        decision: serde_json::Value,
        manifest_sha256: Option<String>,
    ) -> Self {
        let release = record.release();
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            key: EventKey::of_entry(
                EventKind::Validated,
                release.repository.as_deref(),
                release.run_id,
                release.tag.as_str(),
                record.status(),
                record.recorded_at(),
            ),
            kind: EventKind::Validated,
            status: record.status().into(),
            run_id: release.run_id,
            attempt: release.attempt,
            tag: release.tag.to_string(),
            repository: release.repository.clone(),
            release_url: some(&release.release_url),
            artifact_path: some(&release.artifact_path),
            failure_reason: record.failure_reason(),
            occurred_at: record.recorded_at(),
            validated_at: Some(record.recorded_at()),
            commit_sha: record.commit().map(str::to_owned),
            builder_id: record.builder_id().map(str::to_owned),
            slsa_build_level: match record.verdict() {
                Verdict::Accepted => record.slsa_build_level(),
                Verdict::Refused => None,
            },
            decision: Some(decision),
            manifest_sha256,
            actor: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(run: u64, tag: &str, status: Status, at: i64) -> EventKey {
        let at = Timestamp::from_second(at).expect("time");
        EventKey::of_entry(EventKind::Validated, Some("o/r"), run, tag, status, at)
    }

    #[test]
    fn a_repeat_has_the_same_key_and_anything_else_another() {
        let first = key(77, "v1", Status::Success, 1);
        assert_eq!(first, key(77, "v1", Status::Success, 1));
        for other in [
            key(78, "v1", Status::Success, 1),
            key(77, "v2", Status::Success, 1),
            key(77, "v1", Status::Failure, 1),
            key(77, "v1", Status::Success, 2),
        ] {
            assert_ne!(first, other);
        }
    }

    #[test]
    fn words_are_read_back_and_others_are_refused() {
        for kind in EventKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        for status in EventStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
        }
        for other in ["", "Validated", "validated ", "deleted"] {
            assert!(other.parse::<EventKind>().is_err(), "{other}");
            assert!(other.parse::<EventStatus>().is_err(), "{other}");
        }
    }

    #[test]
    fn a_key_is_read_back_and_one_without_a_place_is_refused() {
        let made = key(77, "v1", Status::Success, 1);
        assert_eq!(EventKey::parse(made.as_str()), Ok(made));
        assert!(EventKey::parse(&"k".repeat(1024)).is_ok());
        assert!(EventKey::parse(&"k".repeat(1025)).is_err());
        assert!(EventKey::parse("").is_err());
    }

    #[test]
    fn an_announcement_is_known_by_its_outcome_and_where_it_was_made() {
        let outcome = key(77, "v1", Status::Failure, 1);
        let announced = |slack, issue| EventKey::of_announcement(&outcome, slack, issue);
        let first = announced(true, None);
        assert_eq!(first, announced(true, None));
        assert!(first.as_str().starts_with("notified:"));
        let later = key(77, "v1", Status::Failure, 2);
        for other in [
            announced(true, Some(1)),
            announced(false, Some(1)),
            announced(false, Some(2)),
            EventKey::of_announcement(&later, true, None),
            outcome.clone(),
        ] {
            assert_ne!(first, other);
        }
    }
}
