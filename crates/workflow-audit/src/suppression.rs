//! `# provost: ignore[rule-id] reason`: on the line of a finding, or alone on the line above.

use crate::effect::At;
use crate::finding::{Confidence, Finding, Severity};
use crate::model::Comment;
use crate::rule::{UNUSED_SUPPRESSION, rule};
use crate::world::World;
use std::collections::HashMap;

/// A finding that somebody looked at, and why it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// What was found.
    pub finding: Finding,
    /// Why it is left as it is.
    pub reason: String,
}

/// One id in one comment.
struct Suppression<'a> {
    file: usize,
    comment: &'a Comment,
    rule: &'a str,
    reason: &'a str,
    /// The line it speaks of.
    line: usize,
    is_used: bool,
}

/// Takes the findings out that comments speak of, and adds what is wrong with the comments.
pub(crate) fn apply(world: &World, findings: Vec<Finding>) -> (Vec<Finding>, Vec<Suppressed>) {
    let mut suppressions = suppressions(world);
    let mut by_line: HashMap<(&str, usize, &str), usize> = HashMap::new();
    for (index, suppression) in suppressions.iter().enumerate() {
        if !suppression.reason.is_empty() {
            let file = world.file(suppression.file).path.as_str();
            by_line.entry((file, suppression.line, suppression.rule)).or_insert(index);
        }
    }
    let (mut kept, mut suppressed) = (Vec::new(), Vec::new());
    for finding in findings {
        let spot = &finding.spot;
        match by_line.get(&(spot.file.as_str(), spot.place.line, finding.rule)) {
            Some(&index) => {
                suppressions[index].is_used = true;
                let reason = suppressions[index].reason.to_owned();
                suppressed.push(Suppressed { finding, reason });
            }
            None => kept.push(finding),
        }
    }
    kept.extend(suppressions.iter().filter_map(|suppression| problem(world, suppression)));
    (kept, suppressed)
}

fn problem(world: &World, suppression: &Suppression<'_>) -> Option<Finding> {
    let (message, hint) = if rule(suppression.rule).is_none() {
        let message = format!("there is no rule `{}` to ignore", suppression.rule);
        (message, "`provost explain` lists the rules")
    } else if suppression.reason.is_empty() {
        let message =
            format!("`{}` is ignored without a reason, so it is not ignored", suppression.rule);
        (message, "write after the bracket why it may stand")
    } else if !suppression.is_used {
        let message =
            format!("nothing is found here by `{}`, so nothing is ignored", suppression.rule);
        (message, "take the comment away")
    } else {
        return None;
    };
    let at = At { file: suppression.file, span: suppression.comment.span };
    Some(Finding {
        rule: UNUSED_SUPPRESSION.id,
        severity: Severity::Warning,
        confidence: Confidence::High,
        spot: crate::rule::spot(world, at, "suppression"),
        message,
        notes: Vec::new(),
        hint: hint.to_owned(),
        related: Vec::new(),
        job: None,
    })
}

fn suppressions(world: &World) -> Vec<Suppression<'_>> {
    let mut found = Vec::new();
    for (file, source) in world.files.all().iter().enumerate().filter(|(_, file)| !file.is_foreign)
    {
        for (comment, line) in source.comments.iter().zip(lines(&source.comments)) {
            let Some((ids, reason)) = parse(&comment.text) else { continue };
            for rule in ids.split(',').map(str::trim) {
                found.push(Suppression { file, comment, rule, reason, line, is_used: false });
            }
        }
    }
    found
}

/// The line that each comment speaks of: its own, or the first below that is no comment.
fn lines(comments: &[Comment]) -> Vec<usize> {
    let mut lines: Vec<usize> = comments.iter().map(|comment| comment.line).collect();
    let mut below = None;
    for (comment, line) in comments.iter().zip(&mut lines).rev().filter(|(c, _)| c.is_alone) {
        *line = match below {
            Some((above, line)) if above == comment.line + 1 => line,
            _ => comment.line + 1,
        };
        below = Some((comment.line, *line));
    }
    lines
}

/// `provost: ignore[IDS] reason`, also behind another comment on the line.
fn parse(comment: &str) -> Option<(&str, &str)> {
    let at = comment.find("provost: ignore[")?;
    let is_start = at == 0 || comment[..at].trim_end().ends_with('#');
    let rest = &comment[at + "provost: ignore[".len()..];
    let (ids, reason) = rest.split_once(']')?;
    let reason = reason.split(" # ").next().unwrap_or(reason);
    is_start.then_some((ids, reason.trim()))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_comment_names_rules_and_a_reason() {
        assert_eq!(parse("provost: ignore[a-b, c] why so"), Some(("a-b, c", "why so")));
        assert_eq!(parse("v1.2 # provost: ignore[a] why # zizmor: x"), Some(("a", "why")));
        assert_eq!(parse("provost: ignore[a]"), Some(("a", "")));
        assert_eq!(parse("see provost: ignore[a] x"), None);
        assert_eq!(parse("provost: ignore a"), None);
    }
}
