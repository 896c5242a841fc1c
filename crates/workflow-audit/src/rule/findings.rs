//! Where rules put what they saw.

use crate::effect::At;
use crate::finding::{Confidence, Finding, Severity, Spot};
use crate::place::{Place, Span};
use crate::world::{JobView, World};

/// Findings of the rule that runs.
pub(crate) struct Findings<'a> {
    world: &'a World,
    rule: &'static str,
    pub(crate) found: Vec<Finding>,
}

impl<'a> Findings<'a> {
    pub(crate) fn new(world: &'a World) -> Self {
        Self { world, rule: "", found: Vec::new() }
    }

    pub(super) fn begin(&mut self, rule: &'static str) {
        self.rule = rule;
    }

    /// Adds a finding; the caller adds notes, a hint and other places to it.
    pub(super) fn add(
        &mut self,
        severity: Severity,
        confidence: Confidence,
        at: At,
        message: impl Into<String>,
    ) -> &mut Finding {
        let spot = self.spot(at, "");
        self.found.push(Finding {
            rule: self.rule,
            severity,
            confidence,
            spot,
            message: message.into(),
            notes: Vec::new(),
            hint: String::new(),
            related: Vec::new(),
            job: None,
        });
        let last = self.found.len() - 1;
        &mut self.found[last]
    }

    /// Adds a finding in a document that is no workflow.
    pub(super) fn add_in_document(
        &mut self,
        severity: Severity,
        confidence: Confidence,
        path: &str,
        line: usize,
        message: String,
    ) -> &mut Finding {
        let place = Place { line, column: 1 };
        let spot = Spot {
            file: path.to_owned(),
            span: Span::default(),
            place,
            end: place,
            label: String::new(),
        };
        self.found.push(Finding {
            rule: self.rule,
            severity,
            confidence,
            spot,
            message,
            notes: Vec::new(),
            hint: String::new(),
            related: Vec::new(),
            job: None,
        });
        let last = self.found.len() - 1;
        &mut self.found[last]
    }

    pub(super) fn spot(&self, at: At, label: &str) -> Spot {
        spot(self.world, at, label)
    }
}

/// A place with its label.
pub(crate) fn spot(world: &World, at: At, label: &str) -> Spot {
    let file = world.file(at.file);
    let end = Span::new(at.span.end, at.span.end);
    Spot {
        file: file.path.clone(),
        span: at.span,
        place: file.place(at.span),
        end: file.place(end),
        label: label.to_owned(),
    }
}

impl Finding {
    pub(super) fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.spot.label = label.into();
        self
    }

    pub(super) fn note(&mut self, note: impl Into<String>) -> &mut Self {
        self.notes.push(note.into());
        self
    }

    pub(super) fn hint(&mut self, hint: impl Into<String>) -> &mut Self {
        self.hint = hint.into();
        self
    }

    pub(super) fn in_job(&mut self, job: JobView<'_>) -> &mut Self {
        self.job = Some(job.id().to_owned());
        self
    }

    pub(super) fn with(&mut self, spot: Spot) -> &mut Self {
        self.related.push(spot);
        self
    }
}
