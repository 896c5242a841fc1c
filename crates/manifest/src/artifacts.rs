//! What belongs to a tag: `artifacts/slsa/<enc>/`.

use crate::error::ManifestError;
use crate::folder::Folder;
use crate::lock::Lock;
use crate::relative_path::RelativePath;
use provost_attestation::git_ref::Tag;
use provost_record::encoded_tag;
use std::path::PathBuf;
use std::time::Duration;

/// The folders from the root to the tags' folders.
pub(crate) const ARTIFACTS: &str = "artifacts";
pub(crate) const SLSA: &str = "slsa";

/// What is kept of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ArtifactKind {
    /// The bundle: `provenance-<enc>.json`.
    Provenance,
    /// What failed: `failure.json`.
    Failure,
    /// Our own verdict as a verification summary: `vsa-<enc>.json`.
    VerificationSummary,
}

impl ArtifactKind {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Provenance, Self::Failure, Self::VerificationSummary];

    pub(crate) fn file_name(self, enc: &str) -> String {
        match self {
            Self::Provenance => format!("provenance-{enc}.json"),
            Self::Failure => "failure.json".to_owned(),
            Self::VerificationSummary => format!("vsa-{enc}.json"),
        }
    }
}

/// The folders `artifacts/slsa/<enc>/` below a root; made by [`crate::Manifests::artifacts`].
#[derive(Debug, Clone)]
pub struct Artifacts {
    root: PathBuf,
    lock_wait: Duration,
}

impl Artifacts {
    pub(crate) fn at(root: PathBuf, lock_wait: Duration) -> Self {
        Self { root, lock_wait }
    }

    /// The tag's `<enc>` here: the encoded tag, or `h-<sha256>` when a folder stands here whose
    /// name differs from the encoded tag in case only, as that is another tag's.
    ///
    /// # Errors
    /// [`ManifestError::Io`], [`ManifestError::InvalidPath`].
    pub fn encoded(&self, tag: &Tag) -> Result<String, ManifestError> {
        let root = Folder::open_root(&self.root)?;
        let names = match enter_slsa(&root)? {
            Some(slsa) => slsa.names()?,
            None => Vec::new(),
        };
        Ok(encoded_among(tag, &names))
    }

    /// Where a thing of the tag lies, whether it is there or not.
    ///
    /// # Errors
    /// As [`Artifacts::encoded`].
    pub fn path(&self, tag: &Tag, kind: ArtifactKind) -> Result<RelativePath, ManifestError> {
        Ok(path_of(&self.encoded(tag)?, kind))
    }

    /// The bytes of a thing of the tag; `None` when it is not there.
    ///
    /// # Errors
    /// [`ManifestError::Io`], also above 64 MiB; [`ManifestError::InvalidPath`] for a link.
    pub fn read(&self, tag: &Tag, kind: ArtifactKind) -> Result<Option<Vec<u8>>, ManifestError> {
        let root = Folder::open_root(&self.root)?;
        let Some(slsa) = enter_slsa(&root)? else {
            return Ok(None);
        };
        let enc = encoded_among(tag, &slsa.names()?);
        match slsa.enter(&enc)? {
            Some(folder) => folder.read(&kind.file_name(&enc)),
            None => Ok(None),
        }
    }

    /// Keeps the bytes, atomically and durably, in the place of what was there before. The same
    /// bytes are not written again.
    ///
    /// # Errors
    /// [`ManifestError::Io`], [`ManifestError::InvalidPath`], [`ManifestError::LockTimeout`].
    pub fn write(
        &self,
        tag: &Tag,
        kind: ArtifactKind,
        bytes: &[u8],
    ) -> Result<RelativePath, ManifestError> {
        let root = Folder::open_root(&self.root)?;
        let lock = Lock::hold(&root, self.lock_wait)?;
        let artifacts = root.enter_or_create(ARTIFACTS)?;
        let slsa = artifacts.enter_or_create(SLSA)?;
        let enc = encoded_among(tag, &slsa.names()?);
        let folder = slsa.enter_or_create(&enc)?;
        folder.sweep(&lock)?;
        let name = kind.file_name(&enc);
        if folder.read(&name)?.as_deref() == Some(bytes) {
            folder.sync_file(&name)?;
        } else {
            folder.replace(&lock, &name, bytes)?;
        }
        for parent in [&folder, &slsa, &artifacts, &root] {
            parent.sync()?;
        }
        Ok(path_of(&enc, kind))
    }
}

