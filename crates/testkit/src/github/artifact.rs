//! Artifacts of a run: real zip archives.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

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

    /// Path and bytes of every member; none when the archive is none.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let Ok(mut archive) = ZipArchive::new(Cursor::new(&self.archive)) else {
            return Vec::new();
        };
        let mut files = Vec::new();
        for index in 0..archive.len() {
            let Ok(mut member) = archive.by_index(index) else { continue };
            let name = String::from_utf8_lossy(member.name_raw()).into_owned();
            let mut bytes = Vec::new();
            if member.read_to_end(&mut bytes).is_ok() {
                files.push((name, bytes));
            }
        }
        files
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
