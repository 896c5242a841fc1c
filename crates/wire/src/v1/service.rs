//! What the routes of the service take and give, beside rows of the log.

use super::answer::EntryOutcome;
use super::decision::Decision;
use super::event::EventDocument;
use super::failure::Failure;
use super::run_id::RunId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// What `POST /functions/v1/telemetry` takes.
#[derive(Debug, Clone, JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "it describes the four bodies; each is read by its own type")]
pub enum Telemetry {
    /// A manifest: an array of entries.
    Manifest(Vec<Map<String, Value>>),
    /// The address of a manifest.
    Address(ManifestAddress),
    /// Events.
    Events(EventList),
    /// A `failure.json`.
    Failure(Box<Failure>),
}

/// The address of a manifest, below the base that the server is configured with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ManifestAddress {
    /// The address.
    pub manifest_url: String,
}

/// Events, as another event log sends them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventList {
    /// The events.
    pub events: Vec<EventDocument>,
}

/// What `POST /functions/v1/provenance-validate` takes: the outcome of one validation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// The tag.
    pub tag: String,
    /// The run; 0 when none ever started.
    pub run_id: RunId,
    /// `success` or `failure`.
    pub status: String,
    /// When it was verified, RFC 3339 UTC.
    pub verified_at: String,
    /// Why it failed; with `failure` and only then.
    #[serde(default)]
    pub failure_reason: Option<String>,
    /// `OWNER/NAME`.
    pub repository: String,
    /// The decisions.
    #[serde(default)]
    pub decision: Option<Value>,
    /// Attempt of the run.
    #[serde(default)]
    pub attempt: Option<u32>,
    /// URL of the release.
    #[serde(default)]
    pub release_url: Option<String>,
    /// Path of the bundle in the repository.
    #[serde(default)]
    pub artifact_path: Option<String>,
    /// The commit that was built.
    #[serde(default)]
    pub commit_sha: Option<String>,
    /// The builder.
    #[serde(default)]
    pub builder_id: Option<String>,
    /// The SLSA Build level that was found.
    #[serde(default)]
    #[schemars(range(max = 3))]
    pub slsa_build_level: Option<u8>,
    /// SHA-256 of the manifest file, hex.
    #[serde(default)]
    pub manifest_sha256: Option<String>,
    /// Who caused it; display only.
    #[serde(default)]
    pub actor: Option<String>,
}

/// What `POST /functions/v1/ops-slack-notify` takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SlackNotice {
    /// The run; 0 when none ever started.
    pub run_id: RunId,
    /// The tag.
    pub tag: String,
    /// URL of the release; empty when unknown.
    #[serde(default)]
    pub release_url: String,
    /// Why it failed.
    pub failure_reason: String,
}

/// What `POST /functions/v1/ops-slack-notify` answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SlackAnswer {
    /// Whether somebody was told.
    pub delivered: bool,
    /// By which way; null when nobody was told.
    pub way: Option<String>,
    /// Why a way did not deliver, one line each.
    pub problems: Vec<String>,
}

/// A delivery of GitHub's webhooks, of which little is read.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(transparent)]
pub struct Delivery(pub Map<String, Value>);

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HintAnswer {
    /// `taken`, `known` (it came before) or `ignored`.
    pub outcome: String,
}

/// What `POST /api/v1/verify` takes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyRequest {
    /// The bundle: its JSON, or a text that holds it. Its bytes are verified as they stand here.
    #[schemars(with = "Value")]
    pub bundle: Box<RawValue>,
    /// `sha256:HEX` or `sha512:HEX` of the artifact.
    #[schemars(regex(pattern = r"^sha(256:[0-9a-f]{64}|384:[0-9a-f]{96}|512:[0-9a-f]{128})$"))]
    pub digest: String,
    /// Name of a `[[server.policy]]`.
    pub policy: String,
    /// The tag of the release.
    #[schemars(length(min = 1, max = 255))]
    pub tag: String,
    /// The run that is reported, where no job's token says it; default: the one that the
    /// certificate proves, else 0.
    #[serde(default)]
    pub run_id: Option<RunId>,
    /// URL of the release.
    #[serde(default)]
    pub release_url: Option<String>,
}

/// What `POST /api/v1/verify` answers, for an acceptance and a refusal alike.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct VerifyAnswer {
    /// `accepted` or `refused`.
    pub outcome: String,
    /// Id of the event's row in the log.
    pub event_id: String,
    /// Whether the row is new.
    pub event_outcome: EntryOutcome,
    /// The decision with every check.
    pub decision: Decision,
}

/// Whether a process is there, or ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Standing {
    /// `ok`, `stopping`, `no-event-log`, or `event-log-gone` when its file was deleted, moved or
    /// replaced.
    pub status: String,
}

/// How a server stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// `ok`, `degraded` (a message could not be delivered) or `stopping`.
    pub status: String,
    /// Version of the program.
    pub version: String,
    /// Messages that wait, leased ones included.
    pub outbox_waiting: u64,
    /// Messages that were delivered.
    pub outbox_delivered: u64,
    /// Messages that were given up.
    pub outbox_dead: u64,
    /// Since when the oldest of the waiting waits, RFC 3339 UTC.
    pub outbox_oldest: Option<String>,
    /// The messages that were given up, newest first, at most 50.
    pub dead_letters: Vec<DeadLetter>,
    /// The newest seal of the event log, `N sha256:HEX`; null before the first one.
    #[serde(default)]
    pub newest_seal: Option<String>,
}

/// A message that was given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeadLetter {
    /// By what it is known.
    pub key: String,
    /// What kind of message it was.
    pub kind: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was given up, RFC 3339 UTC.
    pub dead_at: String,
    /// Why.
    pub problem: String,
}
