//! The use case *notify*: record a failure, and tell it.

mod document;
mod gap;
mod outcome;
mod recovery;
mod request;
mod runner;
mod secrets;

pub(crate) use document::told;
pub(crate) use gap::{notify_gap, notify_log_gap};
pub use outcome::NotifyOutcome;
pub use recovery::notify_recovery;
pub use request::NotifyRequest;
pub use runner::Runner;
pub use secrets::NotifySecrets;

use crate::error::ControlError;
use crate::ingest::{announcement_of, event_of};
use document::Document;
use jiff::Timestamp;
use provost_manifest::{ArtifactKind, Artifacts, Entry, Manifests, Notified};
use provost_manifest::{SettleOutcome, Settled};
use provost_notify::{Announcement, IssueTracker, Told, announce};
use provost_record::{Event, Status};
use provost_store::{EventLog, StoreUrl};
use provost_wire::v1;

/// What was just done; a test may end the process there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The entry stands in the manifest.
    Recorded,
    /// `failure.json` is written.
    Documented,
    /// The event log has the failure.
    Logged,
    /// Somebody was told, or nobody could be.
    Announced,
    /// The manifest remembers who was told.
    Marked,
    /// `failure.json` says who was told.
    DocumentedAgain,
    /// The event log has the announcement.
    LoggedAgain,
}

/// Records a failure in the manifest and tells it, by Slack or in a GitHub issue.
///
/// 1. The manifest's entry of that run and tag becomes a failure. A refusal of the gate keeps its
///    own reason; a report of an earlier attempt changes no later success, and is not told.
/// 2. `failure.json` and the event follow.
/// 3. The failure is told (see [`provost_notify::announce`]), unless the manifest says that it was.
/// 4. Manifest, `failure.json` and event log remember who was told.
///
/// A repeat finishes what is missing and doubles nothing; killed between 3 and 4 it may send one
/// Slack message more. What keeps the failure from being recorded does not keep it from being
/// told. `tracker` is `None` where no issue can be opened. `now` is the clock.
///
/// # Errors
/// [`ControlError`] for a configuration that cannot be used; what could not be told or recorded is
/// in the [`NotifyOutcome`].
pub fn notify_failure(
    request: &NotifyRequest,
    tracker: Option<&dyn IssueTracker>,
    now: Timestamp,
) -> Result<NotifyOutcome, ControlError> {
    notify_failure_watched(request, tracker, now, &|_| ())
}

/// [`notify_failure`], and after each step a word about it.
///
/// # Errors
/// As [`notify_failure`].
pub fn notify_failure_watched(
    request: &NotifyRequest,
    tracker: Option<&dyn IssueTracker>,
    now: Timestamp,
    watch: &dyn Fn(Step),
) -> Result<NotifyOutcome, ControlError> {
    let store = request.store_url()?;
    let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
    let telling = Telling { request, manifests: request.manifests(), store, watch };
    Ok(telling.run(tracker, now))
}

/// One call, with what all its steps need.
struct Telling<'a> {
    request: &'a NotifyRequest,
    manifests: Manifests,
    store: StoreUrl,
    watch: &'a dyn Fn(Step),
}

impl Telling<'_> {
    fn run(&self, tracker: Option<&dyn IssueTracker>, now: Timestamp) -> NotifyOutcome {
        let report = self.request.entry(now);
        let recorded = self.manifests.record(report.clone(), now);
        (self.watch)(Step::Recorded);
        let mut outcome = NotifyOutcome::default();
        let settled = outcome.keep(recorded.map_err(ControlError::from));
        let entry = settled.as_ref().map_or(report, |settled| settled.entry.clone());
        outcome.take(settled);
        if entry.status == Status::Success {
            outcome.is_superseded = true;
            return outcome;
        }
        let mut document = self.document(&entry, &mut outcome);
        self.write(&entry, &document.failure, &mut outcome);
        (self.watch)(Step::Documented);
        self.append(event_of(&entry), &mut outcome);
        (self.watch)(Step::Logged);

        outcome.announcement = self.announce(&entry, &document, tracker);
        let is_repeat =
            outcome.settled.as_ref().is_some_and(|it| it.outcome == SettleOutcome::Unchanged);
        if is_repeat && outcome.announcement.tries.is_empty() {
            // Nobody can be asked now, and the manifest knows of an issue with this outcome.
            outcome.announcement.is_delivered |= outcome.announcement.told.issue.is_some();
        }
        (self.watch)(Step::Announced);

        let marked = self.mark(&entry, outcome.announcement.told);
        (self.watch)(Step::Marked);
        let marked = outcome.keep(marked).flatten();
        document.tell(&outcome.announcement);
        self.write(&entry, &document.failure, &mut outcome);
        (self.watch)(Step::DocumentedAgain);
        if let Some(event) = marked.as_ref().and_then(|settled| announcement_of(&settled.entry)) {
            self.append(event, &mut outcome);
        }
        outcome.take(marked);
        (self.watch)(Step::LoggedAgain);
        outcome
    }

    fn document(&self, entry: &Entry, outcome: &mut NotifyOutcome) -> Document {
        let artifacts = self.manifests.artifacts();
        let read = |artifacts: &Artifacts, kind| artifacts.read(&entry.tag, kind);
        let before = read(&artifacts, ArtifactKind::Failure).map_err(ControlError::from);
        let bundle = read(&artifacts, ArtifactKind::Provenance).map_err(ControlError::from);
        let before = outcome.keep(before).flatten();
        let has_bundle = outcome.keep(bundle).flatten().is_some();
        let before = before.as_deref().and_then(v1::Failure::from_json);
        Document::of(entry, &self.request.runner, has_bundle, self.request.run_url(), before)
    }

    /// Where nothing could be recorded this is tried all the same: the issue quotes it.
    fn write(&self, entry: &Entry, failure: &v1::Failure, outcome: &mut NotifyOutcome) {
        let artifacts = self.manifests.artifacts();
        let json = failure.to_json();
        let written = artifacts.write(&entry.tag, ArtifactKind::Failure, json.as_bytes());
        outcome.failure = outcome.keep(written.map_err(ControlError::from));
    }

    /// Without an entry there is nothing that the log could be a projection of.
    fn append(&self, event: Event, outcome: &mut NotifyOutcome) {
        if outcome.settled.is_some() {
            let appended = EventLog::open(&self.store).and_then(|log| log.append(&[event]));
            outcome.event = outcome.event.take().or(appended.err().map(ControlError::from));
        }
    }

    fn announce(
        &self,
        entry: &Entry,
        document: &Document,
        tracker: Option<&dyn IssueTracker>,
    ) -> Announcement {
        let notified = entry.notified.as_ref();
        let told = notified
            .map_or_else(Told::default, |told| Told { slack: told.slack, issue: told.issue });
        let section = self.request.section();
        let tracker = tracker.filter(|_| section.issues);
        let notice = self.request.notice(entry, &document.failure);
        let slack = self.request.slack();
        announce(&notice, told, slack.as_ref(), tracker.map(|tracker| (tracker, &*section.label)))
    }

    fn mark(&self, entry: &Entry, told: Told) -> Result<Option<Settled>, ControlError> {
        if told == Told::default() {
            return Ok(None);
        }
        let notified = Notified::new(told.slack, told.issue);
        Ok(self.manifests.record_announcement(&entry.key(), &notified)?)
    }
}
