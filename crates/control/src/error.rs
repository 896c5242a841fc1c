//! Why a use case could not come to a decision.

use crate::config::ConfigError;
use provost_github::GithubError;
use provost_manifest::{ManifestError, RevisionError};
use provost_outbound::SecretError;
use provost_store::{StoreError, StoreUrlError, TransferError};
use provost_trust::TrustError;
use std::path::PathBuf;

/// "Could not check" is never a verdict: these leave as errors, with their own exit codes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// The user's arguments or configuration cannot be used. Exit code 2.
    #[error("{0}")]
    Configuration(String),
    /// The configuration file cannot be used. Exit code 2.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A file or folder cannot be read. Exit code 1.
    #[error("cannot read {}", .path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The evidence at hand cannot be decided offline. Exit code 1.
    #[error("{0}")]
    Undecidable(String),
    /// There is nothing to check. Exit code 3.
    #[error("{0}")]
    NothingToCheck(String),
    /// A document from elsewhere could not be fetched. Exit code 1.
    #[error("{0}")]
    NotFetched(String),
    /// A document is not what it should be. Exit code 1.
    #[error("{name} is no failure.json: {why}")]
    InvalidDocument {
        /// File or URL.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// An event log that is to be filled has a history of its own. Exit code 1.
    #[error(
        "the event log {place} holds events that these manifests do not give, and was left as it \
         is: name an empty one with --into"
    )]
    NotEmpty {
        /// The event log.
        place: String,
    },
    /// An attestation of a kind that this version does not verify. Exit code 2.
    #[error("{0}")]
    NotSupported(String),
    /// The trusted root cannot be used. Exit code 1.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The manifest cannot be read or written. Exit code 1.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The manifests of an earlier revision cannot be read. Exit code 1.
    #[error(transparent)]
    Revision(RevisionError),
    /// The event log cannot be read or written. Exit code 1.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An export or import did not come to its end. Exit code 1.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// The event log's URL cannot be used. Exit code 2.
    #[error(transparent)]
    StoreUrl(#[from] StoreUrlError),
    /// Evidence that was there is gone. Exit code 1.
    #[error("{what} has expired (HTTP 410){}; {remedy}", gone(*.since))]
    Expired {
        /// What is gone.
        what: String,
        /// Since when, if GitHub says so.
        since: Option<jiff::Timestamp>,
        /// What to do now.
        remedy: String,
    },
    /// GitHub gave no usable answer. Exit code 1.
    #[error(transparent)]
    Github(#[from] GithubError),
    /// The token may not change the rules of the repository. Exit code 1.
    #[error(
        "the token may not change the rules of {repository}: it needs `administration: write`, \
         which the GITHUB_TOKEN of a job can never have; run this outside of a workflow with \
         GH_TOKEN set to a token of an administrator, or give what `provost init --ruleset` prints \
         to `gh api`"
    )]
    Administration {
        /// `OWNER/NAME`.
        repository: String,
    },
    /// A token cannot be used as it is set. Exit code 2.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The GitHub issues cannot be read or written. Exit code 1.
    #[error("GitHub issues: {0}")]
    Issues(String),
    /// A fault of this program. Exit code 1.
    #[error("internal fault: {0}")]
    Internal(String),
}

/// A sentence with its causes, each once.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

fn gone(since: Option<jiff::Timestamp>) -> String {
    since.map_or_else(String::new, |time| format!(", gone since {time}"))
}

impl ControlError {
    /// The exit code (design section 3).
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Configuration(_)
            | Self::Config(_)
            | Self::NotSupported(_)
            | Self::StoreUrl(_)
            | Self::Secret(_) => 2,
            Self::NothingToCheck(_) => 3,
            _ => 1,
        }
    }

    /// The stable kebab-case code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Configuration(_) | Self::Config(_) => "configuration",
            Self::Unreadable { .. } => "unreadable",
            Self::Undecidable(_) => "undecidable-offline",
            Self::NothingToCheck(_) => "nothing-to-check",
            Self::NotFetched(_) => "not-fetched",
            Self::InvalidDocument { .. } => "invalid-document",
            Self::NotEmpty { .. } => "not-empty",
            Self::NotSupported(_) => "not-supported",
            Self::Trust(_) => "trusted-root",
            Self::Manifest(_) => "manifest",
            Self::Revision(_) => "revision",
            Self::Store(_) => "event-log",
            Self::Transfer(_) => "transfer",
            Self::StoreUrl(_) => "event-log-url",
            Self::Expired { .. } => "expired",
            Self::Github(_) => "github",
            Self::Administration { .. } => "administration",
            Self::Secret(_) => "secret",
            Self::Issues(_) => "issues",
            Self::Internal(_) => "internal",
        }
    }
}
