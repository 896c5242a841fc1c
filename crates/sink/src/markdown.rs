//! Markdown that GitHub renders: step summaries and issues (GitHub Flavored Markdown, 0.29).

use crate::escape::visible;
use std::fmt;

/// Characters of a value in running text.
const MAX_CHARS: usize = 1000;

/// Characters of a value in a table.
const MAX_CELL_CHARS: usize = 300;

/// Backticks in a row that a code span may hold; cmark gives up on fences of more than 80.
const MAX_BACKTICKS: usize = 16;

/// Stands in mentions, references and links, so that they are none. Shows nothing.
const WORD_JOINER: char = '\u{2060}';

/// An untrusted value in running text, a heading, a list item, a table or an HTML block.
///
/// Nothing in it is markup: it mentions no one, refers to no issue, links nowhere. A precision
/// cuts the value (`{:.80}`); without one it ends after 1,000 characters, with `…`. Invisible
/// joiners stand in mentions and addresses: for what a person copies, take [`Code`].
#[derive(Clone, Copy)]
pub struct Text<'a>(pub &'a str);

/// An untrusted value in a code span, such as a digest or a path; cut like [`Text`].
///
/// For paragraphs, headings and list items. In a table take [`Cell::Code`], and in an HTML block
/// [`Text`]: code spans have no meaning there.
#[derive(Clone, Copy)]
pub struct Code<'a>(pub &'a str);

/// An untrusted value in a table, at most 300 characters of it or a smaller precision.
#[derive(Clone, Copy)]
pub enum Cell<'a> {
    /// As [`Text`].
    Text(&'a str),
    /// As [`Code`], or as [`Text`] where the value has a `|`.
    Code(&'a str),
}

/// A row of a table, without its line feed.
pub fn row(cells: &[Cell<'_>]) -> String {
    let cells: Vec<String> = cells.iter().map(Cell::to_string).collect();
    format!("| {} |", cells.join(" | "))
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&inert(&visible(self.0, limit(f, MAX_CHARS))))
    }
}

impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&code_span(&visible(self.0, limit(f, MAX_CHARS))))
    }
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = limit(f, MAX_CELL_CHARS);
        let markdown = match self {
            // A table splits its rows before it looks for code.
            Self::Code(value) if !value.contains('|') => code_span(&visible(value, limit)),
            Self::Code(value) | Self::Text(value) => inert(&visible(value, limit)),
        };
        f.write_str(&markdown)
    }
}

fn limit(f: &fmt::Formatter<'_>, most: usize) -> usize {
    f.precision().unwrap_or(most).min(most)
}

/// Every character that may be markup as an entity, which is never markup in Markdown and holds
/// in HTML blocks too, where a backslash would not. GitHub looks for mentions, references and
/// emoji in the rendered text, where an entity is its character again: those it needs a joiner.
fn inert(shown: &str) -> String {
    let mut markdown = String::with_capacity(shown.len());
    for (at, c) in shown.char_indices() {
        let before = &shown[..at];
        let after = &shown[at + c.len_utf8()..];
        if c == '.' && ends_with_word(before, "www") {
            markdown.push(WORD_JOINER);
        }
        if is_markup(before, c, after) {
            markdown.push_str(&format!("&#{};", u32::from(c)));
        } else {
            markdown.push(c);
        }
        let joined = match c {
            '@' | '#' => true,
            ':' => after.starts_with("//") || is_emoji(after),
            '-' => ends_with_word(before, "gh") && after.starts_with(|c: char| c.is_ascii_digit()),
            _ => false,
        };
        if joined {
            markdown.push(WORD_JOINER);
        }
    }
    markdown
}

fn is_markup(before: &str, c: char, after: &str) -> bool {
    match c {
        // The marker of a list item: `1. text`. Brackets are always markup.
        '.' => {
            let numbered = !before.is_empty() && before.bytes().all(|byte| byte.is_ascii_digit());
            numbered && (after.is_empty() || after.starts_with(' '))
        }
        // Lists, rules, headings, front matter and indented code begin a line.
        '-' | '+' | '=' | '%' | ',' | '/' | ':' | ';' | '?' | ' ' => before.is_empty(),
        // Never markup; the joiner behind it ends the mention.
        '@' => false,
        _ => c.is_ascii_punctuation(),
    }
}

