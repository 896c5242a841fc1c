//! What is told.

use crate::incident::Incident;
use jiff::Timestamp;

/// One outcome of one failed release, ready to be told. Every text but `repository_url` may be
/// somebody else's; the channels take the orders out of them.
#[derive(Debug, Clone)]
pub struct FailureNotice {
    /// Which release.
    pub incident: Incident,
    /// Why it failed, in one line.
    pub reason: String,
    /// The checks that failed.
    pub checks_failed: Vec<String>,
    /// The workflow that reports.
    pub workflow: Option<String>,
    /// Web address of the repository whose runs are meant, such as `https://github.com/o/r`, made
    /// of a server and a name that were checked. `None` when unknown.
    pub repository_url: Option<String>,
    /// The run that its link leads to; 0 for none. Another than the incident's when none started.
    pub linked_run: u64,
    /// URL of the release; empty when unknown.
    pub release_url: String,
    /// When the outcome was recorded.
    pub occurred_at: Timestamp,
    /// What sets this apart from other notices about the same outcome; empty for the outcome
    /// itself.
    pub mark: String,
    /// What to do now.
    pub next_step: String,
    /// Where that is written at length; `https://`.
    pub runbook_url: Option<String>,
    /// `failure.json`, as it stands in the repository.
    pub failure_json: String,
}

impl FailureNotice {
    /// Web address of the run.
    pub fn run_url(&self) -> Option<String> {
        let repository = self.repository_url.as_deref()?;
        (self.linked_run != 0).then(|| format!("{repository}/actions/runs/{}", self.linked_run))
    }
}
