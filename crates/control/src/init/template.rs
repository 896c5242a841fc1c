//! Templates: `{{name}}` stands for a value. An expression of GitHub, `${{ x }}`, has blanks
//! inside and is none of ours.

/// Fills a template. A place that is alone on its line takes a text of several lines, each at the
/// indentation of the place; elsewhere the value is put in as it is. Values are never filled
/// themselves.
///
/// A place without a value stays: a test makes sure that no template has one.
pub(super) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len() * 2);
    for line in template.lines() {
        let indentation = &line[..line.len() - line.trim_start().len()];
        match values.iter().find(|(name, _)| is_place(line.trim_start(), name)) {
            Some((_, value)) => {
                for value_line in value.lines() {
                    if !value_line.is_empty() {
                        filled.push_str(indentation);
                        filled.push_str(value_line);
                    }
                    filled.push('\n');
                }
            }
            None => {
                filled.push_str(&inline(line, values));
                filled.push('\n');
            }
        }
    }
    filled
}

fn is_place(text: &str, name: &str) -> bool {
    text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")) == Some(name)
}

/// A line with the first place in it filled.
fn inline(line: &str, values: &[(&str, &str)]) -> String {
    for (name, value) in values {
        if let Some((before, after)) = line.split_once(&format!("{{{{{name}}}}}")) {
            return format!("{before}{value}{after}");
        }
    }
    line.to_owned()
}

/// What a value was in a text that a template was filled into: the lines between the line before
/// the place and the line behind it, without their indentation.
pub(super) fn kept(text: &str, before: &str, behind: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("{before}\n"))?;
    let (value, _) = rest.split_once(&format!("\n{behind}"))?;
    let first = value.lines().next()?;
    let depth = first.len() - first.trim_start().len();
    let lines: Option<Vec<&str>> = value
        .lines()
        .map(|line| match line.trim().is_empty() {
            true => Some(""),
            false => {
                line.get(..depth).filter(|blanks| blanks.trim().is_empty()).map(|_| &line[depth..])
            }
        })
        .collect();
    Some(lines?.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_lines_keep_the_indentation_of_their_place() {
        let template = "a:\n  run: |\n    {{x}}\n  b: [{{y}}] ${{ x }}\n";
        let filled = fill(template, &[("x", "if a\n  b\n\nfi"), ("y", "1")]);
        assert_eq!(filled, "a:\n  run: |\n    if a\n      b\n\n    fi\n  b: [1] ${{ x }}\n");
    }

    #[test]
    fn a_value_is_not_a_template() {
        assert_eq!(fill("{{x}}\n{{y}}\n", &[("x", "{{y}}"), ("y", "1")]), "{{y}}\n1\n");
    }

    #[test]
    fn what_was_filled_in_is_found_again() {
        let template = "  run: |\n    {{x}}\n  next:\n";
        for value in ["one", "if a\n  b\n\nfi"] {
            let filled = fill(template, &[("x", value)]);
            assert_eq!(kept(&filled, "  run: |", "  next:").as_deref(), Some(value));
        }
        assert_eq!(kept("run: |\n", "  run: |", "  next:"), None);
        assert_eq!(kept("  run: |\n    a\n b\n  next:", "  run: |", "  next:"), None);
    }
}
