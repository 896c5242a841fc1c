//! The bundles of a release: from the run, from the release itself, from GitHub's attestations.

use super::super::request::{ArtifactSet, GateRequest};
use super::release::Kept;
use crate::error::ControlError;
use crate::hash;
use crate::verify::ArtifactInput;
use provost_attestation::bundle::parse_documents;
use provost_attestation::digest::{ArtifactDigest, DigestAlgorithm};
use provost_github::{Artifact, GithubError, Repository};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What the name of a run's artifact says when attestations may be in it.
const ARTIFACT_NAMES: [&str; 4] = ["provenance", "attestation", "sigstore", "intoto"];

/// The first of the three places that has any: artifacts of the named run, assets of the
/// release, attestations that GitHub keeps for the artifacts' digests.
///
/// # Errors
/// [`ControlError::NothingToCheck`] when no place has one; [`GithubError::Expired`] when the only one
/// is gone.
pub(super) fn find(
    repository: &Repository<'_>,
    request: &GateRequest,
    kept: &[Kept],
    folder: &Path,
) -> Result<Vec<PathBuf>, ControlError> {
    let mut expired = None;
    if let Some(run) = request.run {
        let of_run = of_run(repository, run, folder)?;
        if !of_run.paths.is_empty() {
            return Ok(of_run.paths);
        }
        expired = of_run.expired;
    }
    if !kept.is_empty() {
        return Ok(kept.iter().map(|asset| asset.path.clone()).collect());
    }
    let stored = stored(repository, request, folder)?;
    if !stored.is_empty() {
        return Ok(stored);
    }
    let remedy = format!(
        "name it with --bundle, or make it anew with `provost recover --tag {}`",
        request.tag
    );
    Err(match expired {
        Some(artifact) => ControlError::Expired {
            what: format!("artifact {:?} of run {}", artifact.name, request.run.unwrap_or(0)),
            since: artifact.expires_at,
            remedy,
        },
        None => {
            let run = match request.run {
                Some(run) => format!("artifacts of run {run}, assets"),
                None => "assets".to_owned(),
            };
            ControlError::NothingToCheck(format!(
                "there is no provenance of {} in its {run} or attestations of {}; {remedy}",
                request.tag,
                repository.name()
            ))
        }
    })
}

/// Attestations in the artifacts of a run.
struct OfRun {
    paths: Vec<PathBuf>,
    /// One that is gone.
    expired: Option<Artifact>,
}

fn of_run(repository: &Repository<'_>, run: u64, folder: &Path) -> Result<OfRun, ControlError> {
    let is_named_so = |artifact: &Artifact| {
        let name = artifact.name.to_ascii_lowercase();
        ARTIFACT_NAMES.iter().any(|part| name.contains(part))
    };
    let artifacts = repository.artifacts(run)?;
    let mut found = OfRun { paths: Vec::new(), expired: None };
    for artifact in artifacts.into_iter().filter(is_named_so) {
        let files = match repository.artifact_files(&artifact) {
            Ok(files) => files,
            Err(GithubError::Expired { .. }) => {
                found.expired = Some(artifact);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let attestations = files.iter().filter(|file| parse_documents(&file.bytes).is_ok());
        for (index, file) in attestations.enumerate() {
            let path = folder.join(format!("artifact-{}-{index}.json", artifact.id));
            write(&path, &file.bytes)?;
            found.paths.push(path);
        }
    }
    Ok(found)
}

/// Attestations that GitHub keeps for the artifacts' digests.
fn stored(
    repository: &Repository<'_>,
    request: &GateRequest,
    folder: &Path,
) -> Result<Vec<PathBuf>, ControlError> {
    let mut texts: Vec<String> = Vec::new();
    for digest in digests(request)? {
        for bundle in repository.attestations(&digest.to_string())? {
            if !texts.contains(&bundle.text) {
                texts.push(bundle.text);
            }
        }
    }
    let keep = |(index, text): (usize, &String)| {
        let path = folder.join(format!("attestation-{index}.json"));
        write(&path, text.as_bytes())?;
        Ok(path)
    };
    texts.iter().enumerate().map(keep).collect()
}

/// The SHA-256 of every artifact.
fn digests(request: &GateRequest) -> Result<BTreeSet<ArtifactDigest>, ControlError> {
    let algorithms = BTreeSet::from([DigestAlgorithm::Sha256]);
    let inputs = match &request.artifacts {
        ArtifactSet::Folder(_) => request.artifacts()?,
        ArtifactSet::Known(inputs) | ArtifactSet::Released(inputs) => inputs.clone(),
        ArtifactSet::Unknown => Vec::new(),
    };
    let mut digests = BTreeSet::new();
    for input in &inputs {
        let all = match input {
            ArtifactInput::Digests { digests, .. } => digests.clone(),
            ArtifactInput::File(path) => hash::hash_file(path, &algorithms)
                .map_err(|source| ControlError::Unreadable { path: path.clone(), source })?,
        };
        digests.extend(all.of(DigestAlgorithm::Sha256).cloned());
    }
    Ok(digests)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), ControlError> {
    std::fs::write(path, bytes)
        .map_err(|source| ControlError::Unreadable { path: path.to_owned(), source })
}
