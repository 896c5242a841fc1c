//! Why a call came to nothing.

use jiff::Timestamp;
use thiserror::Error;

/// A call that gave no answer. No text holds a token, a query or a body.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OutboundError {
    /// A configured URL that cannot be used.
    #[error("{what} is no usable URL: {why}")]
    InvalidUrl {
        /// Which setting.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// The request cannot be sent as it is.
    #[error("the request to {place} cannot be sent: {why}")]
    InvalidRequest {
        /// Host and path.
        place: String,
        /// What is wrong.
        why: String,
    },
    /// No connection; nothing was sent.
    #[error("cannot connect to {place}: {why}")]
    Connect {
        /// Host and path.
        place: String,
        /// The system's reason.
        why: String,
    },
    /// It took too long; whether the server did what was asked is unknown.
    #[error("{place} did not answer in time")]
    Timeout {
        /// Host and path.
        place: String,
    },
    /// The connection broke; whether the server did what was asked is unknown.
    #[error("the connection to {place} broke before the answer was complete")]
    Interrupted {
        /// Host and path.
        place: String,
    },
    /// More than is read.
    #[error("the answer of {place} is larger than the limit of {limit} bytes")]
    TooLarge {
        /// Host and path.
        place: String,
        /// The limit.
        limit: u64,
    },
    /// A redirect to where a download may not come from.
    #[error("{place} redirects to {to}, {why}")]
    Redirect {
        /// Host and path.
        place: String,
        /// Host and path of the target.
        to: String,
        /// Why that is refused.
        why: &'static str,
    },
    /// The server asks to wait longer than a call may wait.
    #[error("{place} limits how often it may be called{}; try again then", when(*until))]
    RateLimited {
        /// Host and path.
        place: String,
        /// When it may be called again, if it said so.
        until: Option<Timestamp>,
    },
    /// What was read could not be written.
    #[error("cannot write what was downloaded")]
    Sink(#[source] std::io::Error),
    /// The HTTP client could not be made.
    #[error("cannot make an HTTPS client: {0}")]
    Client(String),
}

fn when(time: Option<Timestamp>) -> String {
    time.map_or_else(String::new, |time| format!(", until {}", whole_seconds(time)))
}

/// A time as people read it, without the fraction of its second.
pub fn whole_seconds(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl OutboundError {
    /// Whether the server may have done what was asked although no answer came.
    pub fn is_ambiguous(&self) -> bool {
        matches!(self, Self::Timeout { .. } | Self::Interrupted { .. } | Self::TooLarge { .. })
    }

    /// When the server may be called again, if it limits its callers and says so.
    pub fn limited_until(&self) -> Option<Timestamp> {
        match self {
            Self::RateLimited { until, .. } => *until,
            _ => None,
        }
    }

    /// Whether another try may end better.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Connect { .. } | Self::Timeout { .. } | Self::Interrupted { .. })
    }
}
