//! Whether what stands after `||`, or in a branch, fails too.

use tree_sitter::Node;

/// Commands that succeed whatever happened before.
const CALM: [&str; 10] =
    ["true", ":", "echo", "printf", "tee", "cat", "logger", "sleep", "export", "set"];

/// Whether a statement ends with success for sure: `true`, `echo …`, `{ echo …; }`, `exit 0`.
pub(super) fn ends_calmly(node: Node<'_>, text: &str) -> bool {
    match node.kind() {
        "command" => is_calm(node, text),
        "variable_assignment" | "declaration_command" => true,
        "redirected_statement" => {
            node.child_by_field_name("body").is_none_or(|body| ends_calmly(body, text))
        }
        "compound_statement" | "subshell" | "list" | "pipeline" => {
            !fails(node, text) && last_named(node).is_some_and(|last| ends_calmly(last, text))
        }
        "if_statement" => !fails(node, text),
        _ => false,
    }
}

/// Whether anything in it ends the script or the function with a failure.
pub(super) fn fails(node: Node<'_>, text: &str) -> bool {
    let mut waiting = vec![node];
    while let Some(node) = waiting.pop() {
        if node.kind() == "command" && is_failure(node, text) {
            return true;
        }
        let mut cursor = node.walk();
        waiting.extend(node.named_children(&mut cursor));
    }
    false
}

fn is_calm(node: Node<'_>, text: &str) -> bool {
    let (name, first) = head(node, text);
    match name {
        "exit" | "return" => first == "0",
        _ => CALM.contains(&name),
    }
}

fn is_failure(node: Node<'_>, text: &str) -> bool {
    let (name, first) = head(node, text);
    match name {
        // Without a number the status of the command before, which is a failure in its branch.
        "exit" | "return" => first != "0",
        "false" => true,
        _ => false,
    }
}

fn head<'t>(node: Node<'_>, text: &'t str) -> (&'t str, &'t str) {
    let name = node.child_by_field_name("name");
    let first = node.child_by_field_name("argument");
    let text_of = |node: Node<'_>| text.get(node.byte_range()).unwrap_or_default();
    (name.map(text_of).unwrap_or_default(), first.map(text_of).unwrap_or_default())
}

fn last_named(node: Node<'_>) -> Option<Node<'_>> {
    let count = u32::try_from(node.named_child_count()).ok()?;
    (0..count)
        .rev()
        .filter_map(|index| node.named_child(index))
        .find(|node| node.kind() != "comment")
}
