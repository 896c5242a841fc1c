//! The text of a `run:` or of a `script:`, with the way back from each of its bytes to the file.

use crate::place::{Lines, Span};
use crate::yaml::{Scalar, Style};

/// A script.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) text: String,
    /// The whole scalar in the file.
    pub(crate) span: Span,
    /// Where each line of the text begins: in the text, and in the file.
    starts: Vec<(usize, usize)>,
}

impl Script {
    pub(crate) fn new(scalar: &Scalar, span: Span, file: &str, lines: &Lines) -> Self {
        let starts = match scalar.style {
            Style::Literal => literal(&scalar.text, span, file, lines),
            Style::Plain | Style::Quoted | Style::Folded => verbatim(&scalar.text, span, file),
        };
        Self { text: scalar.text.clone(), span, starts }
    }

    /// The place in the file of a range of the text.
    pub(crate) fn place(&self, start: usize, end: usize) -> Span {
        let to_file = |at: usize| {
            let index = self.starts.partition_point(|&(begin, _)| begin <= at);
            let (begin, file) = *self.starts.get(index.checked_sub(1)?)?;
            Some(file + (at - begin))
        };
        // The first line alone: a span over several lines is hard to read.
        let end = self.text[start..end].find('\n').map_or(end, |length| start + length);
        match (to_file(start), to_file(end)) {
            (Some(start), Some(end)) if self.span.start <= start && end <= self.span.end => {
                Span::new(start, end)
            }
            _ => Span::new(self.span.start, self.span.end),
        }
    }
}

/// `run: |`: the lines of the file without their indentation.
fn literal(text: &str, span: Span, file: &str, lines: &Lines) -> Vec<(usize, usize)> {
    let header = lines.place(file, span.start).line;
    // The span begins at `|` or at the first line of the content.
    let first = if file[span.start..].starts_with('|') { header + 1 } else { header };
    let mut starts = Vec::new();
    let mut at = 0;
    let indentation = (first..=lines.count())
        .map(|line| lines.line(file, line))
        .find(|line| !line.trim().is_empty())
        .zip(text.lines().find(|line| !line.trim().is_empty()))
        .map_or(0, |(line, content)| line.len().saturating_sub(content.len()));
    for (number, content) in text.split_inclusive('\n').enumerate() {
        let line = first + number;
        let length = lines.line(file, line).len();
        starts.push((at, lines.start(line) + indentation.min(length)));
        at += content.len();
    }
    starts
}

/// A scalar whose text stands in the file as it is, or line by line.
fn verbatim(text: &str, span: Span, file: &str) -> Vec<(usize, usize)> {
    let raw = &file[span.range()];
    if let Some(at) = raw.find(text.trim_end()) {
        return vec![(0, span.start + at)];
    }
    let mut starts = Vec::new();
    let (mut at, mut from) = (0, 0);
    for content in text.split_inclusive('\n') {
        let line = content.trim_end();
        let found = if line.is_empty() { None } else { raw[from..].find(line) };
        if let Some(found) = found {
            starts.push((at, span.start + from + found));
            from += found + line.len();
        }
        at += content.len();
    }
    starts
}
