//! The way to the remote: fetch, merge by key, commit, push; again when the branch has moved.

use super::item::Item;
use super::local::Local;
use super::plan::{Fate, Plan};
use super::pushed::{PushConflict, Pushed};
use super::queue::{Queue, queued};
use super::target::{PushTarget, Step};
use crate::entry::EntryKey;
use crate::error::ManifestError;
use crate::git::{
    Change, ObjectId, PushAnswer, PushError, Remote, Repository, TreeState, Unreadable, message,
};
use jiff::Timestamp;
use std::collections::HashSet;

/// How often in a row a remote that cannot be reached is tried.
const UNREACHABLE_TRIES: u32 = 3;

/// Why a delivery stops.
pub(super) enum Stop {
    /// The queue stands; the remote lacks something.
    Push(PushError),
    /// This machine's files cannot be read or written.
    Here(ManifestError),
}

impl From<PushError> for Stop {
    fn from(error: PushError) -> Self {
        Self::Push(error)
    }
}

impl From<ManifestError> for Stop {
    fn from(error: ManifestError) -> Self {
        Self::Here(error)
    }
}

/// What is delivered, and to where.
pub(super) struct Delivery<'a> {
    pub(super) repository: &'a Repository,
    pub(super) head: Option<ObjectId>,
    pub(super) target: &'a PushTarget,
    pub(super) queue: &'a mut Queue,
    pub(super) now: Timestamp,
    /// What the working tree holds besides the queue.
    pub(super) local: Option<(&'a Local, &'a [Item<ObjectId>])>,
    pub(super) pushed: &'a mut Pushed,
    /// The queue's items with their blobs, as of one revision of the queue.
    pub(super) stored: Option<(u64, Vec<Item<ObjectId>>)>,
}

/// What one try came to.
enum Tried {
    Done,
    Moved(PushError),
}

