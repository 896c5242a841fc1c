//! What people see in a terminal. Every untrusted text goes through [`crate::sink`].

pub(crate) mod again;
pub(crate) mod audit;
pub(crate) mod decision;
pub(crate) mod dispatch;
pub(crate) mod ingest;
pub(crate) mod kpi;
pub(crate) mod notified;
pub(crate) mod reconcile;
pub(crate) mod recording;
pub(crate) mod store;
pub(crate) mod style;
pub(crate) mod summary;
pub(crate) mod table;
pub(crate) mod token;

/// Words of a paragraph in lines of at most `width` columns, each after `indent`.
pub(crate) fn wrap(paragraph: &str, width: usize, indent: &str) -> String {
    let mut lines: Vec<String> = vec![indent.to_owned()];
    for word in paragraph.split_whitespace() {
        let Some(line) = lines.last_mut() else { continue };
        let is_empty = line.len() == indent.len();
        if !is_empty && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(format!("{indent}{word}"));
        } else {
            if !is_empty {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}
