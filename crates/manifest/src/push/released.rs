//! What a branch knows of released artifacts: the check `tag-reuse` asked once more, because others
//! may have recorded a release since the gate asked it of the working tree.

use crate::entry::Entry;
use jiff::Timestamp;
use provost_attestation::digest::ArtifactDigest;
use provost_attestation::git_ref::Tag;
use provost_record::Verdict;
use std::collections::{BTreeSet, HashMap};

/// Accepted digests by tag and tags by accepted digest; and when each tag was last spoken of.
#[derive(Debug, Default)]
pub(super) struct Released {
    digests: HashMap<Tag, BTreeSet<ArtifactDigest>>,
    tags: HashMap<ArtifactDigest, BTreeSet<Tag>>,
    newest: HashMap<Tag, Timestamp>,
}

impl Released {
    pub(super) fn of<'a>(entries: impl Iterator<Item = &'a Entry>) -> Self {
        let mut released = Self::default();
        entries.for_each(|entry| released.add(entry));
        released
    }

    pub(super) fn add(&mut self, entry: &Entry) {
        let newest = self.newest.entry(entry.tag.clone()).or_insert(entry.validated_at);
        *newest = entry.validated_at.max(*newest);
        if entry.decision != Some(Verdict::Accepted) {
            return;
        }
        for digest in entry.digests() {
            self.tags.entry(digest.clone()).or_default().insert(entry.tag.clone());
            self.digests.entry(entry.tag.clone()).or_default().insert(digest);
        }
    }

    /// Why an accepted entry cannot stand beside what was accepted before.
    pub(super) fn conflict(&self, entry: &Entry) -> Option<String> {
        if entry.decision != Some(Verdict::Accepted) {
            return None;
        }
        let tag = entry.tag.as_str();
        for digest in entry.digests() {
            let tags = self.tags.get(&digest).into_iter().flatten();
            if let Some(other) = tags.into_iter().find(|other| **other != entry.tag) {
                let other = other.as_str();
                return Some(format!(
                    "tag {tag:?}: {digest} was accepted as {other:?} already; an old artifact \
                     under a new tag is a rollback"
                ));
            }
        }
        let known = self.digests.get(&entry.tag)?;
        for subject in entry.subjects.iter().flatten() {
            let digests: Vec<ArtifactDigest> = subject.digests().collect();
            let is_known = digests.iter().any(|digest| known.contains(digest));
            let other = digests
                .iter()
                .find(|digest| known.iter().any(|known| known.algorithm() == digest.algorithm()));
            if let (false, Some(digest)) = (is_known, other) {
                return Some(format!(
                    "tag {tag:?} was accepted with other bytes already: {:?} is {digest}; release \
                     other bytes under another tag",
                    subject.name
                ));
            }
        }
        None
    }

    /// Whether the branch accepted an artifact of the entry under its tag.
    pub(super) fn is_of_same_artifacts(&self, entry: &Entry) -> bool {
        let known = self.digests.get(&entry.tag);
        known.is_some_and(|known| entry.digests().any(|digest| known.contains(&digest)))
    }

    /// Whether nothing younger was said of the entry's tag.
    pub(super) fn is_newest(&self, entry: &Entry) -> bool {
        self.newest.get(&entry.tag).is_none_or(|newest| *newest <= entry.validated_at)
    }
}
