//! One incident: why, which checks, who was told, and what to do next.

use super::address;
use super::request::Asked;
use super::text::{age, coded, foreign, outward, tag, time};
use crate::app::App;
use jiff::Timestamp;
use maud::{Markup, html};
use provost_policy::check::registry;
use provost_record::{EventKind, EventStatus};
use provost_store::{EventFilter, Incident, StoreError};
use provost_verify::check::CheckInfo;

/// The failures of one release are few; what comes after so many is not looked at.
const LOOKED_AT: u32 = 200;

/// Who was told of an incident, as the log knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// Whether anybody was.
    pub(super) is_told: bool,
    pub(super) slack: bool,
    pub(super) issue: Option<u64>,
}

impl Told {
    /// What the log says of the announcements of that run and tag.
    pub(super) async fn read(app: &App, incident: &Incident) -> Result<Self, StoreError> {
        let filter = EventFilter {
            repository: incident.repository.clone(),
            tag: Some(incident.tag.clone()),
            kind: Some(EventKind::Notified),
            limit: Some(LOOKED_AT),
            ..EventFilter::default()
        };
        let mut told = Self::default();
        for stored in app.database.events(&filter).await?.items {
            let event = stored.event;
            if event.run_id == incident.run_id && event.status == EventStatus::Success {
                told.add(event.decision.as_ref());
            }
        }
        Ok(told)
    }

    /// Adds what an announcement says of itself.
    pub(super) fn add(&mut self, details: Option<&serde_json::Value>) {
        self.is_told = true;
        let Some(details) = details.and_then(|details| details.get("notified")) else {
            return;
        };
        self.slack |= details.get("slack").and_then(serde_json::Value::as_bool).unwrap_or(false);
        self.issue = self.issue.or(details.get("issue").and_then(serde_json::Value::as_u64));
    }

    /// In words, with a link to the issue.
    pub(super) fn shown(&self, app: &App, repository: Option<&str>) -> Markup {
        let issue = self.issue.map(|number| {
            let name = repository.and_then(provost_github::RepositoryName::parse);
            let url = name.map(|name| format!("{}/{name}/issues/{number}", app.server_url()));
            (url, format!("issue #{number}"))
        });
        html! {
            @if self.slack { "Slack sent" }
            @if self.slack && issue.is_some() { ", " }
            @if let Some((url, text)) = issue { (outward(url.as_deref(), &text)) }
            @if !self.slack && self.issue.is_none() {
                @if self.is_told { "announced" } @else { span.warn { "nobody told yet" } }
            }
        }
    }
}

/// The checks that a reason names, in its order.
pub(super) fn checks_of(reason: Option<&str>) -> Vec<&'static CheckInfo> {
    let words =
        reason.unwrap_or_default().split(|it: char| !(it.is_ascii_alphanumeric() || it == '-'));
    let mut found: Vec<&'static CheckInfo> = Vec::new();
    for word in words {
        let known = registry().find(|info| info.id.as_str() == word);
        if let Some(info) = known.filter(|info| found.iter().all(|it| it.id != info.id)) {
            found.push(info);
        }
    }
    found
}

/// The checks as links to their explanations.
pub(super) fn check_links(checks: &[&CheckInfo]) -> Markup {
    html! {
        @for (place, info) in checks.iter().enumerate() {
            @if place > 0 { ", " }
            a href=(address::check(info.id.as_str())) { code { (info.id.as_str()) } }
        }
    }
}

/// Why it failed: the reason, with its checks as links where that is all it says.
pub(super) fn reason(incident: &Incident) -> Markup {
    let text = incident.failure_reason.as_deref().unwrap_or_default();
    let checks = checks_of(Some(text));
    let listed = text.strip_prefix("refused: ").map(|list| list.split(", ").count());
    html! {
        @if text.is_empty() {
            "no reason was given"
        } @else if listed == Some(checks.len()) {
            "refused: " (check_links(&checks))
        } @else {
            (foreign(text))
        }
    }
}

/// What to do about it: how the first failed check is mended, or how a run is made up for.
fn next_step(app: &App, asked: &Asked, incident: &Incident) -> Markup {
    let checks = checks_of(incident.failure_reason.as_deref());
    let configured = app.next_step();
    html! {
        @if let Some(first) = checks.first() {
            (coded(first.mend)) " "
            a href=(address::check(first.id.as_str())) { "About " code { (first.id.as_str()) } }
        } @else if let Some(step) = configured {
            (foreign(step))
        } @else if incident.event == EventKind::RolledBack {
            "The release was withdrawn: release the next version, with its provenance."
        } @else if incident.run_id == 0 {
            "No run ever started: look at the dispatch token with " code { "provost token check" }
            ", then " (recover(&incident.tag)) "."
        } @else {
            "Open the run, mend what failed there, then " (recover(&incident.tag)) "."
        }
        @if let Some(url) = app.runbook_url() { " " (outward(Some(url), "Runbook")) }
        @else if asked.has_runbook { " " a href="/runbook" { "Runbook" } }
    }
}

/// The command that makes the provenance of a tag up.
fn recover(tag: &str) -> Markup {
    let command = format!("provost recover --tag {}", provost_sink::shell_word(tag));
    html! { code data-copy=(command) data-copy-name="the command" { (foreign(&command)) } }
}

/// One line of a list: release, since when, why, who was told, what next.
pub(super) fn item(
    app: &App,
    asked: &Asked,
    incident: &Incident,
    told: &Told,
    resolved_at: Option<Timestamp>,
) -> Markup {
    let repository = incident.repository.as_deref();
    html! {
        li.incident {
            div.what {
                (tag(repository, &incident.tag))
                @if asked.repository.is_none() {
                    @if let Some(name) = repository { div.quiet { (foreign(name)) } }
                }
            }
            div.why { (reason(incident)) }
            div.when {
                @match resolved_at {
                    Some(at) => {
                        span.mark.good { "resolved" }
                        " after " (super::text::span(at.duration_since(incident.occurred_at)))
                    }
                    None => {
                        span.mark.bad { "open" } " for " (age(asked.now, incident.occurred_at))
                    }
                }
                div.quiet { "since " (time(incident.occurred_at)) }
            }
            div.told { (told.shown(app, repository)) }
            @if resolved_at.is_none() {
                details #{ "next-" (incident.id.simple()) } {
                    summary { "Next step" }
                    p { (next_step(app, asked, incident)) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(reason: &str) -> Vec<&'static str> {
        checks_of(Some(reason)).iter().map(|info| info.id.as_str()).collect()
    }

    #[test]
    fn a_reason_names_checks_that_exist() {
        assert_eq!(ids("refused: source-ref, tag-commit"), ["source-ref", "tag-commit"]);
        assert_eq!(ids("the source-ref; source-ref again"), ["source-ref"]);
        assert!(ids("refused: source-reference, <script>").is_empty());
        assert!(ids("").is_empty());
    }

    #[test]
    fn an_announcement_says_where() {
        let mut told = Told::default();
        told.add(None);
        assert_eq!(told, Told { is_told: true, slack: false, issue: None });
        told.add(Some(&serde_json::json!({"notified": {"slack": true}})));
        told.add(Some(&serde_json::json!({"notified": {"slack": false, "issue": 42}})));
        told.add(Some(&serde_json::json!({"notified": {"slack": "yes", "issue": "x"}})));
        assert_eq!(told, Told { is_told: true, slack: true, issue: Some(42) });
    }
}
