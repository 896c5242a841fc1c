//! Objects: blobs, and a commit that changes exactly the files it is meant to change.

use super::error::PushError;
use super::repository::Repository;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The id of an object: 40 or 64 lower-case hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ObjectId(String);

/// One file of a commit, below the manifest's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) path: String,
    pub(crate) blob: ObjectId,
}

impl ObjectId {
    /// Reads what the git command answered.
    pub(super) fn read(command: &'static str, bytes: &[u8]) -> Result<Self, PushError> {
        let digits = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let is_hex = digits.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match std::str::from_utf8(digits) {
            Ok(text) if is_hex && matches!(text.len(), 40 | 64) => Ok(Self(text.to_owned())),
            _ => Err(PushError::Unexpected { command, detail: "no object id".to_owned() }),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Repository {
    /// The ids that the files would have, in order; nothing is stored. The paths are below the root
    /// and safe, as those of artifacts are.
    pub(crate) fn ids_of_files(&self, paths: &[String]) -> Result<Vec<ObjectId>, PushError> {
        self.hash(false, paths)
    }

    /// Stores the texts, byte for byte, and gives their ids in order.
    pub(crate) fn store(&self, texts: &[&[u8]]) -> Result<Vec<ObjectId>, PushError> {
        let folder = scratch()?;
        let mut paths = Vec::new();
        for (number, text) in texts.iter().enumerate() {
            let path = folder.path().join(number.to_string());
            std::fs::write(&path, text).map_err(no_room)?;
            let path = path.to_str().ok_or_else(|| {
                no_room(std::io::Error::other("the folder for temporary files is no UTF-8"))
            })?;
            paths.push(path.to_owned());
        }
        self.hash(true, &paths)
    }

    fn hash(&self, stores: bool, paths: &[String]) -> Result<Vec<ObjectId>, PushError> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        // No filters: what .gitattributes would do to line ends is not what was signed.
        let mut call = self.git.call("hash-object").args(["--no-filters", "--stdin-paths"]);
        if stores {
            call = call.arg("-w");
        }
        let output = call.stdin(lines(paths)).output()?;
        let text = String::from_utf8_lossy(&output);
        let ids: Vec<ObjectId> = text
            .lines()
            .map(|line| ObjectId::read("hash-object", line.as_bytes()))
            .collect::<Result<_, _>>()?;
        if ids.len() == paths.len() {
            return Ok(ids);
        }
        let detail = format!("{} ids for {} files", ids.len(), paths.len());
        Err(PushError::Unexpected { command: "hash-object", detail })
    }

    /// A commit after `parent` in which exactly the changed files differ, in an index of its own.
    /// The user's index, work tree and branches stay as they are.
    pub(crate) fn commit(
        &self,
        parent: Option<&ObjectId>,
        changes: &[Change],
        message: &str,
    ) -> Result<ObjectId, PushError> {
        let folder = scratch()?;
        let index = folder.path().join("index");
        let from = parent.map_or("--empty", ObjectId::as_str);
        self.git.call("read-tree").arg(from).env("GIT_INDEX_FILE", &index).output()?;
        let info = changes.iter().map(|change| {
            let Change { path, blob } = change;
            format!("100644 {blob}\t{}{path}\0", self.prefix)
        });
        let info: String = info.collect();
        let update = self.git.call("update-index").args(["-z", "--index-info"]);
        update.env("GIT_INDEX_FILE", &index).stdin(info.into_bytes()).output()?;
        let tree = self.git.call("write-tree").env("GIT_INDEX_FILE", &index).output()?;
        let tree = ObjectId::read("write-tree", &tree)?;
        if let Some(parent) = parent {
            self.expect_only(changes, parent, &tree)?;
        }
        let mut call = self.git.call("commit-tree").arg(tree.as_str());
        if let Some(parent) = parent {
            call = call.args(["-p", parent.as_str()]);
        }
        for (name, value) in self.identity()? {
            call = call.env(name, value);
        }
        ObjectId::read("commit-tree", &call.stdin(message.as_bytes().to_vec()).output()?)
    }

    /// Refuses a tree in which anything else than the planned files differs. A file or link that
    /// stands where one of our folders must be would otherwise be replaced without a word.
    fn expect_only(
        &self,
        changes: &[Change],
        parent: &ObjectId,
        tree: &ObjectId,
    ) -> Result<(), PushError> {
        let call = self.git.call("diff-tree").args(["-r", "-z", "--no-renames", "--no-ext-diff"]);
        let output = call.args([parent.as_str(), tree.as_str()]).output()?;
        let text = String::from_utf8_lossy(&output);
        let mut fields = text.split('\0');
        let planned: BTreeSet<String> =
            changes.iter().map(|change| format!("{}{}", self.prefix, change.path)).collect();
        // `:<mode> <mode> <id> <id> <status>` and the path, each ended by a zero byte.
        while let Some(words) = fields.next().filter(|words| !words.is_empty()) {
            let path = fields.next().unwrap_or_default();
            let was_file = [":000000 ", ":100644 ", ":100755 "];
            let is_file = was_file.iter().any(|mode| words.starts_with(mode));
            let is_written = words.ends_with(" A") || words.ends_with(" M");
            if !(is_file && is_written && planned.contains(path)) {
                return Err(PushError::Crossed { path: path.to_owned() });
            }
        }
        Ok(())
    }

    /// The contents of blobs.
    pub(super) fn contents(
        &self,
        blobs: &BTreeSet<ObjectId>,
    ) -> Result<BTreeMap<ObjectId, Vec<u8>>, PushError> {
        if blobs.is_empty() {
            return Ok(BTreeMap::new());
        }
        let ids: Vec<String> = blobs.iter().map(ObjectId::to_string).collect();
        let output = self.git.call("cat-file").arg("--batch").stdin(lines(&ids)).output()?;
        let wrong = || PushError::Unexpected {
            command: "cat-file",
            detail: "a blob of the branch is not there".to_owned(),
        };
        let mut contents = BTreeMap::new();
        let mut rest = output.as_slice();
        // `<id> blob <size>`, a line feed, the bytes, a line feed.
        while !rest.is_empty() {
            let end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(wrong)?;
            let header = std::str::from_utf8(&rest[..end]).map_err(|_| wrong())?;
            let [id, "blob", size] = header.split(' ').collect::<Vec<_>>()[..] else {
                return Err(wrong());
            };
            let size: usize = size.parse().map_err(|_| wrong())?;
            let bytes = rest.get(end + 1..end + 1 + size).ok_or_else(wrong)?;
            contents.insert(ObjectId::read("cat-file", id.as_bytes())?, bytes.to_vec());
            rest = rest.get(end + size + 2..).ok_or_else(wrong)?;
        }
        Ok(contents)
    }
}

fn lines(words: &[String]) -> Vec<u8> {
    words.iter().flat_map(|word| [word.as_bytes(), b"\n"].concat()).collect()
}

fn scratch() -> Result<tempfile::TempDir, PushError> {
    tempfile::Builder::new().prefix("provost-").tempdir().map_err(no_room)
}

fn no_room(source: std::io::Error) -> PushError {
    PushError::System { action: "write a temporary file", source }
}
