//! A command of a script.

use super::Word;
use std::ops::Range;

/// A simple command, with wrappers such as `sudo` and `env` taken off.
#[derive(Debug, Clone)]
pub(crate) struct Command {
    /// The program without its folder.
    pub(crate) name: String,
    pub(crate) words: Vec<Word>,
    /// `A=b` before the command.
    pub(crate) assignments: Vec<(String, Word)>,
    pub(crate) redirects: Vec<Redirect>,
    /// Where it stands in the script.
    pub(crate) range: Range<usize>,
    pub(crate) swallowed: Option<Swallowed>,
    /// The function that it stands in.
    pub(super) function: Option<String>,
}

/// `> file`, `< file`.
#[derive(Debug, Clone)]
pub(crate) struct Redirect {
    pub(crate) writes: bool,
    pub(crate) target: Word,
}

/// What makes a failure of a command look like success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Swallowed {
    pub(crate) how: How,
    /// Where that stands in the script.
    pub(crate) range: Range<usize>,
}

/// The ways to lose a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// `|| true`, `|| echo …`.
    Or,
    /// `if command; then …` without a branch that fails.
    Condition,
    /// `command | other` without `pipefail`.
    Pipe,
    /// `command &`.
    Background,
    /// After `set +e`.
    NoErrexit,
    /// `! command`.
    Negated,
}

impl Command {
    /// The first word that is neither a flag nor the value of one of `valued`.
    pub(crate) fn positional<'a>(
        &'a self,
        index: usize,
        valued: &'a [&'a str],
    ) -> Option<&'a Word> {
        self.positionals(valued).nth(index)
    }

    /// Words that are neither flags nor values of flags.
    pub(crate) fn positionals<'a>(
        &'a self,
        valued: &'a [&'a str],
    ) -> impl Iterator<Item = &'a Word> + 'a {
        let mut skip = false;
        let mut only_words = false;
        self.words.iter().filter(move |word| {
            if std::mem::take(&mut skip) {
                return false;
            }
            if only_words || !word.text.starts_with('-') || word.text == "-" {
                return true;
            }
            only_words = word.text == "--";
            skip = valued.contains(&word.text.as_str());
            false
        })
    }

    /// The value of a flag: `-X v`, `-Xv`, `--long v`, `--long=v`.
    pub(crate) fn flag(&self, names: &[&str]) -> Option<String> {
        self.flags(names).into_iter().next()
    }

    /// Every value of a flag that may be repeated.
    pub(crate) fn flags(&self, names: &[&str]) -> Vec<String> {
        let mut values = Vec::new();
        let mut words = self.words.iter();
        while let Some(word) = words.next() {
            for name in names {
                if word.text == *name {
                    values.extend(words.next().map(|value| value.text.clone()));
                    break;
                }
                let Some(rest) = word.text.strip_prefix(name) else { continue };
                if let Some(value) = rest.strip_prefix('=') {
                    values.push(value.to_owned());
                    break;
                }
                if name.len() == 2 && !name.starts_with("--") && !rest.is_empty() {
                    values.push(rest.to_owned());
                    break;
                }
            }
        }
        values
    }

    pub(crate) fn has(&self, names: &[&str]) -> bool {
        self.words.iter().any(|word| names.contains(&word.text.as_str()))
    }
}
