//! `failure.json`: what is committed beside the manifest when a release fails.

use jiff::Timestamp;
use provost_record::ReleaseRecord;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One failed release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// GitHub's run id in decimal; `"0"` when none ever started.
    pub run: String,
    /// The tag.
    pub tag: String,
    /// `OWNER/NAME`, when known.
    pub repository: Option<String>,
    /// The workflow that signed, when one did.
    pub workflow: Option<String>,
    /// Always `failure`.
    pub status: String,
    /// Why, in one line.
    pub failure_reason: String,
    /// Whether provenance was there at all.
    pub artifact_present: bool,
    /// The checks that failed, sorted.
    pub checks_failed: Vec<String>,
    /// URL of the run, when known.
    pub run_url: Option<String>,
    /// URL of the release; empty when unknown.
    pub release_url: String,
    /// When, RFC 3339 UTC.
    pub occurred_at: String,
    /// Who was told: `slack`, whether Slack took the message; `issue`, the number of the GitHub
    /// issue; `tried`, what the last ways came to, one line each. Empty until somebody was to be
    /// told.
    pub notified: Map<String, Value>,
}

impl Failure {
    /// The failure that a refused record is; `None` for an accepted one.
    pub fn of_record(record: &ReleaseRecord) -> Option<Self> {
        let reason = record.failure_reason()?;
        let release = record.release();
        let facts = record.decisions().iter().find_map(|decision| decision.facts());
        let run_url = facts.and_then(|facts| {
            let repository = facts.source_uri.as_deref()?.strip_prefix("git+")?;
            let run = facts.run?;
            Some(format!("{repository}/actions/runs/{}/attempts/{}", run.id, run.attempt))
        });
        let present = record.decisions().iter().any(|decision| decision.bundle_sha256().is_some());
        Some(Self {
            run: release.run_id.to_string(),
            tag: release.tag.to_string(),
            repository: release.repository.clone(),
            workflow: facts.and_then(|facts| facts.san.clone()),
            status: "failure".to_owned(),
            failure_reason: reason,
            artifact_present: present,
            checks_failed: record.checks_failed(),
            run_url,
            release_url: release.release_url.clone(),
            occurred_at: record.recorded_at().to_string(),
            notified: Map::new(),
        })
    }

    /// A failure that was reported and that no gate decided, such as a job that broke. What else
    /// is known the caller fills in.
    pub fn reported(run: u64, tag: &str, reason: &str, occurred_at: Timestamp) -> Self {
        Self {
            run: run.to_string(),
            tag: tag.to_owned(),
            repository: None,
            workflow: None,
            status: "failure".to_owned(),
            failure_reason: reason.to_owned(),
            artifact_present: false,
            checks_failed: Vec::new(),
            run_url: None,
            release_url: String::new(),
            occurred_at: occurred_at.to_string(),
            notified: Map::new(),
        }
    }

    /// Reads a document that was written before; `None` when it is none.
    pub fn from_json(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// The document: two-space indent, final newline.
    pub fn to_json(&self) -> String {
        let mut text =
            serde_json::to_string_pretty(self).expect("texts and lists always serialise");
        text.push('\n');
        text
    }

    /// The JSON Schema of the document.
    pub fn json_schema() -> Value {
        schemars::schema_for!(Self).to_value()
    }
}
