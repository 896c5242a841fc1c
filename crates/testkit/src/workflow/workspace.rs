//! The folders of one job: empty when it starts, and nobody else's.

use std::path::{Path, PathBuf};

pub(super) struct Workspace {
    folder: PathBuf,
}

impl Workspace {
    /// Makes them below `folder`, which must not be there yet.
    pub(super) fn new(folder: PathBuf) -> Self {
        let workspace = Self { folder };
        for folder in [workspace.work(), workspace.temp(), workspace.home(), workspace.files()] {
            std::fs::create_dir_all(folder).expect("a folder is made");
        }
        workspace
    }

    /// `GITHUB_WORKSPACE`.
    pub(super) fn work(&self) -> PathBuf {
        self.folder.join("work")
    }

    /// `RUNNER_TEMP`.
    pub(super) fn temp(&self) -> PathBuf {
        self.folder.join("temp")
    }

    pub(super) fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    /// Where scripts and the files behind `GITHUB_OUTPUT` and the like lie.
    pub(super) fn files(&self) -> PathBuf {
        self.folder.join("files")
    }

    /// A path that an action is given: relative to the workspace.
    pub(super) fn resolve(&self, path: &str) -> PathBuf {
        self.work().join(path)
    }
}

/// Every regular file below a folder: its path with `/`, relative to the folder, and its bytes;
/// sorted. Hidden ones are left out, as by the actions that read folders.
pub(super) fn files_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    collect(folder, "", &mut files);
    files.sort();
    files
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, Vec<u8>)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let entry = entry.expect("a folder is listed");
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let path = format!("{prefix}{name}");
        match entry.path().is_dir() {
            true => collect(&entry.path(), &format!("{path}/"), files),
            false => files.push((path, std::fs::read(entry.path()).expect("a file is read"))),
        }
    }
}
