//! The likely cause of a syntax error: what people most often did where a parser stops like this.

use super::YamlProblem;
use crate::place::{Lines, Span};

/// How far above an error its cause is looked for.
const LINES_ABOVE: usize = 200;

/// The problem with its likely cause, and with the place of the cause where that says more.
pub(crate) fn likely_cause(text: &str, lines: &Lines, problem: YamlProblem) -> YamlProblem {
    let line = lines.place(text, problem.span.start).line;
    here_document(text, lines, line)
        .or_else(|| tab(text, lines, line))
        .or_else(|| unquoted_colon(text, lines, line))
        .map_or(problem.clone(), |(span, cause)| YamlProblem { span, ..problem }.because(cause))
}

type Cause = (Span, String);

/// A here-document whose lines stand at column 0 ends the block scalar that it is in.
fn here_document(text: &str, lines: &Lines, line: usize) -> Option<Cause> {
    for above in (line.saturating_sub(LINES_ABOVE).max(1)..=line).rev() {
        let opening = lines.line(text, above);
        let Some(word) = here_document_word(opening) else { continue };
        if !opening.starts_with([' ', '\t']) {
            continue;
        }
        let body = (above + 1..=line.max(above + 1)).find(|&number| {
            let body = lines.line(text, number);
            !body.trim().is_empty() && !body.starts_with([' ', '\t'])
        })?;
        let start = lines.start(body);
        let span = Span::new(start, start + lines.line(text, body).len());
        let cause = format!(
            "a here-document at column 0: the text of `<<{word}` (line {above}) must be indented \
             like the script around it"
        );
        return Some((span, cause));
    }
    None
}

fn here_document_word(line: &str) -> Option<String> {
    let (_, after) = line.split_once("<<")?;
    let after = after.trim_start_matches(['-', '~', ' ', '\'', '"', '\\']);
    let word: String =
        after.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    (!word.is_empty() && !after.starts_with('<')).then_some(word)
}

fn tab(text: &str, lines: &Lines, line: usize) -> Option<Cause> {
    let content = lines.line(text, line);
    let blank = content.len() - content.trim_start().len();
    let at = content[..blank].find('\t')?;
    let start = lines.start(line) + at;
    Some((Span::new(start, start + 1), "a tab in the indentation; YAML indents with spaces".into()))
}

/// `name: Build: all`: the second `: ` makes a mapping of what was meant as text.
fn unquoted_colon(text: &str, lines: &Lines, line: usize) -> Option<Cause> {
    [line, line.saturating_sub(1)].into_iter().filter(|&line| line > 0).find_map(|line| {
        let content = lines.line(text, line);
        let (key, value) = content.split_once(": ")?;
        let value_at = key.len() + 2;
        let trimmed = value.trim_start();
        if trimmed.starts_with(['\'', '"', '|', '>', '{', '[', '#', '&', '*']) {
            return None;
        }
        let text_part = value.split(" #").next().unwrap_or(value);
        let at = text_part.find(": ").or_else(|| {
            text_part.trim_end().ends_with(':').then(|| text_part.trim_end().len() - 1)
        })?;
        let start = lines.start(line) + value_at;
        let quoted = text_part.trim();
        let cause = format!(
            "an unquoted `: ` in the value of `{}`; put the value in quotes: '{}'",
            key.trim().trim_start_matches("- "),
            quoted.replace('\'', "''"),
        );
        Some((Span::new(start + at, start + at + 1), cause))
    })
}
