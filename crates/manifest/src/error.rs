//! What can go wrong: bad input with its places, files that cannot be read or written, a lock that
//! does not come free.

use crate::entry::EntryKey;
use crate::problem::LintProblem;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why the manifest could not be read or written. None of these is a verdict about a release.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// Files that are not a manifest; the people who edit them mend them. Never empty.
    #[error("{}", Listed(.problems))]
    InvalidFile {
        /// Everything that is wrong, in the order of the files.
        problems: Vec<LintProblem>,
    },
    /// An entry that `manifest lint` would refuse; the caller mends it.
    #[error(
        "nothing was written: the entry of run {} and tag {:?} {reason}",
        .key.run, .key.tag.as_str()
    )]
    InvalidEntry {
        /// Which entry.
        key: EntryKey,
        /// What is wrong with it.
        reason: String,
    },
    /// A path that is a symbolic link, or no regular file or folder; someone put it there.
    #[error("{} {found}; remove it or put back the {expected}", .path.display())]
    InvalidPath {
        /// The path.
        path: PathBuf,
        /// What stands there.
        found: &'static str,
        /// What must stand there.
        expected: &'static str,
    },
    /// The system refused; the operator mends it (permissions, space, disk).
    #[error("cannot {action} {}", .path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process keeps writing; the operator looks for one that hangs.
    #[error(
        "nothing was written: another process holds the lock on {} since at least {} s; \
         wait for it or end it, then run this again",
        .path.display(), .waited.as_secs()
    )]
    LockTimeout {
        /// The locked folder.
        path: PathBuf,
        /// How long this one waited.
        waited: Duration,
    },
}

/// Shows the first problem and how many more there are.
struct Listed<'a>(&'a [LintProblem]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => f.write_str("a manifest file is not valid"),
            [only] => only.fmt(f),
            [first, rest @ ..] => write!(f, "{first} (and {} more)", rest.len()),
        }
    }
}
