//! `docs/checks.md`: every check with its question, its meaning, and what to do about a failure.

use provost_policy::check::{POLICY_CHECKS, elsewhere, slsa_level};
use provost_verify::check::CheckInfo;
use provost_verify::layer;

/// The sections of the page: heading, what its checks have in common, and the checks.
fn sections() -> [(&'static str, &'static str, Vec<&'static CheckInfo>); 3] {
    [
        (
            "The signature",
            "These run in this order, and the first failure ends them: what comes after it would \
                rest on unproven bytes, and stays `not-run`.",
            layer::CHECKS.iter().collect(),
        ),
        (
            "The policy",
            "Once the signature stands, all of these run, and all failures are shown together.",
            POLICY_CHECKS.into_iter().chain([&slsa_level::INFO]).collect(),
        ),
        (
            "Beyond one bundle of provenance",
            "These need facts that a bundle does not hold: the word of another verifier, the whole \
                set of a release's files, or GitHub's answer. They are in a decision only where \
                such facts were at hand.",
            elsewhere::CHECKS.iter().collect(),
        ),
    ]
}

const HEAD: &str = "\
<!-- Generated from the checks' own explanations by `cargo xtask generate`; edit those. -->

# Checks

A decision is a list of checks: named questions, each with what was expected and what was found.
`provost explain ID` prints the same text as this page.

An outcome is one of these:

| outcome | meaning |
| --- | --- |
| `passed` | asked, and the answer is yes |
| `failed` | asked, and the answer is no: the artifact is refused |
| `skipped` | the question does not arise, for the reason given; never counts for acceptance |
| `not-run` | an earlier failure left nothing to ask about |
| `deferred` | the answer is not known yet |
";

/// The page.
pub(crate) fn text() -> String {
    let mut page = HEAD.to_owned();
    for (heading, common, checks) in sections() {
        page.push_str(&format!("\n## {heading}\n\n{}\n", sentences(common)));
        for check in checks {
            page.push_str(&entry(check));
        }
    }
    page
}

fn entry(check: &CheckInfo) -> String {
    format!(
        "\n### `{}`\n\n**{}**\n\n{}\n\n*If it fails:* {}\n",
        check.id,
        check.question,
        sentences(check.meaning),
        sentences(check.mend),
    )
}

/// One sentence a line, so that a change shows as the sentence that changed.
fn sentences(text: &str) -> String {
    let mut lines = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(end) = rest.find(". ") {
        let (sentence, after) = (&rest[..=end], &rest[end + 2..]);
        lines.push_str(sentence);
        let ends = after.starts_with(|first: char| first.is_uppercase() || first == '`');
        lines.push(if ends { '\n' } else { ' ' });
        rest = after;
    }
    lines.push_str(rest);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use provost_policy::check::registry;

    #[test]
    fn every_check_of_the_registry_has_its_heading_and_no_other_has() {
        let page = text();
        let headings: Vec<&str> =
            page.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`')).collect();
        let ids: Vec<&str> = registry().map(|check| check.id.as_str()).collect();
        assert_eq!(headings, ids);
    }

    #[test]
    fn a_sentence_ends_before_a_capital() {
        assert_eq!(sentences("One. Two (OID .13). And `x. y` three."), {
            "One.\nTwo (OID .13).\nAnd `x. y` three."
        });
    }
}
