//! Artifacts of a run: real zip archives.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::release::sha256;

/// An artifact to be added with [`RunHandle::artifact`](super::RunHandle::artifact).
#[derive(Clone, Debug)]
pub struct Artifact {
    pub(crate) id: u64,
    pub(crate) run: u64,
    pub(crate) name: String,
    pub(crate) archive: Vec<u8>,
    pub(crate) digest: Option<String>,
    pub(crate) expired: bool,
}

impl Artifact {
    /// A zip of these files, made as `upload-artifact` version 4 does.
    pub fn of(name: &str, files: &[(&str, &[u8])]) -> Self {
        Self::raw(name, zip(files))
    }

    /// These bytes as the archive, zip or not.
    pub fn raw(name: &str, archive: Vec<u8>) -> Self {
        let digest = Some(sha256(&archive));
        Self { id: 0, run: 0, name: name.to_owned(), archive, digest, expired: false }
    }

    /// As before `upload-artifact` version 4, which first told a digest.
    #[must_use]
    pub fn without_digest(mut self) -> Self {
        self.digest = None;
        self
    }

    /// With a digest that is not the archive's.
    #[must_use]
    pub fn with_digest(mut self, digest: &str) -> Self {
        self.digest = Some(digest.to_owned());
        self
    }

    /// Past its retention: listed, and gone.
    #[must_use]
    pub fn expired(mut self) -> Self {
        self.expired = true;
        self
    }
}

/// A deflated zip of these files in this order.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).expect("an entry starts");
        writer.write_all(bytes).expect("memory takes the entry");
    }
    writer.finish().expect("the archive ends").into_inner()
}
