//! What telling a failure came to.

use crate::error::ControlError;
use provost_manifest::{RelativePath, Settled};
use provost_notify::Announcement;

/// Who was told, and what now stands where.
#[derive(Debug, Default)]
pub struct NotifyOutcome {
    /// Who was told.
    pub announcement: Announcement,
    /// A later attempt of the same run succeeded already: there is nothing to tell.
    pub is_superseded: bool,
    /// The manifest's entry; `None` when it could not be written.
    pub settled: Option<Settled>,
    /// `failure.json`; `None` when it could not be written.
    pub failure: Option<RelativePath>,
    /// What could not be recorded. A repeat completes it.
    pub problems: Vec<ControlError>,
    /// Why the event log is behind. That is no loss: a repeat or `provost ingest` completes it.
    pub event: Option<ControlError>,
}

impl NotifyOutcome {
    /// Whether the failure is told, now or earlier, or needs no telling.
    pub fn is_delivered(&self) -> bool {
        self.is_superseded || self.announcement.is_delivered
    }

    /// Whether nothing is left to a repeat, the event log aside.
    pub fn is_complete(&self) -> bool {
        self.is_delivered() && self.problems.is_empty()
    }

    /// The value, or its error among the problems.
    pub(super) fn keep<T>(&mut self, result: Result<T, ControlError>) -> Option<T> {
        result.map_err(|error| self.problems.push(error)).ok()
    }

    pub(super) fn take(&mut self, settled: Option<Settled>) {
        self.settled = settled.or(self.settled.take());
    }
}
