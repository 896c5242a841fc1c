//! The release of a tag: its assets as artifacts, and those that are attestations.

use super::{Found, Online};
use crate::config::LoadedConfig;
use crate::error::ControlError;
use crate::hash;
use crate::verify::ArtifactInput;
use provost_attestation::bundle::{MAX_BUNDLE_BYTES, parse_documents};
use provost_attestation::digest::{ArtifactDigest, ArtifactDigests, DigestAlgorithm};
use provost_attestation::git_ref::Tag;
use provost_github::{Asset, GithubError, Repository};
use provost_manifest::{Manifests, RevisionError};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

/// How the names of attestation files end. The name only chooses what is looked into.
const ATTESTATION_NAMES: [&str; 6] =
    [".sigstore.json", ".intoto.jsonl", ".sigstore", ".jsonl", ".att", ".bundle.json"];

/// An asset that is attestations and nothing else, kept as a file.
pub(super) struct Kept {
    pub(super) name: String,
    pub(super) path: PathBuf,
}

/// Asks for release, assets and tag.
pub(super) fn find(repository: &Repository<'_>, tag: &Tag) -> Result<Found, ControlError> {
    let release = repository.release_of(tag.as_str())?;
    let assets = match &release {
        Some(release) => repository.assets(release)?,
        None => Vec::new(),
    };
    if let Some(open) = assets.iter().find(|asset| asset.state != "uploaded") {
        return Err(ControlError::Undecidable(format!(
            "asset {:?} of release {tag} is not uploaded completely; try again when it is, or \
             delete it",
            open.name
        )));
    }
    let peeled = repository.peeled_tag(tag.as_str())?;
    Ok(Found { release, assets, attestations: Vec::new(), artifacts: Vec::new(), tag: peeled })
}

/// Downloads the assets that are named like attestations and keeps those that are some.
pub(super) fn attestations(
    repository: &Repository<'_>,
    assets: &[Asset],
    folder: &Path,
) -> Result<Vec<Kept>, ControlError> {
    let is_named_so =
        |asset: &&Asset| is_attestation_name(&asset.name) && asset.size <= MAX_BUNDLE_BYTES as u64;
    let mut kept = Vec::new();
    for asset in assets.iter().filter(is_named_so) {
        let path = folder.join(format!("asset-{}.json", asset.id));
        download(repository, asset, &path)?;
        let unreadable = |source| ControlError::Unreadable { path: path.clone(), source };
        if parse_documents(&std::fs::read(&path).map_err(unreadable)?).is_ok() {
            kept.push(Kept { name: asset.name.clone(), path });
        }
    }
    Ok(kept)
}

/// The released artifacts: every asset that is neither an attestation nor excepted by name, by the
/// digest that GitHub computed when it was uploaded; one without is downloaded and hashed here.
pub(super) fn artifacts(
    repository: &Repository<'_>,
    found: &Found,
    excepted: &[String],
    folder: &Path,
) -> Result<Vec<ArtifactInput>, ControlError> {
    let is_artifact = |asset: &&Asset| {
        !found.attestations.contains(&asset.name)
            && !excepted.iter().any(|pattern| matches(pattern, &asset.name))
    };
    let assets = found.assets.iter().filter(is_artifact);
    assets.map(|asset| artifact(repository, asset, folder)).collect()
}

/// Refuses a release that has nothing to check.
pub(super) fn not_empty(
    repository: &Repository<'_>,
    found: &Found,
    tag: &Tag,
) -> Result<(), ControlError> {
    if found.release.is_none() {
        return Err(ControlError::NothingToCheck(format!(
            "{} has no release of tag {tag}, not even a draft that this token sees (drafts need \
             `contents: write`); name the files with --artifacts",
            repository.name()
        )));
    }
    if found.artifacts.is_empty() {
        return Err(ControlError::NothingToCheck(format!(
            "release {tag} has no asset to check; name the files with --artifacts"
        )));
    }
    Ok(())
}

