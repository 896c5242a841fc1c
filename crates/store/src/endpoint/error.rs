//! Why an endpoint did not do what was asked.

use provost_outbound::OutboundError;
use thiserror::Error;

/// What went wrong with an event log behind HTTPS. No text holds a token or a query, and what the
/// endpoint wrote is made visible and shortened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// Nothing says who calls.
    #[error(
        "the event log {place} wants to know who sends: set PROVOST_STORE_TOKEN to one of its \
         tokens, or give the GitHub Actions job `permissions: id-token: write`, so that it can \
         show its own identity, made out to {audience}"
    )]
    NoCredential {
        /// The endpoint.
        place: String,
        /// For whom the identity would be asked.
        audience: String,
    },
    /// The job's identity could not be had.
    #[error(
        "GitHub gave the job no identity for the event log: {place}: {why}; the job needs \
         `permissions: id-token: write`, or PROVOST_STORE_TOKEN"
    )]
    NoIdentity {
        /// Who was asked.
        place: String,
        /// What came instead.
        why: String,
    },
    /// HTTP 401.
    #[error("the event log {place} does not accept who sends (HTTP 401){}: {remedy}", said(detail))]
    Unauthorised {
        /// The endpoint.
        place: String,
        /// What it says.
        detail: String,
        /// How to mend it.
        remedy: String,
    },
    /// HTTP 403.
    #[error("the event log {place} does not permit this (HTTP 403){}: {remedy}", said(detail))]
    Forbidden {
        /// The endpoint.
        place: String,
        /// What it says.
        detail: String,
        /// How to mend it.
        remedy: String,
    },
    /// HTTP 404 of a function.
    #[error(
        "there is no event log at {place} (HTTP 404): the store URL must be \
         https://HOST/functions/v1 of `provost serve` or of a project with the functions"
    )]
    NotThere {
        /// The function.
        place: String,
    },
    /// HTTP 404 of a question: functions that only take.
    #[error(
        "the event log at {place} takes events and answers no questions (HTTP 404): name its \
         database for this verb, as --store or PROVOST_STORE_URL postgres://…"
    )]
    OnlyTakes {
        /// The question.
        place: String,
    },
    /// HTTP 409.
    #[error(
        "the event log {place} saw this identity with something else before (HTTP 409){}: repeat \
         the call, which asks for a fresh one",
        said(detail)
    )]
    Conflict {
        /// The endpoint.
        place: String,
        /// What it says.
        detail: String,
    },
    /// HTTP 413.
    #[error(
        "the event log {place} takes no request of {bytes} bytes (HTTP 413): one entry is too \
         large, or something in front of it allows less than 1 MiB"
    )]
    TooLarge {
        /// The endpoint.
        place: String,
        /// Size of the body.
        bytes: usize,
    },
    /// HTTP 5xx: nothing is known of what was sent.
    #[error(
        "the event log {place} could not do it (HTTP {status}){}: repeat the call, which doubles \
         nothing",
        said(detail)
    )]
    Unavailable {
        /// The endpoint.
        place: String,
        /// The status.
        status: u16,
        /// What it says.
        detail: String,
    },
    /// Any other status.
    #[error(
        "the event log {place} answered HTTP {status}{}, which nobody expected here",
        said(detail)
    )]
    Unexpected {
        /// The endpoint.
        place: String,
        /// The status.
        status: u16,
        /// What it says.
        detail: String,
    },
    /// An answer that does not fit what was asked.
    #[error(
        "what {place} answered is no answer to what was asked: {why}; is it an event log of this \
         version?"
    )]
    Nonsense {
        /// Who answered.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// No answer.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
}

fn said(detail: &str) -> String {
    match detail {
        "" => String::new(),
        detail => format!(" ({detail})"),
    }
}
