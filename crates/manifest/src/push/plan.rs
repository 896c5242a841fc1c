//! What a commit after a given state must change so that it holds the items: a pure judgement.

use super::item::{FileName, Item, moved_to};
use super::released::Released;
use crate::artifacts::encoded_among;
use crate::day::Day;
use crate::entry::EntryKey;
use crate::error::ManifestError;
use crate::git::{Change, ObjectId, TreeState};
use crate::merge::reconcile;
use crate::soundness::unsound;
use provost_record::{Status, Verdict};
use std::collections::BTreeMap;

/// What becomes of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It contradicts what the state holds; nothing of it is taken.
    Conflict(String),
    /// The commit records it.
    Recorded,
    /// The state holds it already.
    Unchanged,
}

/// The changes, and what becomes of each item.
#[derive(Debug)]
pub(crate) struct Plan {
    /// In the order of the items.
    pub(crate) fates: Vec<Fate>,
    /// What the commit records.
    pub(crate) recorded: Vec<(EntryKey, Status)>,
    /// New texts of manifest files.
    pub(crate) days: BTreeMap<Day, String>,
    /// New or changed artifact files.
    pub(crate) files: Vec<Change>,
    /// Bundles that take the place of another of the same bytes' digests.
    pub(crate) replaced: Vec<String>,
}

impl Plan {
    /// Plans to bring the items into `state`, the oldest first.
    ///
    /// # Errors
    /// [`ManifestError::InvalidFile`] when a day's file could not be read again.
    pub(crate) fn new(state: TreeState, items: &[Item<ObjectId>]) -> Result<Self, ManifestError> {
        let mut planner = Planner {
            encs: state.artifacts.keys().cloned().collect(),
            released: Released::of(state.days.values().flat_map(|file| file.entries())),
            state,
            changed: BTreeMap::new(),
            files: BTreeMap::new(),
            replaced: Vec::new(),
        };
        let mut order: Vec<usize> = (0..items.len()).collect();
        order.sort_by_cached_key(|at| (items[*at].entry.validated_at, items[*at].key()));
        let mut fates = vec![Fate::Unchanged; items.len()];
        for at in order {
            fates[at] = match planner.take(&items[at]) {
                Ok(true) => Fate::Recorded,
                Ok(false) => Fate::Unchanged,
                Err(reason) => Fate::Conflict(reason),
            };
        }
        planner.finish(fates, items)
    }

    /// Whether there is nothing to commit.
    pub(crate) fn is_empty(&self) -> bool {
        self.days.is_empty() && self.files.is_empty()
    }
}

struct Planner {
    state: TreeState,
    encs: Vec<String>,
    released: Released,
    changed: BTreeMap<Day, ()>,
    files: BTreeMap<String, ObjectId>,
    replaced: Vec<String>,
}

/// How an item's entry relates to the one that stands.
struct Word {
    /// Its outcome is the newest of its run and tag.
    is_newer: bool,
    /// The entry as it will stand; `None` when nothing changes.
    entry: Option<crate::entry::Entry>,
    day: Day,
}

impl Planner {
    /// Whether it changes anything; an error is a conflict, and then it has changed nothing.
    fn take(&mut self, item: &Item<ObjectId>) -> Result<bool, String> {
        let enc = encoded_among(&item.entry.tag, &self.encs);
        let word = self.word(item, &enc)?;
        if let Some(entry) = &word.entry
            && let Some(conflict) = self.released.conflict(entry)
        {
            return Err(conflict);
        }
        let files = self.changes(item, &enc, &word)?;
        let changes_anything = word.entry.is_some() || !files.is_empty();
        if let Some(entry) = word.entry {
            self.released.add(&entry);
            self.state.days.entry(word.day).or_default().put(entry);
            self.changed.insert(word.day, ());
        }
        if !files.is_empty() && !self.encs.contains(&enc) {
            self.encs.push(enc.clone());
        }
        for (name, blob, replaces) in files {
            let path = name.path(&enc);
            let folder = self.state.artifacts.entry(enc.clone()).or_default();
            folder.insert(name.in_folder(&enc), blob.clone());
            if replaces {
                self.replaced.push(path.clone());
            }
            self.files.insert(path, blob);
        }
        Ok(changes_anything)
    }

