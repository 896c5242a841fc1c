//! `gate --manifest`: releases that a manifest names.

use super::request::{ArtifactSet, GateRequest};
use crate::config::LoadedConfig;
use crate::entries::manifest_entries;
use crate::error::ControlError;
use crate::expectations::Expectations;
use crate::verify::ArtifactInput;
use provost_attestation::digest::ArtifactDigests;
use provost_manifest::Entry;
use provost_record::Status;
use std::path::Path;

/// One request for each entry of a manifest file, or of all manifests below a folder, that has a
/// bundle; failures without one are left out. Tag, run and bundle are the entry's; the artifacts
/// are the files of `artifacts`, or, without a folder, the digests that the entry keeps.
///
/// # Errors
/// [`ControlError::NothingToCheck`] when no entry is left, when a success names no bundle, or when
/// an entry has neither files nor digests.
pub fn gate_entries(
    config: &LoadedConfig,
    path: &Path,
    run: Option<u64>,
    artifacts: Option<&Path>,
) -> Result<Vec<GateRequest>, ControlError> {
    let entries = manifest_entries(path)?;
    // A failure without a bundle was told when it happened; there is nothing in it to gate.
    let is_gateable = |entry: &Entry| entry.status == Status::Success || !entry.artifact.is_empty();
    let wanted = |entry: &Entry| run.is_none_or(|run| entry.run == run) && is_gateable(entry);
    let requests: Vec<GateRequest> = entries
        .iter()
        .filter(|entry| wanted(entry))
        .map(|entry| request_of(config, entry, artifacts))
        .collect::<Result<_, _>>()?;
    if requests.is_empty() {
        let of_run = run.map_or(String::new(), |run| format!(" of run {run}"));
        let text = format!("no manifest entry{of_run} in {}", path.display());
        return Err(ControlError::NothingToCheck(text));
    }
    Ok(requests)
}

fn request_of(
    config: &LoadedConfig,
    entry: &Entry,
    artifacts: Option<&Path>,
) -> Result<GateRequest, ControlError> {
    let nothing = |what: &str| {
        ControlError::NothingToCheck(format!("run {}, tag {}: {what}", entry.run, entry.tag))
    };
    if entry.artifact.is_empty() {
        return Err(nothing("the entry names no bundle"));
    }
    let artifacts = match artifacts {
        Some(folder) => ArtifactSet::Folder(folder.to_owned()),
        None => ArtifactSet::Known(known(entry).ok_or_else(|| {
            nothing("the entry keeps no digests; name the released files with --artifacts")
        })?),
    };
    let root = config.resolve(&config.config.manifest.root);
    Ok(GateRequest {
        tag: entry.tag.clone(),
        run: (entry.run != 0).then_some(entry.run),
        release_url: Some(entry.release_url.clone()).filter(|url| !url.is_empty()),
        bundles: vec![root.join(&entry.artifact)],
        artifacts,
        expectations: Expectations::default(),
        trusted_root: None,
        store_url: None,
        config: config.clone(),
    })
}

/// The artifacts as the entry keeps them; `None` when one has no strong digest.
fn known(entry: &Entry) -> Option<Vec<ArtifactInput>> {
    let subjects = entry.subjects.as_deref().filter(|subjects| !subjects.is_empty())?;
    subjects
        .iter()
        .map(|subject| {
            let digests = ArtifactDigests::from_list(subject.digests().collect())?;
            Some(ArtifactInput::Digests { name: subject.name.clone(), digests })
        })
        .collect()
}
