//! Comments: YAML's own, and those of the scripts inside, which people write the same way.

use crate::place::{Lines, Span};

/// `# …` with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comment {
    pub(crate) line: usize,
    pub(crate) span: Span,
    /// Without `#` and blanks around.
    pub(crate) text: String,
    /// Whether nothing else stands on the line.
    pub(crate) is_alone: bool,
}

/// Every `#` that begins a comment. A `#` begins one at the start of a line or after a blank, and
/// outside of quotes that close on the same line.
pub(crate) fn comments(text: &str, lines: &Lines) -> Vec<Comment> {
    let mut found = Vec::new();
    for line in 1..=lines.count() {
        let content = lines.line(text, line);
        if !content.contains('#') {
            continue;
        }
        let Some(at) = start_of_comment(content) else { continue };
        let start = lines.start(line) + at;
        found.push(Comment {
            line,
            span: Span::new(start, lines.start(line) + content.len()),
            text: content[at + 1..].trim().to_owned(),
            is_alone: content[..at].trim().is_empty(),
        });
    }
    found
}

fn start_of_comment(line: &str) -> Option<usize> {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') if line[at + 1..].contains(c) && !before.is_alphanumeric() => {
                quote = Some(c);
            }
            (None, '#') if before.is_whitespace() => return Some(at),
            _ => {}
        }
        before = c;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_begins_after_a_blank_and_outside_of_quotes() {
        let text = "# a\nb: c#d # e\nf: '#g' # h\ni: \"#j\"\nk: don't # l\n";
        let found = comments(text, &Lines::of(text));
        let texts: Vec<(usize, &str, bool)> =
            found.iter().map(|c| (c.line, c.text.as_str(), c.is_alone)).collect();
        assert_eq!(texts, [(1, "a", true), (2, "e", false), (3, "h", false), (5, "l", false)]);
    }
}
