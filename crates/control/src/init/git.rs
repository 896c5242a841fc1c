//! The repository around a folder, by the words of git.

use super::InitError;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A git repository with a working tree.
#[derive(Debug)]
pub(super) struct Repository {
    root: PathBuf,
}

impl Repository {
    /// The repository that the folder lies in.
    pub(super) fn around(folder: &Path) -> Result<Self, InitError> {
        let shown = folder.display();
        let answer = git(folder, &["rev-parse", "--show-toplevel"])?.ok_or_else(|| {
            InitError::Repository(format!(
                "{shown} lies in no git repository with a working tree; run `git init`, or go into \
                 the checkout"
            ))
        })?;
        Ok(Self { root: PathBuf::from(answer) })
    }

    /// The root of its working tree.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// A path below the root as `/`-separated text; `None` for any other.
    pub(super) fn relative(&self, path: &Path) -> Option<String> {
        let root = self.root.canonicalize().ok()?;
        let path = path.canonicalize().ok()?;
        Some(path.strip_prefix(root).ok()?.to_str()?.replace('\\', "/"))
    }

    /// The URL of the remote `origin`, with whatever stands in it.
    pub(super) fn origin_url(&self) -> Result<String, InitError> {
        git(&self.root, &["remote", "get-url", "origin"])?.ok_or_else(|| {
            InitError::Repository(
                "the repository has no remote `origin`, so nothing says which repository its \
                 releases come from; add it with `git remote add origin URL`"
                    .to_owned(),
            )
        })
    }
}

/// What git prints, without the final line feed; `None` when it fails or prints no text.
fn git(folder: &Path, arguments: &[&str]) -> Result<Option<String>, InitError> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .map_err(|source| InitError::Io { action: "run", path: PathBuf::from("git"), source })?;
    if !output.status.success() {
        return Ok(None);
    }
    let text = String::from_utf8(output.stdout).ok();
    let line = text.map(|text| text.strip_suffix('\n').unwrap_or(&text).to_owned());
    Ok(line.filter(|line| !line.is_empty()))
}
