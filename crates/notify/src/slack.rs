//! Slack, by whichever way is configured.

use crate::announce::Way;
use crate::notice::FailureNotice;
use crate::slack_function::SlackFunction;
use crate::slack_webhook::SlackWebhook;
use jiff::Timestamp;
use provost_outbound::{Answer, Limits, OutboundError, Verdict, classify, whole_seconds};
use std::time::Duration;
use thiserror::Error;

/// An answer of Slack or of a function is a few bytes.
pub(crate) const MAX_ANSWER_BYTES: u64 = 64 * 1024;

/// Why a message does not count as delivered. The text holds no secret, and nothing that the far
/// side wrote: an answer may repeat the token it was sent.
#[derive(Debug, Error)]
#[error("{why}")]
pub struct NotDelivered {
    /// What happened.
    pub why: String,
    /// Whether the message may have arrived all the same.
    pub may_have_arrived: bool,
    /// When it may be sent again, if the far side limits its callers and says so.
    pub limited_until: Option<Timestamp>,
}

impl NotDelivered {
    /// It surely did not arrive.
    pub fn surely(why: impl Into<String>) -> Self {
        Self { why: why.into(), may_have_arrived: false, limited_until: None }
    }

    /// The reason without the address: that of a webhook is a secret.
    pub(crate) fn of_call(error: &OutboundError, what: &str) -> Self {
        let why = match error {
            OutboundError::Connect { why, .. } => format!("cannot connect to {what}: {why}"),
            OutboundError::Timeout { .. } => format!("{what} did not answer in time"),
            OutboundError::Interrupted { .. } => {
                format!("the connection to {what} broke before the answer was complete")
            }
            OutboundError::TooLarge { limit, .. } => {
                format!("the answer of {what} is larger than {limit} bytes")
            }
            OutboundError::RateLimited { until: Some(until), .. } => {
                format!("{what} limits how often it may be called, until {}", whole_seconds(*until))
            }
            OutboundError::RateLimited { until: None, .. } => {
                format!("{what} limits how often it may be called")
            }
            OutboundError::InvalidRequest { why, .. } => {
                format!("{what} cannot be called: {why}")
            }
            _ => format!("{what} cannot be called"),
        };
        Self { why, may_have_arrived: error.is_ambiguous(), limited_until: error.limited_until() }
    }

    /// An answer that does not say delivered.
    pub(crate) fn of_answer(answer: &Answer, what: &str, instead: &str) -> Self {
        let why = match answer.status {
            200..=299 => format!("{what} answered {} {instead}", answer.status),
            401 | 403 => {
                format!("{what} answered {}: the token is missing or wrong", answer.status)
            }
            300..=399 => format!("{what} answered {}, and no redirect is followed", answer.status),
            status => format!("{what} answered {status}"),
        };
        let now = Timestamp::now();
        let limited_until = match classify(answer, now) {
            Verdict::Limited(Some(wait)) => now.checked_add(wait).ok(),
            _ => None,
        };
        Self { limited_until, ..Self::surely(why) }
    }
}

/// Slack as it is configured.
#[derive(Debug)]
pub enum Slack {
    /// A function that posts.
    Function(SlackFunction),
    /// An incoming webhook.
    Webhook(SlackWebhook),
    /// It is configured and cannot be used; why.
    Unusable(String),
}

impl Slack {
    /// How long a call may take, and how much of an answer is read.
    pub fn limits() -> Limits {
        Limits { total: Duration::from_secs(30), max_bytes: MAX_ANSWER_BYTES, ..Limits::default() }
    }

    /// Which way this is.
    pub fn way(&self) -> Way {
        match self {
            Self::Function(_) => Way::SlackFunction,
            Self::Webhook(_) => Way::SlackWebhook,
            Self::Unusable(_) => Way::Slack,
        }
    }

    /// Sends the notice, and returns when the far side said that it delivered it.
    ///
    /// # Errors
    /// [`NotDelivered`]: everything else.
    pub fn post(&self, notice: &FailureNotice) -> Result<(), NotDelivered> {
        match self {
            Self::Function(function) => function.post(notice),
            Self::Webhook(webhook) => webhook.post(notice),
            Self::Unusable(why) => Err(NotDelivered::surely(why)),
        }
    }
}
