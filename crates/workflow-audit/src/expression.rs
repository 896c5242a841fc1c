//! `${{ … }}`: where they stand, and which contexts they read.

use github_actions_expressions::op::{BinExpr, BinOp, UnOp};
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

/// Pairs of texts that are equal wherever a condition is true: contexts in lower case, and literals.
pub(crate) fn equal_where_true(condition: &str) -> Vec<(String, String)> {
    let text = condition.trim();
    let found = expressions(text);
    let inner = match found.as_slice() {
        [] => text,
        // With text around it the condition is a text that is not empty, and so always true.
        [one] if one.start == 0 && one.end == text.len() => one.inner,
        _ => return Vec::new(),
    };
    parse(inner).map(|parsed| equal(&parsed, true)).unwrap_or_default()
}

/// The equalities that are true where an expression comes out as `outcome`.
fn equal(expression: &SpannedExpr<'_>, outcome: bool) -> Vec<(String, String)> {
    match &expression.inner {
        Expr::BinExpr(BinExpr { lhs, op, rhs }) => match (op, outcome) {
            (BinOp::And, true) | (BinOp::Or, false) => {
                let mut found = equal(lhs, outcome);
                found.extend(equal(rhs, outcome));
                found
            }
            (BinOp::Eq, true) | (BinOp::Neq, false) => {
                text_of(lhs).zip(text_of(rhs)).into_iter().collect()
            }
            _ => Vec::new(),
        },
        Expr::UnExpr { op: UnOp::Not, expr } => match text_of(expr) {
            Some(text) => vec![(text, (!outcome).to_string())],
            None => equal(expr, !outcome),
        },
        _ => text_of(expression).map(|text| (text, outcome.to_string())).into_iter().collect(),
    }
}

fn text_of(expression: &SpannedExpr<'_>) -> Option<String> {
    match &expression.inner {
        Expr::Context(context) => {
            let pattern = context.as_pattern().unwrap_or_else(|| expression.origin.raw.to_owned());
            Some(pattern.to_ascii_lowercase())
        }
        Expr::Literal(literal) => Some(literal.as_str().into_owned()),
        _ => None,
    }
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
    #[test]
    fn what_a_condition_insists_on_is_true_wherever_it_is() {
        let pairs = |condition: &str| -> Vec<String> {
            equal_where_true(condition).iter().map(|(a, b)| format!("{a}={b}")).collect()
        };
        assert_eq!(pairs("a.b == 'x'"), ["a.b=x"]);
        assert_eq!(pairs("${{ success() && !(a.b != c.d) }}"), ["a.b=c.d"]);
        assert_eq!(pairs("!(a.b || c.d != 'x')"), ["a.b=false", "c.d=x"]);
        assert_eq!(pairs("!a['b']"), ["a.b=false"]);
        let nothing = [
            "a.b == 'x' || c",
            "a.b != 'x'",
            "'a.b == x'",
            "${{ a.b == 'x' }} == true",
            "contains(a.b, 'x')",
        ];
        for condition in nothing {
            assert!(!pairs(condition).iter().any(|pair| pair.starts_with("a.b=")), "{condition}");
        }
    }
}
