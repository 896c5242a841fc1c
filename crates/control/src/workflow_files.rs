//! The files of a repository that an audit of its workflows looks at.

use crate::audit::{AuditError, UnreadFile};
use provost_workflow_audit::{DIAGRAM, Input, SourceFile, TABLE, mentioned_folders};
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::Path;

/// One byte more than is looked at, so that a longer file is seen to be too long.
const MAX_BYTES: u64 = (1 << 20) + 1;
/// Folders below `.github/actions` that are looked into.
const MAX_DEPTH: usize = 8;
/// Files beyond this are no repository's workflows.
const MAX_FILES: usize = 20_000;

/// What was read, and what could not be.
pub(crate) struct Collected {
    pub(crate) input: Input,
    pub(crate) unread: Vec<UnreadFile>,
}

/// Reads workflows, actions and generated documents; `actions` holds checkouts of actions of others.
pub(crate) fn collect(root: &Path, actions: Option<&Path>) -> Result<Collected, AuditError> {
    let mut walk = Walk { root, input: Input::default(), unread: Vec::new() };
    walk.workflows()?;
    walk.actions();
    for document in [DIAGRAM, TABLE] {
        if root.join(document).exists() {
            walk.file(document);
        }
    }
    if let Some(folder) = actions {
        walk.third_party(folder)?;
    }
    Ok(Collected { input: walk.input, unread: walk.unread })
}

struct Walk<'a> {
    root: &'a Path,
    input: Input,
    unread: Vec<UnreadFile>,
}

impl Walk<'_> {
    fn workflows(&mut self) -> Result<(), AuditError> {
        let folder = |source| AuditError::Folder { path: self.root.to_owned(), source };
        std::fs::metadata(self.root).map_err(folder)?;
        let workflows = ".github/workflows";
        let names = match names(&self.root.join(workflows)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(source) => {
                return Err(AuditError::Folder { path: self.root.join(workflows), source });
            }
            Ok(names) => names,
        };
        for name in names.iter().filter(|name| name.ends_with(".yml") || name.ends_with(".yaml")) {
            self.file(&format!("{workflows}/{name}"));
        }
        if self.input.files.is_empty() && self.unread.is_empty() {
            return Err(AuditError::Nothing { path: self.root.to_owned() });
        }
        Ok(())
    }

    /// The action at the root, those in `.github/actions`, and whatever else a file mentions.
    fn actions(&mut self) {
        let mut waiting: Vec<String> = vec![String::new()];
        self.below(".github/actions", 0, &mut waiting);
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut read = 0;
        loop {
            while read < self.input.files.len() {
                waiting.extend(mentioned_folders(&self.input.files[read].bytes));
                read += 1;
            }
            let Some(folder) = waiting.pop() else { break };
            if seen.len() >= MAX_FILES || !seen.insert(folder.clone()) {
                continue;
            }
            let slash = if folder.is_empty() { "" } else { "/" };
            for name in ["action.yml", "action.yaml"] {
                let path = format!("{folder}{slash}{name}");
                if self.root.join(&path).symlink_metadata().is_ok() {
                    self.file(&path);
                }
            }
        }
    }

    fn below(&mut self, folder: &str, depth: usize, found: &mut Vec<String>) {
        let Ok(names) = names(&self.root.join(folder)) else { return };
        for name in names {
            let path = format!("{folder}/{name}");
            let is_folder = self.root.join(&path).symlink_metadata().is_ok_and(|m| m.is_dir());
            if is_folder && depth < MAX_DEPTH {
                found.push(path.clone());
                self.below(&path, depth + 1, found);
            }
        }
    }

    /// `DIR/owner/name[/path]/action.yml`.
    fn third_party(&mut self, folder: &Path) -> Result<(), AuditError> {
        names(folder).map_err(|source| AuditError::Folder { path: folder.to_owned(), source })?;
        let mut waiting = vec![(String::new(), 0)];
        while let Some((at, depth)) = waiting.pop() {
            let Ok(names) = names(&folder.join(&at)) else { continue };
            for name in names {
                let path = if at.is_empty() { name.clone() } else { format!("{at}/{name}") };
                let Ok(metadata) = folder.join(&path).symlink_metadata() else { continue };
                if metadata.is_symlink() && depth < 2 {
                    let reason = "it is a symbolic link, which is not followed".to_owned();
                    self.unread.push(UnreadFile { path, reason });
                    continue;
                }
                let is_action = matches!(name.as_str(), "action.yml" | "action.yaml");
                if metadata.is_dir()
                    && depth < MAX_DEPTH
                    && name != ".git"
                    && name != "node_modules"
                {
                    waiting.push((path, depth + 1));
                } else if is_action && depth >= 2 && self.input.actions.len() < MAX_FILES {
                    match bytes(folder, &path) {
                        Ok(bytes) => self.input.actions.push(SourceFile { path, bytes }),
                        Err(reason) => self.unread.push(UnreadFile { path, reason }),
                    }
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &str) {
        match bytes(self.root, path) {
            Ok(bytes) => self.input.files.push(SourceFile { path: path.to_owned(), bytes }),
            Err(reason) => self.unread.push(UnreadFile { path: path.to_owned(), reason }),
        }
    }
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// The beginning of a regular file. A link is not followed, neither at the end of the path nor on
/// the way: it may lead out of the folder.
fn bytes(root: &Path, path: &str) -> Result<Vec<u8>, String> {
    let mut place = root.to_owned();
    for part in path.split('/') {
        place.push(part);
        let metadata = place.symlink_metadata().map_err(|error| error.to_string())?;
        if metadata.is_symlink() {
            return Err(format!("`{part}` is a symbolic link, which is not followed"));
        }
    }
    if !place.metadata().map_err(|error| error.to_string())?.is_file() {
        return Err("it is no regular file".to_owned());
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(&place).map_err(|error| error.to_string())?;
    file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}
