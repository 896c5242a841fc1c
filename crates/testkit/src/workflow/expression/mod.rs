//! The expressions of workflows, `${{ … }}`, as far as the templates use them. What the evaluator
//! does not know it refuses: a value that is quietly empty is how such expressions go wrong.
//!
//! Source: "Evaluate expressions in workflows and actions" of GitHub's documentation.

mod operand;
mod parser;
mod scope;

use serde_json::Value;

use operand::{are_equal, contains, format};
pub(super) use operand::{is_truthy, text};
use parser::{Node, parse};
pub(super) use scope::{Scope, Standing};

/// What is wrong with an expression, in words.
pub(super) type Refusal = String;

/// The value of an expression without its braces.
pub(super) fn evaluate(source: &str, scope: &Scope) -> Result<Value, Refusal> {
    let about = |problem: Refusal| format!("expression {source:?}: {problem}");
    value_of(&parse(source).map_err(about)?, scope).map_err(about)
}

/// A text with every `${{ … }}` in it replaced.
pub(super) fn filled(template: &str, scope: &Scope) -> Result<String, Refusal> {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once("${{") {
        let (expression, after) =
            behind.split_once("}}").ok_or_else(|| format!("{template:?}: no `}}}}`"))?;
        filled.push_str(before);
        filled.push_str(&text(&evaluate(expression, scope)?)?);
        rest = after;
    }
    Ok(filled + rest)
}

/// Whether a job or step is to run. Without a condition, or with one that asks for no status, it
/// runs only while all before it went well.
pub(super) fn holds(condition: Option<&str>, scope: &Scope) -> Result<bool, Refusal> {
    let Some(condition) = condition else { return Ok(scope.standing.success) };
    let condition = condition.trim();
    let inner = condition.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}"));
    let source = inner.unwrap_or(condition);
    let about = |problem: Refusal| format!("if {source:?}: {problem}");
    let node = parse(source).map_err(about)?;
    let value = value_of(&node, scope).map_err(about)?;
    let may = node.asks_status() || scope.standing.success;
    Ok(may && is_truthy(&value))
}

fn value_of(node: &Node, scope: &Scope) -> Result<Value, Refusal> {
    Ok(match node {
        Node::Literal(value) => value.clone(),
        Node::Path(path) => scope.look_up(path)?,
        Node::Not(inner) => Value::Bool(!is_truthy(&value_of(inner, scope)?)),
        Node::Equal(left, right) => {
            Value::Bool(are_equal(&value_of(left, scope)?, &value_of(right, scope)?)?)
        }
        Node::Unequal(left, right) => {
            Value::Bool(!are_equal(&value_of(left, scope)?, &value_of(right, scope)?)?)
        }
        Node::And(left, right) => {
            // Both sides are evaluated, so that a name nobody knows is seen on either.
            let (left, right) = (value_of(left, scope)?, value_of(right, scope)?);
            if is_truthy(&left) { right } else { left }
        }
        Node::Or(left, right) => {
            let (left, right) = (value_of(left, scope)?, value_of(right, scope)?);
            if is_truthy(&left) { left } else { right }
        }
        Node::Call(name, arguments) => {
            let arguments: Result<Vec<Value>, Refusal> =
                arguments.iter().map(|argument| value_of(argument, scope)).collect();
            call(name, &arguments?, scope)?
        }
    })
}

fn call(name: &str, arguments: &[Value], scope: &Scope) -> Result<Value, Refusal> {
    let standing = scope.standing;
    Ok(match (name, arguments) {
        ("always", []) => Value::Bool(true),
        ("success", []) => Value::Bool(standing.success),
        ("failure", []) => Value::Bool(standing.failure),
        ("cancelled", []) => Value::Bool(standing.cancelled),
        ("contains", [all, one]) => Value::Bool(contains(all, one)?),
        ("format", [template, values @ ..]) => Value::String(format(template, values)?),
        _ => return Err(format!("{name}() with {} arguments is not known", arguments.len())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn scope() -> Scope {
        Scope {
            contexts: json!({
                "github": { "event_name": "push", "event": { "before": "abc" }, "ref_name": "main" },
                "inputs": { "tag": null, "dry_run": true, "release_url": "" },
                "needs": {
                    "plan": { "result": "success", "outputs": { "tag": "v1" } },
                    "draft": { "result": "failure", "outputs": {} },
                },
                "steps": { "gate": { "outcome": "skipped", "outputs": {} } },
            }),
            standing: Standing { success: true, failure: false, cancelled: false },
        }
    }

    #[test]
    fn the_expressions_of_the_templates_have_the_values_that_github_gives() {
        for (expression, expected) in [
            ("inputs.tag || github.ref_name", json!("main")),
            ("inputs.release_url != '' && 'release' || github.event_name", json!("push")),
            ("inputs.tag != '' && 'release' || github.event_name", json!("push")),
            ("inputs.dry_run && ', dry run' || ''", json!(", dry run")),
            ("!inputs.dry_run", json!(false)),
            ("contains(needs.*.result, 'failure')", json!(true)),
            ("contains(needs.*.result, 'cancelled')", json!(false)),
            ("needs.plan.result == 'SUCCESS'", json!(true)),
            ("github.event.workflow_run.head_sha || github.event.before", json!("abc")),
            ("steps.gate.outcome != 'skipped'", json!(false)),
            ("steps.gate.outputs.never_set", json!(null)),
            ("'it''s'", json!("it's")),
            ("true == 1 && null == 0 && '' == null", json!(true)),
            ("format('{0}-{1}', needs.plan.outputs.tag, 7)", json!("v1-7")),
            ("(true || false) && false", json!(false)),
        ] {
            assert_eq!(evaluate(expression, &scope()), Ok(expected), "{expression}");
        }
        assert_eq!(
            filled("a ${{ github.ref_name }}/${{ 1 }} b", &scope()),
            Ok("a main/1 b".into())
        );
    }

    #[test]
    fn what_is_not_known_is_refused_and_not_empty() {
        for expression in [
            "github.nothing",
            "inputs.never_declared",
            "needs.publish.result",
            "needs.plan.outputs.never_declared",
            "steps.never_ran.outputs.x",
            "secrets.TOKEN",
            "env.X",
            "hashFiles('x')",
            "contains('a')",
            "needs['plan']",
            "a ==",
            "'open",
            "1 2",
            "",
            "needs.plan == needs.plan",
        ] {
            assert!(evaluate(expression, &scope()).is_err(), "{expression}");
        }
        assert!(filled("${{ 1", &scope()).is_err());
        assert!(filled("${{ needs }}", &scope()).is_err(), "an object is no text");
    }

    #[test]
    fn a_condition_that_asks_for_no_status_holds_only_while_all_goes_well() {
        let mut scope = scope();
        assert_eq!(holds(None, &scope), Ok(true));
        assert_eq!(holds(Some("${{ github.ref_name == 'main' }}"), &scope), Ok(true));
        scope.standing = Standing { success: false, failure: true, cancelled: false };
        assert_eq!(holds(None, &scope), Ok(false));
        assert_eq!(holds(Some("github.ref_name == 'main'"), &scope), Ok(false));
        assert_eq!(holds(Some("always() && github.ref_name == 'main'"), &scope), Ok(true));
        assert_eq!(holds(Some("failure()"), &scope), Ok(true));
        assert_eq!(holds(Some("!cancelled()"), &scope), Ok(true));
        assert_eq!(holds(Some("success()"), &scope), Ok(false));
    }
}
