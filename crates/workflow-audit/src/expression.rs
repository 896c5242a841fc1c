//! `${{ … }}`: where they stand, and which contexts they read.

use github_actions_expressions::{Expr, SpannedExpr};

/// One expression in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Expression<'a> {
    /// Where `${{` begins.
    pub(crate) start: usize,
    /// After `}}`.
    pub(crate) end: usize,
    /// What stands between, without blanks around it.
    pub(crate) inner: &'a str,
}

/// The expressions of a text, in order. A `}}` inside of a string of the expression ends nothing.
pub(crate) fn expressions(text: &str) -> Vec<Expression<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("${{") {
        let start = from + at;
        let Some(length) = length_of(&text[start + 3..]) else { break };
        let end = start + 3 + length + 2;
        found.push(Expression { start, end, inner: text[start + 3..end - 2].trim() });
        from = end;
    }
    found
}

fn length_of(text: &str) -> Option<usize> {
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b'}' if !quoted && text.as_bytes().get(at + 1) == Some(&b'}') => return Some(at),
            _ => {}
        }
    }
    // A quote that nobody closes: the first end counts.
    text.find("}}")
}

/// A condition is an expression whether or not it stands in `${{ }}`.
pub(crate) fn condition(text: &str) -> Vec<&str> {
    let inside: Vec<&str> = expressions(text).iter().map(|expression| expression.inner).collect();
    if inside.is_empty() { vec![text.trim()] } else { inside }
}

/// Contexts that an expression reads, as `github.event.issue.title`, in lower case.
pub(crate) fn contexts(inner: &str) -> Vec<String> {
    parse(inner).map(|parsed| patterns(&parsed.contexts())).unwrap_or_default()
}

/// Contexts whose text becomes part of the value: not those that are only compared.
pub(crate) fn values(inner: &str) -> Vec<String> {
    parse(inner).map(|parsed| patterns(&parsed.dataflow_contexts())).unwrap_or_default()
}

/// Why GitHub would not take the expression.
pub(crate) fn problem(inner: &str) -> Option<String> {
    if inner.is_empty() {
        return Some("the expression is empty".to_owned());
    }
    if inner.len() > MAX_LENGTH {
        return None;
    }
    Expr::parse(inner).err().map(|error| error.to_string())
}

/// GitHub's own limit on an expression.
const MAX_LENGTH: usize = 21_000;

fn parse(inner: &str) -> Option<SpannedExpr<'_>> {
    if inner.len() > MAX_LENGTH {
        return None;
    }
    Expr::parse(inner).ok()
}

fn patterns(
    contexts: &[(
        &github_actions_expressions::context::Context<'_>,
        &github_actions_expressions::Origin<'_>,
    )],
) -> Vec<String> {
    contexts
        .iter()
        .map(|(context, origin)| {
            let pattern = context.as_pattern().unwrap_or_else(|| origin.raw.to_owned());
            pattern.to_ascii_lowercase()
        })
        .collect()
}

/// Every context that a text with expressions reads.
pub(crate) fn contexts_in(text: &str) -> Vec<String> {
    if !text.contains("${{") {
        return Vec::new();
    }
    expressions(text).iter().flat_map(|expression| contexts(expression.inner)).collect()
}

/// The secrets that a text reads by name; `*` for all of them at once.
pub(crate) fn secrets_in(text: &str) -> Vec<String> {
    let secret = |context: String| {
        let name = match context.strip_prefix("secrets") {
            Some("") => "*".to_owned(),
            Some(rest) => rest.strip_prefix('.')?.to_ascii_uppercase(),
            None => return None,
        };
        Some(name)
    };
    contexts_in(text).into_iter().filter_map(secret).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_ends_outside_of_its_strings() {
        let text = "a ${{ format('}}{0}', x.y) }} b ${{z}} ${{ open";
        let found = expressions(text);
        let inner: Vec<&str> = found.iter().map(|expression| expression.inner).collect();
        assert_eq!(inner, ["format('}}{0}', x.y)", "z"]);
        assert_eq!(&text[found[1].start..found[1].end], "${{z}}");
    }

    #[test]
    fn contexts_are_named_however_they_are_spelt() {
        assert_eq!(contexts("github['event'].Issue['title']"), ["github.event.issue.title"]);
        assert_eq!(
            values("github.event.issue.title && 'a' || 'b'"),
            ["github.event.issue.title"; 0]
        );
        assert_eq!(secrets_in("x ${{ secrets.a || Secrets['B'] }}"), ["A", "B"]);
        assert_eq!(secrets_in("${{ toJSON(secrets) }}"), ["*"]);
        assert!(problem("a ==").is_some());
        assert!(problem("a == 'b'").is_none());
    }
}
