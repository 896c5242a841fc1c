//! One file, one or many documents: a Sigstore bundle, or something else that must be named.

use super::claimed::ClaimedBundle;
use super::shape::{self, BundleFault};
use crate::json;
use serde_json::Value;

/// Largest bundle file that is read: 16 MiB.
pub const MAX_BUNDLE_BYTES: usize = 16 << 20;

/// One JSON document of a file.
#[derive(Debug, Clone)]
pub struct Document {
    /// Line of the file it starts on, counted from 1.
    pub line: usize,
    /// What it is.
    pub content: Content,
}

/// What a document turned out to be.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Content {
    /// A Sigstore bundle (v0.1, v0.2 or v0.3) around one DSSE envelope.
    Bundle(Box<ClaimedBundle>),
    /// A DSSE envelope without any log entry: nothing proves when it was signed.
    BareEnvelope,
    /// A known kind of attestation that this version does not verify.
    NotSupported(&'static str),
}

/// Why a file could not be read as documents. The file is bad as a whole: a line that cannot be
/// read may be the one that would have mattered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentError {
    /// No document at all.
    #[error("the file holds no attestation")]
    Empty,
    /// More than [`MAX_BUNDLE_BYTES`].
    #[error("larger than {} MiB", MAX_BUNDLE_BYTES >> 20)]
    TooLarge,
    /// One document is not acceptable.
    #[error("{fault}{}", on_line(*.line))]
    Malformed {
        /// Line of the file that the document starts on, counted from 1.
        line: usize,
        /// What is wrong with it.
        fault: BundleFault,
    },
}

fn on_line(line: usize) -> String {
    if line == 1 { String::new() } else { format!(" (document on line {line} of the file)") }
}

/// Parses a file: one JSON document, pretty-printed or not, or several, one a line.
///
/// # Errors
/// [`DocumentError`], for the first document that is malformed.
pub fn parse_documents(bytes: &[u8]) -> Result<Vec<Document>, DocumentError> {
    if bytes.len() > MAX_BUNDLE_BYTES {
        return Err(DocumentError::TooLarge);
    }
    let whole = json::scan(bytes);
    let documents = match whole {
        Ok(text) => vec![parse_document(1, text)?],
        Err(problem) if has_several_lines(bytes, &problem) => parse_lines(bytes)?,
        Err(problem) if problem.fault == json::JsonFault::Empty => {
            return Err(DocumentError::Empty);
        }
        Err(problem) => return Err(malformed(1, problem.into())),
    };
    if documents.is_empty() { Err(DocumentError::Empty) } else { Ok(documents) }
}

/// A file is read line by line only when its first value is whole and ends before the end of a
/// line that others follow; any other fault is the fault of one document.
fn has_several_lines(bytes: &[u8], problem: &json::JsonProblem) -> bool {
    problem.fault == json::JsonFault::TrailingBytes && problem.line > 1 && {
        let first = bytes.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty());
        first.is_some_and(|line| json::scan(line).is_ok())
    }
}

fn parse_lines(bytes: &[u8]) -> Result<Vec<Document>, DocumentError> {
    let mut documents = Vec::new();
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let number = index + 1;
        if line.ends_with(b"\r") {
            return Err(malformed(number, BundleFault::CarriageReturn));
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let text = json::scan(line).map_err(|mut problem| {
            problem.line = number;
            malformed(1, problem.into())
        })?;
        documents.push(parse_document(number, text)?);
    }
    Ok(documents)
}

fn malformed(line: usize, fault: BundleFault) -> DocumentError {
    DocumentError::Malformed { line, fault }
}

/// Classifies one document by its members. `text` was scanned before.
fn parse_document(line: usize, text: &str) -> Result<Document, DocumentError> {
    let content = match shape::parse(text) {
        Ok(bundle) => Content::Bundle(Box::new(ClaimedBundle::new(text, bundle))),
        Err(fault) if shape::is_bundle(text) => return Err(malformed(line, fault)),
        Err(_) => classify(text).ok_or_else(|| malformed(line, BundleFault::UnknownDocument))?,
    };
    Ok(Document { line, content })
}

fn classify(text: &str) -> Option<Content> {
    let value: Value = serde_json::from_str(text).ok()?;
    let has = |name: &str| value.get(name).is_some();
    if has("payload") && has("payloadType") && has("signatures") {
        return Some(Content::BareEnvelope);
    }
    if has("attestations") {
        return Some(Content::NotSupported("npm attestation file"));
    }
    if has("provenance_summary") || has("image_summary") {
        return Some(Content::NotSupported("Google Cloud Build provenance"));
    }
    if has("attestation_bundles") || (has("version") && has("verification_material")) {
        return Some(Content::NotSupported("PyPI provenance (PEP 740)"));
    }
    if has("_type") && has("predicateType") {
        return Some(Content::NotSupported("unsigned in-toto statement"));
    }
    None
}
