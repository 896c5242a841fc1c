//! What can go wrong with the event log.

use crate::endpoint::EndpointError;
use crate::page::InvalidCursor;
use crate::postgres::PostgresError;
use provost_outbound::SecretError;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why the event log could not be used. None of these is a verdict on a release.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A secret that opens the store is set and cannot be used.
    #[error("the event log cannot be opened")]
    Access(#[from] SecretError),
    /// The database is damaged.
    #[error(
        "the event log {} is damaged ({detail}): move it away and rebuild it from the manifests",
        path.display()
    )]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// What SQLite says.
        detail: String,
    },
    /// A page is asked for after one that was in another order.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// The folder of the database could not be made.
    #[error("cannot create the folder {} of the event log", path.display())]
    CreateFolder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// An ingestion endpoint did not do what was asked.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// A sound SQLite database, but not an event log.
    #[error(
        "{} is a database of another program and was left as it is: name another file in \
         [store].url",
        path.display()
    )]
    ForeignDatabase {
        /// The file.
        path: PathBuf,
    },
    /// No room on the disk.
    #[error("no space left for the event log {}: free some and try again", path.display())]
    Full {
        /// The database.
        path: PathBuf,
    },
    /// The database was deleted, moved or replaced while it was open. What was being written is in
    /// no file that anybody finds.
    #[error(
        "the event log {} is not the file that was opened: it was deleted, moved or replaced; put \
         it back, or stop the program before its file is changed",
        path.display()
    )]
    Gone {
        /// The database.
        path: PathBuf,
    },
    /// Reading or writing failed. Whether an event that was being appended is in the log is
    /// unknown: append it again.
    #[error(
        "cannot read or write the event log {} ({detail}): check the folder, its permissions and \
         the disk",
        path.display()
    )]
    Io {
        /// The database.
        path: PathBuf,
        /// What SQLite says.
        detail: String,
    },
    /// The same event key came with another content.
    #[error(
        "event {key} is already in the log as {id} with another {column}: nothing was written; a \
         correction needs a key of its own"
    )]
    KeyConflict {
        /// The key.
        key: String,
        /// Id of the row that is there.
        id: uuid::Uuid,
        /// The first column that differs.
        column: &'static str,
    },
    /// Another process kept the database locked.
    #[error(
        "the event log {} stayed locked by another process for {seconds} s: try again when it is \
         done",
        path.display()
    )]
    Locked {
        /// The database.
        path: PathBuf,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The schema comes from a newer version of this program.
    #[error(
        "the event log {place} has schema {found}, but this version knows {supported} at most: \
         upgrade provost"
    )]
    NewerSchema {
        /// The database.
        place: String,
        /// Version of the schema that is there.
        found: i64,
        /// Newest version that this program knows.
        supported: i64,
    },
    /// The file is something else.
    #[error(
        "{} is not an SQLite database and was left as it is: name another file in [store].url",
        path.display()
    )]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// What is asked for has no place in this store.
    #[error("the event log {place} cannot {what}: {remedy}")]
    NotSupported {
        /// The store.
        place: String,
        /// What was asked for.
        what: &'static str,
        /// What to do instead.
        remedy: &'static str,
    },
    /// The file system does not carry write-ahead logging.
    #[error(
        "the event log {} cannot use write-ahead logging (the journal mode stays {mode}): put it \
         on a local disk",
        path.display()
    )]
    NoWriteAheadLog {
        /// The database.
        path: PathBuf,
        /// The mode that SQLite offers instead.
        mode: String,
    },
    /// The schema comes from an older version of this program.
    #[error(
        "the event log {place} has schema {found}, and this version needs {supported}: run `provost \
         store migrate`"
    )]
    OlderSchema {
        /// The database.
        place: String,
        /// Version of the schema that is there; 0 for a part of it.
        found: i64,
        /// Version that this program needs.
        supported: i64,
    },
    /// PostgreSQL, or the way to it.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// The database may not be written.
    #[error("the event log {} is read-only: make the file and its folder writable", path.display())]
    ReadOnly {
        /// The database.
        path: PathBuf,
    },
    /// An event was not taken.
    #[error("event {key} was not written: {problem}")]
    Rejected {
        /// Key of the event.
        key: String,
        /// Why, in the words of the store.
        problem: String,
    },
    /// The calls cannot be made on this machine.
    #[error("the event log cannot be used: no runtime could be started")]
    Runtime {
        /// Why.
        source: io::Error,
    },
    /// Objects of the schema are gone, such as the triggers that keep the log append-only.
    #[error(
        "the schema of the event log {place} was altered: {object} is missing or changed; move it \
         away and rebuild it from the manifests"
    )]
    SchemaAltered {
        /// The database.
        place: String,
        /// The first table, trigger, index or view that is not as it was made.
        object: String,
    },
    /// Anything else that SQLite refuses.
    #[error("the event log {} refused a statement", path.display())]
    Sql {
        /// The database.
        path: PathBuf,
        /// Why.
        source: sqlx::Error,
    },
    /// A row holds what no version of this program writes.
    #[error(
        "the event log {place} holds an unreadable {column} ({value:?}): it was written by \
         something else"
    )]
    UnreadableRow {
        /// The database.
        place: String,
        /// The column.
        column: &'static str,
        /// Its value.
        value: String,
    },
    /// An event has a value that the log cannot hold.
    #[error("event {key} was not written: its {column} is outside what the event log can hold")]
    Unstorable {
        /// Key of the event.
        key: String,
        /// The column.
        column: &'static str,
    },
}

