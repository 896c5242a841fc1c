//! What surrounds a command: variables, the matrix, inputs, credentials.

use super::{At, Token};
use crate::expression::expressions;
use crate::model::Pair;
use crate::place::Span;
use crate::shell::Variables;

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

    /// The token that a variable holds.
    pub(crate) fn token(&self, local: &Variables, name: &str) -> Token {
        let spelt = format!("${name}");
        let known = local.has(name) || self.variables.has(name);
        if known { Token::of(&self.first(local, &spelt)) } else { Token::Absent }
    }

    /// Expressions whose value is known: the matrix, inputs of an action, the repository.
    pub(crate) fn expand(&self, text: &str) -> Vec<String> {
        let text = self.inputs_replaced(text);
        for expression in expressions(&text) {
            let inner = expression.inner.to_ascii_lowercase();
            let range = expression.start..expression.end;
            if inner == "github.repository" {
                let mut text = text.clone();
                text.replace_range(range, OWN);
                return self.expand(&text);
            }
            let Some(key) = inner.strip_prefix("matrix.") else { continue };
            let values = self.matrix.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
            let Some((_, values)) = values else { continue };
            let replaced = values.iter().filter(|value| !value.contains("${{")).map(|value| {
                let mut text = text.clone();
                text.replace_range(range.clone(), value);
                text
            });
            let replaced: Vec<String> = replaced.flat_map(|text| self.expand(&text)).collect();
            if !replaced.is_empty() {
                return replaced.into_iter().take(16).collect();
            }
        }
        vec![text]
    }

    /// `${{ inputs.NAME }}` of an action as what it was called with.
    fn inputs_replaced(&self, text: &str) -> String {
        if self.inputs.is_empty() || !text.contains("${{") {
            return text.to_owned();
        }
        let mut replaced = text.to_owned();
        for expression in expressions(text).iter().rev() {
            let inner = expression.inner.to_ascii_lowercase();
            let Some(name) = inner.strip_prefix("inputs.") else { continue };
            let value = self.inputs.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            if let Some((_, value)) = value {
                replaced.replace_range(expression.start..expression.end, value);
            }
        }
        replaced
    }
}

/// Stands for this repository in paths and addresses.
pub(crate) const OWN: &str = "{owner}/{repo}";
