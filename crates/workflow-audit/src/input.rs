//! The files of a repository that the audit looks at.

use crate::model::{File, Kind};
use std::collections::HashMap;

/// A file as it was read: its path from the root of the repository, with `/`, and its bytes.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The path, relative to the root.
    pub path: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// What the audit is given.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// Workflows, actions, and the generated documents; others are left out.
    pub files: Vec<SourceFile>,
    /// `action.yml` of actions of others, each under `owner/name[/path]`.
    pub actions: Vec<SourceFile>,
}

/// The diagram, which is compared with the workflows where it is there.
pub const DIAGRAM: &str = "docs/ops/workflows.mmd";
/// The table beside the diagram.
pub const TABLE: &str = "docs/ops/workflow-summary.md";

/// Folders of the repository that a file mentions as `./folder`: where actions of the repository
/// may be. Most are none; whoever reads files looks for an `action.yml` there.
pub fn mentioned_folders(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let mut folders = Vec::new();
    for (at, _) in text.match_indices("./") {
        let rest = &text[at + 2..];
        let is_end = |c: char| c.is_whitespace() || "'\"`,;:|&<>(){}[]$*?#\\".contains(c);
        let folder = rest.split(is_end).next().unwrap_or_default().trim_matches('/');
        let is_inside = !folder.split('/').any(|part| part == ".." || part == ".");
        if is_inside && folder.len() < 256 && !folder.starts_with(".git/") {
            folders.push(folder.to_owned());
        }
    }
    folders.sort();
    folders.dedup();
    folders
}

/// Every file, read and sorted by path.
#[derive(Debug)]
pub(crate) struct Files {
    all: Vec<File>,
    by_path: HashMap<String, usize>,
    third_party: HashMap<String, usize>,
    documents: HashMap<String, String>,
}

impl Files {
    pub(crate) fn read(input: &Input) -> Self {
        let mut sources: Vec<&SourceFile> = input.files.iter().collect();
        sources.sort_by(|a, b| a.path.cmp(&b.path));
        sources.dedup_by(|a, b| a.path == b.path);
        let mut files = Self {
            all: Vec::new(),
            by_path: HashMap::new(),
            third_party: HashMap::new(),
            documents: HashMap::new(),
        };
        for source in sources {
            if let Some(kind) = Kind::of(&source.path) {
                files.by_path.insert(source.path.clone(), files.all.len());
                files.all.push(File::read(&source.path, &source.bytes, kind));
            } else if [DIAGRAM, TABLE].contains(&source.path.as_str()) {
                let text = String::from_utf8_lossy(&source.bytes).into_owned();
                files.documents.insert(source.path.clone(), text);
            }
        }
        let mut actions: Vec<&SourceFile> = input.actions.iter().collect();
        actions.sort_by(|a, b| a.path.cmp(&b.path));
        for source in actions {
            let name = source.path.to_ascii_lowercase();
            let name = name.trim_end_matches("/action.yml").trim_end_matches("/action.yaml");
            files.third_party.insert(name.to_owned(), files.all.len());
            let mut file = File::read(&source.path, &source.bytes, Kind::Action);
            file.is_foreign = true;
            files.all.push(file);
        }
        files
    }

    pub(crate) fn all(&self) -> &[File] {
        &self.all
    }

    pub(crate) fn by_path(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// The file at a path of the repository.
    pub(crate) fn own(&self, path: &str) -> Option<&File> {
        self.by_path(path).map(|index| &self.all[index])
    }

    /// The action in a folder of the repository.
    pub(crate) fn local_action(&self, folder: &str) -> Option<usize> {
        let slash = if folder.is_empty() { "" } else { "/" };
        ["yml", "yaml"]
            .iter()
            .find_map(|ending| self.by_path(&format!("{folder}{slash}action.{ending}")))
    }

    pub(crate) fn third_party(&self, name: &str) -> Option<usize> {
        self.third_party.get(name).copied()
    }

    pub(crate) fn document(&self, path: &str) -> Option<&str> {
        self.documents.get(path).map(String::as_str)
    }
}
