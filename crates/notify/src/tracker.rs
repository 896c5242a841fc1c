//! Where the fallback goes: a list of issues, as far as it is needed here.

use jiff::Timestamp;
use thiserror::Error;

/// One issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Its number.
    pub number: u64,
    /// Login of who opened it.
    pub author: String,
    /// Whether it is open.
    pub state: IssueState,
    /// Its text.
    pub body: String,
}

/// Whether an issue is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssueState {
    /// It is.
    Open,
    /// It was closed, by whomever.
    Closed,
}

/// One comment on an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Login of who wrote it.
    pub author: String,
    /// Its text.
    pub body: String,
}

/// Why the tracker did not do it. The texts hold no secret.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrackerError {
    /// It was not done.
    #[error("{0}")]
    Refused(String),
    /// It was not done, because it limits its callers.
    #[error("{why}")]
    Limited {
        /// What it says.
        why: String,
        /// When it may be asked again, if it says so.
        until: Option<Timestamp>,
    },
    /// No answer came, and whether it was done is unknown.
    #[error("{0}; whether it was done is unknown")]
    Unknown(String),
}

/// The issues of one repository. Every method is one question or one order; waiting and repeating
/// reads is the tracker's own affair, and an order whose outcome is unknown is not repeated by it.
pub trait IssueTracker {
    /// The login under which this tracker writes, such as `github-actions[bot]`.
    ///
    /// # Errors
    /// [`TrackerError`].
    fn own_login(&self) -> Result<String, TrackerError>;

    /// Makes the label when it is not there.
    ///
    /// # Errors
    /// [`TrackerError`].
    fn ensure_label(&self, label: &str) -> Result<(), TrackerError>;

    /// Every issue with that label, open and closed, all pages, pull requests left out. It must be
    /// a listing: an index for searching lags behind.
    ///
    /// # Errors
    /// [`TrackerError`]; a page that cannot be read is one.
    fn issues(&self, label: &str) -> Result<Vec<Issue>, TrackerError>;

    /// Every comment on an issue, oldest first.
    ///
    /// # Errors
    /// [`TrackerError`].
    fn comments(&self, number: u64) -> Result<Vec<Comment>, TrackerError>;

    /// Opens an issue and gives its number.
    ///
    /// # Errors
    /// [`TrackerError::Unknown`] when it may have been opened.
    fn create(&self, title: &str, body: &str, label: &str) -> Result<u64, TrackerError>;

    /// Comments on an issue.
    ///
    /// # Errors
    /// [`TrackerError`].
    fn comment(&self, number: u64, body: &str) -> Result<(), TrackerError>;

    /// Opens or closes an issue.
    ///
    /// # Errors
    /// [`TrackerError`].
    fn set_state(&self, number: u64, state: IssueState) -> Result<(), TrackerError>;
}
