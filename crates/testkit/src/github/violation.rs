//! Where a request or an answer departs from GitHub's description.

use std::fmt;

/// One departure.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// Who is at fault: the client for a request, the fake for an answer.
    pub side: Side,
    /// `METHOD /path`.
    pub call: String,
    /// What the description holds against it.
    pub problem: String,
}

/// Whose words were judged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// The client's request.
    Request,
    /// The fake's answer.
    Answer,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} of {}: {}", self.side, self.call, self.problem)
    }
}
