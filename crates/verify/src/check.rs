//! Checks: one named question each, with what was expected, what was found, and how it came out.

use std::fmt;

/// The stable kebab-case code of a check. Frozen: ids are added, never changed.
///
/// Made only as a constant beside the code of its check; [`CheckInfo`] holds what it means.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CheckId(&'static str);

impl CheckId {
    /// Names a check. Every id must have a [`CheckInfo`] in the registry; a test compares the two.
    pub const fn new(id: &'static str) -> Self {
        Self(id)
    }

    /// The code.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl fmt::Debug for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What a check means, kept beside its code and printed by `provost explain`.
#[derive(Debug, Clone, Copy)]
pub struct CheckInfo {
    /// The code.
    pub id: CheckId,
    /// The question it asks, in one line.
    pub question: &'static str,
    /// What it compares, where the facts come from, and which attack it stops.
    pub meaning: &'static str,
    /// What to do when it fails.
    pub mend: &'static str,
}

/// How one check came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The question was asked and the answer is yes.
    Passed {
        /// What was wanted.
        expected: String,
        /// What the signed facts say.
        found: String,
    },
    /// The question was asked and the answer is no.
    Failed {
        /// What was wanted.
        expected: String,
        /// What is there instead.
        found: String,
        /// What the reader may do about it.
        hint: Option<String>,
    },
    /// The question does not arise; never counts for acceptance.
    Skipped {
        /// Why not.
        reason: String,
    },
    /// An earlier check failed, so this one had nothing to stand on.
    NotRun,
    /// The answer is not known yet; `reconcile` asks again.
    Deferred {
        /// What is still missing.
        reason: String,
    },
}

/// One check of one decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    id: CheckId,
    outcome: Outcome,
}

impl Check {
    /// A check that passed. Both sides are named, also when they are equal.
    pub fn passed(id: CheckId, expected: impl Into<String>, found: impl Into<String>) -> Self {
        let (expected, found) = (expected.into(), found.into());
        Self { id, outcome: Outcome::Passed { expected, found } }
    }

    /// A check that failed.
    pub fn failed(id: CheckId, expected: impl Into<String>, found: impl Into<String>) -> Self {
        let (expected, found) = (expected.into(), found.into());
        Self { id, outcome: Outcome::Failed { expected, found, hint: None } }
    }

    /// A question that does not arise.
    pub fn skipped(id: CheckId, reason: impl Into<String>) -> Self {
        Self { id, outcome: Outcome::Skipped { reason: reason.into() } }
    }

    /// A check that an earlier failure left without anything to stand on.
    pub fn not_run(id: CheckId) -> Self {
        Self { id, outcome: Outcome::NotRun }
    }

    /// A question whose answer is not known yet.
    pub fn deferred(id: CheckId, reason: impl Into<String>) -> Self {
        Self { id, outcome: Outcome::Deferred { reason: reason.into() } }
    }

    /// Passed or failed by comparing the two sides.
    pub fn equal(id: CheckId, expected: &str, found: &str) -> Self {
        if expected == found {
            Self::passed(id, expected, found)
        } else {
            Self::failed(id, expected, found)
        }
    }

    /// Adds a hint to a failed check; any other outcome is left as it is.
    #[must_use]
    pub fn with_hint(mut self, text: impl Into<String>) -> Self {
        if let Outcome::Failed { hint, .. } = &mut self.outcome {
            *hint = Some(text.into());
        }
        self
    }

    /// Its code.
    pub fn id(&self) -> CheckId {
        self.id
    }

    /// How it came out.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// Whether it was asked and answered with yes.
    pub fn has_passed(&self) -> bool {
        matches!(self.outcome, Outcome::Passed { .. })
    }

    /// Whether it was asked and answered with no.
    pub fn has_failed(&self) -> bool {
        matches!(self.outcome, Outcome::Failed { .. })
    }

    /// Whether its answer is not known yet.
    pub fn is_deferred(&self) -> bool {
        matches!(self.outcome, Outcome::Deferred { .. })
    }

    /// Whether it lets a release through: passed, or a question that does not arise.
    pub fn permits(&self) -> bool {
        matches!(self.outcome, Outcome::Passed { .. } | Outcome::Skipped { .. })
    }
}