/// The rest of `:name:`.
fn is_emoji(after: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-');
    let end = after.trim_start_matches(name);
    end.len() < after.len() && end.starts_with(':')
}

fn ends_with_word(text: &str, word: &str) -> bool {
    let start = text.len().checked_sub(word.len());
    start.and_then(|start| text.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(word))
}

/// `shown` between runs of more backticks than it has in a row.
fn code_span(shown: &str) -> String {
    let longest = shown.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    if longest > MAX_BACKTICKS {
        return inert(shown);
    }
    let fence = "`".repeat(longest + 1);
    let spaced = shown.starts_with(' ') && shown.ends_with(' ');
    let ticked = shown.starts_with('`') || shown.ends_with('`');
    // One space on each side belongs to the fence, unless there is nothing but spaces.
    let pad =
        if ticked || shown.is_empty() || spaced && !shown.trim().is_empty() { " " } else { "" };
    format!("{fence}{pad}{shown}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test may panic")]

    use super::*;
    use provost_testkit::hostile;

    /// What no text may have, whatever stands around it.
    fn assert_inert(name: &str, markdown: &str) {
        assert_eq!(hostile::order_in(&without_joiners(markdown)), None, "{name}: {markdown:?}");
        for raw in ["<", ">", "`", "|", "[", "]", "(", ")", "!", "*", "_", "~", "\\", "\"", "$"] {
            assert!(!markdown.contains(raw), "{name}: {raw} in {markdown:?}");
        }
        let lower = markdown.to_ascii_lowercase();
        assert!(!lower.contains("://") && !lower.contains("www."), "{name}: {markdown:?}");
        for (at, _) in markdown.match_indices('@') {
            assert!(markdown[at + 1..].starts_with(WORD_JOINER), "{name}: {markdown:?}");
        }
        for (at, _) in markdown.match_indices('#') {
            assert!(markdown[..at].ends_with('&'), "{name}: {markdown:?}");
        }
        for (at, _) in markdown.match_indices("&#35;") {
            assert!(markdown[at + 5..].starts_with(WORD_JOINER), "{name}: {markdown:?}");
        }
        for (at, _) in markdown.match_indices('&') {
            let entity = markdown[at + 1..].split_once(';').unwrap().0;
            assert!(entity[1..].bytes().all(|byte| byte.is_ascii_digit()), "{name}: {entity}");
        }
        for marker in ["-", "+", "=", " ", "#", ">"] {
            assert!(!markdown.starts_with(marker), "{name}: {markdown:?}");
        }
    }

    fn without_joiners(markdown: &str) -> String {
        markdown.replace(WORD_JOINER, "")
    }

    /// What the reader sees: entities decoded, joiners unseen.
    fn seen(markdown: &str) -> String {
        let mut text = String::new();
        let markdown = without_joiners(markdown);
        let mut rest = markdown.as_str();
        while let Some((plain, entity)) = rest.split_once("&#") {
            let (code, after) = entity.split_once(';').unwrap();
            text.push_str(plain);
            text.push(char::from_u32(code.parse().unwrap()).unwrap());
            rest = after;
        }
        text + rest
    }

    /// The fence of a code span and what is inside of it.
    fn span(markdown: &str) -> (&str, &str) {
        let inner = markdown.trim_matches('`');
        let fence = &markdown[..markdown.len() - markdown.trim_start_matches('`').len()];
        (fence, inner.strip_prefix(' ').and_then(|text| text.strip_suffix(' ')).unwrap_or(inner))
    }

    #[test]
    fn hostile_text_is_shown_and_nothing_else() {
        for (name, value) in hostile::values() {
            let markdown = Text(&value).to_string();
            assert_inert(name, &markdown);
            assert_eq!(seen(&markdown), visible(&value, MAX_CHARS), "{name}");
            assert_eq!(Cell::Text(&value).to_string(), format!("{:.300}", Text(&value)), "{name}");
        }
    }

    #[test]
    fn a_hostile_code_span_ends_at_its_fence() {
        for (name, value) in hostile::values() {
            let markdown = Code(&value).to_string();
            assert_eq!(hostile::order_in(&markdown), None, "{name}: {markdown:?}");
            let longest = value.split(|c| c != '`').map(str::len).max().unwrap();
            if longest > MAX_BACKTICKS {
                assert_inert(name, &markdown);
                continue;
            }
            let fence = "`".repeat(longest + 1);
            let inner = markdown.strip_prefix(&fence).unwrap().strip_suffix(&fence).unwrap();
            assert!(!inner.contains(&fence), "{name}: {markdown:?}");
            assert!(!inner.starts_with('`') && !inner.ends_with('`'), "{name}: {markdown:?}");
            assert!(inner.contains(&visible(&value, MAX_CHARS)), "{name}: {markdown:?}");
        }
    }

    #[test]
    fn a_hostile_row_has_its_own_bars_only() {
        for (name, value) in hostile::values() {
            let line = row(&[Cell::Text(&value), Cell::Code(&value)]);
            assert_eq!(line.matches('|').count(), 3, "{name}: {line:?}");
            assert_eq!(hostile::order_in(&without_joiners(&line)), None, "{name}: {line:?}");
            if value.contains('|') {
                assert_inert(name, &Cell::Code(&value).to_string());
            }
        }
    }

    #[test]
    fn ordinary_values_stay_readable() {
        for value in hostile::ORDINARY {
            assert_eq!(seen(&Text(value).to_string()), value);
            assert_eq!(Code(value).to_string(), format!("`{value}`"));
        }
        for plain in ["v1.2.3", "github.com/o/r", "refs/heads/main", "1.2.3", "Größe 漢字 🚀"]
        {
            assert_eq!(Text(plain).to_string(), plain);
            assert_eq!(
                row(&[Cell::Code(plain), Cell::Text(plain)]),
                format!("| `{plain}` | {plain} |")
            );
        }
    }

    #[test]
    fn what_github_would_act_on_is_broken() {
        let j = WORD_JOINER;
        assert_eq!(Text("@org/team").to_string(), format!("@{j}org/team"));
        assert_eq!(Text("fixes #1").to_string(), format!("fixes &#35;{j}1"));
        assert_eq!(Text("see GH-12").to_string(), format!("see GH-{j}12"));
        assert_eq!(Text("https://e.org").to_string(), format!("https:{j}//e.org"));
        assert_eq!(Text("x WWW.e.org").to_string(), format!("x WWW{j}.e.org"));
        assert_eq!(Text("a:tada:").to_string(), format!("a:{j}tada:"));
        assert_eq!(Text("sha256:ab GH- http:/").to_string(), "sha256:ab GH- http:/");
        assert_eq!(Text("1. a").to_string(), "1&#46; a");
        assert_eq!(Text("- a").to_string(), "&#45; a");
        assert_eq!(Text("    a").to_string(), "&#32;   a");
        assert_eq!(Text("<!--").to_string(), "&#60;&#33;--");
    }

    #[test]
    fn fences_outgrow_their_content() {
        assert_eq!(Code("a`b").to_string(), "``a`b``");
        assert_eq!(Code("```").to_string(), "```` ``` ````");
        assert_eq!(Code("`a").to_string(), "`` `a ``");
        assert_eq!(Code(" a ").to_string(), "`  a  `");
        assert_eq!(Code(" ").to_string(), "` `");
        assert_eq!(Code("").to_string(), "`  `");
        let limit = "`".repeat(MAX_BACKTICKS);
        assert_eq!(span(&Code(&format!("a{limit}b")).to_string()).0.len(), MAX_BACKTICKS + 1);
        assert_inert("too many backticks", &Code(&format!("a{limit}`b")).to_string());
    }

    #[test]
    fn values_are_cut_between_characters() {
        let long = "漢".repeat(MAX_CHARS + 1);
        assert_eq!(Text(&long).to_string(), "漢".repeat(MAX_CHARS - 1) + "…");
        assert_eq!(Text(&long[3..]).to_string(), &long[3..]);
        assert_eq!(format!("{:.9999}", Text(&long)), Text(&long).to_string());
        assert_eq!(format!("{:.3}", Text("<<<<")), "&#60;&#60;…");
        assert_eq!(format!("{:.4}", Code("abcde")), "`abc…`");
        assert_eq!(Cell::Text(&long).to_string().chars().count(), MAX_CELL_CHARS);
    }
}
