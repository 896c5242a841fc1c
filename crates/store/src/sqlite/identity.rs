//! Whether the files that a connection has open are still those at their paths.
//!
//! A file that was deleted or replaced while it is open goes on taking writes, which nobody finds
//! again. SQLite itself does not look in write-ahead mode.

use crate::error::StoreError;
use std::fs;
use std::path::{Path, PathBuf};

/// The database file and its write-ahead log, as they were when the connection was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    database: FileId,
    /// `None` for a log that can only be read.
    ahead: Option<FileId>,
}

/// What tells a file from every other that exists at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileId {
    device: u64,
    number: u64,
}

impl Identity {
    /// The files at the paths now.
    pub(super) fn of(path: &Path) -> Result<Self, StoreError> {
        match FileId::of(path) {
            Some(database) => Ok(Self { database, ahead: FileId::of(&ahead(path)) }),
            None => Err(StoreError::Gone { path: path.to_owned() }),
        }
    }

    /// These files, or those of `before` when the database was replaced since.
    pub(super) fn since(self, before: Self) -> Self {
        if self.database == before.database { self } else { before }
    }

    /// Refuses when one of the files is not at its path any more.
    pub(super) fn check(self, path: &Path) -> Result<(), StoreError> {
        let now = Self::of(path)?;
        let is_same =
            now.database == self.database && (self.ahead.is_none() || now.ahead == self.ahead);
        match is_same {
            true => Ok(()),
            false => Err(StoreError::Gone { path: path.to_owned() }),
        }
    }
}

impl FileId {
    #[cfg(unix)]
    fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let file = fs::metadata(path).ok()?;
        Some(Self { device: file.dev(), number: file.ino() })
    }

    /// Where an open file cannot be deleted or replaced, being there is enough.
    #[cfg(not(unix))]
    fn of(path: &Path) -> Option<Self> {
        fs::metadata(path).ok().map(|_| Self { device: 0, number: 0 })
    }
}

fn ahead(path: &Path) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push("-wal");
    beside.into()
}
