//! A step of `cargo xtask test`, and what it reports.

use crate::workspace::Workspace;
use anyhow::Result;

/// One step: a failure is an error, everything else a [`Report`].
pub(crate) struct Step {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// What it asks, for the usage.
    pub(crate) asks: &'static str,
    /// The code that asks it.
    pub(crate) run: fn(&Workspace) -> Result<Report>,
}

/// What a step that did not fail has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    /// What was checked, in a few words; empty when the step's name says it. `None` when nothing
    /// was checked at all.
    pub(crate) checked: Option<String>,
    /// What was not, each with its reason.
    pub(crate) unchecked: Vec<String>,
}

impl Report {
    /// Everything was checked.
    pub(crate) fn checked(what: impl Into<String>) -> Self {
        Self { checked: Some(what.into()), unchecked: Vec::new() }
    }

    /// Nothing was checked.
    pub(crate) fn not_checked(what: impl Into<String>) -> Self {
        Self { checked: None, unchecked: vec![what.into()] }
    }

    /// The same, with something that was left out.
    #[must_use]
    pub(crate) fn without(mut self, what: impl Into<String>) -> Self {
        self.unchecked.push(what.into());
        self
    }

    /// One line for the screen.
    pub(crate) fn line(&self) -> String {
        let left_out = self.unchecked.join("; ");
        match &self.checked {
            None => format!("NOT RUN: {left_out}"),
            Some(note) if left_out.is_empty() => format!("ok  {note}").trim_end().to_owned(),
            Some(note) => format!("ok  {note}; NOT CHECKED: {left_out}"),
        }
    }
}
