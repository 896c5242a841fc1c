//! Releases that ought to have accepted provenance by some time.

use jiff::Timestamp;

/// A release that is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// `OWNER/NAME`.
    pub repository: String,
    /// The tag.
    pub tag: String,
    /// The run that was started for it; 0 when none is known.
    pub run_id: u64,
    /// URL of the release; `None` when unknown.
    pub release_url: Option<String>,
    /// Since when it is waited for.
    pub expected_at: Timestamp,
    /// Until when.
    pub deadline: Timestamp,
}

/// An expectation whose deadline passed and that nobody settled yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// What was expected.
    pub expectation: Expectation,
    /// Whether the log holds an acceptance of the release: then there is nothing to raise.
    pub accepted: bool,
}
