//! What keeps GitHub from loading a file, or this audit from reading it.

use crate::place::Span;
use crate::yaml::YamlProblem;

/// A problem with its place and, where one is known, its likely cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) span: Span,
    pub(crate) what: String,
    pub(crate) cause: Option<String>,
    pub(crate) earlier: Option<Span>,
}

impl Problem {
    pub(crate) fn new(span: Span, what: impl Into<String>) -> Self {
        Self { span, what: what.into(), cause: None, earlier: None }
    }

    pub(crate) fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }
}

impl From<YamlProblem> for Problem {
    fn from(problem: YamlProblem) -> Self {
        let YamlProblem { span, what, earlier, cause, is_limit: _ } = problem;
        Self { span, what, cause, earlier }
    }
}
