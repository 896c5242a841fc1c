//! What is on its way to the remote: an entry with the files of its tag.

use crate::artifacts::{ARTIFACTS, ArtifactKind, SLSA, path_of};
use crate::day::Day;
use crate::entry::{Entry, EntryKey};
use std::collections::BTreeMap;

/// An entry and the files that belong to it, each known by `F`: its path, its bytes or its blob.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item<F> {
    /// The day in whose file the entry first stood.
    pub(crate) day: Day,
    /// The tag's `<enc>` where the files come from.
    pub(crate) enc: String,
    pub(crate) entry: Entry,
    pub(crate) files: BTreeMap<FileName, F>,
}

/// A file of a tag's folder, apart from the `<enc>` in its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FileName {
    Kind(ArtifactKind),
    /// A bundle that the entry names and that is called otherwise.
    Named(String),
}

impl<F> Item<F> {
    pub(crate) fn key(&self) -> EntryKey {
        self.entry.key()
    }

    /// The same item with other knowledge of its files.
    pub(crate) fn with_files<G, E>(
        &self,
        mut of: impl FnMut(&FileName, &F) -> Result<G, E>,
    ) -> Result<Item<G>, E> {
        let files = self.files.iter().map(|(name, file)| Ok((name.clone(), of(name, file)?)));
        Ok(Item {
            day: self.day,
            enc: self.enc.clone(),
            entry: self.entry.clone(),
            files: files.collect::<Result<_, E>>()?,
        })
    }
}

impl FileName {
    /// What a file of the folder `enc` is.
    pub(crate) fn of(enc: &str, file: &str) -> Self {
        let mut kinds = ArtifactKind::ALL.into_iter();
        match kinds.find(|kind| kind.file_name(enc) == file) {
            Some(kind) => Self::Kind(kind),
            None => Self::Named(file.to_owned()),
        }
    }

    /// Its name in the folder `enc`.
    pub(crate) fn in_folder(&self, enc: &str) -> String {
        match self {
            Self::Kind(kind) => kind.file_name(enc),
            Self::Named(name) => name.clone(),
        }
    }

    /// Its path below the root.
    pub(crate) fn path(&self, enc: &str) -> String {
        format!("{ARTIFACTS}/{SLSA}/{enc}/{}", self.in_folder(enc))
    }

    /// Whether it is evidence, as against our own words about it.
    pub(crate) fn is_bundle(&self) -> bool {
        !matches!(self, Self::Kind(ArtifactKind::Failure | ArtifactKind::VerificationSummary))
    }
}

/// The file that the entry's `artifact` names; `None` when it names none.
pub(crate) fn named_artifact(entry: &Entry) -> Option<FileName> {
    let (folder, file) = entry.artifact.rsplit_once('/')?;
    let (_, enc) = folder.rsplit_once('/')?;
    Some(FileName::of(enc, file))
}

/// The entry as it reads where the tag's folder is `enc`.
pub(crate) fn moved_to(entry: &Entry, enc: &str) -> Entry {
    let artifact = match named_artifact(entry) {
        None => return entry.clone(),
        Some(FileName::Kind(kind)) => path_of(enc, kind).as_str().to_owned(),
        Some(named) => named.path(enc),
    };
    Entry { artifact, ..entry.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use provost_record::Status;

    #[test]
    fn an_entry_follows_its_folder() {
        let key = EntryKey { run: 1, tag: "v1".parse().expect("tag") };
        let mut entry = Entry::new(key, Status::Success, jiff::Timestamp::UNIX_EPOCH);
        assert_eq!(moved_to(&entry, "h-1").artifact, "");
        entry.artifact = "artifacts/slsa/v1/provenance-v1.json".to_owned();
        let moved = moved_to(&entry, "h-1").artifact;
        assert_eq!(moved, "artifacts/slsa/h-1/provenance-h-1.json");
        entry.artifact = "artifacts/slsa/v1/bundle.json".to_owned();
        assert_eq!(moved_to(&entry, "h-1").artifact, "artifacts/slsa/h-1/bundle.json");
        assert_eq!(moved_to(&entry, "v1"), entry);
    }
}