fn artifact(
    repository: &Repository<'_>,
    asset: &Asset,
    folder: &Path,
) -> Result<ArtifactInput, ControlError> {
    let known = digest_of(asset)?.map(ArtifactDigests::new);
    let digests = match known {
        Some(digests) => digests,
        None => {
            let path = folder.join(format!("artifact-{}", asset.id));
            download(repository, asset, &path)?;
            let all = BTreeSet::from(DigestAlgorithm::ALL);
            let digests = hash::hash_file(&path, &all)
                .map_err(|source| ControlError::Unreadable { path: path.clone(), source })?;
            // The bytes are not needed again.
            let _ = std::fs::remove_file(&path);
            digests
        }
    };
    Ok(ArtifactInput::Digests { name: asset.name.clone(), digests })
}

/// The digest that GitHub names; `None` when it names none.
fn digest_of(asset: &Asset) -> Result<Option<ArtifactDigest>, ControlError> {
    let Some(text) = &asset.digest else { return Ok(None) };
    let digest = text.parse().map_err(|_| GithubError::InvalidAnswer {
        what: format!("asset {}", asset.name),
        why: "its digest is none".into(),
    })?;
    Ok(Some(digest))
}

/// Downloads an asset whole, and holds it against size and digest that GitHub names.
fn download(repository: &Repository<'_>, asset: &Asset, path: &Path) -> Result<(), ControlError> {
    let unwritable = |source| ControlError::Unreadable { path: path.to_owned(), source };
    let mut file = File::create_new(path).map_err(unwritable)?;
    let stream = repository.download_asset(asset)?;
    let size = stream.copy_to(&mut file).map_err(GithubError::from)?;
    let invalid = |why: String| {
        ControlError::from(GithubError::InvalidAnswer {
            what: format!("asset {}", asset.name),
            why,
        })
    };
    if size != asset.size {
        return Err(invalid(format!("{size} bytes came instead of {}", asset.size)));
    }
    if let Some(digest) = digest_of(asset)? {
        let algorithm = BTreeSet::from([digest.algorithm()]);
        let hashed = hash::hash_file(path, &algorithm).map_err(unwritable)?;
        if hashed.of(digest.algorithm()) != Some(&digest) {
            return Err(invalid("its bytes do not have its digest".into()));
        }
    }
    Ok(())
}

impl Online {
    /// Whether the repository has no published release at all.
    pub(in super::super) fn has_no_release(&self) -> Result<bool, ControlError> {
        let releases = self.connection.repository().releases()?;
        Ok(!releases.iter().any(|release| !release.draft))
    }

    /// The tag of the newest published release whose commit is in the history of what is checked
    /// out; `None` when there is none.
    pub(in super::super) fn newest_release(
        &self,
        config: &LoadedConfig,
    ) -> Result<Option<String>, ControlError> {
        let repository = self.connection.repository();
        let manifests = Manifests::at(&config.resolve(&config.config.manifest.root));
        let mut releases = repository.releases()?;
        releases.retain(|release| !release.draft && release.published_at.is_some());
        releases.sort_by_key(|release| std::cmp::Reverse(release.published_at));
        for release in releases {
            let Some(tag) = repository.peeled_tag(&release.tag_name)? else { continue };
            match manifests.has_in_history(&tag.commit) {
                Ok(true) => return Ok(Some(release.tag_name)),
                Ok(false) => {}
                // A commit that is not here is not in the history of what is, as the whole of it is
                // checked out.
                Err(RevisionError::Unknown { .. }) => {}
                Err(error) => return Err(ControlError::Revision(error)),
            }
        }
        Ok(None)
    }
}

/// Whether a name is one that attestations have.
pub(crate) fn is_attestation_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let like_provenance = name.ends_with(".json") && name.starts_with("provenance");
    like_provenance || ATTESTATION_NAMES.iter().any(|end| name.ends_with(end))
}

/// Whether a name is what a pattern says; `*` stands for any text.
pub(crate) fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name) in [
            ("a", "a"),
            ("*", ""),
            ("*.txt", "a.txt"),
            ("a*", "a"),
            ("a*b*c", "axbxc"),
            ("**", "x"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("a", "b"),
            ("a", "ab"),
            ("", "a"),
            ("*.txt", "a.txt.exe"),
            ("a*a", "a"),
            ("a*b", "ba"),
        ] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }
}