/// How long a locked database is waited for.
pub(crate) const LOCK_PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// SQLite's primary result codes, <https://sqlite.org/rescode.html>.
mod result_code {
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const READONLY: i32 = 8;
    pub(super) const IOERR: i32 = 10;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const FULL: i32 = 13;
    pub(super) const CANTOPEN: i32 = 14;
    pub(super) const CONSTRAINT: i32 = 19;
    pub(super) const PROTOCOL: i32 = 15;
    pub(super) const PERM: i32 = 3;
    pub(super) const NOTADB: i32 = 26;
    pub(super) const NOLFS: i32 = 22;
}

impl StoreError {
    /// What a failure of SQLite means for the log at `path`.
    pub(crate) fn from_sql(path: &Path, source: sqlx::Error) -> Self {
        let path = path.to_owned();
        let detail = source.to_string();
        match primary_code(&source) {
            Some(result_code::BUSY | result_code::LOCKED | result_code::PROTOCOL) => {
                Self::Locked { path, seconds: LOCK_PATIENCE.as_secs() }
            }
            Some(result_code::READONLY) => Self::ReadOnly { path },
            Some(result_code::CORRUPT) => Self::Corrupt { path, detail },
            Some(result_code::FULL) => Self::Full { path },
            Some(result_code::NOTADB) => Self::NotADatabase { path },
            Some(
                result_code::CANTOPEN | result_code::IOERR | result_code::PERM | result_code::NOLFS,
            ) => Self::Io { path, detail },
            _ => match source {
                sqlx::Error::Io(_) => Self::Io { path, detail },
                _ => Self::Sql { path, source },
            },
        }
    }
}

impl StoreError {
    /// Whether the fault is the event's alone, so that others can be written all the same.
    pub(crate) fn is_of_the_event(&self) -> bool {
        matches!(self, Self::KeyConflict { .. } | Self::Rejected { .. } | Self::Unstorable { .. })
    }
}

/// SQLite's result code without its extension; `None` when SQLite was not the one to refuse.
fn primary_code(source: &sqlx::Error) -> Option<i32> {
    let code: i32 = source.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// Whether a statement failed only because another process holds the database.
pub(crate) fn is_busy(source: &sqlx::Error) -> bool {
    primary_code(source) == Some(result_code::BUSY)
}

/// Whether a statement failed because it would have had to write.
pub(crate) fn is_read_only(source: &sqlx::Error) -> bool {
    primary_code(source) == Some(result_code::READONLY)
}

/// Whether a statement failed only because of the values that it would have written.
pub(crate) fn is_constraint(source: &sqlx::Error) -> bool {
    primary_code(source) == Some(result_code::CONSTRAINT)
}
