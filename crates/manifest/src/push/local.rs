//! The entries and files that stand in the working tree.

use super::item::{FileName, Item, named_artifact};
use crate::artifacts::{ARTIFACTS, ArtifactKind, SLSA, encoded_among, enter_slsa};
use crate::day::Day;
use crate::error::ManifestError;
use crate::folder::Folder;
use crate::git::{ObjectId, PushError, Repository};
use crate::manifests::Manifests;
use std::collections::{BTreeMap, HashMap};

/// Largest file that travels with an entry, in bytes: as large as a bundle may be.
pub(crate) const MAX_FILE: u64 = 16 << 20;

/// What stands in the working tree; files by their paths below the root.
pub(crate) struct Local {
    root: Folder,
    pub(crate) items: Vec<Item<String>>,
}

impl Local {
    /// Every entry, oldest day first. A key that stands in two days counts where it first stands.
    pub(crate) fn load(manifests: &Manifests) -> Result<Self, ManifestError> {
        let root = Folder::open_root(manifests.root())?;
        let slsa = enter_slsa(&root)?;
        let names = slsa.as_ref().map(Folder::names).transpose()?.unwrap_or_default();
        let mut items: Vec<Item<String>> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for standing in manifests.entries()? {
            let day = standing.path.as_str().split('/').nth(2).and_then(Day::from_folder);
            let (Some(day), true) = (day, seen.insert(standing.entry.key())) else { continue };
            let entry = standing.entry;
            let enc = encoded_among(&entry.tag, &names);
            let folder = match &slsa {
                Some(slsa) => slsa.enter(&enc)?,
                None => None,
            };
            let there = folder.as_ref().map(Folder::names).transpose()?.unwrap_or_default();
            let mut wanted = ArtifactKind::ALL.map(FileName::Kind).to_vec();
            wanted.extend(named_artifact(&entry));
            let files = wanted.into_iter().filter(|name| there.contains(&name.in_folder(&enc)));
            let files: BTreeMap<FileName, String> =
                files.map(|name| (name.clone(), name.path(&enc))).collect();
            items.push(Item { day, enc, entry, files });
        }
        Ok(Self { root, items })
    }

    /// The items with the blobs that their files would be.
    pub(crate) fn identified(
        &self,
        repository: &Repository,
    ) -> Result<Vec<Item<ObjectId>>, PushError> {
        let mut paths: Vec<String> =
            self.items.iter().flat_map(|item| item.files.values().cloned()).collect();
        paths.sort();
        paths.dedup();
        let ids = repository.ids_of_files(&paths)?;
        let ids: HashMap<&str, ObjectId> = paths.iter().map(String::as_str).zip(ids).collect();
        let identified = |path: &String| {
            ids.get(path.as_str()).cloned().ok_or_else(|| PushError::Unexpected {
                command: "hash-object",
                detail: "a file has no id".to_owned(),
            })
        };
        self.items.iter().map(|item| item.with_files(|_, path| identified(path))).collect()
    }

    /// An item with the bytes of its files, as they are now.
    pub(crate) fn read(&self, item: &Item<String>) -> Result<Item<Vec<u8>>, ManifestError> {
        let enter = |folder: &Folder, name: &str| {
            folder.enter(name)?.ok_or_else(|| ManifestError::Io {
                action: "open the folder",
                path: folder.path().join(name),
                source: std::io::ErrorKind::NotFound.into(),
            })
        };
        if item.files.is_empty() {
            return item.with_files(|_, _| Ok(Vec::new()));
        }
        let slsa = enter(&enter(&self.root, ARTIFACTS)?, SLSA)?;
        let folder = enter(&slsa, &item.enc)?;
        item.with_files(|name, _| {
            let file = name.in_folder(&item.enc);
            folder.read_up_to(&file, MAX_FILE)?.ok_or_else(|| ManifestError::Io {
                action: "read",
                path: folder.path().join(&file),
                source: std::io::ErrorKind::NotFound.into(),
            })
        })
    }
}
