//! The scopes of `permissions:` and what may be done with them.

use std::fmt;

/// How much of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Nothing.
    None,
    /// `read`.
    Read,
    /// `write`, which includes reading.
    Write,
}

impl Access {
    pub(crate) fn named(word: &str) -> Option<Self> {
        match word {
            "none" => Some(Self::None),
            "read" => Some(Self::Read),
            "write" => Some(Self::Write),
            _ => None,
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Write => "write",
        })
    }
}

/// A scope, named as in a workflow or, where a workflow cannot grant it, as GitHub names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(&'static str);

/// The keys of `permissions:` (GitHub documentation, "Workflow syntax", `permissions`).
const KEYS: [&str; 16] = [
    "actions",
    "artifact-metadata",
    "attestations",
    "checks",
    "contents",
    "deployments",
    "discussions",
    "id-token",
    "issues",
    "models",
    "packages",
    "pages",
    "pull-requests",
    "repository-projects",
    "security-events",
    "statuses",
];

/// What no `permissions:` key grants, so that `GITHUB_TOKEN` never has it.
const BEYOND: [&str; 6] =
    ["administration", "members", "metadata", "secrets", "variables", "vulnerability-alerts"];

impl Scope {
    pub(crate) const ACTIONS: Self = Self("actions");
    pub(crate) const ATTESTATIONS: Self = Self("attestations");
    pub(crate) const CONTENTS: Self = Self("contents");
    pub(crate) const ID_TOKEN: Self = Self("id-token");
    pub(crate) const ISSUES: Self = Self("issues");
    pub(crate) const METADATA: Self = Self("metadata");
    pub(crate) const PULL_REQUESTS: Self = Self("pull-requests");

    /// Every scope that a workflow can grant, in alphabetical order.
    pub fn grantable() -> impl Iterator<Item = Self> {
        KEYS.into_iter().map(Self)
    }

    pub(crate) fn named(word: &str) -> Option<Self> {
        KEYS.iter().chain(&BEYOND).find(|key| **key == word).map(|key| Self(key))
    }

    /// Whether there is a `permissions:` key for it.
    pub(crate) fn is_grantable(self) -> bool {
        KEYS.contains(&self.0)
    }

    /// The name.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
