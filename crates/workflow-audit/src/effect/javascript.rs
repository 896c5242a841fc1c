//! The words of a JavaScript text, without blanks and comments; what stands in a string is one word.

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, also one that is written as a string in brackets: `x['name']`.
    Name,
    String,
    /// `.` and `?.`, also those that brackets stand for.
    Dot,
    Other,
}

/// A word and its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: (usize, usize),
}

/// The words of a script.
#[derive(Debug)]
pub(super) struct Words<'t> {
    pub(super) text: &'t str,
    tokens: Vec<Token>,
}

impl<'t> Words<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self { text, tokens: members(text, &tokens(text)) }
    }

    pub(super) fn count(&self) -> usize {
        self.tokens.len()
    }

    pub(super) fn at(&self, index: usize) -> Option<Token> {
        self.tokens.get(index).copied()
    }

    /// The text of a word as it is written.
    pub(super) fn raw(&self, index: usize) -> &'t str {
        self.at(index).map_or("", |token| &self.text[token.range.0..token.range.1])
    }

    pub(super) fn name(&self, index: usize) -> Option<&'t str> {
        self.is(index, Kind::Name).then(|| self.raw(index))
    }

    /// The value of a string.
    pub(super) fn string(&self, index: usize) -> Option<String> {
        self.is(index, Kind::String).then(|| unquoted(self.raw(index)))
    }

    pub(super) fn is(&self, index: usize, kind: Kind) -> bool {
        self.at(index).is_some_and(|token| token.kind == kind)
    }
}

fn unquoted(raw: &str) -> String {
    raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

/// `x['name']` is `x.name`: a string in brackets behind what has members becomes a dot and a name.
fn members(text: &str, tokens: &[Token]) -> Vec<Token> {
    let raw = |token: &Token| &text[token.range.0..token.range.1];
    let mut words: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let has_members = words.last().is_some_and(|last| {
            matches!(last.kind, Kind::Name | Kind::Dot) || matches!(raw(last), ")" | "]")
        });
        if let ("[", true, [_, inner, close, ..]) = (raw(token), has_members, &tokens[at..])
            && inner.kind == Kind::String
            && raw(close) == "]"
            && inner.range.1 - inner.range.0 > 2
        {
            // `x?.['name']` has its dot already.
            if words.last().is_some_and(|last| last.kind != Kind::Dot) {
                words.push(Token { kind: Kind::Dot, range: token.range });
            }
            words.push(Token { kind: Kind::Name, range: (inner.range.0 + 1, inner.range.1 - 1) });
            at += 3;
            continue;
        }
        words.push(*token);
        at += 1;
    }
    words
}

fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let kind = match bytes[at] {
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at = text[at..].find('\n').map_or(bytes.len(), |length| at + length);
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = text[at + 2..].find("*/").map_or(bytes.len(), |length| at + length + 4);
                continue;
            }
            quote @ (b'\'' | b'"' | b'`') => {
                at += 1;
                while at < bytes.len() && bytes[at] != quote {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at = (at + 1).min(bytes.len());
                while !text.is_char_boundary(at) {
                    at += 1;
                }
                Kind::String
            }
            byte if is_name(byte) => {
                at += bytes[at..].iter().take_while(|&&byte| is_name(byte)).count();
                Kind::Name
            }
            _ => {
                at += text[at..].chars().next().map_or(1, char::len_utf8);
                if &text[start..at] == "?" && text[at..].starts_with('.') {
                    at += 1;
                }
                if matches!(&text[start..at], "." | "?.") { Kind::Dot } else { Kind::Other }
            }
        };
        tokens.push(Token { kind, range: (start, at) });
    }
    tokens
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let words = Words::of(text);
        (0..words.count())
            .map(|index| match words.is(index, Kind::Dot) {
                true => ".".to_owned(),
                false => words.raw(index).to_owned(),
            })
            .collect()
    }

    #[test]
    fn a_member_is_a_member_however_it_is_spelt() {
        for spelling in ["a.b.c", "a['b'][\"c\"]", "a?.b?.[`c`]", "a /* x */ . b\n // y\n ['c']"] {
            assert_eq!(words(spelling), ["a", ".", "b", ".", "c"], "{spelling}");
        }
    }

    #[test]
    fn a_list_is_no_member() {
        assert_eq!(words("x = ['b']"), ["x", "=", "[", "'b'", "]"]);
        assert_eq!(words("a[b]"), ["a", "[", "b", "]"]);
        assert_eq!(words("a['']"), ["a", "[", "''", "]"]);
        assert_eq!(words("'open \\"), ["'open \\"]);
    }
}
