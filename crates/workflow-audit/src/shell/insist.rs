//! Comparisons that a script insists on: where they do not hold, it ends with a failure.
//!
//! Seen at the top level of a script: `[ a = b ]` on its own where a failure ends the script,
//! `[ a = b ] || exit 1`, `[ a != b ] && exit 1`, `if [ a != b ]; then exit 1; fi`, the same with
//! `[[ ]]` and `test`, and `echo DIGEST file | sha256sum --check`, this one in a loop too. What else
//! stands in a function, a loop or a branch is not counted.

use super::Word;
use super::harmless::fails;
use tree_sitter::Node;

/// Two texts that are equal wherever the script goes on.
pub(crate) type Equal = (Word, Word);

/// The comparisons of a script; `errexit`: whether a failed command ends it.
pub(super) fn insisted(root: Node<'_>, text: &str, errexit: bool) -> Vec<Equal> {
    let mut cursor = root.walk();
    let statements: Vec<Node<'_>> = root.named_children(&mut cursor).collect();
    let last = statements.iter().rposition(|node| node.kind() != "comment");
    let mut found = Vec::new();
    for (index, statement) in statements.iter().enumerate() {
        let ends = errexit || Some(index) == last;
        found.extend(of_statement(*statement, text, ends));
    }
    found
}

fn of_statement(node: Node<'_>, text: &str, ends: bool) -> Vec<Equal> {
    match node.kind() {
        "list" => of_list(node, text, ends),
        "if_statement" => of_choice(node, text),
        "pipeline" if ends => of_pipeline(node, text).into_iter().collect(),
        // What is fetched in a loop is compared in it.
        "while_statement" | "for_statement" if ends => sums(node, text),
        "redirected_statement" => node
            .child_by_field_name("body")
            .map(|body| of_statement(body, text, ends))
            .unwrap_or_default(),
        _ if ends => holding(node, text, true),
        _ => Vec::new(),
    }
}

/// `left || right`, `left && right`.
fn of_list(node: Node<'_>, text: &str, ends: bool) -> Vec<Equal> {
    let (Some(left), Some(right)) = (node.named_child(0), node.named_child(1)) else {
        return Vec::new();
    };
    let operator = text.get(left.end_byte()..right.start_byte()).unwrap_or_default();
    match (operator.contains("||"), fails(right, text)) {
        (true, true) => holding(left, text, true),
        // With `&& exit 1` what does not hold on the left is what lets the script go on.
        (false, true) => holding(left, text, false),
        (false, false) if ends => {
            let mut found = of_statement(left, text, true);
            found.extend(of_statement(right, text, true));
            found
        }
        _ => Vec::new(),
    }
}

fn of_choice(node: Node<'_>, text: &str) -> Vec<Equal> {
    let Some(condition) = node.child_by_field_name("condition") else { return Vec::new() };
    let mut cursor = node.walk();
    let (mut consequence_fails, mut alternative_fails, mut has_elif) = (false, false, false);
    for child in node.named_children(&mut cursor).filter(|child| child.id() != condition.id()) {
        match child.kind() {
            "elif_clause" => has_elif = true,
            "else_clause" => alternative_fails = fails(child, text),
            _ => consequence_fails |= fails(child, text),
        }
    }
    match (consequence_fails, alternative_fails && !has_elif) {
        (true, false) => holding(condition, text, false),
        (false, true) => holding(condition, text, true),
        _ => Vec::new(),
    }
}

/// `echo "DIGEST  file" | sha256sum --check`
fn of_pipeline(node: Node<'_>, text: &str) -> Option<Equal> {
    let first = node.named_child(0)?;
    let last = node.named_child(u32::try_from(node.named_child_count()).ok()?.checked_sub(1)?)?;
    let (said, check) = (words(first, text), words(last, text));
    let is_sum = check.first()?.text.ends_with("sum");
    let checks = check.iter().any(|word| matches!(word.text.as_str(), "-c" | "--check"));
    let is_said = matches!(said.first()?.text.as_str(), "echo" | "printf");
    (is_sum && checks && is_said)
        .then(|| (check[0].clone(), said.last().unwrap_or(&said[0]).clone()))
}

/// The digests that every turn of a loop compares.
fn sums(node: Node<'_>, text: &str) -> Vec<Equal> {
    let Some(body) = node.child_by_field_name("body") else { return Vec::new() };
    let mut cursor = body.walk();
    let statements = body.named_children(&mut cursor).filter(|child| child.kind() == "pipeline");
    statements.filter_map(|pipeline| of_pipeline(pipeline, text)).collect()
}

/// The equalities that are true where the test comes out as `outcome`.
fn holding(node: Node<'_>, text: &str, outcome: bool) -> Vec<Equal> {
    match node.kind() {
        "negated_command" => {
            node.named_child(0).map(|inner| holding(inner, text, !outcome)).unwrap_or_default()
        }
        "test_command" => {
            node.named_child(0).map(|inner| holding(inner, text, outcome)).unwrap_or_default()
        }
        "parenthesized_expression" => {
            node.named_child(0).map(|inner| holding(inner, text, outcome)).unwrap_or_default()
        }
        "unary_expression" if text.get(node.byte_range()).is_some_and(|t| t.starts_with('!')) => {
            let count = u32::try_from(node.named_child_count()).unwrap_or_default();
            let inner = count.checked_sub(1).and_then(|index| node.named_child(index));
            inner.map(|inner| holding(inner, text, !outcome)).unwrap_or_default()
        }
        "binary_expression" => of_binary(node, text, outcome),
        "command" => of_test(&words(node, text), outcome).into_iter().collect(),
        "list" => of_lists(node, text, outcome),
        _ => Vec::new(),
    }
}

