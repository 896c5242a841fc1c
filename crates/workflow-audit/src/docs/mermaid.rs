//! Text in a Mermaid diagram (Mermaid documentation, "Entity codes to escape characters").

use provost_sink::visible;

/// Characters of a label.
const MAX_CHARS: usize = 120;

/// A label in quotes: letters, digits and plain marks as they are, everything else as an entity
/// code, so that no name ends the label, opens markup or gives a directive.
pub(super) fn label(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

pub(super) fn escaped(text: &str) -> String {
    let mut label = String::new();
    for c in visible(text, MAX_CHARS).chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | ' ' | '.' | ',' | '/' | '_' | '-' | '+' => {
                label.push(c)
            }
            c if c.is_alphanumeric() => label.push(c),
            c => label.push_str(&format!("#{};", u32::from(c))),
        }
    }
    label
}

/// A comment that a reader of the text may rely on: one line, no directive.
pub(super) fn comment(text: &str) -> String {
    format!("%% {}", visible(text, 4 * MAX_CHARS).replace('{', "(").replace('}', ")"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_its_label() {
        let hostile = "a\"]; click n1 href\n%%{init: {}}%% end <b>";
        let shown = label(hostile);
        assert!(
            !shown[1..shown.len() - 1].contains(['"', '<', '\n', '[', ']', '{', '%']),
            "{shown}"
        );
        assert_eq!(label("Build, sign"), "\"Build, sign\"");
    }
}