/// Whether `path` names a file in the tag's folder: `artifacts/slsa/<enc>/<file>`.
pub(crate) fn is_artifact_path(tag: &Tag, path: &str) -> bool {
    let components: Vec<&str> = path.split('/').collect();
    let [ARTIFACTS, SLSA, enc, name] = components[..] else {
        return false;
    };
    let is_safe =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'+' | b'-' | b'%');
    (enc == encoded_tag(tag, false) || enc == encoded_tag(tag, true))
        && (1..=255).contains(&name.len())
        && !name.starts_with(['.', '-'])
        && name.bytes().all(is_safe)
}

pub(crate) fn enter_slsa(root: &Folder) -> Result<Option<Folder>, ManifestError> {
    match root.enter(ARTIFACTS)? {
        Some(artifacts) => artifacts.enter(SLSA),
        None => Ok(None),
    }
}

/// A folder with exactly the tag's encoded name is the tag's. One with its hashed name is too, and
/// stays in use when the twin that caused it is gone.
pub(crate) fn encoded_among(tag: &Tag, names: &[String]) -> String {
    let plain = encoded_tag(tag, false);
    let hashed = encoded_tag(tag, true);
    let is_there = |name: &String| names.contains(name);
    let has_twin = names.iter().any(|name| name.eq_ignore_ascii_case(&plain));
    if !is_there(&plain) && (has_twin || is_there(&hashed)) {
        return hashed;
    }
    plain
}

pub(crate) fn path_of(enc: &str, kind: ArtifactKind) -> RelativePath {
    RelativePath::of(&[ARTIFACTS, SLSA, enc, &kind.file_name(enc)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(text: &str) -> Tag {
        text.parse().expect(text)
    }

    #[test]
    fn a_case_twin_gets_the_hashed_name_and_keeps_it() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let enc = |text: &str, among: Vec<String>| encoded_among(&tag(text), &among);
        let hashed = encoded_tag(&tag("v1"), true);
        assert_eq!(enc("v1", names(&[])), "v1");
        assert_eq!(enc("v1", names(&["v1"])), "v1");
        assert_eq!(enc("v1", names(&["v10", "v2"])), "v1");
        assert_eq!(enc("v1", names(&["V1"])), hashed);
        assert_eq!(enc("v1", names(&["V1", "v1"])), "v1");
        assert_eq!(enc("v1", names(&[&hashed])), hashed);
    }

    #[test]
    fn an_artifact_path_is_a_file_in_the_folder_of_its_tag() {
        let hashed = encoded_tag(&tag("v1"), true);
        for good in [
            "artifacts/slsa/v1/provenance-v1.json".to_owned(),
            "artifacts/slsa/v1/failure.json".to_owned(),
            format!("artifacts/slsa/{hashed}/provenance-{hashed}.json"),
        ] {
            assert!(is_artifact_path(&tag("v1"), &good), "{good}");
        }
        for bad in [
            "",
            "artifacts/slsa/v1",
            "artifacts/slsa/v1/",
            "artifacts/slsa/v1/..",
            "artifacts/slsa/v1/.provost-1.tmp",
            "artifacts/slsa/v1/a/b",
            "artifacts/slsa/V1/provenance-V1.json",
            "artifacts/slsa/v2/provenance-v2.json",
            "artifacts/slsa/../v1/x",
            "artifacts//slsa/v1/x",
            "/artifacts/slsa/v1/x",
            "./artifacts/slsa/v1/x",
            "artifacts\\slsa\\v1\\x",
            "artifacts/slsa/v1/a b",
            "artifacts/slsa/v1/a\n",
            "artifacts/slsa/v1/-rf",
        ] {
            assert!(!is_artifact_path(&tag("v1"), bad), "{bad}");
        }
        let slashed = "artifacts/slsa/a%2Fb/provenance-a%2Fb.json";
        assert!(is_artifact_path(&tag("a/b"), slashed));
        assert!(!is_artifact_path(&tag("a/b"), "artifacts/slsa/a/b/x.json"));
    }
}