impl Delivery<'_> {
    /// Tries until the remote holds everything that does not contradict it.
    pub(super) fn run(&mut self) -> Result<(), Stop> {
        Remote::expect(self.repository, &self.target.remote)?;
        let mut unreachable = 0;
        for tried in 1.. {
            self.pushed.tries = tried;
            let is_last = tried >= self.target.tries;
            match self.attempt() {
                Ok(Tried::Done) => return Ok(()),
                Ok(Tried::Moved(error)) if is_last => return Err(error.into()),
                Ok(Tried::Moved(_)) => unreachable = 0,
                Err(Stop::Push(error @ PushError::Unreachable { .. })) => {
                    unreachable += 1;
                    if is_last || unreachable >= UNREACHABLE_TRIES {
                        return Err(error.into());
                    }
                }
                Err(stop) => return Err(stop),
            }
            self.target.backoff.pause(tried);
        }
        Ok(())
    }

    fn attempt(&mut self) -> Result<Tried, Stop> {
        let target = self.target;
        let (remote, tip) =
            Remote::locate(self.repository, &target.remote, target.branch.as_ref())?;
        self.pushed.branch = Some(remote.branch.to_string());
        target.done(Step::Located);
        let state = self.state(&remote, tip.as_ref())?;
        self.queue_what_differs(&state)?;
        let items = self.stored_items()?;
        let planned = Plan::new(state, &items);
        let plan = planned.map_err(|source| unusable(&remote, source))?;
        self.note_conflicts(&plan, &items);
        if !plan.is_empty() {
            let commit = self.commit(tip.as_ref(), &plan)?;
            target.done(Step::Committed);
            match remote.push(&commit)? {
                PushAnswer::Taken => {}
                PushAnswer::Moved => {
                    return Ok(Tried::Moved(PushError::Contended {
                        remote: remote.name.to_string(),
                        branch: remote.branch.to_string(),
                        tries: target.tries,
                    }));
                }
            }
            target.done(Step::Pushed);
            self.pushed.commit = Some(commit.to_string());
            self.pushed.recorded = plan.recorded.iter().map(|(key, _)| key.clone()).collect();
            self.pushed.replaced.clone_from(&plan.replaced);
        }
        let is_held = |(_, fate): &(&Item<ObjectId>, &Fate)| !matches!(fate, Fate::Conflict(_));
        let held = items.iter().zip(&plan.fates).filter(is_held);
        let held: HashSet<EntryKey> = held.map(|(item, _)| item.key()).collect();
        self.queue.remove(&held);
        self.queue.save()?;
        target.done(Step::Confirmed);
        Ok(Tried::Done)
    }

    /// What the branch holds now.
    fn state(&self, remote: &Remote<'_>, tip: Option<&ObjectId>) -> Result<TreeState, Stop> {
        let Some(tip) = tip else {
            return Ok(TreeState::default());
        };
        // What HEAD names is here with everything it holds; of no other commit is that known.
        if self.head.as_ref() != Some(tip) {
            remote.fetch(tip)?;
        }
        self.target.done(Step::Fetched);
        self.repository.state_of(tip).map_err(|unreadable| match unreadable {
            Unreadable::Git(error) => Stop::Push(error),
            Unreadable::Manifest(source) => Stop::Push(unusable(remote, source)),
        })
    }

    /// What the branch lacks of the working tree goes into the queue first, durably.
    fn queue_what_differs(&mut self, state: &TreeState) -> Result<(), Stop> {
        let Some((local, identified)) = self.local else {
            return Ok(());
        };
        enqueue(local, identified, state.clone(), self.queue, self.now)?;
        self.target.done(Step::Queued);
        Ok(())
    }

    /// The queue's items with the blobs of their files, which are stored.
    fn stored_items(&mut self) -> Result<Vec<Item<ObjectId>>, Stop> {
        let revision = self.queue.revision();
        if let Some((of, items)) = &self.stored
            && *of == revision
        {
            return Ok(items.clone());
        }
        let items = self.store_items()?;
        self.stored = Some((revision, items.clone()));
        Ok(items)
    }

    fn store_items(&self) -> Result<Vec<Item<ObjectId>>, Stop> {
        let queued = self.queue.queued();
        let texts = queued.iter().flat_map(|queued| queued.item.files.values().map(Vec::as_slice));
        let ids = self.repository.store(&texts.collect::<Vec<_>>())?;
        let mut ids = ids.into_iter();
        let mut next = || {
            ids.next().ok_or_else(|| PushError::Unexpected {
                command: "hash-object",
                detail: "a file has no id".to_owned(),
            })
        };
        let items = queued.iter().map(|queued| queued.item.with_files(|_, _| next()));
        Ok(items.collect::<Result<_, PushError>>()?)
    }

    fn note_conflicts(&mut self, plan: &Plan, items: &[Item<ObjectId>]) {
        let conflict = |(item, fate): (&Item<ObjectId>, &Fate)| match fate {
            Fate::Conflict(reason) => {
                Some(PushConflict { key: item.key(), reason: reason.clone() })
            }
            Fate::Recorded | Fate::Unchanged => None,
        };
        self.pushed.conflicts = items.iter().zip(&plan.fates).filter_map(conflict).collect();
    }

    fn commit(&self, tip: Option<&ObjectId>, plan: &Plan) -> Result<ObjectId, PushError> {
        let texts: Vec<&[u8]> = plan.days.values().map(String::as_bytes).collect();
        let blobs = self.repository.store(&texts)?;
        let paths = plan.days.keys().map(|day| day.path().as_str().to_owned());
        let mut changes = plan.files.clone();
        changes.extend(paths.zip(blobs).map(|(path, blob)| Change { path, blob }));
        let text = message(&plan.recorded, self.target.trailer.as_ref());
        self.repository.commit(tip, &changes, &text)
    }
}

/// Puts those items of the working tree into the queue that `state` lacks, and makes it durable.
pub(super) fn enqueue(
    local: &Local,
    identified: &[Item<ObjectId>],
    state: TreeState,
    queue: &mut Queue,
    now: Timestamp,
) -> Result<(), ManifestError> {
    let plan = Plan::new(state, identified)?;
    for (item, fate) in local.items.iter().zip(&plan.fates) {
        if *fate != Fate::Unchanged {
            queue.put(queued(local.read(item)?, now));
        }
    }
    queue.save()
}

fn unusable(remote: &Remote<'_>, source: ManifestError) -> PushError {
    PushError::Manifest {
        remote: remote.name.to_string(),
        branch: remote.branch.to_string(),
        source: Box::new(source),
    }
}
