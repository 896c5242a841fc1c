//! What the log answers about runs and releases, as JSON.

use super::run_id::RunId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One page of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Page<T> {
    /// The rows, newest first.
    pub items: Vec<T>,
    /// Where the next page begins, for `cursor`; null on the last page.
    pub next: Option<String>,
}

/// The latest word on one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KpiRow {
    /// The tag.
    pub tag: String,
    /// The run; `"0"` when none ever started.
    pub run_id: RunId,
    /// `success`, `failure` or `pending`.
    pub status: String,
    /// When the row was written, RFC 3339 UTC.
    pub created_at: String,
    /// URL of the release.
    pub release_url: Option<String>,
    /// When the outcome was written into the manifest, RFC 3339 UTC.
    pub validated_at: Option<String>,
    /// `OWNER/NAME`.
    pub repository: Option<String>,
    /// The builder.
    pub builder_id: Option<String>,
    /// The SLSA Build level that was found.
    pub slsa_build_level: Option<u8>,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// What the word was: `provenance` or `validated`.
    pub event: String,
    /// Attempt of the run.
    pub attempt: Option<u32>,
    /// When it happened, RFC 3339 UTC.
    pub occurred_at: String,
    /// Id of the row.
    pub id: String,
}

/// One failure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Incident {
    /// The tag.
    pub tag: String,
    /// The run; `"0"` when none ever started.
    pub run_id: RunId,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// When the row was written, RFC 3339 UTC.
    pub created_at: String,
    /// `OWNER/NAME`.
    pub repository: Option<String>,
    /// What failed: `provenance`, `validated` or `rolled_back`.
    pub event: String,
    /// Attempt of the run.
    pub attempt: Option<u32>,
    /// When it happened, RFC 3339 UTC.
    pub occurred_at: String,
    /// Id of the row.
    pub id: String,
}

/// A run that was started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Dispatch {
    /// The tag.
    pub tag: String,
    /// The run.
    pub run_id: RunId,
    /// `OWNER/NAME`.
    pub repository: Option<String>,
    /// URL of the release.
    pub release_url: Option<String>,
    /// When it was started, RFC 3339 UTC.
    pub occurred_at: String,
    /// Who started it.
    pub actor: Option<String>,
    /// Id of the row.
    pub id: String,
}

/// One release: a tag of a repository, and how it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Release {
    /// The tag.
    pub tag: String,
    /// `OWNER/NAME`.
    pub repository: Option<String>,
    /// The run of the latest word; `"0"` when none ever started.
    pub run_id: RunId,
    /// `success`, `failure` or `pending`, by the latest word.
    pub status: String,
    /// What the latest word was: `provenance`, `validated`, or `dispatched` when there is no other.
    pub event: String,
    /// When that was, RFC 3339 UTC.
    pub occurred_at: String,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// URL of the release.
    pub release_url: Option<String>,
    /// The builder.
    pub builder_id: Option<String>,
    /// The SLSA Build level that was found.
    pub slsa_build_level: Option<u8>,
    /// Id of the row of the latest word.
    pub id: String,
}

/// The figures of one period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Beginning of the period, RFC 3339 UTC; null for all that is known.
    pub since: Option<String>,
    /// The releases of the period.
    pub coverage: Coverage,
    /// The releases of the period of the same length just before; null without a beginning.
    pub before: Option<Coverage>,
    /// How long acceptance took; null when it is known of no release.
    pub time_to_accepted: Option<TimeToAccepted>,
    /// Incidents that are open now, however old.
    pub open_incidents: u64,
}

/// How many releases have accepted provenance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Releases that the log heard of.
    pub releases: u64,
    /// Those whose newest run stands at success and was validated.
    pub accepted: u64,
}

/// Time from the dispatch of a release to its first acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TimeToAccepted {
    /// Half of the releases took no longer, in seconds.
    pub p50_seconds: u64,
    /// 95 of 100 releases took no longer, in seconds.
    pub p95_seconds: u64,
    /// Of how many releases the time is known.
    pub releases: u64,
}
