//! Places in a text: line and column.

/// A place in a file. Both are counted from 1; the column in bytes, as
/// [`provost_attestation::json`] counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Place {
    /// The beginning of a file.
    pub(crate) const START: Self = Self { line: 1, column: 1 };
}

/// A file's name and text, and where its lines start, so that a place costs no walk over the text.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) file: &'a str,
    text: &'a str,
    line_starts: Vec<usize>,
}

impl<'a> Source<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        let after_newlines = text.match_indices('\n').map(|(newline, _)| newline + 1);
        let line_starts = std::iter::once(0).chain(after_newlines).collect();
        Self { file, text, line_starts }
    }

    /// The place of `part`, which must be a slice of the text: its distance from the beginning is
    /// plain address arithmetic, exact whatever the text holds.
    pub(crate) fn place_of(&self, part: &str) -> Place {
        let offset = part
            .as_ptr()
            .addr()
            .checked_sub(self.text.as_ptr().addr())
            .filter(|offset| *offset <= self.text.len())
            .expect("a part lies in its text");
        let line = self.line_starts.partition_point(|start| *start <= offset);
        Place { line, column: offset - self.line_starts[line - 1] + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_columns_from_one() {
        let text = "ab\ncü\nd\n";
        let source = Source::new("file", text);
        let place = |from: usize| {
            let place = source.place_of(&text[from..]);
            (place.line, place.column)
        };
        let all = [0, 1, 2, 3, 4, 6, 7, 8, 9].map(place);
        let wanted = [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 4), (3, 1), (3, 2), (4, 1)];
        assert_eq!(all, wanted);
    }

    #[test]
    #[should_panic = "a part lies in its text"]
    fn a_part_of_another_text_has_no_place() {
        let text = String::from("one text");
        Source::new("file", &text[..3]).place_of(&text[4..]);
    }
}
