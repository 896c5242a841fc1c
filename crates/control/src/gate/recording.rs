//! Writing a record: bundle, manifest entry, summary, event.

use super::request::GateRequest;
use crate::error::ControlError;
use crate::notify::told;
use crate::summary::Summary;
use crate::verify::Judged;
use jiff::Timestamp;
use provost_manifest::{ArtifactKind, Entry, ManifestError, Manifests, RelativePath, Settled};
use provost_policy::Decision;
use provost_record::{Event, ReleaseRecord, Verdict};
use provost_store::{Appended, EventLog, StoreUrl};
use provost_wire::v1;

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

/// Where the records of one gate go.
pub(super) struct Recorder<'a> {
    pub(super) request: &'a GateRequest,
    pub(super) manifests: &'a Manifests,
    pub(super) store: &'a StoreUrl,
    pub(super) now: Timestamp,
}

impl Recorder<'_> {
    /// Writes the record, in the order in which a later step may fail without harm: the bundle
    /// that the entry will name, the entry itself, what repeats it, and the event.
    pub(super) fn write(&self, record: ReleaseRecord, judged: &[&Judged]) -> Recording {
        match self.write_manifest(&record, judged) {
            Ok((record, summary, recorded)) => {
                let event = Some(self.append(&record, &recorded));
                Recording { record, manifest: Ok(recorded), event, summary }
            }
            Err(error) => {
                let summary = self.summary(&record);
                Recording { record, manifest: Err(error.into()), event: None, summary }
            }
        }
    }

    /// The record as it is settled, its summary, and what was written.
    fn write_manifest(
        &self,
        record: &ReleaseRecord,
        judged: &[&Judged],
    ) -> Result<(ReleaseRecord, String, Recorded), ManifestError> {
        let tag = &record.release().tag;
        let artifacts = self.manifests.artifacts();
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
        let settled = self.manifests.record(entry, self.now)?;
        let record = record.clone().settled_at(settled.entry.validated_at);
        let failure = match v1::Failure::of_record(&record) {
            Some(mut failure) => {
                failure.notified = told(settled.entry.notified.as_ref());
                let json = failure.to_json();
                Some(artifacts.write(tag, ArtifactKind::Failure, json.as_bytes())?)
            }
            None => None,
        };
        let text = self.summary(&record);
        let summary = artifacts.write(tag, ArtifactKind::VerificationSummary, text.as_bytes())?;
        Ok((record, text, Recorded { settled, bundle, failure, summary }))
    }

    fn append(
        &self,
        record: &ReleaseRecord,
        recorded: &Recorded,
    ) -> Result<Appended, ControlError> {
        let context = v1::Context {
            policy_sha256: record.policy_sha256().to_owned(),
            verified_at: record.recorded_at(),
            recorded: Some(true),
        };
        let decisions: Vec<v1::Decision> = record
            .decisions()
            .iter()
            .map(|decision| v1::Decision::new(decision, &context))
            .collect();
        let json = serde_json::to_value(&decisions)
            .map_err(|error| ControlError::Internal(error.to_string()))?;
        let mut event = Event::of_record(record, json, Some(recorded.settled.sha256.clone()));
        // Another report may have told the manifest what the gate was not told.
        let entry = &recorded.settled.entry;
        event.release_url = Some(entry.release_url.clone()).filter(|url| !url.is_empty());
        event.attempt = entry.attempt;
        if let Some(bundle) = &recorded.bundle {
            event.artifact_path = Some(bundle.as_str().to_owned());
        }
        let appended = EventLog::open(self.store)?.append(&[event])?;
        appended
            .first()
            .copied()
            .ok_or_else(|| ControlError::Internal("the event log gave no answer".into()))
    }

    fn summary(&self, record: &ReleaseRecord) -> String {
        let decisions: Vec<&Decision> = record.decisions().iter().collect();
        let policy = self.request.config.path.file_name();
        Summary {
            resource_uri: resource_uri(record),
            policy_uri: policy.map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
            policy_sha256: record.policy_sha256().to_owned(),
            verified_at: record.recorded_at(),
            passed: record.verdict() == Verdict::Accepted,
        }
        .text(&decisions)
    }
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
