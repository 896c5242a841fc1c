//! A later success: the issues of the tag's failures are closed.

use super::request::{NotifyRequest, incident_of};
use crate::error::ControlError;
use provost_manifest::Entry;
use provost_notify::{IssueTracker, Recovery, announce_recovery};
use provost_record::Status;

/// Closes the open issues about failures of the request's tag, up to the success of the request's
/// run that the manifest holds, and gives their numbers. A repeat closes nothing more. Reason and
/// release of the request play no part.
///
/// # Errors
/// [`ControlError::NothingToCheck`] when the manifest holds no success of that run and tag: nobody
/// is told that all is well on somebody's word. [`ControlError::Issues`] when issues cannot be read
/// or closed, also without a `tracker` when there may be one to close.
pub fn notify_recovery(
    request: &NotifyRequest,
    tracker: Option<&dyn IssueTracker>,
) -> Result<Vec<u64>, ControlError> {
    let manifests = request.manifests();
    let standing = manifests.find(request.run, &request.tag)?.map(|standing| standing.entry);
    let Some(success) = standing.filter(|entry| entry.status == Status::Success) else {
        return Err(ControlError::NothingToCheck(format!(
            "the manifest holds no success of run {} and tag {}; record it first",
            request.run, request.tag
        )));
    };
    let is_over = |entry: &Entry| {
        let has_failed = entry.status == Status::Failure || entry.notified.is_some();
        entry.tag == success.tag && has_failed && entry.validated_at <= success.validated_at
    };
    let mut over: Vec<Entry> =
        manifests.entries()?.into_iter().map(|it| it.entry).filter(is_over).collect();
    let section = request.section();
    let Some(tracker) = tracker.filter(|_| section.issues) else {
        let has_issue =
            |entry: &Entry| entry.notified.as_ref().is_some_and(|it| it.issue.is_some());
        return match over.iter().any(has_issue) {
            true => Err(ControlError::Issues("they cannot be reached, and one is open".into())),
            false => Ok(Vec::new()),
        };
    };
    // The run itself may have failed before, and been killed before the manifest knew of the issue.
    if over.iter().all(|entry| entry.run != success.run) {
        over.push(success.clone());
    }
    let recovery = Recovery {
        incidents: over.iter().map(incident_of).collect(),
        run_url: request.run_url(),
        at: success.validated_at,
    };
    announce_recovery(&recovery, tracker, &section.label)
        .map_err(|error| ControlError::Issues(error.to_string()))
}
