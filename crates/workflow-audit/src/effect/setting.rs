//! What surrounds a command: variables, the matrix, inputs, credentials.

use super::{At, Token};
use crate::expression::expressions;
use crate::model::Pair;
use crate::place::Span;
use crate::shell::Variables;
use std::ops::Range;

/// Texts that one text may become.
const MAX_VALUES: usize = 16;
/// Replacements in one text.
const MAX_ROUNDS: usize = 8;
/// Bytes of a text or value in which something is replaced; names and addresses are shorter.
const MAX_LENGTH: usize = 4096;

/// Everything that a step sees when it starts.
#[derive(Debug, Clone)]
pub(crate) struct Setting<'a> {
    pub(crate) file: usize,
    pub(crate) variables: Variables,
    pub(crate) matrix: &'a [(String, Vec<String>)],
    /// Inputs of the action that the step is part of.
    pub(crate) inputs: Vec<(String, String)>,
    /// The credentials that a checkout left for git.
    pub(crate) git: Token,
    /// Where things are to be pointed at, when that is not where they are written: the `uses` of
    /// an action of the repository.
    pub(crate) outer: Option<At>,
}

impl<'a> Setting<'a> {
    pub(crate) fn new(file: usize, matrix: &'a [(String, Vec<String>)]) -> Self {
        let mut variables = Variables::default();
        // Under these names the texts of paths and addresses become comparable.
        variables.set("GITHUB_REPOSITORY", OWN);
        variables.set("GITHUB_API_URL", "https://api.github.com");
        variables.set("GITHUB_SERVER_URL", "https://github.com");
        Self { file, variables, matrix, inputs: Vec::new(), git: Token::Absent, outer: None }
    }

    pub(crate) fn env(&mut self, pairs: &[Pair]) {
        for pair in pairs {
            let value = self.inputs_replaced(&pair.value);
            self.variables.set(&pair.key.value, &value);
        }
    }

    pub(crate) fn at(&self, span: Span) -> At {
        self.outer.unwrap_or(At { file: self.file, span })
    }

    /// The values that a word may have, with variables and known expressions replaced.
    pub(crate) fn resolve(&self, local: &Variables, word: &str) -> Vec<String> {
        let mut texts = vec![word.to_owned()];
        if word.contains('$') {
            texts = local.resolve(word);
            texts = texts.iter().flat_map(|text| self.variables.resolve(text)).collect();
        }
        texts.iter().flat_map(|text| self.expand(text)).take(16).collect()
    }

    /// The one value, or the first of several.
    pub(crate) fn first(&self, local: &Variables, word: &str) -> String {
        self.resolve(local, word).into_iter().next().unwrap_or_default()
    }

    /// Whether a variable holds the job's own token, whatever its name.
    pub(crate) fn holds_own_token(&self) -> bool {
        let of = |value: &String| matches!(Token::of(value), Token::Job | Token::SecretOrJob(_));
        self.variables.all().any(of)
    }

    /// The token that a variable holds.
    pub(crate) fn token(&self, local: &Variables, name: &str) -> Token {
        let spelt = format!("${name}");
        let known = local.has(name) || self.variables.has(name);
        if known { Token::of(&self.first(local, &spelt)) } else { Token::Absent }
    }

    /// Expressions whose value is known: the matrix, inputs of an action, the repository.
    pub(crate) fn expand(&self, text: &str) -> Vec<String> {
        let mut open = vec![self.inputs_replaced(text)];
        let mut done = Vec::new();
        // A value may hold an expression in its turn, or itself.
        for _ in 0..MAX_ROUNDS {
            let mut next = Vec::new();
            for text in open {
                match self.first_known(&text) {
                    None => done.push(text),
                    Some((range, values)) => {
                        next.extend(values.iter().take(MAX_VALUES).map(|value| {
                            let mut text = text.clone();
                            text.replace_range(range.clone(), value);
                            text
                        }));
                    }
                }
            }
            next.truncate(MAX_VALUES);
            open = next;
            if open.is_empty() {
                break;
            }
        }
        done.extend(open);
        done.truncate(MAX_VALUES);
        done
    }

    /// The first expression whose values are known, and those.
    fn first_known(&self, text: &str) -> Option<(Range<usize>, Vec<&str>)> {
        if text.len() > MAX_LENGTH || !text.contains("${{") {
            return None;
        }
        expressions(text).into_iter().find_map(|expression| {
            let inner = expression.inner.to_ascii_lowercase();
            let range = expression.start..expression.end;
            if inner == "github.repository" {
                return Some((range, vec![OWN]));
            }
            let key = inner.strip_prefix("matrix.")?;
            let (_, values) =
                self.matrix.iter().find(|(name, _)| name.eq_ignore_ascii_case(key))?;
            let values = values.iter().map(String::as_str);
            let values: Vec<&str> =
                values.filter(|value| value.len() <= MAX_LENGTH).take(MAX_VALUES).collect();
            (!values.is_empty()).then_some((range, values))
        })
    }

    /// `${{ inputs.NAME }}` of an action as what it was called with.
    fn inputs_replaced(&self, text: &str) -> String {
        if self.inputs.is_empty() || text.len() > MAX_LENGTH || !text.contains("${{") {
            return text.to_owned();
        }
        let mut replaced = text.to_owned();
        for expression in expressions(text).iter().rev() {
            let inner = expression.inner.to_ascii_lowercase();
            let Some(name) = inner.strip_prefix("inputs.") else { continue };
            let value = self.inputs.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            if let Some((_, value)) = value.filter(|(_, value)| value.len() <= MAX_LENGTH) {
                replaced.replace_range(expression.start..expression.end, value);
            }
        }
        replaced
    }
}

/// Stands for this repository in paths and addresses.
pub(crate) const OWN: &str = "{owner}/{repo}";
