//! Zips from workflow runs: read whole and harmless, or refused whole.
//!
//! Nothing is ever written to a path that an archive names. An archive is refused when it holds
//! a name that is no plain relative path, anything but regular files and folders, two files of
//! one name (on any file system), a byte that belongs to no entry, entries that overlap or that two
//! readers would read differently, or more than is allowed. What the headers promise is refused
//! when it is too much, and what comes out when it is not what they promise.
//!
//! Memory: the directory and then the content, each held once and bounded before it is allocated.

mod directory;
mod name;

use crate::error::GithubError;
use aws_lc_rs::digest::{Context, SHA256};
use directory::{Directory, Entry};
use name::{Names, is_plain};
use provost_outbound::Stream;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use thiserror::Error;
use zip::ZipArchive;
use zip::result::ZipError;

/// The largest archive that is downloaded.
pub const MAX_ARCHIVE_BYTES: u64 = 64 * 1024 * 1024;
/// The most that may come out of one; it is held in memory.
pub const MAX_CONTENT_BYTES: u64 = 48 * 1024 * 1024;
/// The most entries.
pub const MAX_ENTRIES: usize = 1_000;
/// How many times larger than the archive its content may be. Deflate reaches 1,032; text and JSON
/// stay far below.
const MAX_RATIO: u64 = 200;
/// Content below this is never too much for its archive.
const SMALL: u64 = 1024 * 1024;

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
    let size = zip.seek(SeekFrom::End(0)).map_err(|error| malformed(error.into()))?;
    if size > MAX_ARCHIVE_BYTES {
        return Err(ArchiveError::TooLarge { limit: MAX_ARCHIVE_BYTES });
    }
    let directory = Directory::read(&mut zip, size)?;
    let mut archive = ZipArchive::new(zip).map_err(malformed)?;
    if archive.has_duplicate_names() {
        return Err(ArchiveError::Malformed("it names a file twice".into()));
    }
    // What stands before the first entry would be another archive to another reader.
    let is_same = archive.central_directory_start() == directory.start
        && archive.len() == directory.entries.len()
        && archive.offset() == 0;
    if !is_same {
        return Err(ArchiveError::Malformed("its directory can be read in two ways".into()));
    }
    archive.validate_header_consistency().map_err(malformed)?;
    let places = check_entries(&mut archive, &directory.entries)?;
    let limit = MAX_CONTENT_BYTES.min((size * MAX_RATIO).max(SMALL));
    let promised = places.iter().try_fold(0, |sum: u64, place| sum.checked_add(place.content));
    if promised.is_none_or(|promised| promised > limit) {
        return Err(ArchiveError::TooLarge { limit });
    }
    let files = read_entries(&mut archive)?;
    check_layout(places, directory.start, archive.into_inner())?;
    Ok(files)
}

fn read_entries<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
) -> Result<Vec<ArchivedFile>, ArchiveError> {
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(malformed)?;
        if entry.is_dir() {
            continue;
        }
        let (name, size) = (entry.name().map_err(malformed)?.into_owned(), entry.size());
        let mut bytes = Vec::new();
        (&mut entry).take(size + 1).read_to_end(&mut bytes).map_err(|e| malformed(e.into()))?;
        if bytes.len() as u64 != size {
            return Err(ArchiveError::Malformed(format!("{name:?} is not as long as it says")));
        }
        files.push(ArchivedFile { name, bytes });
    }
    Ok(files)
}

/// Where an entry stands, and what must follow it.
struct Place {
    start: u64,
    end: u64,
    content: u64,
    /// Checksum and lengths, when the entry says that they stand after it.
    descriptor: Option<(u32, u64)>,
}

