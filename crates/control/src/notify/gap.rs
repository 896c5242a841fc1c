//! Gaps: told in the words of a failure, without making one of anything.

use super::request::NotifyRequest;
use crate::error::ControlError;
use jiff::Timestamp;
use provost_manifest::{ArtifactKind, Entry, Notified};
use provost_notify::{IssueTracker, Told, announce};
use provost_wire::v1;
use std::collections::BTreeSet;

/// Tells the gaps that the entry does not remember, by Slack or in the incident's issue, and
/// remembers them. The entry's outcome stays what it is. Returns whether all of them are told now.
pub(crate) fn notify_gap(
    request: &NotifyRequest,
    entry: &Entry,
    codes: &BTreeSet<String>,
    tracker: Option<&dyn IssueTracker>,
) -> Result<bool, ControlError> {
    let notified = entry.notified.clone().unwrap_or_default();
    let new: BTreeSet<String> = codes.difference(&notified.gaps).cloned().collect();
    if new.is_empty() {
        return Ok(true);
    }
    let manifests = request.manifests();
    let failure = manifests.artifacts().read(&entry.tag, ArtifactKind::Failure)?;
    let reason = request.reason.as_str();
    let failure = failure.as_deref().and_then(v1::Failure::from_json).unwrap_or_else(|| {
        v1::Failure::reported(entry.run, entry.tag.as_str(), reason, entry.validated_at)
    });
    let mut notice = request.notice(entry, &failure);
    notice.reason = request.reason.clone();
    notice.mark = new.iter().cloned().collect::<Vec<_>>().join(" ");
    let section = request.section();
    let tracker = tracker.filter(|_| section.issues).map(|tracker| (tracker, &*section.label));
    let told = Told { slack: false, issue: notified.issue };
    let announcement = announce(&notice, told, request.slack().as_ref(), tracker);
    if announcement.is_delivered {
        let mut marked = Notified::new(announcement.told.slack, announcement.told.issue);
        marked.gaps = codes.union(&notified.gaps).cloned().collect();
        manifests.record_announcement(&entry.key(), &marked)?;
    }
    Ok(announcement.is_delivered)
}

/// Tells a gap between the manifest and its projection, the event log. Nothing is recorded here: no
/// entry fails for it. `since` is when that happened which one side lacks; `code` is the kind of
/// gap. Returns whether it was told.
pub(crate) fn notify_log_gap(
    request: &NotifyRequest,
    code: &str,
    since: Timestamp,
    tracker: Option<&dyn IssueTracker>,
) -> bool {
    let entry = request.entry(since);
    let failure = v1::Failure::reported(request.run, request.tag.as_str(), &request.reason, since);
    let mut notice = request.notice(&entry, &failure);
    notice.reason = request.reason.clone();
    notice.mark = code.to_owned();
    let section = request.section();
    let tracker = tracker.filter(|_| section.issues).map(|tracker| (tracker, &*section.label));
    announce(&notice, Told::default(), request.slack().as_ref(), tracker).is_delivered
}
