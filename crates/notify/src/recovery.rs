//! The end of incidents: a later success closes their issues.

use crate::incident::Incident;
use crate::issue_text;
use crate::reports::OwnIssues;
use crate::tracker::{IssueState, IssueTracker, TrackerError};
use jiff::Timestamp;

/// A success that settles incidents.
#[derive(Debug, Clone)]
pub struct Recovery {
    /// What is over.
    pub incidents: Vec<Incident>,
    /// Web address of the run that succeeded, made of checked parts.
    pub run_url: Option<String>,
    /// When the success was recorded.
    pub at: Timestamp,
}

/// Closes the open issues of these incidents, each with a comment, and gives their numbers. An
/// issue that is closed already, or that is not ours, stays as it is; a repeat closes nothing and
/// says nothing twice.
///
/// # Errors
/// [`TrackerError`]; issues before the one that failed are closed.
pub fn announce_recovery(
    recovery: &Recovery,
    tracker: &dyn IssueTracker,
    label: &str,
) -> Result<Vec<u64>, TrackerError> {
    let issues = OwnIssues::of(tracker, label)?;
    let mut closed = Vec::new();
    for incident in &recovery.incidents {
        let open = issues.find_all(incident)?.into_iter().filter(|it| it.state == IssueState::Open);
        let marker = incident.recovery_marker(recovery.at);
        for issue in open {
            // First said, then closed: killed in between, it finds the issue open and its own words.
            if !issues.was_said(&issue, &marker)? {
                let text = issue_text::recovery(&marker, recovery.run_url.as_deref(), recovery.at);
                tracker.comment(issue.number, &text)?;
            }
            tracker.set_state(issue.number, IssueState::Closed)?;
            closed.push(issue.number);
        }
    }
    closed.sort_unstable();
    Ok(closed)
}
