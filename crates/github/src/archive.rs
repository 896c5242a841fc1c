//! Zips from workflow runs: read whole and harmless, or refused whole.
//!
//! Nothing is ever written to a path that an archive names. An archive is refused when it holds
//! a name that is no plain relative path, anything but regular files and folders, two files of
//! one name (on any file system), entries that overlap or that two readers would read differently,
//! or more than is allowed; sizes are counted on what comes out, never taken from the headers.

use crate::error::GithubError;
use aws_lc_rs::digest::{Context, SHA256};
use provost_outbound::Stream;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek, Write};
use thiserror::Error;
use zip::ZipArchive;
use zip::result::ZipError;

/// The largest archive that is downloaded.
pub const MAX_ARCHIVE_BYTES: u64 = 64 * 1024 * 1024;
/// The most that may come out of one.
pub const MAX_CONTENT_BYTES: u64 = 64 * 1024 * 1024;
/// The most entries.
pub const MAX_ENTRIES: usize = 1_000;
/// How many times larger than the archive its content may be. Deflate reaches 1,032; text and JSON
/// stay far below.
const MAX_RATIO: u64 = 200;
/// Content below this is never too much for its archive.
const SMALL: u64 = 1024 * 1024;
/// The longest name in bytes.
const MAX_NAME: usize = 1_024;

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedFile {
    /// Its relative path, with `/`. A name to compare with, not a place to write to.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Why an archive is refused.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// It is no zip, or a damaged one.
    #[error("it is no sound zip: {0}")]
    Malformed(String),
    /// A name that is no plain relative path.
    #[error("it holds the name {0:?}, which is no plain relative path")]
    UnsafeName(String),
    /// A link, a device, an encrypted entry.
    #[error("it holds {0:?}, which is {1}")]
    NotRegular(String, &'static str),
    /// Two entries of one name.
    #[error("it holds the name {0:?} twice, on some file systems at least")]
    Duplicate(String),
    /// More entries than are read.
    #[error("it holds more than {MAX_ENTRIES} entries")]
    TooMany,
    /// More bytes than are read.
    #[error("it holds more than {limit} bytes, or far more than its own size")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
}

/// Keeps a download in a file, and returns its SHA-256 in hex.
pub(crate) fn receive(stream: Stream, zip: &mut File) -> Result<String, GithubError> {
    let mut sink = Hashing { file: zip, context: Context::new(&SHA256) };
    stream.with_limit(MAX_ARCHIVE_BYTES).copy_to(&mut sink)?;
    Ok(hex::encode(sink.context.finish()))
}

struct Hashing<'a> {
    file: &'a mut File,
    context: Context,
}

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.context.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// Reads every file of an archive, in its order.
///
/// # Errors
/// [`ArchiveError`]; then none of it is given out.
pub fn read(mut zip: impl Read + Seek) -> Result<Vec<ArchivedFile>, ArchiveError> {
    let size = zip.seek(std::io::SeekFrom::End(0)).map_err(|error| malformed(error.into()))?;
    if size > MAX_ARCHIVE_BYTES {
        return Err(ArchiveError::TooLarge { limit: MAX_ARCHIVE_BYTES });
    }
    zip.rewind().map_err(|error| malformed(error.into()))?;
    let mut archive = ZipArchive::new(zip).map_err(malformed)?;
    if archive.len() > MAX_ENTRIES {
        return Err(ArchiveError::TooMany);
    }
    // What stands before the first entry would be another archive to another reader.
    if archive.offset() != 0 {
        return Err(ArchiveError::Malformed("something stands before it".into()));
    }
    archive.validate_header_consistency().map_err(malformed)?;
    check_entries(&mut archive)?;
    let limit = MAX_CONTENT_BYTES.min((size * MAX_RATIO).max(SMALL));
    let mut left = limit;
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(malformed)?;
        if entry.is_dir() {
            continue;
        }
        let name = entry.name().map_err(malformed)?.into_owned();
        let mut bytes = Vec::new();
        (&mut entry).take(left + 1).read_to_end(&mut bytes).map_err(|e| malformed(e.into()))?;
        left = left.checked_sub(bytes.len() as u64).ok_or(ArchiveError::TooLarge { limit })?;
        files.push(ArchivedFile { name, bytes });
    }
    Ok(files)
}

/// Looks at every entry before the first is read.
fn check_entries<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Result<(), ArchiveError> {
    let mut seen = BTreeSet::new();
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).map_err(malformed)?;
        let raw = entry.name_raw();
        let shown = String::from_utf8_lossy(raw).into_owned();
        let name = std::str::from_utf8(raw).ok().filter(|name| is_plain(name));
        let Some(name) = name else { return Err(ArchiveError::UnsafeName(shown)) };
        // Readers differ in which of two names they believe.
        if entry.name().map_err(malformed)? != name {
            return Err(ArchiveError::UnsafeName(shown));
        }
        let kind = entry.unix_mode().map(|mode| mode & 0o170_000);
        if entry.is_symlink() || !matches!(kind, None | Some(0 | 0o100_000 | 0o040_000)) {
            return Err(ArchiveError::NotRegular(shown, "no regular file"));
        }
        if entry.encrypted() {
            return Err(ArchiveError::NotRegular(shown, "encrypted"));
        }
        if !seen.insert(name.trim_end_matches('/').to_lowercase()) {
            return Err(ArchiveError::Duplicate(shown));
        }
    }
    Ok(())
}

/// A relative path of ordinary segments, harmless on every file system.
fn is_plain(name: &str) -> bool {
    let path = name.strip_suffix('/').unwrap_or(name);
    let is_segment = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && !segment.ends_with(['.', ' '])
            && !segment.chars().any(|char| char.is_control() || matches!(char, '\\' | ':'))
    };
    path.len() <= MAX_NAME && path.split('/').all(is_segment)
}

fn malformed(error: ZipError) -> ArchiveError {
    ArchiveError::Malformed(error.to_string())
}
