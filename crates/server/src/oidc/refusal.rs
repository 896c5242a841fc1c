//! Check 14: the caller learns nothing.
//!
//! Whoever is refused gets one constant answer, so that the service says nothing about which
//! claims it wants; why stands in the log alone.

use std::borrow::Cow;
use std::fmt;

/// Which of the numbered checks refused a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each variant is the name of its check and of its file")]
pub enum Check {
    Carrier = 1,
    Form = 2,
    Issuer = 3,
    Key = 4,
    Signature = 5,
    Audience = 6,
    Times = 7,
    Repository = 8,
    Workflow = 9,
    Circumstances = 10,
    Evidence = 11,
    Replay = 12,
    Rate = 13,
}

impl Check {
    /// Its name in the log and in the metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Carrier => "carrier",
            Self::Form => "form",
            Self::Issuer => "issuer",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Audience => "audience",
            Self::Times => "times",
            Self::Repository => "repository",
            Self::Workflow => "workflow",
            Self::Circumstances => "circumstances",
            Self::Evidence => "evidence",
            Self::Replay => "replay",
            Self::Rate => "rate",
        }
    }
}

/// A token that does not open the door, and why. For the log, never for the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The check.
    pub(crate) check: Check,
    /// What was wrong. It may quote claims, and never a token.
    pub(crate) why: Cow<'static, str>,
}

impl Refusal {
    pub(crate) fn new(check: Check, why: impl Into<Cow<'static, str>>) -> Self {
        Self { check, why: why.into() }
    }

    /// What was wanted and what was there, as it may stand in a log.
    pub(crate) fn differs(check: Check, claim: &str, found: &str) -> Self {
        let found = provost_sink::visible(found, 120);
        Self::new(check, format!("{claim} is {found:?}"))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "check {} ({}): {}", self.check as u8, self.check.as_str(), self.why)
    }
}
