//! `provost workflows`: reads the workflows of a repository, and nothing else of it.

use provost_workflow_audit::{Audit, DIAGRAM, Input, SourceFile, TABLE, audit, mentioned_folders};
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// One byte more than is looked at, so that a longer file is seen to be too long.
const MAX_BYTES: u64 = (1 << 20) + 1;
/// Folders below `.github/actions` that are looked into.
const MAX_DEPTH: usize = 8;
/// Files beyond this are no repository's workflows.
const MAX_FILES: usize = 20_000;

/// What to audit.
#[derive(Debug, Clone)]
pub struct AuditRequest {
    /// The root of the repository.
    pub root: PathBuf,
    /// Checkouts of actions of others, each at `OWNER/NAME` below it.
    pub actions: Option<PathBuf>,
}

/// An audit, and what it could not look at.
#[derive(Debug)]
pub struct Audited {
    /// Everything that was read.
    pub audit: Audit,
    /// Files that could not be read.
    pub unread: Vec<UnreadFile>,
}

/// A file that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {path}: {reason}")]
pub struct UnreadFile {
    /// Relative to the root.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// Why nothing was audited.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The folder cannot be read.
    #[error("cannot read {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is nothing to audit.
    #[error(
        "{} has no .github/workflows with a workflow in it; name the root of a repository",
        path.display()
    )]
    Nothing {
        /// The folder.
        path: PathBuf,
    },
    /// A document cannot be read or written.
    #[error("cannot keep {}", path.display())]
    Document {
        /// The document.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A document would leave a workflow out.
    #[error(transparent)]
    Unread(UnreadFile),
    /// There is no program to draw with.
    #[error(
        "mermaid-cli is not installed (no program `mmdc`); install it with \
         `npm install --global @mermaid-js/mermaid-cli`"
    )]
    NoRenderer,
    /// The program cannot be run.
    #[error("cannot run {program}")]
    Renderer {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// The program failed.
    #[error("mermaid-cli drew nothing: {said}")]
    NotRendered {
        /// What it said first.
        said: String,
    },
}

impl AuditError {
    /// Stable kebab-case code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Folder { .. } => "unreadable-folder",
            Self::Nothing { .. } => "nothing-to-audit",
            Self::Document { .. } => "unreadable-document",
            Self::Unread(_) => "unread-file",
            Self::NoRenderer | Self::Renderer { .. } | Self::NotRendered { .. } => "not-rendered",
        }
    }

    /// The exit code (design section 3).
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Nothing { .. } => 3,
            _ => 1,
        }
    }
}

/// Reads and audits the workflows of a repository.
///
/// # Errors
/// The root cannot be read, or holds no workflow. A single file that cannot be read is named in
/// [`Audited::unread`] and hides no other.
pub fn audit_workflows(request: &AuditRequest) -> Result<Audited, AuditError> {
    let mut collected =
        Collected { root: &request.root, input: Input::default(), unread: Vec::new() };
    collected.workflows()?;
    collected.actions();
    for document in [DIAGRAM, TABLE] {
        if request.root.join(document).exists() {
            collected.file(document);
        }
    }
    if let Some(folder) = &request.actions {
        collected.third_party(folder);
    }
    let Collected { input, unread, .. } = collected;
    Ok(Audited { audit: audit(&input), unread })
}

struct Collected<'a> {
    root: &'a Path,
    input: Input,
    unread: Vec<UnreadFile>,
}

impl Collected<'_> {
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
    fn third_party(&mut self, folder: &Path) {
        let mut waiting = vec![(String::new(), 0)];
        while let Some((at, depth)) = waiting.pop() {
            let Ok(names) = names(&folder.join(&at)) else { continue };
            for name in names {
                let path = if at.is_empty() { name.clone() } else { format!("{at}/{name}") };
                let Ok(metadata) = folder.join(&path).symlink_metadata() else { continue };
                let is_action = matches!(name.as_str(), "action.yml" | "action.yaml");
                if metadata.is_dir()
                    && depth < MAX_DEPTH
                    && name != ".git"
                    && name != "node_modules"
                {
                    waiting.push((path, depth + 1));
                } else if is_action && depth >= 2 && self.input.actions.len() < MAX_FILES {
                    match bytes(&folder.join(&path)) {
                        Ok(bytes) => self.input.actions.push(SourceFile { path, bytes }),
                        Err(reason) => self.unread.push(UnreadFile { path, reason }),
                    }
                }
            }
        }
    }

    fn file(&mut self, path: &str) {
        match bytes(&self.root.join(path)) {
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

/// The beginning of a regular file; GitHub follows no links to workflows either.
fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = path.symlink_metadata().map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is no regular file".to_owned());
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}
