//! `push` and `flush`: what was recorded here reaches the branch of a remote, exactly once.
//!
//! 1. What the checked-out commit does not hold goes into the [`queue`], durably, before anything
//!    is asked of a network: the queue alone is enough to finish later, from anywhere.
//! 2. The remote's branch is fetched, and entries are merged into it by run and tag.
//! 3. One commit with exactly these files is pushed, never by force. When the branch has moved in
//!    the meantime, from 2. again.
//! 4. What the remote has confirmed leaves the queue.
//!
//! The user's branch, index and work tree are not touched; the remote-tracking branch moves, as by
//! any push. A crash after any step is finished by
//! the next push or flush: the remote is asked whether it holds the entry, and a merge by key
//! doubles nothing.

mod backoff;
mod delivery;
mod item;
mod local;
mod plan;
mod pushed;
mod queue;
mod queue_line;
mod released;
mod target;
mod trailer;

pub use backoff::Backoff;
pub use pushed::{PushConflict, Pushed};
pub use queue::queue_path;
pub use target::{PushTarget, Step};
pub use trailer::{CommitTrailer, InvalidTrailer};

use crate::error::ManifestError;
use crate::folder::Folder;
use crate::git::{PushError, Repository};
use crate::manifests::Manifests;
use delivery::{Delivery, Stop, enqueue};
use jiff::Timestamp;
use local::Local;
use queue::{Queue, queued, read_elsewhere};
use std::error::Error;
use std::path::Path;

/// Brings what stands below the manifests' root, and what waits in the queue, to the remote.
///
/// Entries that are there already change nothing; a newer outcome takes the place of an older one
/// (see [`crate::reconcile`]). An accepted release that contradicts the branch (its tag was
/// accepted with other bytes, its bytes under another tag) is a conflict and waits in the queue, as
/// everything does that could not be pushed: [`Pushed::failure`] says why.
///
/// # Errors
/// [`ManifestError`] when the files of this machine cannot be read or the queue cannot be written.
pub fn push(
    manifests: &Manifests,
    target: &PushTarget,
    now: Timestamp,
) -> Result<Pushed, ManifestError> {
    let local = Local::load(manifests)?;
    target.done(Step::Read);
    deliver(manifests, target, now, Some(&local), |_, _| Ok(()))
}

/// Brings what waits in the queue to the remote; with `from`, first takes over a queue from
/// elsewhere, a file or every `*.jsonl` below a folder. What lies there is left as it is: taking it
/// over a second time adds nothing.
///
/// # Errors
/// As [`push`]; [`ManifestError::Io`] also when `from` is not there.
pub fn flush(
    manifests: &Manifests,
    from: Option<&Path>,
    target: &PushTarget,
    now: Timestamp,
) -> Result<Pushed, ManifestError> {
    let elsewhere = from.map(read_elsewhere).transpose()?.unwrap_or_default();
    target.done(Step::Read);
    deliver(manifests, target, now, None, |queue, pushed| {
        for content in elsewhere {
            content.queued.into_iter().for_each(|queued| queue.put(queued));
            pushed.problems.extend(content.problems);
            pushed.cut_off.extend(content.cut_off);
        }
        queue.save()?;
        target.done(Step::Queued);
        Ok(())
    })
}

fn deliver(
    manifests: &Manifests,
    target: &PushTarget,
    now: Timestamp,
    local: Option<&Local>,
    fill: impl FnOnce(&mut Queue, &mut Pushed) -> Result<(), ManifestError>,
) -> Result<Pushed, ManifestError> {
    let root = Folder::open_root(manifests.root())?;
    let mut queue = Queue::open(&root, manifests.lock_wait())?;
    let mut pushed = Pushed::default();
    pushed.problems.clone_from(&queue.content().problems);
    pushed.cut_off.extend(queue.content().cut_off.clone());
    fill(&mut queue, &mut pushed)?;
    let has_work = !queue.queued().is_empty() || local.is_some_and(|local| !local.items.is_empty());
    if has_work {
        let repository = Repository::open(manifests.root(), target.timeout);
        let delivered = match repository {
            Ok(repository) => delivered(&repository, target, now, local, &mut queue, &mut pushed),
            Err(error) => unreachable_git(local, &mut queue, now, error),
        };
        match delivered {
            Ok(()) => {}
            Err(Stop::Push(error)) => pushed.failure = Some(error),
            Err(Stop::Here(error)) => return Err(error),
        }
    }
    explain(&mut queue, &pushed);
    queue.save()?;
    pushed.queued = queue.queued().iter().map(|queued| queued.item.key()).collect();
    Ok(pushed)
}

fn delivered(
    repository: &Repository,
    target: &PushTarget,
    now: Timestamp,
    local: Option<&Local>,
    queue: &mut Queue,
    pushed: &mut Pushed,
) -> Result<(), Stop> {
    let head = repository.head()?;
    let identified = local.map(|local| local.identified(repository)).transpose()?;
    let local = local.zip(identified.as_deref());
    if let Some((local, identified)) = local {
        // A commit whose manifest cannot be used holds nothing that could be counted on.
        let held = head.as_ref().and_then(|head| repository.state_of(head).ok());
        enqueue(local, identified, held.unwrap_or_default(), queue, now)?;
        target.done(Step::Queued);
    }
    Delivery { repository, head, target, queue, now, local, pushed, stored: None }.run()
}

/// Without git nothing is known to be safe, so everything is queued.
fn unreachable_git(
    local: Option<&Local>,
    queue: &mut Queue,
    now: Timestamp,
    error: PushError,
) -> Result<(), Stop> {
    for item in local.iter().flat_map(|local| local.items.iter().map(|item| local.read(item))) {
        queue.put(queued(item?, now));
    }
    queue.save()?;
    Err(error.into())
}

/// Writes down why each entry is still in the queue.
fn explain(queue: &mut Queue, pushed: &Pushed) {
    let failure = pushed.failure.as_ref().map(|error| {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text.push_str(&format!(": {error}"));
            cause = error.source();
        }
        text
    });
    queue.explain(|key| {
        let conflict = pushed.conflicts.iter().find(|conflict| conflict.key == *key);
        conflict.map(|conflict| conflict.reason.clone()).or_else(|| failure.clone())
    });
}
