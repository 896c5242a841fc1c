//! The end of a zip and its central directory, looked at before the zip library allocates for
//! what they claim (APPNOTE 4.3.12 to 4.3.16).
//!
//! There must be one reading only: the end record closes the file, the directory closes at the
//! end record, and holds as many entries as that says.

use super::{ArchiveError, MAX_ENTRIES};
use std::io::{Read, Seek, SeekFrom};

/// The largest directory in bytes: a thousand entries of the longest names fit.
const MAX_DIRECTORY: u64 = 2 * 1024 * 1024;

const END: usize = 22;
const LOCATOR: usize = 20;
const END_64: usize = 56;
/// The fixed part of an entry.
const ENTRY: usize = 46;

const END_SIGNATURE: [u8; 4] = *b"PK\x05\x06";
const LOCATOR_SIGNATURE: [u8; 4] = *b"PK\x06\x07";
const END_64_SIGNATURE: [u8; 4] = *b"PK\x06\x06";
const ENTRY_SIGNATURE: [u8; 4] = *b"PK\x01\x02";

/// Where the directory stands and what its entries say of themselves.
pub(super) struct Directory {
    /// Offset of its first entry.
    pub(super) start: u64,
    /// Its entries in order.
    pub(super) entries: Vec<Entry>,
}

/// What of an entry readers believe differently.
pub(super) struct Entry {
    /// The name as it stands in the header, whatever extra fields say.
    pub(super) name: Vec<u8>,
    /// Whether the header says that the name is UTF-8 (bit 11).
    pub(super) is_utf8: bool,
    /// The upper half of the external attributes: a Unix mode, whatever system is named.
    pub(super) mode: u16,
}

/// How much a directory holds, as the end records say.
struct Extent {
    start: u64,
    length: u64,
    entries: u64,
}

impl Directory {
    /// Reads the directory of an archive of `size` bytes.
    pub(super) fn read(zip: &mut (impl Read + Seek), size: u64) -> Result<Self, ArchiveError> {
        let tail_length = size.min((END + LOCATOR + END_64) as u64);
        let tail = bytes(zip, size - tail_length, tail_length)?;
        let (records, extent) = extent(&tail)?;
        let closes = extent.start.checked_add(extent.length) == Some(size - records as u64);
        if !closes {
            return Err(malformed("its directory does not end where its end record begins"));
        }
        if extent.entries > MAX_ENTRIES as u64 {
            return Err(ArchiveError::TooMany);
        }
        if extent.length > MAX_DIRECTORY {
            return Err(ArchiveError::TooLarge { limit: MAX_DIRECTORY });
        }
        let directory = bytes(zip, extent.start, extent.length)?;
        Ok(Self { start: extent.start, entries: entries(&directory, extent.entries)? })
    }
}

/// The extent of the directory and the length of the end records after it.
fn extent(tail: &[u8]) -> Result<(usize, Extent), ArchiveError> {
    let Some((before, end)) = tail.split_last_chunk::<END>() else {
        return Err(malformed("it is too short"));
    };
    if end[..4] != END_SIGNATURE || u16_at(end, 20) != 0 {
        return Err(malformed("it does not end with its end record; nothing may follow that"));
    }
    let [disk, first_disk, here, all] = [4, 6, 8, 10].map(|at| u16_at(end, at));
    if (disk, first_disk) != (0, 0) || here != all {
        return Err(malformed("it is one of several parts"));
    }
    let (length, start) = (u32_at(end, 12), u32_at(end, 16));
    let is_64 = all == u16::MAX || length == u32::MAX || start == u32::MAX;
    let has_64 = before.last_chunk::<LOCATOR>().is_some_and(|at| at[..4] == LOCATOR_SIGNATURE);
    match (is_64, has_64) {
        (false, false) => {
            let (start, length) = (start.into(), length.into());
            Ok((END, Extent { start, length, entries: all.into() }))
        }
        (true, true) => {
            let extent = extent_64(before)?;
            let agrees = (all == u16::MAX || u64::from(all) == extent.entries)
                && (length == u32::MAX || u64::from(length) == extent.length)
                && (start == u32::MAX || u64::from(start) == extent.start);
            match agrees {
                true => Ok((END + LOCATOR + END_64, extent)),
                false => Err(malformed("its two end records disagree")),
            }
        }
        _ => Err(malformed("it has half a zip64 end record")),
    }
}

/// The same from the zip64 records, which stand before the end record without a gap.
fn extent_64(before: &[u8]) -> Result<Extent, ArchiveError> {
    let wrong = || malformed("its zip64 end record is not what it must be");
    let (before, locator) = before.split_last_chunk::<LOCATOR>().ok_or_else(wrong)?;
    let end = before.last_chunk::<END_64>().ok_or_else(wrong)?;
    let [length_of_record, here, all, length, start] =
        [4, 24, 32, 40, 48].map(|at| u64_at(end, at));
    let one_part = u32_at(locator, 4) == 0
        && u32_at(locator, 16) <= 1
        && u32_at(end, 16) == 0
        && u32_at(end, 20) == 0
        && here == all;
    let located = start.checked_add(length) == Some(u64_at(locator, 8));
    let sound = end[..4] == END_64_SIGNATURE && length_of_record == (END_64 - 12) as u64;
    match one_part && located && sound {
        true => Ok(Extent { start, length, entries: all }),
        false => Err(wrong()),
    }
}

/// Exactly that many entries, and nothing after them.
fn entries(mut directory: &[u8], count: u64) -> Result<Vec<Entry>, ArchiveError> {
    let damaged = || malformed("its directory is damaged");
    let mut entries = Vec::new();
    for _ in 0..count {
        let (fixed, rest) = directory.split_first_chunk::<ENTRY>().ok_or_else(damaged)?;
        if fixed[..4] != ENTRY_SIGNATURE {
            return Err(damaged());
        }
        let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(u16_at(fixed, at)));
        let (name, rest) = rest.split_at_checked(name).ok_or_else(damaged)?;
        directory = rest.get(extra + comment..).ok_or_else(damaged)?;
        entries.push(Entry {
            name: name.to_owned(),
            is_utf8: u16_at(fixed, 8) & (1 << 11) != 0,
            mode: u16_at(fixed, 40),
        });
    }
    match directory.is_empty() {
        true => Ok(entries),
        false => Err(malformed("its directory holds more than its end record says")),
    }
}

fn bytes(zip: &mut (impl Read + Seek), start: u64, length: u64) -> Result<Vec<u8>, ArchiveError> {
    let io = |error: std::io::Error| malformed(&error.to_string());
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    zip.seek(SeekFrom::Start(start)).map_err(io)?;
    zip.read_exact(&mut bytes).map_err(io)?;
    Ok(bytes)
}

/// Little endian; `at` lies within the record by construction.
fn u16_at(record: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([record[at], record[at + 1]])
}

fn u32_at(record: &[u8], at: usize) -> u32 {
    u32::from(u16_at(record, at)) | u32::from(u16_at(record, at + 2)) << 16
}

fn u64_at(record: &[u8], at: usize) -> u64 {
    u64::from(u32_at(record, at)) | u64::from(u32_at(record, at + 4)) << 32
}

fn malformed(why: &str) -> ArchiveError {
    ArchiveError::Malformed(why.to_owned())
}
