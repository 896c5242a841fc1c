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
        let answer = git(folder, &["rev-parse", "--show-toplevel"])?.map_err(|said| {
            InitError::Repository(format!(
                "{shown} lies in no git repository with a working tree ({said}); run `git init`, \
                 or go into the checkout"
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
        git(&self.root, &["remote", "get-url", "origin"])?.map_err(|said| {
            InitError::Repository(format!(
                "the repository has no remote `origin` ({said}), so nothing says which repository \
                 its releases come from; add it with `git remote add origin URL`"
            ))
        })
    }
}

/// The line that git prints, or, when it fails or prints none, the first line of what it says
/// about that.
fn git(folder: &Path, arguments: &[&str]) -> Result<Result<String, String>, InitError> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .map_err(|source| InitError::Io { action: "run", path: PathBuf::from("git"), source })?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let line = printed.strip_suffix('\n').unwrap_or(&printed);
    // A name that is no UTF-8 would be another one when it is used.
    if output.status.success() && !line.is_empty() && !line.contains(char::REPLACEMENT_CHARACTER) {
        return Ok(Ok(line.to_owned()));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let first = said.lines().next().unwrap_or("git says nothing usable");
    Ok(Err(first.chars().take(300).collect()))
}
