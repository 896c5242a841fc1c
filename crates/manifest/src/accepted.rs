//! What was accepted under which tag.

use crate::entry::Entry;
use provost_attestation::digest::ArtifactDigest;
use provost_attestation::git_ref::Tag;
use std::collections::BTreeSet;

/// Every accepted digest together with the tag that it was accepted under, over all days and runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AcceptedDigests(BTreeSet<(ArtifactDigest, Tag)>);

impl AcceptedDigests {
    /// Every digest that was accepted under the tag. A second, different digest of the same
    /// artifact is a tag used twice; what follows from that the caller decides.
    pub fn of_tag(&self, tag: &Tag) -> BTreeSet<ArtifactDigest> {
        let of_tag = self.0.iter().filter(|(_, found)| found == tag);
        of_tag.map(|(digest, _)| digest.clone()).collect()
    }

    /// Every tag under which the digest was accepted. A second tag means that an old artifact is
    /// offered as a new release; what follows from that the caller decides.
    pub fn tags_of(&self, digest: &ArtifactDigest) -> BTreeSet<Tag> {
        let with_digest = self.0.iter().filter(|(found, _)| found == digest);
        with_digest.map(|(_, tag)| tag.clone()).collect()
    }
}

impl<'a> FromIterator<&'a Entry> for AcceptedDigests {
    /// Of accepted entries.
    fn from_iter<I: IntoIterator<Item = &'a Entry>>(entries: I) -> Self {
        let pairs = |entry: &'a Entry| entry.digests().map(|digest| (digest, entry.tag.clone()));
        Self(entries.into_iter().flat_map(pairs).collect())
    }
}