/// `a && b` came out true, or `a || b` false: then both did.
fn of_lists(node: Node<'_>, text: &str, outcome: bool) -> Vec<Equal> {
    let (Some(left), Some(right)) = (node.named_child(0), node.named_child(1)) else {
        return Vec::new();
    };
    let operator = text.get(left.end_byte()..right.start_byte()).unwrap_or_default();
    if operator.contains("&&") != outcome {
        return Vec::new();
    }
    let mut found = holding(left, text, outcome);
    found.extend(holding(right, text, outcome));
    found
}

fn of_binary(node: Node<'_>, text: &str, outcome: bool) -> Vec<Equal> {
    let (Some(left), Some(right)) =
        (node.child_by_field_name("left"), node.child_by_field_name("right"))
    else {
        return Vec::new();
    };
    let operator = node.child_by_field_name("operator");
    let operator = operator.and_then(|operator| text.get(operator.byte_range()));
    // `! a = b` denies the whole comparison, whatever the grammar makes of it.
    let denied = Some(left).filter(|left| left.kind() == "unary_expression");
    let denied =
        denied.filter(|left| text.get(left.byte_range()).is_some_and(|t| t.starts_with('!')));
    let (left, outcome) = match denied.and_then(|left| left.named_child(0)) {
        Some(inner) if matches!(operator, Some("=" | "==" | "!=")) => (inner, !outcome),
        _ => (left, outcome),
    };
    match (operator.unwrap_or_default(), outcome) {
        ("=" | "==", true) | ("!=", false) => {
            vec![(Word::of(left, text), Word::of(right, text))]
        }
        ("&&" | "-a", true) | ("||" | "-o", false) => {
            let mut found = holding(left, text, outcome);
            found.extend(holding(right, text, outcome));
            found
        }
        _ => Vec::new(),
    }
}

/// `test a = b`
fn of_test(words: &[Word], outcome: bool) -> Option<Equal> {
    let [test, left, operator, right] = words else { return None };
    let holds = matches!((operator.text.as_str(), outcome), ("=" | "==", true) | ("!=", false));
    (test.text == "test" && holds).then(|| (left.clone(), right.clone()))
}

fn words(node: Node<'_>, text: &str) -> Vec<Word> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).map(|word| Word::of(word, text)).collect()
}

#[cfg(test)]
mod tests {
    use crate::shell::Shell;

    fn insisted(script: &str) -> Vec<String> {
        let shell = Shell::read(script, true, false);
        shell.equal.iter().map(|(left, right)| format!("{}={}", left.text, right.text)).collect()
    }

    #[test]
    fn what_a_script_insists_on_is_seen() {
        for script in [
            "[ \"$A\" = b ]\nmake",
            "[[ $A == b ]]",
            "test \"$A\" = b",
            "[ \"$A\" = b ] || exit 1",
            "[ \"$A\" = b ] || { echo no; exit 1; }",
            "[ \"$A\" != b ] && exit 1",
            "if [ \"$A\" != b ]; then echo no; exit 1; fi",
            "if ! [ \"$A\" = b ]; then exit 1; fi",
            "if [[ ! $A == b ]]; then exit 1; fi",
            "if [ \"$A\" = b ]; then echo yes; else exit 1; fi",
            "if [ \"$A\" != b ] || [ -z \"$A\" ]; then exit 1; fi",
            "[[ $A == b && -n $A ]] || exit 1",
        ] {
            let found = insisted(script);
            assert!(found.contains(&"$A=b".to_owned()), "{script}: {found:?}");
        }
        let check = "echo \"$D  f\" | sha256sum --check";
        assert_eq!(insisted(check), ["sha256sum=$D  f"]);
        let turn = format!("while read -r D; do\n  fetch\n  {check}\ndone <list");
        assert_eq!(insisted(&turn), ["sha256sum=$D  f"]);
        assert_eq!(insisted(&turn.replace("--check", "--check || true")), [""; 0]);
    }

    #[test]
    fn what_it_only_mentions_is_not() {
        for script in [
            "echo \"[ $A = b ]\"",
            "# [ \"$A\" = b ] || exit 1",
            "[ \"$A\" = b ] || true",
            "[ \"$A\" = b ] || echo no",
            "[ \"$A\" != b ]",
            "if [ \"$A\" != b ]; then echo no; fi",
            "if [ \"$A\" = b ]; then exit 1; fi",
            "if [ \"$A\" = b ]; then echo yes; fi",
            "check() { [ \"$A\" = b ] || exit 1; }",
            "[[ $A == b || -n $A ]] || exit 1",
            "[ \"$A\" = b ] && echo yes || echo no",
            "A=b",
        ] {
            let found = insisted(script);
            assert!(!found.contains(&"$A=b".to_owned()), "{script}: {found:?}");
        }
    }
}
