//! What is wrong in a manifest file, and where.

use crate::place::Place;
use std::fmt;

/// The stable kebab-case code of a problem. Codes are added, never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LintCode {
    /// Not strict JSON: duplicate keys, trailing bytes, nested too deep, or no JSON at all.
    MalformedJson,
    /// The document is not an array of objects.
    NotAnArray,
    /// One of the six keys is not there.
    MissingKey,
    /// A known key has a value of the wrong type or outside its range.
    InvalidValue,
    /// A run that is not its decimal digits in a string.
    InvalidRun,
    /// A tag that is no valid git ref name.
    InvalidTag,
    /// A time that is not RFC 3339.
    InvalidTimestamp,
    /// A digest that is not lower-case hex of its algorithm's length.
    InvalidDigest,
    /// The same run and tag twice, in one file or in two.
    DuplicateEntry,
    /// Entries not sorted by run as a number, then tag.
    Unsorted,
    /// A folder with a manifest whose name is no date.
    NotADate,
    /// An outcome older than the day in whose file it stands.
    WrongDay,
    /// An artifact path outside `artifacts/slsa/<enc>/`.
    ArtifactPath,
    /// Status, decision, reason and failed checks that cannot hold together.
    Contradiction,
    /// The right entries, written differently than Provost writes them.
    NotCanonical,
}

impl LintCode {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::MalformedJson,
        Self::NotAnArray,
        Self::MissingKey,
        Self::InvalidValue,
        Self::InvalidRun,
        Self::InvalidTag,
        Self::InvalidTimestamp,
        Self::InvalidDigest,
        Self::DuplicateEntry,
        Self::Unsorted,
        Self::NotADate,
        Self::WrongDay,
        Self::ArtifactPath,
        Self::Contradiction,
        Self::NotCanonical,
    ];

    /// The code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MalformedJson => "malformed-json",
            Self::NotAnArray => "not-an-array",
            Self::MissingKey => "missing-key",
            Self::InvalidValue => "invalid-value",
            Self::InvalidRun => "invalid-run",
            Self::InvalidTag => "invalid-tag",
            Self::InvalidTimestamp => "invalid-timestamp",
            Self::InvalidDigest => "invalid-digest",
            Self::DuplicateEntry => "duplicate-entry",
            Self::Unsorted => "unsorted",
            Self::NotADate => "not-a-date",
            Self::WrongDay => "wrong-day",
            Self::ArtifactPath => "artifact-path",
            Self::Contradiction => "contradiction",
            Self::NotCanonical => "not-canonical",
        }
    }
}

impl fmt::Display for LintCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One problem of a manifest file, with its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LintProblem {
    /// The file, as it was named or below the root.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in bytes, counted from 1.
    pub column: usize,
    /// What kind of problem.
    pub code: LintCode,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

impl LintProblem {
    pub(crate) fn new(file: &str, place: Place, code: LintCode, words: (String, String)) -> Self {
        let (message, help) = words;
        Self { file: file.to_owned(), line: place.line, column: place.column, code, message, help }
    }
}

/// `FILE:LINE:COLUMN: CODE: MESSAGE; HELP`, one line; texts of the file are quoted and escaped.
impl fmt::Display for LintProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}: {}; {}",
            self.file, self.line, self.column, self.code, self.message, self.help
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_distinct_and_kebab_case() {
        let codes: BTreeSet<&str> = LintCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), LintCode::ALL.len());
        let kebab = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
        assert!(codes.iter().all(|code| code.bytes().all(kebab)));
    }
}
