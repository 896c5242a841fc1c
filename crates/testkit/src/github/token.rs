//! Tokens: whose they are, of which kind, and what they may do.

use std::collections::BTreeMap;

/// A token that the fake knows. Its secret is made when it is added.
#[derive(Clone)]
pub struct Token {
    pub(crate) secret: String,
    pub(crate) login: String,
    pub(crate) kind: Kind,
    pub(crate) expires: Option<String>,
    /// `OWNER/NAME`; empty for every repository.
    pub(crate) repositories: Vec<String>,
}

#[derive(Clone)]
pub(crate) enum Kind {
    Classic { scopes: Vec<String> },
    FineGrained { permissions: Permissions },
    Installation { permissions: Permissions },
}

pub(crate) type Permissions = BTreeMap<String, Level>;

/// How far a permission goes.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Level {
    Read,
    Write,
}

impl Level {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

impl Token {
    /// A classic personal access token with scopes such as `repo` and `workflow`.
    pub fn classic(login: &str, scopes: &[&str]) -> Self {
        let scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
        Self::new(login, Kind::Classic { scopes })
    }

    /// A fine-grained personal access token with permissions such as `contents:write`.
    ///
    /// `metadata:read` comes with every token, as at GitHub. Panics on a malformed permission.
    pub fn fine_grained(login: &str, permissions: &[&str]) -> Self {
        Self::new(login, Kind::FineGrained { permissions: parsed(permissions) })
    }

    /// An installation token of the app `slug`.
    pub fn installation(slug: &str, permissions: &[&str]) -> Self {
        Self::new(&format!("{slug}[bot]"), Kind::Installation { permissions: parsed(permissions) })
    }

    /// The `GITHUB_TOKEN` of a job of `repository` (`OWNER/NAME`), with the `permissions` of its
    /// workflow.
    pub fn of_job(repository: &str, permissions: &[&str]) -> Self {
        Self::installation("github-actions", permissions).only(repository)
    }

    /// Good for this repository (`OWNER/NAME`) only; can be repeated.
    #[must_use]
    pub fn only(mut self, repository: &str) -> Self {
        self.repositories.push(repository.to_owned());
        self
    }

    /// Sent as `github-authentication-token-expiration`, such as `2026-12-01 00:00:00 UTC`.
    #[must_use]
    pub fn expires(mut self, time: &str) -> Self {
        self.expires = Some(time.to_owned());
        self
    }

    fn new(login: &str, kind: Kind) -> Self {
        let (login, secret) = (login.to_owned(), String::new());
        Self { secret, login, kind, expires: None, repositories: Vec::new() }
    }

    /// The prefix that GitHub gives the secrets of this kind.
    pub(crate) fn prefix(&self) -> &'static str {
        match self.kind {
            Kind::Classic { .. } => "ghp_",
            Kind::FineGrained { .. } => "github_pat_",
            Kind::Installation { .. } => "ghs_",
        }
    }

    pub(crate) fn covers(&self, full_name: &str) -> bool {
        let named = |own: &String| own.eq_ignore_ascii_case(full_name);
        self.repositories.is_empty() || self.repositories.iter().any(named)
    }

    /// May it do what needs `permission` at `level`? Scopes are read for a public repository.
    pub(crate) fn allows(&self, permission: &str, level: Level, private: bool) -> bool {
        match &self.kind {
            Kind::Classic { scopes } => {
                let has = |scope: &str| scopes.iter().any(|own| own == scope);
                let public = !private && (level == Level::Read || has("public_repo"));
                has("repo") || public
            }
            Kind::FineGrained { permissions } | Kind::Installation { permissions } => {
                let metadata = permission == "metadata" && level == Level::Read;
                metadata || permissions.get(permission).is_some_and(|own| *own >= level)
            }
        }
    }

    /// GitHub's words for a missing permission.
    pub(crate) fn refusal(&self) -> &'static str {
        match self.kind {
            Kind::Installation { .. } => "Resource not accessible by integration",
            _ => "Resource not accessible by personal access token",
        }
    }
}

fn parsed(permissions: &[&str]) -> Permissions {
    permissions.iter().map(|text| permission(text)).collect()
}

fn permission(text: &str) -> (String, Level) {
    let level = match text.split_once(':') {
        Some((_, "read")) => Level::Read,
        Some((_, "write")) => Level::Write,
        _ => panic!("a permission is written NAME:read or NAME:write, not {text:?}"),
    };
    (text.split(':').next().unwrap_or_default().to_owned(), level)
}
