//! Why GitHub gave no usable answer, and what to do about it.

use crate::archive::ArchiveError;
use jiff::Timestamp;
use provost_outbound::OutboundError;
use thiserror::Error;

/// A question to GitHub that was not answered. None of them is ever a verdict.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GithubError {
    /// No answer at all.
    #[error("GitHub was not reached")]
    Outbound(#[from] OutboundError),
    /// 401.
    #[error(
        "GitHub does not know the token ({what}): it is wrong, revoked or expired; set it again"
    )]
    Unauthorized {
        /// What was asked.
        what: String,
    },
    /// 403 without a rate limit.
    #[error("the token may not do this ({what}): {}", needed_or(needed.as_deref(), message))]
    Forbidden {
        /// What was asked.
        what: String,
        /// GitHub's own words.
        message: String,
        /// The permission that GitHub names, such as `actions=write`.
        needed: Option<String>,
    },
    /// 404: GitHub says the same of what is not there and of what the token may not see.
    #[error("{what} is not there, or the token may not see it")]
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// 410: it was there.
    #[error("{what} has expired (HTTP 410)")]
    Expired {
        /// What was asked for.
        what: String,
    },
    /// 400 or 422: the request was understood and refused.
    #[error("GitHub refuses {what}: {message}")]
    Refused {
        /// What was asked.
        what: String,
        /// GitHub's own words.
        message: String,
    },
    /// 3xx of the API itself.
    #[error(
        "{what} has moved: the repository was renamed or transferred; name it as it is called now"
    )]
    Moved {
        /// What was asked.
        what: String,
    },
    /// Any other status.
    #[error("GitHub answered {what} with HTTP {status}; try again later")]
    Status {
        /// What was asked.
        what: String,
        /// The status code.
        status: u16,
    },
    /// An answer that is not what the API promises.
    #[error("GitHub's answer about {what} cannot be used: {why}")]
    InvalidAnswer {
        /// What was asked.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// More than is looked through; what was sought may be beyond.
    #[error("{what} are more than the {limit} that are looked through; narrow the question")]
    LimitReached {
        /// What was listed.
        what: String,
        /// How many were read.
        limit: usize,
    },
    /// A workflow artifact that is no harmless archive.
    #[error("the archive of artifact {name:?} is refused")]
    Archive {
        /// The artifact's name.
        name: String,
        /// Why.
        source: ArchiveError,
    },
}

fn needed_or<'a>(needed: Option<&'a str>, message: &'a str) -> String {
    match needed {
        Some(needed) => format!("it needs {needed}; add it to the job's permissions or the token"),
        None if message.is_empty() => "GitHub gave no reason".to_owned(),
        None => message.to_owned(),
    }
}

impl GithubError {
    /// Whether the server may have done what was asked although no answer came.
    pub fn is_ambiguous(&self) -> bool {
        match self {
            Self::Outbound(error) => error.is_ambiguous(),
            Self::Status { status, .. } => *status >= 500,
            Self::InvalidAnswer { .. } => true,
            _ => false,
        }
    }

    /// When GitHub may be asked again, if it limits its callers and says so.
    pub fn limited_until(&self) -> Option<Timestamp> {
        match self {
            Self::Outbound(error) => error.limited_until(),
            _ => None,
        }
    }

    /// Whether the thing is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }
}
