//! Which token a call carries.

use crate::expression::{contexts_in, secrets_in};

/// A token by its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// `GITHUB_TOKEN`, whose rights `permissions:` grants.
    Job,
    /// A secret, or the job's token where that is not set.
    SecretOrJob(String),
    /// A secret.
    Secret(String),
    /// Something else, such as the output of an action that makes tokens.
    Other,
    /// None is in reach.
    Absent,
}

impl Token {
    /// The token that a value of an input or variable is.
    pub(crate) fn of(value: &str) -> Self {
        let value = value.trim();
        if value.is_empty() {
            return Self::Absent;
        }
        let secrets = secrets_in(value);
        let own = secrets.iter().any(|secret| secret == "GITHUB_TOKEN")
            || contexts_in(value).iter().any(|context| context == "github.token");
        let other = secrets.into_iter().find(|secret| secret != "GITHUB_TOKEN");
        match (own, other) {
            (true, None) => Self::Job,
            (true, Some(secret)) => Self::SecretOrJob(secret),
            (false, Some(secret)) => Self::Secret(secret),
            (false, None) => Self::Other,
        }
    }

    /// Whether what is done with it fails without the right permissions; `None`: it does not draw
    /// on them at all.
    pub(crate) fn draws(&self) -> Option<bool> {
        match self {
            // A program that is given no token asks for one; the job's is what it will get.
            Self::Job | Self::Absent => Some(true),
            Self::SecretOrJob(_) => Some(false),
            Self::Secret(_) | Self::Other => None,
        }
    }

    /// Whether GitHub starts no workflow for what is done with it.
    pub(crate) fn is_silent(&self) -> bool {
        matches!(self, Self::Job | Self::Absent | Self::SecretOrJob(_))
    }

    pub(crate) fn or(self, other: Self) -> Self {
        if self == Self::Absent { other } else { self }
    }
}
