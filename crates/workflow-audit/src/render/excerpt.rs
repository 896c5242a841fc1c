//! Lines of a file as they may be seen, with spans that fit them.

use crate::place::Span;
use provost_sink::visible;
use std::ops::Range;

/// Columns of a line that are shown.
const MAX_COLUMNS: usize = 400;

/// Some lines of a file.
pub(super) struct Excerpt {
    pub(super) text: String,
    pub(super) first_line: usize,
    /// For every line: where it begins in the file, how it was, where it begins in `text`.
    lines: Vec<(usize, String, usize)>,
}

impl Excerpt {
    /// The lines from `first` up to `last`, both from 1.
    pub(super) fn of(file: &crate::model::File, first: usize, last: usize) -> Self {
        let mut excerpt = Self { text: String::new(), first_line: first, lines: Vec::new() };
        for line in first..=last.min(file.lines.count().max(1)) {
            let raw = beginning(file.lines.line(&file.text, line));
            excerpt.lines.push((file.lines.start(line), raw.to_owned(), excerpt.text.len()));
            excerpt.text.push_str(&shown(raw));
            excerpt.text.push('\n');
        }
        excerpt
    }

    /// A span of the file as a range of the text.
    pub(super) fn range(&self, span: Span) -> Range<usize> {
        let start = self.offset(span.start);
        let end = self.offset(span.end).max(start);
        // What has no width is seen as one column.
        if end > start { start..end } else { start..(start + 1).min(self.text.len()) }
    }

    fn offset(&self, byte: usize) -> usize {
        let index = self.lines.partition_point(|(start, ..)| *start <= byte);
        let Some((start, raw, at)) = index.checked_sub(1).and_then(|index| self.lines.get(index))
        else {
            return 0;
        };
        let column = (byte - start).min(raw.len());
        let before = raw.get(..column).unwrap_or(raw);
        at + shown(before).len().min(shown(raw).len())
    }
}

/// As much of a line as may be shown: one line may be the whole file.
fn beginning(line: &str) -> &str {
    let mut end = line.len().min(4 * MAX_COLUMNS);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    &line[..end]
}

fn shown(line: &str) -> String {
    visible(&line.replace('\t', "    "), MAX_COLUMNS)
}
