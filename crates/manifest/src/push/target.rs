//! Where to push, and how patiently.

use super::backoff::Backoff;
use super::trailer::CommitTrailer;
use crate::git::{BranchName, RemoteName};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The steps of a push, in order. A crash between any two of them loses and doubles nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// The working tree or another queue was read.
    Read,
    /// The queue holds, durably, what is to be pushed.
    Queued,
    /// The remote said where the branch stands.
    Located,
    /// The branch's commit is here.
    Fetched,
    /// The new commit is here, and nowhere else.
    Committed,
    /// The remote took the commit.
    Pushed,
    /// The queue no longer holds what the remote holds.
    Confirmed,
}

/// Where to push, and how patiently.
#[derive(Clone)]
pub struct PushTarget {
    /// The remote.
    pub remote: RemoteName,
    /// The branch; without one the remote's default branch, else the one that is checked out.
    pub branch: Option<BranchName>,
    /// How often the push is tried when the branch keeps moving.
    pub tries: u32,
    /// How long one call of git may take.
    pub timeout: Duration,
    /// How long to wait between tries.
    pub backoff: Backoff,
    /// What the commit says beside what it records.
    pub trailer: Option<CommitTrailer>,
    /// Whom to tell of each step; see [`PushTarget::observed_by`].
    pub observer: Option<Arc<dyn Fn(Step) + Send + Sync>>,
}

impl PushTarget {
    /// The branch of the remote, with 12 tries, two minutes for each call of git, and waits of up
    /// to 20 seconds.
    pub fn new(remote: RemoteName, branch: Option<BranchName>) -> Self {
        let timeout = Duration::from_secs(120);
        let backoff = Backoff::default();
        Self { remote, branch, tries: 12, timeout, backoff, trailer: None, observer: None }
    }

    /// The same, telling each step as it is done.
    #[must_use]
    pub fn observed_by(mut self, observer: impl Fn(Step) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    pub(crate) fn done(&self, step: Step) {
        if let Some(observer) = &self.observer {
            observer(step);
        }
    }
}

impl fmt::Debug for PushTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushTarget")
            .field("remote", &self.remote)
            .field("branch", &self.branch)
            .field("tries", &self.tries)
            .field("timeout", &self.timeout)
            .field("backoff", &self.backoff)
            .field("trailer", &self.trailer)
            .finish_non_exhaustive()
    }
}
