//! One entry of a manifest: what is remembered in git of one run for one tag.

use jiff::Timestamp;
use provost_attestation::digest::{ArtifactDigest, DigestAlgorithm};
use provost_attestation::git_ref::Tag;
use provost_record::{RecordedSubject, ReleaseRecord, Status, Verdict};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// By what an entry is known: the run as a number, then the tag. Also the order of a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryKey {
    /// GitHub's id of the provenance run; 0 when none ever started.
    pub run: u64,
    /// The tag.
    pub tag: Tag,
}

/// What is remembered of one provenance run for one release.
///
/// The first six keys are always there; the others are absent when unknown. Keys that this version
/// does not know survive a rewrite and come last, sorted by name.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Entry {
    /// GitHub's id of the provenance run in decimal digits; `0` when none ever started.
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String", regex(pattern = r"^(0|[1-9][0-9]{0,18})$"))]
    pub run: u64,
    /// The tag, a valid git ref name.
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String", length(min = 1, max = 1024))]
    pub tag: Tag,
    /// `success` after the provenance job succeeded, and only while the gate's decision, once made,
    /// is `accepted`; otherwise `failure`.
    #[serde(serialize_with = "as_status")]
    #[schemars(with = "String", extend("enum" = ["success", "failure"]))]
    pub status: Status,
    /// Path of the bundle under `artifacts/slsa/<enc>/`; empty when there is none.
    #[schemars(regex(pattern = r"^(artifacts/slsa/[^/]+/[^/]+)?$"))]
    pub artifact: String,
    /// URL of the release; empty when unknown.
    pub release_url: String,
    /// When the outcome was written, UTC, RFC 3339.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub validated_at: Timestamp,
    /// Why it failed; there with `failure` and only then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(min = 1))]
    pub failure_reason: Option<String>,
    /// `OWNER/NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub repository: Option<String>,
    /// The commit that was built.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub commit: Option<String>,
    /// The artifacts the decision is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<EntrySubject>")]
    pub subjects: Option<Vec<EntrySubject>>,
    /// Who built it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub builder_id: Option<String>,
    /// The SLSA Build level that was found, 0 to 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u8", range(max = 3))]
    pub slsa_build_level: Option<u8>,
    /// Attempt of the run, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32", range(min = 1))]
    pub attempt: Option<u32>,
    /// What the gate decided; absent while nothing was decided.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_verdict")]
    #[schemars(with = "String", extend("enum" = ["accepted", "refused"]))]
    pub decision: Option<Verdict>,
    /// The ids of the checks that failed, sorted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<String>")]
    pub checks_failed: Option<Vec<String>>,
    /// Where the failure was announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Notified")]
    pub notified: Option<Notified>,
    /// The run that dispatched the provenance run, in decimal digits.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_optional_text")]
    #[schemars(with = "String", regex(pattern = r"^(0|[1-9][0-9]{0,18})$"))]
    pub dispatched_by_run: Option<u64>,
    /// The run that `provost recover` started in the place of this one, in decimal digits.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_optional_text")]
    #[schemars(with = "String", regex(pattern = r"^(0|[1-9][0-9]{0,18})$"))]
    pub recovered_by_run: Option<u64>,
    #[serde(flatten, serialize_with = "sorted")]
    pub(crate) unknown: Map<String, Value>,
}

/// One artifact with the digests that were checked.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct EntrySubject {
    /// Its name.
    pub name: String,
    /// Algorithm (in-toto's name) to digest in lower-case hex.
    pub digest: BTreeMap<String, String>,
    #[serde(flatten, serialize_with = "sorted")]
    pub(crate) unknown: Map<String, Value>,
}

/// Where a failure was announced.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Notified {
    /// Whether Slack took the message.
    pub slack: bool,
    /// Number of the GitHub issue that was opened or commented on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u64")]
    pub issue: Option<u64>,
    /// Codes of the gaps that `provost reconcile` announced, sorted.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(default)]
    pub gaps: BTreeSet<String>,
    #[serde(flatten, serialize_with = "sorted")]
    pub(crate) unknown: Map<String, Value>,
}

