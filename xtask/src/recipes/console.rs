//! Console blocks of a page: commands behind `$ `, and below each what it says.

use anyhow::{Result, bail};

/// One fenced block.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) commands: Vec<Command>,
}

/// One command.
#[derive(Debug)]
pub(crate) struct Command {
    /// Its line in the page, from 1.
    pub(crate) line: usize,
    /// As it is typed; lines behind `> ` go on with it.
    pub(crate) text: String,
    /// What it says. `…` stands for any text in a line, and alone for any lines.
    pub(crate) expected: Vec<String>,
}

/// The blocks that begin with three backticks and `console`.
///
/// # Errors
/// A block without a command, or with words before the first; a page without blocks.
pub(crate) fn blocks(page: &str) -> Result<Vec<Block>> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (number, line) in (1..).zip(page.lines()) {
        let Some(block) = &mut open else {
            if line == "```console" {
                open = Some(Block { commands: Vec::new() });
            }
            continue;
        };
        if line == "```" {
            if block.commands.is_empty() {
                bail!("line {number}: a console block without a command");
            }
            blocks.extend(open.take());
        } else if let Some(text) = line.strip_prefix("$ ") {
            let (text, expected) = (text.to_owned(), Vec::new());
            block.commands.push(Command { line: number, text, expected });
        } else {
            let Some(command) = block.commands.last_mut() else {
                bail!("line {number}: a console block begins with `$ `");
            };
            match line.strip_prefix("> ").filter(|_| command.expected.is_empty()) {
                Some(more) => command.text = format!("{}\n{more}", command.text),
                None => command.expected.push(line.trim_end().to_owned()),
            }
        }
    }
    if open.is_some() || blocks.is_empty() {
        bail!("the page has no console block, or one that does not end");
    }
    Ok(blocks)
}

/// Where what was said departs from what was expected; nothing if it does not.
pub(crate) fn difference(expected: &[String], said: &str) -> Option<String> {
    let said: Vec<&str> = said.trim_end().lines().map(str::trim_end).collect();
    if all_fit(expected, &said) {
        return None;
    }
    let fits = |(wanted, line): &(&String, &&str)| fits(wanted, line);
    let same = expected.iter().zip(&said).take_while(fits).count();
    let wanted = expected.get(same).map_or("nothing more", String::as_str);
    let found = said.get(same).copied().unwrap_or("nothing more");
    Some(format!("expected: {wanted}\nfound:    {found}\nall of it:\n{}", said.join("\n")))
}

fn all_fit(expected: &[String], said: &[&str]) -> bool {
    match expected.split_first() {
        None => said.is_empty(),
        Some((first, rest)) if first == "…" => {
            (0..=said.len()).any(|skipped| all_fit(rest, &said[skipped..]))
        }
        Some((first, rest)) => {
            said.split_first().is_some_and(|(line, more)| fits(first, line) && all_fit(rest, more))
        }
    }
}

fn fits(expected: &str, line: &str) -> bool {
    match expected.split_once('…') {
        None => expected == line,
        Some((before, after)) => line.strip_prefix(before).is_some_and(|rest| {
            let mut starts = (0..=rest.len()).filter(|at| rest.is_char_boundary(*at));
            starts.any(|at| fits(after, &rest[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "text\n```console\n$ one \\\n> --two\nsaid 1\n…\n$ three\n```\nmore\n";

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn commands_stand_above_what_they_say() {
        let blocks = blocks(PAGE).expect("a page");
        let [block] = blocks.as_slice() else { panic!("{blocks:?}") };
        let [one, three] = block.commands.as_slice() else { panic!("{block:?}") };
        assert_eq!((one.line, one.text.as_str()), (3, "one \\\n--two"));
        assert_eq!(one.expected, ["said 1", "…"]);
        assert!(three.expected.is_empty() && three.text == "three");
    }

    #[test]
    fn a_page_without_a_command_is_no_success() {
        for page in ["", "text", "```console\n```", "```console\n$ x", "```console\nx\n$ y\n```"] {
            assert!(blocks(page).is_err(), "{page:?}");
        }
    }

    #[test]
    fn an_ellipsis_is_the_only_freedom() {
        for (expected, said) in [
            ("a\nb", "a\nb\n"),
            ("run …, tag v1", "run 77, tag v1"),
            ("a\n…\nd", "a\nb\nc\nd"),
            ("a\n…\nd", "a\nd"),
            ("", ""),
            ("…", "anything\nat all"),
        ] {
            assert_eq!(difference(&lines(expected), said), None, "{expected:?}");
        }
        for (expected, said) in [
            ("a\nb", "a"),
            ("a", "a\nb"),
            ("run …, tag v1", "run 77, tag v2"),
            ("", "something"),
            ("a\n…\nd", "a\nb"),
        ] {
            assert!(difference(&lines(expected), said).is_some(), "{expected:?}");
        }
    }
}
