//! `gate --manifest`: releases that a manifest names.

use super::online::Online;
use super::request::{ArtifactSet, GateRequest};
use crate::config::LoadedConfig;
use crate::entries::manifest_entries;
use crate::error::ControlError;
use crate::expectations::Expectations;
use crate::verify::ArtifactInput;
use provost_attestation::digest::ArtifactDigests;
use provost_manifest::{Entry, Manifests};
use provost_record::Status;
use std::io::ErrorKind;
use std::path::Path;

/// Which entries of the manifests are meant.
#[derive(Debug, Clone, Copy)]
pub struct EntrySelection<'a> {
    /// One manifest file, or a folder: `docs/reports`, or one that holds it.
    pub path: &'a Path,
    /// Only entries of this run.
    pub run: Option<u64>,
    /// Only entries that are not the same at this revision, and the newest release besides.
    pub changed_since: Option<&'a str>,
    /// The released files, instead of the digests that the entries keep.
    pub artifacts: Option<&'a Path>,
}

/// The releases that are to be gated.
#[derive(Debug)]
pub struct SelectedEntries {
    /// One request an entry.
    pub requests: Vec<GateRequest>,
    /// GitHub was asked, and the repository has neither entry nor release.
    pub has_no_release: bool,
}

/// One request for each entry that is meant and has a bundle; failures without one are left out.
/// Tag, run and bundle are the entry's; the artifacts are the given files, or the digests that the
/// entry keeps.
///
/// With `changed_since` and `online` the newest release whose tag is in the history of what is
/// checked out is gated too, whether its entry changed or not: a branch whose newest release has no
/// provenance is no better for not having changed.
///
/// # Errors
/// [`ControlError::NothingToCheck`] when a success names no bundle, when an entry has neither files
/// nor digests, or when the newest release has no entry.
pub fn gate_entries(
    config: &LoadedConfig,
    selection: &EntrySelection<'_>,
    online: Option<&Online>,
) -> Result<SelectedEntries, ControlError> {
    let all = match manifest_entries(selection.path) {
        // Before the first release there is no manifest; whether it is before is asked below.
        Err(ControlError::Unreadable { source, .. })
            if source.kind() == ErrorKind::NotFound && online.is_some() =>
        {
            Vec::new()
        }
        entries => entries?,
    };
    let before = match selection.changed_since {
        Some(revision) => {
            let manifests = Manifests::at(&config.resolve(&config.config.manifest.root));
            manifests.entries_at(revision).map_err(ControlError::Revision)?
        }
        None => Vec::new(),
    };
    // A failure without a bundle was told when it happened; there is nothing in it to gate.
    let is_gateable = |entry: &Entry| entry.status == Status::Success || !entry.artifact.is_empty();
    let wanted = |entry: &&Entry| {
        selection.run.is_none_or(|run| entry.run == run)
            && is_gateable(entry)
            && !before.contains(entry)
    };
    let mut meant: Vec<&Entry> = all.iter().filter(wanted).collect();
    let mut has_no_release = false;
    if let Some(online) = online.filter(|_| selection.run.is_none()) {
        has_no_release = all.is_empty() && online.has_no_release()?;
        if selection.changed_since.is_some()
            && let Some(tag) = online.newest_release(config)?
        {
            let of_tag = all.iter().filter(|entry| entry.tag.as_str() == tag);
            let newest = of_tag.max_by_key(|entry| entry.validated_at).ok_or_else(|| {
                ControlError::NothingToCheck(format!(
                    "release {tag} is public, and the manifest has no entry of it; make its \
                     provenance with `provost dispatch --tag {tag}`"
                ))
            })?;
            if is_gateable(newest) && !meant.contains(&newest) {
                meant.push(newest);
            }
        }
    }
    let requests = meant
        .into_iter()
        .map(|entry| request_of(config, entry, selection.artifacts))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(SelectedEntries { requests, has_no_release })
}

pub(super) fn request_of(
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
        store: None,
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
