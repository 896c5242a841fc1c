//! A word of a command, as far as it is known without running anything.

use std::ops::Range;
use tree_sitter::Node;

/// A word without its quotes; what only a run could tell stays as it is written (`$TAG`, `$(…)`,
/// `${{ … }}`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) range: Range<usize>,
    /// Whether something in it is expanded by the shell.
    pub(crate) expands: bool,
}

impl Word {
    /// The word that a node of the grammar is; `text` is the script itself.
    pub(super) fn of(node: Node<'_>, text: &str) -> Self {
        let mut word = Self { text: String::new(), range: node.byte_range(), expands: false };
        word.add(node, text);
        word
    }

    fn add(&mut self, node: Node<'_>, text: &str) {
        let raw = text.get(node.byte_range()).unwrap_or_default();
        match node.kind() {
            "concatenation" | "command_name" => {
                let mut cursor = node.walk();
                let mut at = node.start_byte();
                for child in node.children(&mut cursor) {
                    // Pieces that the grammar does not name.
                    self.text.push_str(text.get(at..child.start_byte()).unwrap_or_default());
                    self.add(child, text);
                    at = child.end_byte();
                }
            }
            "raw_string" => self.text.push_str(inside(raw, 1)),
            "ansi_c_string" => self.text.push_str(&ansi(inside(raw, 2))),
            "string" | "translated_string" => {
                let inner = inside(raw, if raw.starts_with('$') { 2 } else { 1 });
                self.expands |= inner.contains(['$', '`']);
                self.text.push_str(&unescaped(inner, |c| matches!(c, '"' | '\\' | '$' | '`')));
            }
            "word" | "number" | "variable_name" => {
                self.text.push_str(&unescaped(raw, |_| true));
            }
            _ => {
                self.expands |= raw.contains(['$', '`', '<', '*', '?', '{']);
                self.text.push_str(raw);
            }
        }
    }
}

/// Without the quotes: `before` bytes at the start, one at the end.
fn inside(raw: &str, before: usize) -> &str {
    raw.get(before..raw.len().saturating_sub(1)).unwrap_or_default()
}

fn unescaped(raw: &str, takes: impl Fn(char) -> bool) -> String {
    if !raw.contains('\\') {
        return raw.to_owned();
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw.chars();
    while let Some(c) = rest.next() {
        match (c, rest.as_str().chars().next()) {
            ('\\', Some('\n')) => {
                rest.next();
            }
            ('\\', Some(next)) if takes(next) => {
                rest.next();
                text.push(next);
            }
            _ => text.push(c),
        }
    }
    text
}

/// The escapes of `$'…'` that hide letters.
fn ansi(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match rest.next() {
            Some('x') => {
                let digits: String =
                    rest.as_str().chars().take(2).take_while(char::is_ascii_hexdigit).collect();
                rest = rest.as_str()[digits.len()..].chars();
                let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                text.extend(code);
            }
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some(other) => text.push(other),
            None => {}
        }
    }
    text
}
