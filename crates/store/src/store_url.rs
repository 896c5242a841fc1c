//! Where the event log is.

use std::fmt;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Where the event log is, parsed from `[store].url`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreUrl {
    path: PathBuf,
}

/// A store URL that cannot be used. The texts never repeat the URL: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StoreUrlError {
    /// `https://`: an ingestion endpoint.
    #[error(
        "a store URL starting with https:// (the form will be https://HOST/functions/v1) is not \
         supported yet: use sqlite:PATH"
    )]
    HttpsNotSupportedYet,
    /// A database that would forget everything.
    #[error(
        "the store URL names a database in memory, which would forget every event at exit: use \
         sqlite:PATH"
    )]
    InMemory,
    /// `sqlite:` without a usable path.
    #[error(
        "the store URL has no usable path: write sqlite:PATH, with no // before the path and no \
         `?` in it, such as sqlite:.provost/events.db"
    )]
    InvalidPath,
    /// `http://`: events would travel in the clear.
    #[error(
        "a store URL starting with http:// is refused, since events would travel unprotected: use \
         sqlite:PATH"
    )]
    Plaintext,
    /// `postgres://` or `postgresql://`.
    #[error(
        "a store URL starting with postgres:// (the form will be \
         postgres://USER@HOST:PORT/DATABASE) is not supported yet: use sqlite:PATH"
    )]
    PostgresNotSupportedYet,
    /// Anything else.
    #[error(
        "the store URL has no known scheme: write sqlite:PATH, such as sqlite:.provost/events.db"
    )]
    UnknownScheme,
}

impl StoreUrl {
    /// The URL that holds when none is configured.
    pub const DEFAULT: &'static str = "sqlite:.provost/events.db";

    /// Parses a store URL. A relative path is taken from `base`, such as the repository root.
    ///
    /// # Errors
    /// [`StoreUrlError`] for what is no `sqlite:PATH`.
    pub fn parse(url: &str, base: &Path) -> Result<Self, StoreUrlError> {
        let (scheme, rest) = url.split_once(':').ok_or(StoreUrlError::UnknownScheme)?;
        match scheme.to_ascii_lowercase().as_str() {
            "sqlite" => Ok(Self { path: base.join(sqlite_path(rest)?) }),
            "postgres" | "postgresql" => Err(StoreUrlError::PostgresNotSupportedYet),
            "https" => Err(StoreUrlError::HttpsNotSupportedYet),
            "http" => Err(StoreUrlError::Plaintext),
            _ => Err(StoreUrlError::UnknownScheme),
        }
    }

    /// Path of the database file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sqlite:{}", self.path.display())
    }
}

/// The path of an `sqlite:` URL. Parameters and the `//` form mean different files to different
/// programs, so neither is guessed at.
fn sqlite_path(rest: &str) -> Result<&Path, StoreUrlError> {
    if rest.contains(":memory:") {
        return Err(StoreUrlError::InMemory);
    }
    let ends_as_folder = rest.ends_with(['/', std::path::MAIN_SEPARATOR]);
    if rest.starts_with("//") || ends_as_folder || rest.contains(['?', '\0']) {
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

    fn refusal(url: &str) -> StoreUrlError {
        StoreUrl::parse(url, Path::new("/base")).unwrap_err()
    }

    #[test]
    fn a_path_is_taken_from_the_base_folder() {
        let parsed = |url| StoreUrl::parse(url, Path::new("/base")).unwrap();
        let default = parsed(StoreUrl::DEFAULT);
        assert_eq!(default.path(), Path::new("/base/.provost/events.db"));
        assert_eq!(default.to_string(), "sqlite:/base/.provost/events.db");
        assert_eq!(parsed("sqlite:/var/log.db").path(), Path::new("/var/log.db"));
        assert_eq!(parsed("SQLite:file:x").path(), Path::new("/base/file:x"));
    }

    #[test]
    fn what_names_no_file_is_refused() {
        for url in ["sqlite:", "sqlite:a/", "sqlite:..", "sqlite://a.db", "sqlite:a.db?mode=ro"] {
            assert_eq!(refusal(url), StoreUrlError::InvalidPath, "{url}");
        }
        assert_eq!(refusal("sqlite:a\0.db"), StoreUrlError::InvalidPath);
        assert_eq!(refusal("sqlite::memory:"), StoreUrlError::InMemory);
        assert_eq!(refusal("sqlite:file::memory:"), StoreUrlError::InMemory);
    }

    #[test]
    fn other_schemes_are_refused_without_repeating_a_password() {
        for (url, expected) in [
            ("postgres://me:hunter2@h/db", StoreUrlError::PostgresNotSupportedYet),
            ("postgresql://me:hunter2@h/db", StoreUrlError::PostgresNotSupportedYet),
            ("https://me:hunter2@h/functions/v1", StoreUrlError::HttpsNotSupportedYet),
            ("http://me:hunter2@h/functions/v1", StoreUrlError::Plaintext),
            ("mysql://me:hunter2@h/db", StoreUrlError::UnknownScheme),
            ("hunter2:x", StoreUrlError::UnknownScheme),
            ("hunter2", StoreUrlError::UnknownScheme),
            ("", StoreUrlError::UnknownScheme),
        ] {
            let refused = refusal(url);
            assert_eq!(refused, expected);
            assert!(refused.to_string().contains("sqlite:PATH"));
            assert!(!format!("{refused} {refused:?}").contains("hunter2"));
        }
        let text = refusal("postgres://h/db").to_string();
        assert!(text.contains("not supported yet") && text.contains("postgres://USER@HOST"));
    }
}
