//! Where the event log is.

use crate::postgres_url::{PostgresProblem, PostgresUrl};
use provost_outbound::{Origin, Secret, SecretError, shown};
use std::fmt;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The environment variable that names the event log.
const VARIABLE: &str = "PROVOST_STORE_URL";

/// Where the event log is, parsed from `[store].url` or from the environment.
#[derive(Debug, Clone)]
pub struct StoreUrl(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Sqlite(PathBuf),
    Postgres(Box<PostgresUrl>),
    Endpoint(Origin),
}

/// A store URL that cannot be used. The texts never repeat the URL: it may hold a password.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreUrlError {
    /// A database that would forget everything.
    #[error(
        "the store URL names a database in memory, which would forget every event at exit: use \
         sqlite:PATH"
    )]
    InMemory,
    /// `https:` that names no ingestion endpoint.
    #[error(
        "the store URL starting with https:// names no ingestion endpoint: write \
         https://HOST/functions/v1, without user, password and parameters"
    )]
    InvalidEndpoint,
    /// `sqlite:` without a usable path.
    #[error(
        "the store URL has no usable path: write sqlite:PATH, with no // before the path and no \
         `?` or control character in it, such as sqlite:.provost/events.db"
    )]
    InvalidPath,
    /// `postgres://` that names no database.
    #[error(
        "the store URL starting with postgres:// cannot be used: {0}; write \
         postgres://USER@HOST:PORT/DATABASE"
    )]
    InvalidPostgres(PostgresProblem),
    /// A password in a file or an argument, where others can read it.
    #[error(
        "the store URL holds a password, which does not belong into a file or an argument: take \
         it out and set PROVOST_STORE_PASSWORD or PROVOST_STORE_PASSWORD_FILE"
    )]
    PasswordInUrl,
    /// `http://`: events would travel in the clear.
    #[error(
        "a store URL starting with http:// is refused, since events would travel unprotected: use \
         https:// (http:// is for loopback alone)"
    )]
    Plaintext,
    /// The variable or file that should hold the URL cannot be read.
    #[error("the store URL of the environment cannot be read")]
    Unreadable(#[from] SecretError),
    /// Anything else.
    #[error(
        "the store URL has no known scheme: write sqlite:PATH, such as sqlite:.provost/events.db, \
         postgres://USER@HOST:PORT/DATABASE, or https://HOST/functions/v1"
    )]
    UnknownScheme,
}

impl StoreUrl {
    /// The URL that holds when none is configured.
    pub const DEFAULT: &'static str = "sqlite:.provost/events.db";

    /// Parses a store URL of a file or an argument, which must not hold a password. A relative
    /// path is taken from `base`, such as the repository root.
    ///
    /// # Errors
    /// [`StoreUrlError`] for what is no `sqlite:PATH`, `postgres://…` or `https://…`.
    pub fn parse(url: &str, base: &Path) -> Result<Self, StoreUrlError> {
        let parsed = Self::parse_any(url, base)?;
        match &parsed.0 {
            Kind::Postgres(url) if url.password.is_some() => Err(StoreUrlError::PasswordInUrl),
            _ => Ok(parsed),
        }
    }