    fn word(&self, item: &Item<ObjectId>, enc: &str) -> Result<Word, String> {
        let entry = moved_to(&item.entry, enc);
        let key = entry.key();
        let standing =
            self.state.days.iter().find_map(|(day, file)| Some((*day, file.find(&key)?)));
        let word = match standing {
            None => Word { is_newer: true, entry: Some(entry), day: item.day },
            Some((day, standing)) => {
                let reconciled = reconcile(standing, &entry);
                let is_new = reconciled.entry != *standing;
                let is_newer = is_new && reconciled.other_is_newer;
                Word { is_newer, entry: is_new.then_some(reconciled.entry), day }
            }
        };
        match word.entry.iter().flat_map(unsound).next() {
            Some(first) => Err(format!("the entry {}; {}", first.message, first.help)),
            None => Ok(word),
        }
    }

    /// The files to write: name, blob, and whether it replaces another bundle.
    fn changes(
        &self,
        item: &Item<ObjectId>,
        enc: &str,
        word: &Word,
    ) -> Result<Vec<(FileName, ObjectId, bool)>, String> {
        let there = self.state.artifacts.get(enc);
        let is_newest = word.is_newer && self.released.is_newest(&item.entry);
        let mut changes = Vec::new();
        for (name, blob) in &item.files {
            let standing = there.and_then(|folder| folder.get(&name.in_folder(enc)));
            match standing {
                Some(standing) if standing == blob => {}
                None => changes.push((name.clone(), blob.clone(), false)),
                Some(_) if name.is_bundle() => {
                    if self.replaces_bundle(item, enc, name, is_newest)? {
                        changes.push((name.clone(), blob.clone(), true));
                    }
                }
                // Our own words about the tag are those of the newest entry.
                Some(_) if is_newest => changes.push((name.clone(), blob.clone(), false)),
                Some(_) => {}
            }
        }
        Ok(changes)
    }

    /// Another bundle stands on the branch. It gives way only to that of a newer acceptance of the
    /// very same artifacts, as a later attempt of a run makes it; git keeps the old one.
    fn replaces_bundle(
        &self,
        item: &Item<ObjectId>,
        enc: &str,
        name: &FileName,
        is_newest: bool,
    ) -> Result<bool, String> {
        if item.entry.decision == Some(Verdict::Refused) {
            return Ok(false);
        }
        if !self.released.is_of_same_artifacts(&item.entry) {
            return Err(format!(
                "{} stands on the branch with other bytes, and nothing there says that both are \
                 of the same artifacts; an accepted bundle is never overwritten, so release other \
                 bytes under another tag",
                name.path(enc)
            ));
        }
        Ok(is_newest && item.entry.decision == Some(Verdict::Accepted))
    }

    fn finish(self, fates: Vec<Fate>, items: &[Item<ObjectId>]) -> Result<Plan, ManifestError> {
        let mut days = BTreeMap::new();
        for day in self.changed.into_keys() {
            let file = self.state.days.get(&day).cloned().unwrap_or_default();
            let text = file
                .render_readable(day.path().as_str())
                .map_err(|problems| ManifestError::InvalidFile { problems })?;
            days.insert(day, text);
        }
        let recorded = items.iter().zip(&fates).filter(|(_, fate)| **fate == Fate::Recorded);
        let recorded = recorded.map(|(item, _)| (item.key(), item.entry.status)).collect();
        let changes = self.files.into_iter().map(|(path, blob)| Change { path, blob });
        Ok(Plan { recorded, days, files: changes.collect(), replaced: self.replaced, fates })
    }
}
