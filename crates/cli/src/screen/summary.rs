//! Decisions in a step summary of GitHub Actions (Markdown).

use provost_control::Judgement;
use provost_policy::Decision;
use provost_sink::markdown::{Cell, Code, Text, row};
use provost_verify::check::Outcome;
use std::fmt::Write;

/// A heading and a table an artifact: what was decided, by whom it was built, what failed.
pub(crate) fn render(judgements: &[Judgement]) -> String {
    let mut text = String::new();
    for judgement in judgements {
        match &judgement.result {
            Ok(judged) => decision(&mut text, &judged.decision),
            Err(error) => {
                let _ = writeln!(text, "### could not check {}\n", Text(&judgement.name));
                let detail = crate::output::chain(error);
                let _ = writeln!(text, "{}\n", Text(&detail));
            }
        }
    }
    text
}

fn decision(text: &mut String, decision: &Decision) {
    let word = if decision.is_accepted() { "accepted" } else { "refused" };
    let name = &decision.artifact().name;
    let _ = writeln!(text, "### {word}: {}\n", Text(name));
    for digest in decision.artifact().digests.iter() {
        let _ = writeln!(text, "- {}", Code(&digest.to_string()));
    }
    if let Some(facts) = decision.facts() {
        let rows = [
            ("source", facts.source_uri.as_deref()),
            ("ref", facts.source_ref.as_deref()),
            ("commit", facts.source_commit.as_deref()),
            ("signer", facts.san.as_deref()),
            ("builder", facts.builder_id.as_deref()),
        ];
        for (label, value) in rows {
            if let Some(value) = value {
                let _ = writeln!(text, "- {label} {}", Code(value));
            }
        }
    }
    let (passed, failed, skipped) = decision.tally();
    let level = decision.level();
    let _ = writeln!(
        text,
        "\nSLSA Build level {level}; {passed} checks passed, {failed} failed, {skipped} skipped.\n"
    );
    if failed == 0 {
        return;
    }
    text.push_str("| check | expected | found |\n| --- | --- | --- |\n");
    for check in decision.failed_checks() {
        let Outcome::Failed { expected, found, .. } = check.outcome() else { continue };
        let id = check.id();
        let cells = [Cell::Code(id.as_str()), Cell::Text(expected), Cell::Text(found)];
        let _ = writeln!(text, "{}", row(&cells));
    }
    text.push('\n');
}
