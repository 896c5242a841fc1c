//! Archives of workflow artifacts.

use provost_github::archive::{MAX_CONTENT_BYTES, MAX_ENTRIES, read};
use std::collections::BTreeSet;
use std::io::Cursor;

/// What is read is harmless, bounded, and all that a reader from the other end would find: a local
/// header at the start, an end record at the end. A refusal can be shown.
pub fn archive(data: &[u8]) {
    let files = match read(Cursor::new(data)) {
        Ok(files) => files,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    assert!(files.len() <= MAX_ENTRIES);
    let length: u64 = files.iter().map(|file| file.bytes.len() as u64).sum();
    assert!(length <= MAX_CONTENT_BYTES);
    let starts = data.starts_with(b"PK\x03\x04") || data.starts_with(b"PK\x05\x06");
    assert!(starts && data[data.len() - 22..].starts_with(b"PK\x05\x06"), "bytes around it");
    let mut names = BTreeSet::new();
    for file in &files {
        let name = &file.name;
        assert!(!name.contains(['\\', ':', '\0']) && !name.chars().any(char::is_control));
        assert!(name.split('/').all(|part| !matches!(part, "" | "." | "..")), "{name:?}");
        assert!(names.insert(name.to_lowercase()), "{name:?} twice");
    }
    assert_eq!(read(Cursor::new(data)).ok(), Some(files), "read again, it is another archive");
}