    /// The store URL of the environment: `PROVOST_STORE_URL`, or the file that
    /// `PROVOST_STORE_URL_FILE` names; `None` when neither is set. Here a password may stand in it.
    ///
    /// # Errors
    /// [`StoreUrlError`].
    pub fn from_environment(
        base: &Path,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, StoreUrlError> {
        match Secret::line_from_environment(VARIABLE, variable)? {
            Some(url) => Self::parse_any(url.expose(), base).map(Some),
            None => Ok(None),
        }
    }

    fn parse_any(url: &str, base: &Path) -> Result<Self, StoreUrlError> {
        let (scheme, rest) = url.split_once(':').ok_or(StoreUrlError::UnknownScheme)?;
        // The URL parser would leave some of these out, and encode others.
        let is_one_word = !url.contains(|each: char| each.is_control() || each.is_whitespace());
        let endpoint = || match is_one_word {
            true => Origin::parse(url, "the store URL").map(Kind::Endpoint).ok(),
            false => None,
        };
        Ok(Self(match scheme.to_ascii_lowercase().as_str() {
            "sqlite" => Kind::Sqlite(base.join(sqlite_path(rest)?)),
            "postgres" | "postgresql" if !is_one_word => {
                return Err(StoreUrlError::InvalidPostgres(PostgresProblem::Malformed));
            }
            "postgres" | "postgresql" => {
                let parsed = PostgresUrl::parse(url, base);
                Kind::Postgres(Box::new(parsed.map_err(StoreUrlError::InvalidPostgres)?))
            }
            "https" => endpoint().ok_or(StoreUrlError::InvalidEndpoint)?,
            "http" => endpoint().ok_or(StoreUrlError::Plaintext)?,
            _ => return Err(StoreUrlError::UnknownScheme),
        }))
    }

    /// Path of the database file, when the log is in SQLite.
    pub fn sqlite_path(&self) -> Option<&Path> {
        match &self.0 {
            Kind::Sqlite(path) => Some(path),
            _ => None,
        }
    }

    /// The database, when the log is in PostgreSQL.
    pub fn postgres(&self) -> Option<&PostgresUrl> {
        match &self.0 {
            Kind::Postgres(url) => Some(url),
            _ => None,
        }
    }

    /// The base URL of the routes, such as `https://HOST/functions/v1`, when the log is behind an
    /// ingestion endpoint.
    pub fn endpoint(&self) -> Option<&Origin> {
        match &self.0 {
            Kind::Endpoint(base) => Some(base),
            _ => None,
        }
    }
}

/// The URL without password and parameters.
impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Kind::Postgres(url) => url.fmt(f),
            Kind::Endpoint(base) => f.write_str(&shown(base.url())),
        }
    }
}

