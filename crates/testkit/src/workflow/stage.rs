//! What all runs in a repository share.

use super::report::RunReport;
use crate::VirtualSigstore;
use crate::github::{FakeGithub, RepositoryHandle, RunHandle};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use tempfile::TempDir;

/// What happens before the first step of a job.
pub(super) type Interference = Box<dyn FnMut(&RunHandle) + Send>;

pub(super) struct Stage {
    pub(super) github: FakeGithub,
    pub(super) repository: RepositoryHandle,
    pub(super) sigstore: VirtualSigstore,
    pub(super) folder: TempDir,
    /// The program under test.
    pub(super) provost: PathBuf,
    pub(super) secrets: Mutex<BTreeMap<String, String>>,
    /// Job and step at which somebody cancels the run.
    pub(super) cancel_at: Mutex<Option<(String, String)>>,
    /// By the id of the job.
    pub(super) before: Mutex<Vec<(String, Interference)>>,
    /// The concurrency groups of the runs that are going on.
    pub(super) groups: Mutex<BTreeSet<String>>,
    /// Runs that were dispatched through the API.
    pub(super) dispatched: Mutex<Dispatched>,
    pub(super) changed: Condvar,
    pub(super) last_number: AtomicUsize,
}

/// Runs that were dispatched through the API.
#[derive(Default)]
pub(super) struct Dispatched {
    pub(super) going_on: usize,
    pub(super) ended: Vec<Result<RunReport, String>>,
}

impl Stage {
    /// The repository on disk that every checkout comes from.
    pub(super) fn remote(&self) -> PathBuf {
        self.folder.path().join("remote.git")
    }

    /// Where programs lie that a runner has.
    pub(super) fn programs(&self) -> PathBuf {
        self.folder.path().join("programs")
    }

    /// A number that nothing else has, for the name of a folder.
    pub(super) fn number(&self) -> usize {
        self.last_number.fetch_add(1, Ordering::Relaxed)
    }
}

/// A panic in one run leaves what is shared readable for the others.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
