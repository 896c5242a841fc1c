//! Repositories and the URIs that name them.

use std::fmt;

/// A repository on a GitHub server: `OWNER/NAME` on a host.
///
/// GitHub names are compared ASCII-case-insensitively, after every byte outside `[A-Za-z0-9._-]`
/// was refused, so that no look-alike character takes part in a comparison.
#[derive(Debug, Clone)]
pub struct Repository {
    server: String,
    owner: String,
    name: String,
}

/// The server of github.com.
pub const GITHUB: &str = "https://github.com";

/// Why a text names no repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{uri:?} is not a repository: {reason}")]
pub struct InvalidRepository {
    /// The text, as given.
    pub uri: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl Repository {
    /// Reads what a person may write for a repository of github.com: `github.com/O/R`,
    /// `https://github.com/O/R` or `git+https://github.com/O/R`.
    ///
    /// # Errors
    /// [`InvalidRepository`] for any other host, a trailing slash, `.git`, an `@ref` or odd bytes.
    pub fn from_expectation(text: &str) -> Result<Self, InvalidRepository> {
        let url = text.strip_prefix("git+").unwrap_or(text);
        if url.starts_with("https://") {
            return Self::from_url(url, GITHUB).map_err(|error| error.about(text));
        }
        if url.len() != text.len() {
            return Err(invalid(text, "after `git+` it must go on with `https://`"));
        }
        Self::from_url(&format!("https://{text}"), GITHUB).map_err(|error| error.about(text))
    }

    /// Reads `OWNER/NAME` on `server`, as old certificates name their repository (OID .5).
    ///
    /// # Errors
    /// [`InvalidRepository`].
    pub fn from_slug(slug: &str, server: &str) -> Result<Self, InvalidRepository> {
        let Some((owner, name)) = slug.split_once('/') else {
            return Err(invalid(slug, "it must be OWNER/NAME"));
        };
        if !is_name(owner) || !is_name(name) {
            return Err(invalid(slug, "it must be OWNER/NAME of letters, digits, `.`, `_`, `-`"));
        }
        if name.len() > 4 && name[name.len() - 4..].eq_ignore_ascii_case(".git") {
            return Err(invalid(slug, "write it without `.git`"));
        }
        Ok(Self { server: server.to_owned(), owner: owner.to_owned(), name: name.to_owned() })
    }

    /// Reads `<server>/OWNER/NAME`, as certificates name their repository (OID .12).
    ///
    /// # Errors
    /// [`InvalidRepository`] when it lies on another server or is no OWNER/NAME.
    pub fn from_url(url: &str, server: &str) -> Result<Self, InvalidRepository> {
        let slug = url
            .strip_prefix(server)
            .and_then(|rest| rest.strip_prefix('/'))
            .ok_or_else(|| invalid(url, "it does not lie on the expected GitHub server"))?;
        Self::from_slug(slug, server).map_err(|error| error.about(url))
    }

    /// `OWNER/NAME` as first written.
    pub fn slug(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// `https://SERVER/OWNER/NAME`.
    pub fn url(&self) -> String {
        format!("{}/{}/{}", self.server, self.owner, self.name)
    }
}

impl PartialEq for Repository {
    fn eq(&self, other: &Self) -> bool {
        self.server == other.server
            && self.owner.eq_ignore_ascii_case(&other.owner)
            && self.name.eq_ignore_ascii_case(&other.name)
    }
}

impl Eq for Repository {}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.server.strip_prefix("https://").unwrap_or(&self.server);
        write!(f, "{host}/{}/{}", self.owner, self.name)
    }
}

impl InvalidRepository {
    fn about(self, uri: &str) -> Self {
        Self { uri: uri.to_owned(), ..self }
    }
}

fn invalid(uri: &str, reason: &'static str) -> InvalidRepository {
    InvalidRepository { uri: uri.to_owned(), reason }
}

/// One component of a GitHub path: no odd bytes, and not `.` or `..`.
fn is_name(text: &str) -> bool {
    !matches!(text, "" | "." | "..")
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

/// A source URI of a statement: `git+https://github.com/O/R@refs/tags/v1`, cut at the first `@`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceUri<'a> {
    /// The part before the first `@`, still with `git+`.
    pub uri: &'a str,
    /// The part after the first `@`; `None` when there is no `@`. May itself contain `@`.
    pub git_ref: Option<&'a str>,
}

impl<'a> SourceUri<'a> {
    /// Cuts the URI; it must start with `git+` and have something after it.
    pub fn parse(text: &'a str) -> Option<Self> {
        if text.strip_prefix("git+").is_none_or(str::is_empty) {
            return None;
        }
        Some(match text.split_once('@') {
            Some((uri, git_ref)) => Self { uri, git_ref: Some(git_ref) },
            None => Self { uri: text, git_ref: None },
        })
    }

    /// The repository it names, when it lies on `server`.
    ///
    /// # Errors
    /// [`InvalidRepository`].
    pub fn repository(&self, server: &str) -> Result<Repository, InvalidRepository> {
        let url = self.uri.strip_prefix("git+").unwrap_or(self.uri);
        Repository::from_url(url, server)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_three_spellings_of_a_repository() {
        let plain = Repository::from_expectation("github.com/Org/Repo").expect("plain");
        for same in ["https://github.com/org/repo", "git+https://github.com/ORG/REPO"] {
            assert_eq!(Repository::from_expectation(same).as_ref(), Ok(&plain), "{same}");
        }
        assert_eq!(plain.to_string(), "github.com/Org/Repo");
        assert_eq!(plain.slug(), "Org/Repo");
    }

    #[test]
    fn refuses_look_alikes() {
        for wrong in [
            "o/r",
            "github.com/o/r/",
            "github.com/o/r.git",
            "github.com/o/r.GIT",
            "github.com/o/r@refs/heads/main",
            "github.com//r",
            "github.com/o/../r",
            "github.com/o/..",
            "github.com/o/r/x",
            "github.com/o%2Fr/x",
            "github.com.evil.example/o/r",
            "gitlab.com/o/r",
            "http://github.com/o/r",
            "git+github.com/o/r",
            "GITHUB.com/o/r",
            "github.com/o/\u{212a}elvin",
            "github.com/o/d\u{131}tless",
            "github.com/o/r ",
            "",
        ] {
            assert!(Repository::from_expectation(wrong).is_err(), "{wrong}");
        }
        let repository = Repository::from_expectation("github.com/o/r").expect("repository");
        let evil = Repository::from_expectation("github.com/o/r-evil").expect("repository");
        assert_ne!(repository, evil);
    }

    #[test]
    fn a_source_uri_is_cut_at_the_first_at_sign() {
        let source = SourceUri::parse("git+https://github.com/o/r@refs/tags/pkg@1.2").expect("uri");
        assert_eq!(source.uri, "git+https://github.com/o/r");
        assert_eq!(source.git_ref, Some("refs/tags/pkg@1.2"));
        assert_eq!(source.repository(GITHUB).map(|r| r.slug()), Ok("o/r".to_owned()));
        assert_eq!(SourceUri::parse("git+https://github.com/o/r").expect("uri").git_ref, None);
        for wrong in ["", "git+", "https://github.com/o/r", "Git+https://github.com/o/r"] {
            assert_eq!(SourceUri::parse(wrong), None, "{wrong}");
        }
        let other = SourceUri::parse("git+https://gitlab.com/o/r").expect("uri");
        assert!(other.repository(GITHUB).is_err());
    }
}
