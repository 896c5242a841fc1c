//! What a rule saw.

use crate::place::{Place, Span};
use std::fmt;

/// How bad it is, if it is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Note,
    /// Weakens the pipeline.
    Warning,
    /// Provenance is not made, not checked, not recorded, or cannot be trusted.
    Error,
}

/// How sure the rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A guess that is worth a look.
    Low,
    /// Likely; something outside of the files decides.
    Medium,
    /// It is in the files.
    High,
}

impl Severity {
    /// The word in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Confidence {
    /// The word in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A place in a file, with what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The path, relative to the root that was audited.
    pub file: String,
    /// The bytes.
    pub span: Span,
    /// Line and column of the first byte.
    pub place: Place,
    /// Line and column after the last byte.
    pub end: Place,
    /// What is there; may be empty.
    pub label: String,
}

/// One thing that a rule saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Where.
    pub spot: Spot,
    /// What, in one sentence without a full stop.
    pub message: String,
    /// Why it matters here; may be empty.
    pub notes: Vec<String>,
    /// How to mend it; may be several lines, such as a block to paste.
    pub hint: String,
    /// Other places that have to do with it.
    pub related: Vec<Spot>,
    /// The job, where there is one.
    pub job: Option<String>,
}
