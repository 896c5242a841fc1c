//! Writing a record: bundle, manifest entry, summary, event.

use super::request::GateRequest;
use crate::error::ControlError;
use crate::verify::Judged;
use jiff::Timestamp;
use provost_attestation::vsa::VerificationSummary;
use provost_manifest::{ArtifactKind, Entry, ManifestError, Manifests, RelativePath, Settled};
use provost_record::{Event, ReleaseRecord, Verdict};
use provost_store::{Appended, EventLog};
use provost_wire::v1;

/// URI under which this program signs as verifier in a verification summary.
pub const VERIFIER_ID: &str = "https://provost.dev/provost";

/// What was written of a record, and what was not.
#[derive(Debug)]
pub struct Recording {
    /// The record; its time is settled once the manifest holds it.
    pub record: ReleaseRecord,
    /// The manifest and what stands beside it. An error means that the decision was not recorded.
    pub manifest: Result<Recorded, ControlError>,
    /// The event log; `None` when the manifest could not be written. An error is no loss: the
    /// manifest is the source of truth, and a repeat or `provost ingest` completes the log.
    pub event: Option<Result<Appended, ControlError>>,
    /// The verification summary, as it stands in the release's folder.
    pub summary: String,
}

/// What now stands below the manifest's root.
#[derive(Debug)]
pub struct Recorded {
    /// The entry.
    pub settled: Settled,
    /// The bundle; `None` for a refusal.
    pub bundle: Option<RelativePath>,
    /// `failure.json`; `None` for an acceptance.
    pub failure: Option<RelativePath>,
    /// The verification summary.
    pub summary: RelativePath,
}

/// Writes the record, in the order in which a later step may fail without harm: the bundle that
/// the entry will name, the entry itself, what repeats it, and the event.
pub(super) fn write(
    record: ReleaseRecord,
    judged: &[&Judged],
    request: &GateRequest,
    manifests: &Manifests,
    now: Timestamp,
) -> Recording {
    let (record, manifest) = match write_manifest(&record, judged, request, manifests, now) {
        Ok((settled_record, recorded)) => (settled_record, Ok(recorded)),
        Err(error) => (record, Err(error.into())),
    };
    let event = manifest.as_ref().ok().map(|recorded| append(&record, recorded, request));
    let summary = summary_text(&record, request);
    Recording { record, manifest, event, summary }
}

fn write_manifest(
    record: &ReleaseRecord,
    judged: &[&Judged],
    request: &GateRequest,
    manifests: &Manifests,
    now: Timestamp,
) -> Result<(ReleaseRecord, Recorded), ManifestError> {
    let tag = &record.release().tag;
    let artifacts = manifests.artifacts();
    let bundle = match record.verdict() {
        Verdict::Accepted => {
            Some(artifacts.write(tag, ArtifactKind::Provenance, &bundle_text(judged))?)
        }
        // A bundle that proves nothing does not enter the repository.
        Verdict::Refused => None,
    };
    let mut entry = Entry::of_record(record);
    if let Some(bundle) = &bundle {
        entry.artifact = bundle.as_str().to_owned();
    }
    let settled = manifests.record(entry, now)?;
    let record = record.clone().settled_at(settled.entry.validated_at);
    let failure = match v1::Failure::of_record(&record) {
        Some(failure) => {
            let json = failure.to_json();
            Some(artifacts.write(tag, ArtifactKind::Failure, json.as_bytes())?)
        }
        None => None,
    };
    let text = summary_text(&record, request);
    let summary = artifacts.write(tag, ArtifactKind::VerificationSummary, text.as_bytes())?;
    Ok((record, Recorded { settled, bundle, failure, summary }))
}

/// The accepted bundles, each once: one as it is, several as JSON lines.
fn bundle_text(judged: &[&Judged]) -> Vec<u8> {
    let mut texts: Vec<&str> = Vec::new();
    for judged in judged {
        if !texts.contains(&judged.bundle_text.as_str()) {
            texts.push(&judged.bundle_text);
        }
    }
    if let [only] = texts.as_slice() {
        return only.as_bytes().to_vec();
    }
    let mut lines = String::new();
    for text in texts {
        // A pretty-printed bundle becomes one line; white space is all that changes.
        lines.push_str(&compact(text));
        lines.push('\n');
    }
    lines.into_bytes()
}

/// JSON without white space between its tokens; strings are copied as they stand.
fn compact(text: &str) -> String {
    let mut compact = String::with_capacity(text.len());
    let (mut in_string, mut escaped) = (false, false);
    for char in text.chars() {
        if in_string {
            in_string = escaped || char != '"';
            escaped = !escaped && char == '\\';
        } else if char.is_ascii_whitespace() {
            continue;
        } else {
            in_string = char == '"';
        }
        compact.push(char);
    }
    compact
}

fn append(
    record: &ReleaseRecord,
    recorded: &Recorded,
    request: &GateRequest,
) -> Result<Appended, ControlError> {
    let context = v1::Context {
        policy_sha256: record.policy_sha256().to_owned(),
        verified_at: record.recorded_at(),
        recorded: Some(true),
    };
    let decisions: Vec<v1::Decision> =
        record.decisions().iter().map(|decision| v1::Decision::new(decision, &context)).collect();
    let json = serde_json::to_value(&decisions)
        .map_err(|error| ControlError::Internal(error.to_string()))?;
    let mut event = Event::of_record(record, json, Some(recorded.settled.sha256.clone()));
    if let Some(bundle) = &recorded.bundle {
        event.artifact_path = Some(bundle.as_str().to_owned());
    }
    let log = EventLog::open(&request.store_url()?)?;
    let appended = log.append(&[event])?;
    appended
        .first()
        .copied()
        .ok_or_else(|| ControlError::Internal("the event log gave no answer".into()))
}

fn summary_text(record: &ReleaseRecord, request: &GateRequest) -> String {
    let mut bundles: Vec<String> = record
        .decisions()
        .iter()
        .filter_map(|decision| decision.bundle_sha256().map(str::to_owned))
        .collect();
    bundles.dedup();
    let summary = VerificationSummary {
        subjects: record.subjects().into_iter().map(|s| (s.name, s.digests)).collect(),
        verifier_id: VERIFIER_ID.to_owned(),
        verifier_version: env!("CARGO_PKG_VERSION").to_owned(),
        time_verified: record.recorded_at().to_string(),
        resource_uri: resource_uri(record),
        policy_uri: request
            .config
            .path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        policy_sha256: record.policy_sha256().to_owned(),
        bundle_sha256: bundles,
        passed: record.verdict() == Verdict::Accepted,
        build_level: record.slsa_build_level(),
    };
    let mut text = format!("{:#}", summary.statement());
    text.push('\n');
    text
}

/// What was verified: the release, else the source at its tag.
fn resource_uri(record: &ReleaseRecord) -> String {
    let release = record.release();
    if !release.release_url.is_empty() {
        return release.release_url.clone();
    }
    let repository = release.repository.as_deref().unwrap_or_default();
    format!("git+https://github.com/{repository}@refs/tags/{}", release.tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compacting_changes_nothing_but_white_space() {
        let pretty = "{\n  \"a\": \"x \\\" \\\\\",\n\t\"b\": [1, 2]\n}";
        assert_eq!(compact(pretty), r#"{"a":"x \" \\","b":[1,2]}"#);
        let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("json");
        assert_eq!(parse(pretty), parse(&compact(pretty)));
    }
}