impl Entry {
    /// An entry that knows nothing but its six keys; `artifact` and `release_url` are empty.
    pub fn new(key: EntryKey, status: Status, validated_at: Timestamp) -> Self {
        Self {
            run: key.run,
            tag: key.tag,
            status,
            artifact: String::new(),
            release_url: String::new(),
            validated_at,
            failure_reason: None,
            repository: None,
            commit: None,
            subjects: None,
            builder_id: None,
            slsa_build_level: None,
            attempt: None,
            decision: None,
            checks_failed: None,
            notified: None,
            dispatched_by_run: None,
            recovered_by_run: None,
            unknown: Map::new(),
        }
    }

    /// The entry of a record, with the gate's decision in it. The level is there only when the
    /// release was accepted.
    pub fn of_record(record: &ReleaseRecord) -> Self {
        let release = record.release();
        let key = EntryKey { run: release.run_id, tag: release.tag.clone() };
        let checks_failed = record.checks_failed();
        Self {
            artifact: release.artifact_path.clone(),
            release_url: release.release_url.clone(),
            failure_reason: record.failure_reason(),
            repository: release.repository.clone(),
            commit: record.commit().map(str::to_owned),
            subjects: Some(record.subjects().iter().map(EntrySubject::from).collect()),
            builder_id: record.builder_id().map(str::to_owned),
            slsa_build_level: record.slsa_build_level(),
            attempt: release.attempt,
            decision: Some(record.verdict()),
            checks_failed: (!checks_failed.is_empty()).then_some(checks_failed),
            dispatched_by_run: release.dispatched_by_run,
            ..Self::new(key, record.status(), record.recorded_at())
        }
    }

    /// By what it is known.
    pub fn key(&self) -> EntryKey {
        EntryKey { run: self.run, tag: self.tag.clone() }
    }

    /// Keys that this version does not know, with their values.
    pub fn unknown_keys(&self) -> &Map<String, Value> {
        &self.unknown
    }

    /// Every strong digest of every subject.
    pub fn digests(&self) -> impl Iterator<Item = ArtifactDigest> + '_ {
        self.subjects.iter().flatten().flat_map(EntrySubject::digests)
    }
}

impl EntrySubject {
    /// Its strong digests; an algorithm that identifies no artifact is passed over.
    pub fn digests(&self) -> impl Iterator<Item = ArtifactDigest> + '_ {
        self.digest.iter().filter_map(|(name, hex)| {
            ArtifactDigest::from_hex(DigestAlgorithm::from_name(name)?, hex)
        })
    }
}

impl From<&RecordedSubject> for EntrySubject {
    fn from(subject: &RecordedSubject) -> Self {
        let pair = |digest: &ArtifactDigest| (digest.algorithm().to_string(), digest.to_hex());
        Self {
            name: subject.name.clone(),
            digest: subject.digests.iter().map(pair).collect(),
            unknown: Map::new(),
        }
    }
}

impl Notified {
    /// Announced in Slack, in a GitHub issue, in both or in neither.
    pub fn new(slack: bool, issue: Option<u64>) -> Self {
        Self { slack, issue, gaps: BTreeSet::new(), unknown: Map::new() }
    }
}

fn as_text<S: Serializer>(value: &impl std::fmt::Display, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

fn as_optional_text<S: Serializer>(value: &Option<u64>, to: S) -> Result<S::Ok, S::Error> {
    value.map(|number| number.to_string()).serialize(to)
}

fn as_status<S: Serializer>(status: &Status, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(status.as_str())
}

fn as_verdict<S: Serializer>(verdict: &Option<Verdict>, to: S) -> Result<S::Ok, S::Error> {
    verdict.map(Verdict::as_str).serialize(to)
}

/// Sorted whatever map `serde_json` was built with, so that the text never depends on it.
fn sorted<S: Serializer>(unknown: &Map<String, Value>, to: S) -> Result<S::Ok, S::Error> {
    let mut value = Value::Object(unknown.clone());
    value.sort_all_objects();
    value.serialize(to)
}
