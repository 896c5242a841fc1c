//! Why a text is no YAML that GitHub would take.

use crate::place::Span;

/// A refusal with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub(crate) struct YamlProblem {
    pub(crate) span: Span,
    pub(crate) what: String,
    /// An earlier place that has to do with it.
    pub(crate) earlier: Option<Span>,
    pub(crate) cause: Option<String>,
    /// Whether it is only too much for this reader.
    pub(crate) is_limit: bool,
}

impl YamlProblem {
    pub(crate) fn new(span: Span, what: impl Into<String>) -> Self {
        Self { span, what: what.into(), earlier: None, cause: None, is_limit: false }
    }

    pub(crate) fn limit(span: Span, what: impl Into<String>) -> Self {
        Self { is_limit: true, ..Self::new(span, what) }
    }

    pub(crate) fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    pub(crate) fn since(mut self, earlier: Span) -> Self {
        self.earlier = Some(earlier);
        self
    }
}
