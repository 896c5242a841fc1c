//! `provost workflows`: reads the workflows of a repository, and nothing else of it.

use crate::workflow_files::{Collected, collect};
use provost_workflow_audit::{Audit, FileReport, FileVerdict, audit};
use std::io;
use std::path::PathBuf;

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
    let Collected { input, mut unread } = collect(&request.root, request.actions.as_deref())?;
    let audit = audit(&input);
    unread.extend(audit.files.iter().filter_map(too_large));
    Ok(Audited { audit, unread })
}

fn too_large(file: &FileReport) -> Option<UnreadFile> {
    let FileVerdict::TooLarge { place, reason } = &file.verdict else { return None };
    let reason = format!("line {}, column {}: {reason}", place.line, place.column);
    Some(UnreadFile { path: file.path.clone(), reason })
}
