//! What is asked of the log, and the rows that answer it.

use crate::page::Position;
use jiff::Timestamp;
use provost_record::{EventKind, EventStatus};
use uuid::Uuid;

/// Which rows are asked for. The default asks for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KpiFilter {
    /// Only what occurred at this time or later.
    pub since: Option<Timestamp>,
    /// Only this repository, `OWNER/NAME` exactly as recorded.
    pub repository: Option<String>,
    /// At most so many rows.
    pub limit: Option<u32>,
    /// Only what comes after this row in the answer: where the page before ended.
    pub after: Option<Position>,
}

/// The latest word on one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KpiRow {
    /// The tag.
    pub tag: String,
    /// The run; 0 when none ever started.
    pub run_id: u64,
    /// How it stands.
    pub status: EventStatus,
    /// When the row was written.
    pub created_at: Timestamp,
    /// URL of the release.
    pub release_url: Option<String>,
    /// When the outcome was written into the manifest.
    pub validated_at: Option<Timestamp>,
    /// `OWNER/NAME`.
    pub repository: Option<String>,
    /// The builder.
    pub builder_id: Option<String>,
    /// The SLSA Build level that was found.
    pub slsa_build_level: Option<u8>,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// What the word was.
    pub event: EventKind,
    /// Attempt of the run, when known.
    pub attempt: Option<u32>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Id of the row.
    pub id: Uuid,
}

/// One failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// The tag.
    pub tag: String,
    /// The run; 0 when none ever started.
    pub run_id: u64,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// When the row was written.
    pub created_at: Timestamp,
    /// `OWNER/NAME`.
    pub repository: Option<String>,
    /// What failed.
    pub event: EventKind,
    /// Attempt of the run, when known.
    pub attempt: Option<u32>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Id of the row.
    pub id: Uuid,
}

/// A failure, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledIncident {
    /// The failure.
    pub incident: Incident,
    /// When the first later success of the same repository and tag ended it; `None` while it is
    /// open.
    pub resolved_at: Option<Timestamp>,
}

/// A run that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    /// The tag.
    pub tag: String,
    /// The run.
    pub run_id: u64,
    /// `OWNER/NAME`.
    pub repository: Option<String>,
    /// URL of the release.
    pub release_url: Option<String>,
    /// When it was started.
    pub occurred_at: Timestamp,
    /// Who started it.
    pub actor: Option<String>,
    /// Id of the row.
    pub id: Uuid,
}

/// One release: a tag of a repository, and the latest word on it. A release of which nothing is
/// known but that it was started has that as its word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The tag.
    pub tag: String,
    /// `OWNER/NAME`.
    pub repository: Option<String>,
    /// The run of the word; 0 when none ever started.
    pub run_id: u64,
    /// How it stands.
    pub status: EventStatus,
    /// What the word was.
    pub event: EventKind,
    /// When that was.
    pub occurred_at: Timestamp,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// URL of the release.
    pub release_url: Option<String>,
    /// The builder.
    pub builder_id: Option<String>,
    /// The SLSA Build level that was found.
    pub slsa_build_level: Option<u8>,
    /// Id of the row.
    pub id: Uuid,
}

/// Which events are asked for. The default asks for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Only what occurred at this time or later.
    pub since: Option<Timestamp>,
    /// Only this repository, `OWNER/NAME` exactly as recorded.
    pub repository: Option<String>,
    /// Only this tag.
    pub tag: Option<String>,
    /// Only events of this kind.
    pub kind: Option<EventKind>,
    /// At most so many rows.
    pub limit: Option<u32>,
    /// Only what comes after this row in the answer: where the page before ended.
    pub after: Option<Position>,
}