/// The path of an `sqlite:` URL. Parameters and the `//` form mean different files to different
/// programs, so neither is guessed at.
fn sqlite_path(rest: &str) -> Result<&Path, StoreUrlError> {
    if rest.contains(":memory:") {
        return Err(StoreUrlError::InMemory);
    }
    let ends_as_folder = rest.ends_with(['/', std::path::MAIN_SEPARATOR]);
    let is_unusable = |each: char| each == '?' || each.is_control();
    if rest.starts_with("//") || ends_as_folder || rest.contains(is_unusable) {
        return Err(StoreUrlError::InvalidPath);
    }
    let path = Path::new(rest);
    path.file_name().ok_or(StoreUrlError::InvalidPath)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is the failure of a test")]

    use super::*;

    fn parsed(url: &str) -> StoreUrl {
        StoreUrl::parse(url, Path::new("/base")).unwrap()
    }

    fn refusal(url: &str) -> StoreUrlError {
        StoreUrl::parse(url, Path::new("/base")).unwrap_err()
    }

    #[test]
    fn a_path_is_taken_from_the_base_folder() {
        let path = |url| parsed(url).sqlite_path().unwrap().to_owned();
        assert_eq!(path(StoreUrl::DEFAULT), Path::new("/base/.provost/events.db"));
        assert_eq!(parsed(StoreUrl::DEFAULT).to_string(), "sqlite:/base/.provost/events.db");
        assert_eq!(path("sqlite:/var/log.db"), Path::new("/var/log.db"));
        assert_eq!(path("SQLite:file:x"), Path::new("/base/file:x"));
    }

    #[test]
    fn a_path_may_hold_any_character_that_is_no_control_character() {
        for path in ["/my logs/events.db", "/l\u{f6}gs/#1 %20&=+.db", "/logs/events.db "] {
            let url = format!("sqlite:{path}");
            assert_eq!(parsed(&url).sqlite_path(), Some(Path::new(path)));
            let variable = |name: &str| (name == VARIABLE).then(|| url.clone());
            let read = StoreUrl::from_environment(Path::new("."), variable).unwrap().unwrap();
            assert_eq!(read.sqlite_path(), Some(Path::new(path)));
        }
        for url in ["sqlite:/my\tlogs/a.db", "sqlite:/a\u{1b}[0m.db", "sqlite:/a\u{85}.db"] {
            assert!(matches!(refusal(url), StoreUrlError::InvalidPath), "{url:?}");
            let variable = |name: &str| (name == VARIABLE).then(|| url.to_owned());
            let refused = StoreUrl::from_environment(Path::new("."), variable).unwrap_err();
            assert!(matches!(refused, StoreUrlError::Unreadable(_)), "{url:?}");
        }
    }

    #[test]
    fn a_server_is_named_without_spaces() {
        for url in ["postgres://me@h/my db", "https://h/functions/v1 ", "https://h/func tions"] {
            assert!(
                matches!(
                    refusal(url),
                    StoreUrlError::InvalidPostgres(_) | StoreUrlError::InvalidEndpoint
                ),
                "{url}"
            );
        }
    }

    #[test]
    fn what_names_no_file_is_refused() {
        for url in ["sqlite:", "sqlite:a/", "sqlite:..", "sqlite://a.db", "sqlite:a.db?mode=ro"] {
            assert!(matches!(refusal(url), StoreUrlError::InvalidPath), "{url}");
        }
        assert!(matches!(refusal("sqlite:a\0.db"), StoreUrlError::InvalidPath));
        assert!(matches!(refusal("sqlite::memory:"), StoreUrlError::InMemory));
        assert!(matches!(refusal("sqlite:file::memory:"), StoreUrlError::InMemory));
    }

    #[test]
    fn an_endpoint_is_https_or_on_this_machine() {
        for url in
            ["https://provost.example.com/functions/v1", "http://127.0.0.1:8080/functions/v1"]
        {
            let endpoint = parsed(url);
            assert_eq!(endpoint.to_string(), url);
            assert!(endpoint.endpoint().is_some() && endpoint.sqlite_path().is_none());
        }
        assert!(matches!(refusal("http://h/functions/v1"), StoreUrlError::Plaintext));
        for url in ["https://h/v1?key=hunter2", "https://me:hunter2@h/v1", "https://"] {
            assert!(matches!(refusal(url), StoreUrlError::InvalidEndpoint), "{url}");
        }
    }

    #[test]
    fn a_password_is_taken_from_the_environment_alone() {
        let url = "postgres://me:hunter2@db.example.com/events";
        assert!(matches!(refusal(url), StoreUrlError::PasswordInUrl));
        let variable = |name: &str| (name == VARIABLE).then(|| url.to_owned());
        let read = StoreUrl::from_environment(Path::new("."), variable).unwrap().unwrap();
        assert_eq!(read.to_string(), "postgres://me@db.example.com/events");
        assert!(!format!("{read:?} {read}").contains("hunter2"));
        assert!(read.postgres().unwrap().password.is_some());
        assert!(StoreUrl::from_environment(Path::new("."), |_| None).unwrap().is_none());
    }

    #[test]
    fn no_refusal_repeats_a_password() {
        for url in [
            "postgres://me:hunter2@h/db",
            "postgresql://me:hunter2@h",
            "postgres://me:hunter2%20x@h/db",
            "postgres://me@h/db?sslmode=hunter2",
            "postgres://me@h/db?password=hunter2",
            "https://me:hunter2@h/functions/v1",
            "http://me:hunter2@h/functions/v1",
            "mysql://me:hunter2@h/db",
            "hunter2:x",
            "hunter2",
        ] {
            let refused = refusal(url);
            assert!(!format!("{refused} {refused:?}").contains("hunter2"), "{refused}");
        }
    }
}
