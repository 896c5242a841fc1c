//! What the gate decided, as the log keeps it: checks, subjects, builder, source. It is JSON of
//! whoever wrote the row, so every part of it may be missing or something else.

use super::address::{self, Github};
use super::text::{digest, foreign, nothing, outward};
use maud::{Markup, html};
use serde_json::Value;

/// More of them than a person reads are not shown.
const DECISIONS: usize = 50;
const CHECKS: usize = 100;

/// The decisions of an event, at most so many.
pub(super) fn decisions(value: Option<&Value>) -> Vec<Decision<'_>> {
    let list = match value {
        Some(Value::Array(list)) => list.as_slice(),
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => &[],
    };
    list.iter().filter(|it| it.get("checks").is_some()).take(DECISIONS).map(Decision).collect()
}

/// One decision.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decision<'a>(&'a Value);

impl<'a> Decision<'a> {
    pub(super) fn text(self, pointer: &str) -> Option<&'a str> {
        self.0.pointer(pointer)?.as_str()
    }

    /// Name and digests, the strongest last.
    pub(super) fn subject(self) -> (&'a str, Vec<(&'a str, &'a str)>) {
        let mut digests: Vec<(&str, &str)> = Vec::new();
        if let Some(subject) = self.0.get("subject").and_then(Value::as_object) {
            let is_digest = |(name, value): (&'a String, &'a Value)| {
                (name != "name").then(|| Some((name.as_str(), value.as_str()?))).flatten()
            };
            digests.extend(subject.iter().filter_map(is_digest).take(8));
        }
        digests.sort_unstable();
        (self.text("/subject/name").unwrap_or("unnamed"), digests)
    }

    fn checks(self) -> impl Iterator<Item = &'a Value> {
        let checks = self.0.get("checks").and_then(Value::as_array);
        checks.map_or(&[][..], Vec::as_slice).iter().take(CHECKS)
    }
}

/// A table of the checks, those that failed first.
pub(super) fn checks(decision: Decision<'_>) -> Markup {
    let outcome = |check: &Value| text(check, "outcome").unwrap_or("unknown").to_owned();
    let mut rows: Vec<&Value> = decision.checks().collect();
    rows.sort_by_key(|check| match outcome(check).as_str() {
        "failed" => 0,
        "deferred" => 1,
        "passed" => 2,
        _ => 3,
    });
    html! {
        div.scroll role="region" aria-label="Checks" tabindex="0" {
            table.checks {
                thead { tr {
                    th scope="col" { "check" }
                    th scope="col" { "outcome" }
                    th scope="col" { "expected" }
                    th scope="col" { "found" }
                } }
                tbody {
                    @for check in rows { (row(check, &outcome(check))) }
                }
            }
        }
    }
}

fn row(check: &Value, outcome: &str) -> Markup {
    let id = text(check, "id").unwrap_or("unknown");
    let tone = match outcome {
        "passed" => "good",
        "failed" => "bad",
        "deferred" => "waiting",
        _ => "none",
    };
    let aside = text(check, "hint").or(text(check, "reason"));
    html! {
        tr {
            th scope="row" { a href=(address::check(id)) { code { (foreign(id)) } } }
            td { span.mark.(tone) { (foreign(outcome)) } }
            td.value {
                @match text(check, "expected") { Some(text) => (foreign(text)), None => (nothing()) }
            }
            td.value {
                @match text(check, "found") { Some(text) => (foreign(text)), None => (nothing()) }
                @if let Some(aside) = aside { p.quiet { (foreign(aside)) } }
            }
        }
    }
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

/// The artifacts that were judged, with their digests.
pub(super) fn subjects(decisions: &[Decision<'_>]) -> Markup {
    html! {
        div.scroll role="region" aria-label="Subjects" tabindex="0" {
            table {
                thead { tr { th scope="col" { "subject" } th scope="col" { "digest" } } }
                tbody {
                    @for decision in decisions {
                        @let (name, digests) = decision.subject();
                        tr {
                            th scope="row" { (foreign(name)) }
                            td {
                                @for (algorithm, hex) in digests {
                                    div { span.quiet { (foreign(algorithm)) ":" } (digest(hex)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Who built it, from what.
pub(super) fn origin(decision: Decision<'_>, pages: Github<'_>) -> Markup {
    let commit = decision.text("/source/commit");
    let commit_url = commit.and_then(|sha| pages.commit(sha));
    let source = decision.text("/source/uri").map(|uri| uri.strip_prefix("git+").unwrap_or(uri));
    let run = decision.text("/run/id").and_then(|id| id.parse().ok());
    let run_url = run.and_then(|id| pages.run(id));
    let line = |name: &str, value: Option<Markup>| {
        html! { @if let Some(value) = value { dt { (name) } dd { (value) } } }
    };
    let shown = |pointer: &str| decision.text(pointer).map(|text| html! { (foreign(text)) });
    html! {
        dl.facts {
            (line("builder", shown("/builder_id")))
            (line("signer", shown("/identity/san")))
            (line("source", source.map(|uri| outward(Some(uri), uri))))
            (line("ref", shown("/source/ref")))
            (line("commit", commit.map(|sha| match &commit_url {
                Some(url) => html! { a href=(url) rel="noreferrer noopener" { (foreign(sha)) } },
                None => html! { (foreign(sha)) },
            })))
            (line("run", decision.text("/run/id").map(|id| outward(run_url.as_deref(), id))))
            (line("signed", decision.text("/signed_at").map(|at| super::text::told_time(Some(at)))))
            (line("bundle", decision.text("/bundle_sha256").map(|sha| html! { "sha256:" (digest(sha)) })))
            (line("policy", decision.text("/policy_sha256").map(|sha| html! { "sha256:" (digest(sha)) })))
            (line("rejected", decision.text("/rejection/detail").map(|why| html! { (foreign(why)) })))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn whatever_stands_in_the_row_is_shown_as_far_as_it_is_a_decision() {
        for odd in [
            json!(null),
            json!("text"),
            json!([1, "x", {}, []]),
            json!({"checks": 7}),
            json!([{"checks": [1, {"id": 5, "outcome": []}], "subject": 3}]),
        ] {
            for decision in decisions(Some(&odd)) {
                checks(decision);
                origin(decision, Github { server_url: "https://github.com", repository: None });
                subjects(&[decision]);
            }
        }
        assert!(decisions(Some(&json!({"notified": {"slack": true}}))).is_empty());
    }

    #[test]
    fn failed_checks_come_first_and_nothing_foreign_acts() {
        let value = json!([{
            "checks": [
                {"id": "issuer", "outcome": "passed", "expected": "a", "found": "a"},
                {"id": "source-ref", "outcome": "failed", "expected": "<script>", "found": "\u{202e}x", "hint": "<b>"},
            ],
            "subject": {"name": "<img src=x>", "sha256": "\"onx="},
        }]);
        let decision = decisions(Some(&value))[0];
        let shown = checks(decision).into_string();
        assert!(shown.find("source-ref") < shown.find("issuer"), "{shown}");
        assert!(shown.contains("&lt;script&gt;") && shown.contains("\\u{202e}x"), "{shown}");
        assert!(!shown.contains("<script") && !shown.contains("<b>"));
        let subjects = subjects(&[decision]).into_string();
        assert!(subjects.contains("&lt;img") && subjects.contains("title=\"&quot;onx=\""));
    }
}
