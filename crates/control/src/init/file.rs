//! One file of the repository: what stands there, what should, and how it is written.

use super::{InitError, Rendered};
use similar::TextDiff;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// No file of ours comes near it; what is larger is somebody else's, and is not compared.
const MAX_BYTES: u64 = 1024 * 1024;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReport {
    /// Its path in the repository.
    pub path: String,
    /// What became of it.
    pub state: FileState,
    /// A unified diff from what stood there to what should; empty when there is none.
    pub diff: String,
    /// Why it was refused.
    pub reason: Option<String>,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// It stood there already, byte for byte.
    Unchanged,
    /// It was not there, and is now (or would be, in a dry run).
    New,
    /// It differs, and was left alone.
    Differs,
    /// It differed, and was overwritten (or would be, in a dry run).
    Overwritten,
    /// A job or a hand-over was put into it (or would be, in a dry run).
    Patched,
    /// It could not be patched, or not be put beside what is there, and was left alone.
    Refused,
}

impl FileState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::New => "new",
            Self::Differs => "differs",
            Self::Overwritten => "overwritten",
            Self::Patched => "patched",
            Self::Refused => "refused",
        }
    }
}

/// A file to be settled.
pub(super) struct Target {
    path: PathBuf,
    rendered: Rendered,
    there: Option<Vec<u8>>,
    patch: Patch,
}

/// What a patch has to do with a file, or what forbids it.
enum Patch {
    /// Nothing: the file is ours as a whole.
    None,
    /// It makes the text that should stand there.
    Made,
    /// It could not be made.
    Refused(String),
}

impl Target {
    /// Looks at the place without changing anything.
    pub(super) fn look_at(root: &Path, rendered: Rendered) -> Result<Self, InitError> {
        let there = read(root, &rendered.path)?;
        Ok(Self { path: root.join(&rendered.path), rendered, there, patch: Patch::None })
    }

    /// A file that is there, and what a patch makes of it: a text, nothing new, or a reason.
    pub(super) fn patched(
        root: &Path,
        path: &str,
        there: Vec<u8>,
        patched: Result<Option<String>, String>,
    ) -> Self {
        let (text, patch) = match patched {
            Ok(Some(text)) => (text, Patch::Made),
            Ok(None) => (String::from_utf8_lossy(&there).into_owned(), Patch::Made),
            Err(reason) => (String::new(), Patch::Refused(reason)),
        };
        let rendered = Rendered { path: path.to_owned(), text };
        Self { path: root.join(path), rendered, there: Some(there), patch }
    }

    /// A place where nothing can be written, and why.
    pub(super) fn refused(root: &Path, path: &str, reason: String) -> Self {
        let rendered = Rendered { path: path.to_owned(), text: String::new() };
        let patch = Patch::Refused(reason);
        Self { path: root.join(path), rendered, there: None, patch }
    }

    /// Whether it is the file at that path.
    pub(super) fn is(&self, path: &str) -> bool {
        self.rendered.path == path
    }

    /// Writes the file where that is allowed.
    pub(super) fn settle(self, force: bool, dry_run: bool) -> Result<FileReport, InitError> {
        let wanted = self.rendered.text.as_str();
        let report = |state, diff| FileReport {
            path: self.rendered.path.clone(),
            state,
            diff,
            reason: None,
        };
        let report = match (&self.there, &self.patch) {
            (_, Patch::Refused(reason)) => {
                let reason = Some(reason.clone());
                return Ok(FileReport { reason, ..report(FileState::Refused, String::new()) });
            }
            (None, _) => report(FileState::New, self.diff("")),
            (Some(there), _) if there == wanted.as_bytes() => {
                return Ok(report(FileState::Unchanged, String::new()));
            }
            (Some(there), patch) => {
                let state = match patch {
                    Patch::Made => FileState::Patched,
                    _ if force => FileState::Overwritten,
                    _ => FileState::Differs,
                };
                report(state, self.diff(&String::from_utf8_lossy(there)))
            }
        };
        if !dry_run && report.state != FileState::Differs {
            write(&self.path, wanted)?;
        }
        Ok(report)
    }

    fn diff(&self, there: &str) -> String {
        let path = &self.rendered.path;
        let from = if self.there.is_some() { format!("a/{path}") } else { "/dev/null".to_owned() };
        TextDiff::from_lines(there, &self.rendered.text)
            .unified_diff()
            .header(&from, &format!("b/{path}"))
            .to_string()
    }
}

/// The bytes of a regular file of the repository; `None` when there is none. No link below the
/// root is followed, neither here nor later: it could lead out of the repository.
pub(super) fn read(root: &Path, path: &str) -> Result<Option<Vec<u8>>, InitError> {
    let mut place = root.to_owned();
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        place.push(part);
        let metadata = match std::fs::symlink_metadata(&place) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(io("look at", &place, source)),
        };
        let is_last = parts.peek().is_none();
        let found = match metadata.file_type() {
            kind if kind.is_symlink() => Some("a symbolic link"),
            kind if is_last && kind.is_dir() => Some("a folder"),
            kind if is_last && !kind.is_file() => Some("no regular file"),
            kind if !is_last && !kind.is_dir() => Some("no folder"),
            _ if is_last && metadata.len() > MAX_BYTES => Some("larger than 1 MiB"),
            _ => None,
        };
        if let Some(found) = found {
            return Err(InitError::Obstacle { path: place, found });
        }
    }
    let file = File::open(&place).map_err(|source| io("read", &place, source))?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(|source| io("read", &place, source))?;
    Ok(Some(bytes))
}

/// Writes a file so that whoever looks sees the old text or the new: a temporary file beside it,
/// fsync, rename.
fn write(path: &Path, text: &str) -> Result<(), InitError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|source| io("create", folder, source))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = folder.join(format!(".{name}.{}.tmp", std::process::id()));
    let written = write_new(&temporary, text).and_then(|()| std::fs::rename(&temporary, path));
    written.map_err(|source| {
        // The first error is the one to tell.
        let _ = std::fs::remove_file(&temporary);
        io("write", path, source)
    })
}

fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

pub(super) fn io(action: &'static str, path: &Path, source: std::io::Error) -> InitError {
    InitError::Io { action, path: path.to_owned(), source }
}