/// Looks at every entry before the first is read.
fn check_entries<R: Read + Seek>(
    archive: &mut ZipArchive<R>,
    listed: &[Entry],
) -> Result<Vec<Place>, ArchiveError> {
    let mut names = Names::default();
    let mut places = Vec::new();
    for (index, listed) in listed.iter().enumerate() {
        let entry = archive.by_index_raw(index).map_err(malformed)?;
        let shown = String::from_utf8_lossy(&listed.name).into_owned();
        let name = std::str::from_utf8(&listed.name).ok().filter(|name| is_plain(name));
        // Without its flag a name is of an old code page, and readers guess which.
        let name = name.filter(|name| listed.is_utf8 || name.is_ascii());
        let Some(name) = name else { return Err(ArchiveError::UnsafeName(shown)) };
        // Readers differ in which of two names they believe (extra field 0x7075).
        if entry.name_raw() != listed.name || entry.name().map_err(malformed)? != name {
            return Err(ArchiveError::UnsafeName(shown));
        }
        if let Some(what) = oddity(&entry, listed.mode) {
            return Err(ArchiveError::NotRegular(shown, what));
        }
        if !names.insert(name) {
            return Err(ArchiveError::Duplicate(shown));
        }
        let unknown = || ArchiveError::Malformed(format!("{name:?} has no place"));
        let start = entry.data_start().ok_or_else(unknown)?;
        places.push(Place {
            start: entry.header_start(),
            end: start.checked_add(entry.compressed_size()).ok_or_else(unknown)?,
            content: entry.size(),
            descriptor: entry
                .flags()
                .is_using_data_descriptor()
                .then(|| (entry.crc32(), entry.compressed_size())),
        });
    }
    Ok(places)
}

/// What is wrong with an entry that is neither a regular file nor an empty folder. The Unix mode
/// counts whatever system the entry names: some readers look at nothing else.
fn oddity<R: Read>(entry: &zip::read::ZipFile<'_, R>, mode: u16) -> Option<&'static str> {
    const DOS_FOLDER: u32 = 0x10;
    let kind = mode & 0o170_000;
    let is_marked = kind == 0o040_000 || entry.external_attributes() & DOS_FOLDER != 0;
    match () {
        () if entry.encrypted() => Some("encrypted"),
        () if entry.is_symlink() || !matches!(kind, 0 | 0o100_000 | 0o040_000) => {
            Some("no regular file")
        }
        () if mode & 0o7_000 != 0 => Some("set-user-id, set-group-id or sticky"),
        () if entry.is_dir() && (kind == 0o100_000 || entry.size() != 0) => Some("half a folder"),
        () if !entry.is_dir() && is_marked => Some("half a folder"),
        () => None,
    }
}

/// Every byte before the directory is an entry's, in one way only.
fn check_layout(
    mut places: Vec<Place>,
    directory: u64,
    mut zip: impl Read + Seek,
) -> Result<(), ArchiveError> {
    let stray = || ArchiveError::Malformed("it holds bytes that belong to no entry".into());
    places.sort_by_key(|place| place.start);
    let starts = places.iter().map(|place| place.start);
    let nexts: Vec<u64> = starts.chain([directory]).collect();
    if nexts[0] != 0 {
        return Err(stray());
    }
    for (place, next) in places.iter().zip(&nexts[1..]) {
        let gap = next.checked_sub(place.end).filter(|gap| *gap <= 24).ok_or_else(stray)?;
        let mut after = Vec::new();
        zip.seek(SeekFrom::Start(place.end)).map_err(|error| malformed(error.into()))?;
        (&mut zip).take(gap).read_to_end(&mut after).map_err(|error| malformed(error.into()))?;
        let is_sound = match place.descriptor {
            None => after.is_empty(),
            Some((crc32, length)) => is_descriptor(&after, crc32, length, place.content),
        };
        if !is_sound {
            return Err(stray());
        }
    }
    Ok(())
}

/// Whether the bytes are a data descriptor (APPNOTE 4.3.9) of these facts: with or without
/// signature, with lengths of 4 or of 8 bytes.
fn is_descriptor(bytes: &[u8], crc32: u32, length: u64, content: u64) -> bool {
    let facts = bytes.strip_prefix(b"PK\x07\x08").unwrap_or(bytes);
    let Some((checksum, lengths)) = facts.split_first_chunk::<4>() else { return false };
    let both = [length, content];
    let is_same = match lengths.len() {
        8 => lengths == both.map(|one| one as u32).map(u32::to_le_bytes).concat(),
        16 => lengths == both.map(u64::to_le_bytes).concat(),
        _ => false,
    };
    *checksum == crc32.to_le_bytes() && is_same
}

fn malformed(error: ZipError) -> ArchiveError {
    ArchiveError::Malformed(error.to_string())
}
