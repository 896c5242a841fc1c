//! Candidates: the documents of bundle files, and which artifacts they speak of.

use crate::error::ControlError;
use crate::parallel::in_parallel;
use provost_attestation::bundle::{Content, DocumentError, MAX_BUNDLE_BYTES, parse_documents};
use provost_attestation::digest::{ArtifactDigests, DigestAlgorithm};
use provost_attestation::statement::Statement;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// One document that may prove something, or a file that cannot be read as one.
#[derive(Debug)]
pub(crate) struct Candidate {
    pub(crate) source: BundleSource,
    pub(crate) content: Result<Content, Malformed>,
}

/// A file whose bytes are no acceptable bundle.
#[derive(Debug)]
pub(crate) struct Malformed {
    pub(crate) error: DocumentError,
    pub(crate) sha256: String,
}

/// Where a bundle came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleSource {
    /// The file.
    pub path: PathBuf,
    /// Line of the file that the document starts on, counted from 1.
    pub line: usize,
}

impl std::fmt::Display for BundleSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.path.display())?;
        if self.line > 1 { write!(f, " line {}", self.line) } else { Ok(()) }
    }
}

impl Candidate {
    /// Whether a subject of it is the artifact. Unverified; it only chooses what to verify first.
    pub(crate) fn names(&self, artifact: &ArtifactDigests) -> bool {
        self.claims()
            .is_some_and(|statement| statement.subjects.iter().any(|subject| subject.is(artifact)))
    }

    /// The bundle's exact text; empty when it could not be read as one.
    pub(crate) fn text(&self) -> &str {
        match &self.content {
            Ok(Content::Bundle(bundle)) => bundle.text(),
            _ => "",
        }
    }

    /// What the document claims to be about.
    fn claims(&self) -> Option<&Statement> {
        match &self.content {
            Ok(Content::Bundle(bundle)) => bundle.statement().ok(),
            _ => None,
        }
    }

    /// The strong algorithms its subjects use.
    pub(crate) fn algorithms(&self) -> BTreeSet<DigestAlgorithm> {
        let subjects = self.claims().into_iter().flat_map(|statement| &statement.subjects);
        subjects
            .flat_map(|subject| subject.digest_set().keys())
            .filter_map(|name| DigestAlgorithm::from_name(name))
            .collect()
    }
}

/// Reads every document of the given files and folders, in the order given; a folder's files are
/// taken in the order of their names, those that do not begin like JSON left out.
///
/// # Errors
/// [`ControlError::Unreadable`] when a file or folder cannot be read, and
/// [`ControlError::NothingToCheck`] when they hold no document at all.
pub(crate) fn load(paths: &[PathBuf]) -> Result<Vec<Candidate>, ControlError> {
    let mut files: Vec<PathBuf> = Vec::new();
    for path in paths {
        match path.is_dir() {
            true => files.extend(bundles_of(path)?),
            false => files.push(path.clone()),
        }
    }
    let mut candidates = Vec::new();
    for read in in_parallel(&files, |file| read(file).map(|bytes| documents(file, &bytes))) {
        candidates.extend(read?);
    }
    if candidates.is_empty() {
        let shown: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        return Err(ControlError::NothingToCheck(match shown.is_empty() {
            true => "no bundle was given; name one with --bundle".to_owned(),
            false => format!("no attestation in {}", shown.join(", ")),
        }));
    }
    Ok(candidates)
}

/// The regular files of a folder, by name.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>, ControlError> {
    let unreadable = |source| ControlError::Unreadable { path: folder.to_owned(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The files of a folder that begin like JSON, by name. Only the beginning is read: beside the
/// bundles the folder may hold the artifacts themselves.
pub(crate) fn bundles_of(folder: &Path) -> Result<Vec<PathBuf>, ControlError> {
    let mut bundles = Vec::new();
    for path in files_of(folder)? {
        let unreadable = |source| ControlError::Unreadable { path: path.clone(), source };
        let mut beginning = Vec::new();
        let file = File::open(&path).map_err(unreadable)?;
        file.take(64).read_to_end(&mut beginning).map_err(unreadable)?;
        if beginning.trim_ascii_start().first() == Some(&b'{') {
            bundles.push(path);
        }
    }
    Ok(bundles)
}

/// Whether the file is attestations and nothing else.
pub(crate) fn is_attestation(path: &Path) -> Result<bool, ControlError> {
    Ok(parse_documents(&read(path)?).is_ok())
}

fn read(path: &Path) -> Result<Vec<u8>, ControlError> {
    let unreadable = |source| ControlError::Unreadable { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    // One byte more than is allowed, so that the parser sees that it is too large.
    let limit = MAX_BUNDLE_BYTES as u64 + 1;
    file.take(limit).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

fn documents(path: &Path, bytes: &[u8]) -> Vec<Candidate> {
    let source = |line| BundleSource { path: path.to_owned(), line };
    match parse_documents(bytes) {
        Ok(documents) => documents
            .into_iter()
            .map(|document| Candidate {
                source: source(document.line),
                content: Ok(document.content),
            })
            .collect(),
        Err(DocumentError::Empty) => Vec::new(),
        Err(error) => {
            let sha256 = crate::hash::sha256_hex(bytes);
            let content = Err(Malformed { error, sha256 });
            vec![Candidate { source: source(1), content }]
        }
    }
}
