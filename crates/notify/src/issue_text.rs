//! Titles, texts and comments of issues, in GitHub's Markdown.

use crate::link::{link, release_link};
use crate::notice::FailureNotice;
use jiff::Timestamp;
use provost_sink::markdown::{Code, Text};
use provost_sink::visible;
use std::fmt::Write;

/// GitHub's limit on a title is 256 characters, on a text 65,536.
const MAX_TITLE: usize = 256;

/// Characters of `failure.json` that are shown; the rest of a text stays below 20,000.
const MAX_JSON: usize = 40_000;

/// Failed checks that are named.
const MAX_CHECKS: usize = 50;

/// Keeps what stands on both sides of it from being read as one word.
const WORD_JOINER: char = '\u{2060}';

/// The title. No Markdown counts in it, but names and references do in what GitHub sends out.
pub(crate) fn title(notice: &FailureNotice) -> String {
    let incident = &notice.incident;
    let title = format!(
        "Release provenance failed: {} (run {})",
        visible(&incident.tag, 120),
        incident.run
    );
    let mut inert = String::new();
    for c in title.chars() {
        inert.push(c);
        if matches!(c, '@' | '#') {
            inert.push(WORD_JOINER);
        }
    }
    inert.chars().take(MAX_TITLE).collect()
}

/// The text of a new issue: its two markers, then what is known.
pub(crate) fn issue(notice: &FailureNotice) -> String {
    let incident = &notice.incident;
    format!(
        "{}\n{}\nThe provenance of a release failed.\n\n{}\n{}\n\
         A later success of this tag closes this issue.\n",
        incident.marker(),
        incident.report_marker(notice.occurred_at, &notice.mark),
        facts(notice),
        payload(&notice.failure_json),
    )
}

/// A later report about the same incident.
pub(crate) fn report(notice: &FailureNotice) -> String {
    format!(
        "{}\nThe release failed again, or for another reason.\n\n{}\n{}",
        notice.incident.report_marker(notice.occurred_at, &notice.mark),
        facts(notice),
        payload(&notice.failure_json),
    )
}

/// That it is over; `marker` is its first line.
pub(crate) fn recovery(marker: &str, run_url: Option<&str>, at: Timestamp) -> String {
    let run = match run_url.and_then(link) {
        Some(url) => format!("<{url}>"),
        None => "a later run".to_owned(),
    };
    format!("{marker}\nThe release succeeded after all, at {at}: {run}.\n")
}

/// That another issue has the incident already.
pub(crate) fn duplicate(of: u64) -> String {
    format!("Opened twice at the same moment; #{of} goes on.\n")
}

fn facts(notice: &FailureNotice) -> String {
    let incident = &notice.incident;
    let mut facts = String::new();
    let mut fact = |name: &str, value: String| {
        // Writing to a text cannot fail.
        let _ = writeln!(facts, "- {name}: {value}");
    };
    if !incident.repository.is_empty() {
        fact("Repository", Code(&incident.repository).to_string());
    }
    fact("Tag", Code(&incident.tag).to_string());
    fact("Run", run(notice));
    if let Some(workflow) = &notice.workflow {
        fact("Workflow", Code(workflow).to_string());
    }
    if !notice.release_url.is_empty() {
        fact(
            "Release",
            match release_link(notice) {
                Some(url) => format!("<{url}>"),
                None => Code(&notice.release_url).to_string(),
            },
        );
    }
    fact("Reason", Code(&notice.reason).to_string());
    if !notice.checks_failed.is_empty() {
        fact("Failed checks", checks(&notice.checks_failed));
    }
    fact("Next step", Text(&notice.next_step).to_string());
    if let Some(runbook) = &notice.runbook_url {
        fact(
            "Runbook",
            match link(runbook) {
                Some(url) => format!("<{url}>"),
                None => Code(runbook).to_string(),
            },
        );
    }
    facts
}

fn run(notice: &FailureNotice) -> String {
    let number = match notice.incident.run {
        0 => "none started".to_owned(),
        run => run.to_string(),
    };
    match notice.run_url().as_deref().and_then(link) {
        Some(url) => format!("{number}, <{url}>"),
        None => number,
    }
}

fn checks(failed: &[String]) -> String {
    let mut checks: Vec<String> =
        failed.iter().take(MAX_CHECKS).map(|check| format!("{:.60}", Code(check))).collect();
    if let Some(more @ 1..) = failed.len().checked_sub(MAX_CHECKS) {
        checks.push(format!("and {more} more"));
    }
    checks.join(", ")
}

/// `failure.json` in a fence that is longer than any run of backticks in it.
fn payload(json: &str) -> String {
    let mut shown = ascii(json);
    let mut note = "";
    if shown.len() > MAX_JSON {
        shown.truncate(MAX_JSON);
        note = "\nIt is cut here; the repository has all of it.\n";
    }
    let longest = shown.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}json\n{}\n{fence}\n{note}", shown.trim_end_matches('\n'))
}

/// The same JSON in visible ASCII: what is not is spelt `\u1234`, and so are the characters that
/// could begin a comment or a fence. All of them stand in strings only.
fn ascii(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '`' => push_escaped(&mut ascii, c),
            '\n' | ' '..='~' => ascii.push(c),
            _ => push_escaped(&mut ascii, c),
        }
    }
    ascii
}

fn push_escaped(to: &mut String, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        let _ = write!(to, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use provost_testkit::hostile;
    use serde_json::{Value, json};

    #[test]
    fn the_payload_is_the_same_json_and_cannot_leave_its_fence() {
        for (name, value) in hostile::values() {
            let json = format!("{:#}\n", json!({ "reason": value }));
            let block = payload(&json);
            assert!(block.is_ascii(), "{name}");
            let lines: Vec<&str> = block.lines().collect();
            assert_eq!(lines[0], "```json", "{name}");
            let inner = block.split_once('\n').expect(name).1;
            assert!(!inner.contains("<!--"), "{name}");
            let (inner, _) = inner.rsplit_once("\n```\n").expect(name);
            assert!(!inner.contains('`'), "{name}");
            if !block.contains("It is cut here") {
                assert_eq!(serde_json::from_str::<Value>(inner).expect(name)["reason"], value);
            }
        }
    }

    #[test]
    fn a_huge_payload_is_cut_and_says_so() {
        let block = payload(&format!("\"{}\"", "x".repeat(MAX_JSON)));
        assert!(block.len() < MAX_JSON + 200 && block.contains("It is cut here"));
        assert!(!payload("\"x\"").contains("It is cut here"));
    }
}
