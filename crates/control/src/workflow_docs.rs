//! The documents of the pipeline: written, and compared with what is committed.

use crate::audit::{AuditError, AuditRequest, audit_workflows};
use provost_workflow_audit::{
    Audit, Document, INDEX, RUNBOOK, index, names_in_diagram, names_in_table, runbook, with_links,
};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One document and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentReport {
    /// Relative to the root.
    pub path: String,
    /// What became of it.
    pub state: DocumentState,
    /// From what is there to what should be, as a unified diff; empty where nothing differs.
    pub diff: String,
}

/// What became of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentState {
    /// It was not there.
    New,
    /// It differed.
    Changed,
    /// It is as it should be.
    UpToDate,
}

impl DocumentState {
    /// The word in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::UpToDate => "up-to-date",
        }
    }
}

/// What `provost workflows check` saw.
#[derive(Debug, Clone)]
pub struct DocumentCheck {
    /// Every document.
    pub documents: Vec<DocumentReport>,
    /// Names that only one of diagram and table has, one sentence each.
    pub disagreements: Vec<String>,
}

impl DocumentCheck {
    /// Whether anything differs.
    pub fn has_findings(&self) -> bool {
        !self.disagreements.is_empty()
            || self.documents.iter().any(|document| document.state != DocumentState::UpToDate)
    }
}

/// Writes the documents that differ. A runbook and an index that are there are kept, but for one
/// marked block of links.
///
/// # Errors
/// As [`audit_workflows`]; a document cannot be written.
pub fn write_workflow_documents(request: &AuditRequest) -> Result<Vec<DocumentReport>, AuditError> {
    let documents = compared(request)?;
    for (document, report) in &documents {
        if report.state == DocumentState::UpToDate {
            continue;
        }
        let path = request.root.join(&document.path);
        let write = || {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&path, &document.text)
        };
        write().map_err(|source| AuditError::Document { path: path.clone(), source })?;
    }
    Ok(documents.into_iter().map(|(_, report)| report).collect())
}

/// Compares what is there with what the workflows say, and diagram and table with each other.
///
/// # Errors
/// As [`audit_workflows`]; a document cannot be read.
pub fn check_workflow_documents(request: &AuditRequest) -> Result<DocumentCheck, AuditError> {
    let documents = compared(request)?.into_iter().map(|(_, report)| report).collect();
    let kept = |path: &str| kept(&request.root, path).map(Option::unwrap_or_default);
    let diagram = names_in_diagram(&kept(provost_workflow_audit::DIAGRAM)?);
    let table = names_in_table(&kept(provost_workflow_audit::TABLE)?);
    let mut disagreements = Vec::new();
    let mut compare = |what: &str,
                       one: &std::collections::BTreeSet<String>,
                       other: &std::collections::BTreeSet<String>,
                       place: &str| {
        for name in one.difference(other) {
            disagreements.push(format!("{what} {name} is in the {place} alone"));
        }
    };
    compare("the workflow", &diagram.workflows, &table.workflows, "diagram");
    compare("the workflow", &table.workflows, &diagram.workflows, "table");
    // An overview of a large repository names no jobs.
    if !diagram.jobs.is_empty() {
        compare("the job", &diagram.jobs, &table.jobs, "diagram");
        compare("the job", &table.jobs, &diagram.jobs, "table");
    }
    Ok(DocumentCheck { documents, disagreements })
}

/// Everything that is generated, and what became of each.
fn compared(request: &AuditRequest) -> Result<Vec<(Document, DocumentReport)>, AuditError> {
    let audited = audit_workflows(request)?;
    if let Some(file) = audited.unread.into_iter().next() {
        return Err(AuditError::Unread(file));
    }
    let mut documents = Vec::new();
    for document in wanted(&audited.audit, &request.root)? {
        let kept = kept(&request.root, &document.path)?;
        let state = match &kept {
            None => DocumentState::New,
            Some(kept) if *kept == document.text => DocumentState::UpToDate,
            Some(_) => DocumentState::Changed,
        };
        let diff = match state {
            DocumentState::UpToDate => String::new(),
            _ => diff(&kept.unwrap_or_default(), &document),
        };
        let report = DocumentReport { path: document.path.clone(), state, diff };
        documents.push((document, report));
    }
    Ok(documents)
}

fn wanted(audit: &Audit, root: &Path) -> Result<Vec<Document>, AuditError> {
    let mut documents = audit.diagrams();
    documents.push(audit.table());
    let index = match kept(root, INDEX)? {
        Some(text) => with_links(&text),
        None => index(),
    };
    documents.push(Document { path: INDEX.to_owned(), text: index });
    let runbook = match kept(root, RUNBOOK)? {
        Some(text) => with_links(&text),
        None => runbook(),
    };
    documents.push(Document { path: RUNBOOK.to_owned(), text: runbook });
    Ok(documents)
}

fn kept(root: &Path, path: &str) -> Result<Option<String>, AuditError> {
    let path = root.join(path);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(AuditError::Document { path, source }),
    }
}

fn diff(kept: &str, document: &Document) -> String {
    let diff = similar::TextDiff::from_lines(kept, &document.text);
    let (before, after) = (format!("a/{}", document.path), format!("b/{}", document.path));
    diff.unified_diff().context_radius(2).header(&before, &after).to_string()
}

/// Draws a diagram with mermaid-cli.
///
/// # Errors
/// mermaid-cli is not installed, or fails.
pub fn render_diagram(text: &str, target: &Path, browser: Option<&Path>) -> Result<(), AuditError> {
    let folder = tempfile::tempdir()
        .map_err(|source| AuditError::Renderer { source, program: PROGRAM.to_owned() })?;
    let source = folder.path().join("workflows.mmd");
    let run = || {
        std::fs::write(&source, text)?;
        let mut command = Command::new(PROGRAM);
        command.arg("-i").arg(&source).arg("-o").arg(target).arg("-q");
        if let Some(browser) = browser {
            command.arg("-p").arg(browser);
        }
        command.output()
    };
    match run() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let first = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("no word");
            Err(AuditError::NotRendered { said: first.to_owned() })
        }
        Err(source) if source.kind() == io::ErrorKind::NotFound => Err(AuditError::NoRenderer),
        Err(source) => Err(AuditError::Renderer { program: PROGRAM.to_owned(), source }),
    }
}

const PROGRAM: &str = "mmdc";

/// Where a rendered diagram goes when nothing is said.
pub fn default_picture(root: &Path, ending: &str) -> PathBuf {
    root.join("docs/ops").join(format!("workflows.{ending}"))
}
