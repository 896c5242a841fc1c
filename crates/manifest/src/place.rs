//! Places in a text: line and column.

/// A place in a file. Both are counted from 1; the column in bytes, as [`provost_attestation::json`]
/// counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Place {
    /// The beginning of a file.
    pub(crate) const START: Self = Self { line: 1, column: 1 };

    /// The place of `part`, which must be a slice of `text`: its distance from the beginning is
    /// plain address arithmetic, exact whatever the text holds.
    pub(crate) fn of(text: &str, part: &str) -> Self {
        let offset = part
            .as_ptr()
            .addr()
            .checked_sub(text.as_ptr().addr())
            .filter(|offset| *offset <= text.len())
            .expect("a part lies in its text");
        let before = &text.as_bytes()[..offset];
        let line_start =
            before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.iter().filter(|byte| **byte == b'\n').count() + 1,
            column: offset - line_start + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_columns_from_one() {
        let text = "ab\ncü\nd";
        assert_eq!(Place::of(text, &text[0..1]), Place::START);
        assert_eq!(Place::of(text, &text[1..2]), Place { line: 1, column: 2 });
        assert_eq!(Place::of(text, &text[3..4]), Place { line: 2, column: 1 });
        assert_eq!(Place::of(text, &text[7..8]), Place { line: 3, column: 1 });
        assert_eq!(Place::of(text, &text[8..]), Place { line: 3, column: 2 });
    }
}
