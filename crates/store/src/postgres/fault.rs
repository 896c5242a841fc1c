//! What PostgreSQL, or the way to it, refuses.

use super::connect::ACQUIRE_TIMEOUT;
use thiserror::Error;

/// Why a PostgreSQL event log could not be used. The texts hold no password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PostgresError {
    /// No connection is free.
    #[error(
        "the event log {place} has no connection free ({detail}): is it running? else try again, or \
         give it fewer clients or more connections (pool_max)"
    )]
    Busy {
        /// The database.
        place: String,
        /// In the server's words.
        detail: String,
    },
    /// Others kept changing the same rows.
    #[error("the event log {place} was busy with the same rows ({detail}): try again")]
    Conflict {
        /// The database.
        place: String,
        /// In the server's words.
        detail: String,
    },
    /// A right is missing.
    #[error(
        "the event log {place} does not permit it ({detail}): connect as its owner, or as a member \
         of service_role"
    )]
    Forbidden {
        /// The database.
        place: String,
        /// In the server's words.
        detail: String,
    },
    /// A relation of another program has one of the log's names.
    #[error(
        "the database {place} has a {object} that is not an event log's, and was left as it is: \
         name another database in [store].url"
    )]
    Foreign {
        /// The database.
        place: String,
        /// The relation.
        object: String,
    },
    /// No room on the disk.
    #[error("no space left for the event log {place}: free some and try again")]
    Full {
        /// The database.
        place: String,
    },
    /// The connection went away. Whether what was being written is in the log is unknown: write it
    /// again.
    #[error("the connection to the event log {place} was lost ({detail}): try again")]
    Lost {
        /// The database.
        place: String,
        /// What was seen of it.
        detail: String,
    },
    /// There is no such database.
    #[error("there is no database for the event log at {place}: make it, or mend [store].url")]
    NoDatabase {
        /// The database.
        place: String,
    },
    /// Nothing can be written.
    #[error(
        "the event log {place} is read-only (a standby, or default_transaction_read_only): name the \
         server that takes writes"
    )]
    ReadOnly {
        /// The database.
        place: String,
    },
    /// Anything else.
    #[error("the event log {place} refused a statement ({code}: {detail})")]
    Refused {
        /// The database.
        place: String,
        /// SQLSTATE.
        code: String,
        /// In the server's words.
        detail: String,
    },
    /// It took too long.
    #[error(
        "the event log {place} took too long ({detail}): try again, or raise statement_timeout in \
         the store URL"
    )]
    Timeout {
        /// The database.
        place: String,
        /// In the server's words.
        detail: String,
    },
    /// The connection would not be protected as it must be.
    #[error(
        "no protected connection to the event log {place} ({detail}): sslrootcert in the store URL \
         names the file with the certificate authority"
    )]
    Unprotected {
        /// The database.
        place: String,
        /// Why.
        detail: String,
    },
    /// User or password are wrong.
    #[error(
        "the event log {place} refused its user ({detail}): set PROVOST_STORE_PASSWORD or \
         PROVOST_STORE_PASSWORD_FILE"
    )]
    Unauthenticated {
        /// The database.
        place: String,
        /// In the server's words.
        detail: String,
    },
    /// The server does not answer.
    #[error("cannot reach the event log {place} ({detail}): is it running, and at that address?")]
    Unreachable {
        /// The database.
        place: String,
        /// Why.
        detail: String,
    },
}

/// A failure, by what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    Busy(String),
    Conflict(String),
    Forbidden(String),
    Foreign(String),
    Full,
    Lost(String),
    NoDatabase,
    ReadOnly,
    Refused { code: String, detail: String },
    Timeout(String),
    Unprotected(String),
    Unauthenticated(String),
    Unreachable(String),
}

impl Fault {
    /// What a failure on an open connection means.
    pub(super) fn of(source: &sqlx::Error) -> Self {
        let detail = source.to_string();
        match source {
            sqlx::Error::Database(error) => {
                let code = error.code().unwrap_or_default().into_owned();
                Self::of_code(code, error.message().to_owned())
            }
            sqlx::Error::PoolTimedOut => {
                let seconds = ACQUIRE_TIMEOUT.as_secs();
                Self::Busy(format!("none came free, and none could be opened, for {seconds} s"))
            }
            // So rustls tells of a certificate or a handshake that it refuses.
            sqlx::Error::Io(source) if source.kind() == std::io::ErrorKind::InvalidData => {
                Self::Unprotected(source.to_string())
            }
            sqlx::Error::Io(source) => Self::Lost(source.to_string()),
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed | sqlx::Error::BeginFailed => {
                Self::Lost(detail)
            }
            // The answer stopped in the middle.
            sqlx::Error::Protocol(_) => Self::Lost(detail),
            sqlx::Error::Tls(_) => Self::Unprotected(detail),
            _ => Self::Refused { code: "none".to_owned(), detail },
        }
    }

    /// What a failure to connect means.
    pub(super) fn of_connecting(source: &sqlx::Error) -> Self {
        match Self::of(source) {
            Self::Lost(detail) => Self::Unreachable(detail),
            Self::Refused { code, detail } if code == "none" => Self::Unprotected(detail),
            other => other,
        }
    }

    /// By SQLSTATE, <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
    fn of_code(code: String, detail: String) -> Self {
        match code.as_str() {
            "53100" => Self::Full,
            "53300" => Self::Busy(detail),
            "25006" => Self::ReadOnly,
            "42501" => Self::Forbidden(detail),
            "40001" | "40P01" => Self::Conflict(detail),
            "57014" | "55P03" | "25P03" => Self::Timeout(detail),
            "28000" | "28P01" => Self::Unauthenticated(detail),
            "3D000" => Self::NoDatabase,
            "57P01" | "57P02" | "57P03" | "57P05" => Self::Lost(detail),
            other if other.starts_with("08") => Self::Lost(detail),
            _ => Self::Refused { code, detail },
        }
    }

    /// Whether the same may be tried again, after so many tries.
    pub(super) fn is_worth_another_try(&self, tries: u32) -> bool {
        match self {
            Self::Lost(_) => tries < 2,
            Self::Conflict(_) => tries < 8,
            _ => false,
        }
    }

    /// Whether the values alone are at fault, so that others can be written all the same.
    pub(super) fn is_of_the_values(&self) -> bool {
        matches!(self, Self::Refused { code, .. }
            if ["22", "23", "54"].iter().any(|class| code.starts_with(class)))
    }

    pub(super) fn at(self, place: &str) -> PostgresError {
        let place = place.to_owned();
        match self {
            Self::Busy(detail) => PostgresError::Busy { place, detail },
            Self::Conflict(detail) => PostgresError::Conflict { place, detail },
            Self::Forbidden(detail) => PostgresError::Forbidden { place, detail },
            Self::Foreign(object) => PostgresError::Foreign { place, object },
            Self::Full => PostgresError::Full { place },
            Self::Lost(detail) => PostgresError::Lost { place, detail },
            Self::NoDatabase => PostgresError::NoDatabase { place },
            Self::ReadOnly => PostgresError::ReadOnly { place },
            Self::Refused { code, detail } => PostgresError::Refused { place, code, detail },
            Self::Timeout(detail) => PostgresError::Timeout { place, detail },
            Self::Unprotected(detail) => PostgresError::Unprotected { place, detail },
            Self::Unauthenticated(detail) => PostgresError::Unauthenticated { place, detail },
            Self::Unreachable(detail) => PostgresError::Unreachable { place, detail },
        }
    }
}
