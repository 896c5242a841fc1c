//! Where something stands: byte ranges of a text, and lines and columns for people.

use std::ops::Range;

/// A range of bytes in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// The range from `start` up to `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }

    /// As the standard library writes it.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spanned<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

/// Line and column of a byte, both from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// Where the lines of a text begin.
#[derive(Debug, Clone)]
pub(crate) struct Lines {
    starts: Vec<usize>,
    length: usize,
    /// How many characters stand before every [`STEP`]th byte; empty where each is one byte.
    characters: Vec<usize>,
}

/// Bytes from one count of characters to the next: a line may be as long as the text, and places
/// on it are asked for again and again.
const STEP: usize = 64;

impl Lines {
    /// Lines end as in YAML: with a line feed, a carriage return, or both.
    pub(crate) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (at, &byte) in bytes.iter().enumerate() {
            let alone = byte == b'\r' && bytes.get(at + 1) != Some(&b'\n');
            if byte == b'\n' || alone {
                starts.push(at + 1);
            }
        }
        let characters = if text.is_ascii() { Vec::new() } else { counts(bytes) };
        Self { starts, length: text.len(), characters }
    }

    /// How many lines there are; a final line feed begins no line of its own.
    pub(crate) fn count(&self) -> usize {
        let empty_end = self.starts.len() > 1 && self.starts.last() == Some(&self.length);
        self.starts.len() - usize::from(empty_end)
    }

    /// The bytes of a line (from 1) without its line end; empty beyond the text.
    pub(crate) fn line<'a>(&self, text: &'a str, line: usize) -> &'a str {
        let Some(&start) = line.checked_sub(1).and_then(|index| self.starts.get(index)) else {
            return "";
        };
        let end = self.starts.get(line).copied().unwrap_or(self.length);
        text[start..end].trim_end_matches(['\n', '\r'])
    }

    /// The byte at which a line begins; the text's end beyond it.
    pub(crate) fn start(&self, line: usize) -> usize {
        let index = line.saturating_sub(1);
        self.starts.get(index).copied().unwrap_or(self.length)
    }

    /// The byte at a line (from 1) and a column (from 0, in characters).
    pub(crate) fn byte(&self, text: &str, line: usize, column: usize) -> usize {
        let start = self.start(line);
        if self.characters.is_empty() {
            return (start + column).min(self.length);
        }
        let wanted = self.before(text, start) + column;
        let step = self.characters.partition_point(|&before| before <= wanted) - 1;
        let mut left = wanted - self.characters[step];
        for (at, byte) in text.as_bytes().iter().enumerate().skip(step * STEP) {
            if is_first(*byte) {
                if left == 0 {
                    return at;
                }
                left -= 1;
            }
        }
        self.length
    }

    /// Line and column of a byte.
    pub(crate) fn place(&self, text: &str, byte: usize) -> Place {
        let byte = byte.min(self.length);
        let line = self.starts.partition_point(|&start| start <= byte);
        let start = self.starts[line - 1];
        let column = self.before(text, byte) - self.before(text, start);
        Place { line, column: column + 1 }
    }

    /// How many characters begin before a byte.
    fn before(&self, text: &str, byte: usize) -> usize {
        let Some(&counted) = self.characters.get(byte / STEP) else { return byte };
        let rest = &text.as_bytes()[byte / STEP * STEP..byte];
        counted + rest.iter().filter(|&&byte| is_first(byte)).count()
    }
}

/// Whether a byte is the first of its character.
fn is_first(byte: u8) -> bool {
    byte & 0b1100_0000 != 0b1000_0000
}

fn counts(bytes: &[u8]) -> Vec<usize> {
    let mut count = 0;
    let mut counts = vec![0];
    for step in bytes.chunks(STEP) {
        count += step.iter().filter(|&&byte| is_first(byte)).count();
        counts.push(count);
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_in_yaml_and_columns_count_characters() {
        let text = "ab\r\nä:x\rz\n";
        let lines = Lines::of(text);
        assert_eq!(lines.count(), 3);
        assert_eq!(lines.line(text, 2), "ä:x");
        assert_eq!(lines.byte(text, 2, 1), 6);
        assert_eq!(lines.place(text, 6), Place { line: 2, column: 2 });
        assert_eq!(lines.place(text, 9), Place { line: 3, column: 1 });
        assert_eq!(lines.place(text, 99).line, 4);
        assert_eq!(lines.line(text, 9), "");
    }

    #[test]
    fn a_long_line_beyond_ascii_is_counted_as_one_would() {
        let text = format!("{}\n{}x\n", "é".repeat(50), "a€".repeat(99));
        let lines = Lines::of(&text);
        for (line, start) in [(1, 0), (2, 101)] {
            for (column, (at, _)) in text[start..].char_indices().enumerate() {
                if text[start..start + at].contains('\n') {
                    break;
                }
                assert_eq!(lines.byte(&text, line, column), start + at);
                assert_eq!(lines.place(&text, start + at), Place { line, column: column + 1 });
            }
        }
        assert_eq!(lines.byte(&text, 2, 9999), text.len());
    }
}
