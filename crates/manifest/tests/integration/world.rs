//! A root of its own for each test, and reports to record in it.

use jiff::Timestamp;
use provost_attestation::digest::{ArtifactDigest, DigestAlgorithm};
use provost_attestation::git_ref::Tag;
use provost_manifest::{Entry, EntryKey, EntrySubject, Manifests};
use provost_record::{RecordedSubject, Status, Verdict};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

pub(crate) const DAY: &str = "docs/reports/2026-11-23/manifest.json";
pub(crate) const NOON: &str = "2026-11-23T12:00:00Z";

pub(crate) struct World {
    folder: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn manifests(&self) -> Manifests {
        Manifests::at(self.root())
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.root().join(path)).ok()
    }

    /// Every file below the root, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![self.root().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let relative = path.strip_prefix(self.root()).unwrap();
                    files.push(relative.to_str().unwrap().to_owned());
                }
            }
        }
        files.sort();
        files
    }
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn tag(text: &str) -> Tag {
    text.parse().unwrap()
}

pub(crate) fn key(run: u64, tag_text: &str) -> EntryKey {
    EntryKey { run, tag: tag(tag_text) }
}

pub(crate) fn success(run: u64, tag: &str) -> Entry {
    Entry::new(key(run, tag), Status::Success, time(NOON))
}

pub(crate) fn failure(run: u64, tag: &str, reason: &str) -> Entry {
    let mut entry = Entry::new(key(run, tag), Status::Failure, time(NOON));
    entry.failure_reason = Some(reason.to_owned());
    entry
}

/// An artifact that was accepted under the tag; its digest is 32 times `byte`.
pub(crate) fn accepted(run: u64, tag: &str, byte: u8) -> Entry {
    let mut entry = success(run, tag);
    entry.decision = Some(Verdict::Accepted);
    entry.slsa_build_level = Some(3);
    entry.subjects = Some(vec![subject("a.tar.gz", byte)]);
    entry
}

pub(crate) fn refused(run: u64, tag: &str, byte: u8) -> Entry {
    let mut entry = failure(run, tag, "refused: source-ref");
    entry.decision = Some(Verdict::Refused);
    entry.checks_failed = Some(vec!["source-ref".to_owned()]);
    entry.subjects = Some(vec![subject("a.tar.gz", byte)]);
    entry
}

pub(crate) fn subject(name: &str, byte: u8) -> EntrySubject {
    EntrySubject::from(&RecordedSubject { name: name.to_owned(), digests: vec![digest(byte)] })
}

pub(crate) fn digest(byte: u8) -> ArtifactDigest {
    ArtifactDigest::new(DigestAlgorithm::Sha256, &[byte; 32]).unwrap()
}

/// An example, built beside this test by `cargo test`; never one built from older source,
/// whose crashes would prove nothing.
pub(crate) fn example(name: &str) -> PathBuf {
    let deps = std::env::current_exe().unwrap();
    let built = deps.parent().unwrap().parent().unwrap();
    let program = built.join("examples").join(name);
    let written = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_fresh = program.is_file()
        && ["src", "src/git", "src/push", "examples"].iter().all(|folder| {
            let mut files = fs::read_dir(source.join(folder)).unwrap();
            files.all(|file| written(&file.unwrap().path()) <= written(&program))
        });
    assert!(
        is_fresh,
        "the example `{name}` is not built from this source: run `cargo test -p provost-manifest`"
    );
    program
}

pub(crate) fn recorder() -> PathBuf {
    example("record")
}

/// Records `success` of `v1` at noon for each run.
pub(crate) fn record_command(root: &Path, runs: &[u64]) -> Command {
    let mut command = Command::new(recorder());
    add_record_arguments(&mut command, root, runs);
    command
}

pub(crate) fn add_record_arguments(command: &mut Command, root: &Path, runs: &[u64]) {
    command.arg(root).args([NOON, "success", "v1"]);
    command.args(runs.iter().map(u64::to_string));
}
