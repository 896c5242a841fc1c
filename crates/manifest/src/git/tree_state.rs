//! What a commit holds of ours: manifests, and which artifact files.

use super::error::PushError;
use super::objects::ObjectId;
use super::repository::Repository;
use crate::artifacts::{ARTIFACTS, SLSA};
use crate::day::{Day, MANIFEST};
use crate::error::ManifestError;
use crate::file::DayFile;
use std::collections::{BTreeMap, BTreeSet};

/// The manifests and artifact files of one commit.
#[derive(Debug, Clone, Default)]
pub(crate) struct TreeState {
    pub(crate) days: BTreeMap<Day, DayFile>,
    /// `<enc>` to file name to blob.
    pub(crate) artifacts: BTreeMap<String, BTreeMap<String, ObjectId>>,
}

/// Why a commit's state cannot be told.
#[derive(Debug)]
pub(crate) enum Unreadable {
    Git(PushError),
    Manifest(ManifestError),
}

impl From<PushError> for Unreadable {
    fn from(error: PushError) -> Self {
        Self::Git(error)
    }
}

impl Repository {
    /// What the commit holds below the manifest's root.
    pub(crate) fn state_of(&self, commit: &ObjectId) -> Result<TreeState, Unreadable> {
        let mut state = TreeState::default();
        let mut days = BTreeMap::new();
        for (path, blob) in self.files_of(commit)? {
            match path.split('/').collect::<Vec<_>>()[..] {
                ["docs", "reports", day, MANIFEST] => {
                    days.extend(Day::from_folder(day).map(|day| (day, blob)));
                }
                [ARTIFACTS, SLSA, enc, name] => {
                    let folder = state.artifacts.entry(enc.to_owned()).or_default();
                    folder.insert(name.to_owned(), blob);
                }
                _ => {}
            }
        }
        let blobs: BTreeSet<ObjectId> = days.values().cloned().collect();
        let contents = self.contents(&blobs)?;
        for (day, blob) in days {
            let bytes = contents.get(&blob).map(Vec::as_slice).unwrap_or_default();
            let file = DayFile::parse(day.path().as_str(), bytes).map_err(Unreadable::Manifest)?;
            state.days.insert(day, file);
        }
        Ok(state)
    }

    /// Our regular files in the commit, by their paths below the root. A link in the place of a
    /// manifest is refused; what else is no file, or no UTF-8, is not ours, and the commit that
    /// would replace it is refused (see [`Repository::commit`]).
    fn files_of(&self, commit: &ObjectId) -> Result<Vec<(String, ObjectId)>, PushError> {
        let folders = ["docs/reports", "artifacts/slsa"];
        let call = self.git.call("ls-tree").args(["-r", "-z", "--full-tree"]);
        let call = call.args([commit.as_str(), "--"]);
        let output =
            call.args(folders.map(|folder| format!("{}{folder}", self.prefix))).output()?;
        let mut files = Vec::new();
        for line in output.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
            let Ok(line) = std::str::from_utf8(line) else { continue };
            let wrong = || PushError::Unexpected {
                command: "ls-tree",
                detail: "a line without mode, type, id and path".to_owned(),
            };
            let (words, full) = line.split_once('\t').ok_or_else(wrong)?;
            let [mode, _, id] = words.split(' ').collect::<Vec<_>>()[..] else {
                return Err(wrong());
            };
            let path = full.strip_prefix(&self.prefix).ok_or_else(wrong)?;
            if !matches!(mode, "100644" | "100755") {
                if path.ends_with(&format!("/{MANIFEST}")) {
                    return Err(PushError::Crossed { path: full.to_owned() });
                }
                continue;
            }
            files.push((path.to_owned(), ObjectId::read("ls-tree", id.as_bytes())?));
        }
        Ok(files)
    }
}
