//! One release: how it stands, what happened, every check, and how to verify it yourself.

use super::decision::{self, Decision, decisions};
use super::frame::{Tab, page as framed};
use super::request::Asked;
use super::statement::{Statement, statement};
use super::text::{foreign, level, outward};
use super::{address, timeline};
use crate::app::App;
use crate::http::Problem;
use maud::{Markup, html};
use provost_record::{EventKind, EventStatus};
use provost_sink::shell_word;
use provost_store::{EventFilter, StoredEvent};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Events that are looked at.
const EVENTS: u32 = 200;

pub(super) async fn page(app: &Arc<App>, asked: &Asked) -> Result<Markup, Problem> {
    let tag = asked.value("tag").ok_or_else(|| Problem::invalid("tag: say which release"))?;
    let filter = EventFilter {
        repository: asked.repository.clone(),
        tag: Some(tag.to_owned()),
        limit: Some(EVENTS),
        ..EventFilter::default()
    };
    let found = app.database.events(&filter).await.map_err(|error| app.unavailable(&error))?;
    let events = found.items;
    if events.is_empty() {
        return Err(Problem::not_found("the event log knows no release of that tag"));
    }
    let repositories: BTreeSet<Option<&str>> =
        events.iter().map(|stored| stored.event.repository.as_deref()).collect();
    let main = match repositories.len() {
        1 => release(app, tag, &events, found.next.is_none()).await,
        _ => choice(tag, &repositories),
    };
    Ok(framed(app, asked, Tab::Releases, tag, &main))
}

/// A tag that several repositories have.
fn choice(tag: &str, repositories: &BTreeSet<Option<&str>>) -> Markup {
    html! {
        h1 { (foreign(tag)) }
        p.lead { "Several repositories have a release of that tag:" }
        ul {
            @for name in repositories.iter().flatten() {
                li { a href=(address::release(Some(name), tag)) { (foreign(name)) } }
            }
        }
        @if repositories.contains(&None) {
            p.quiet { "Some rows name no repository; they are in the API under /api/v1/events." }
        }
    }
}

async fn release(app: &Arc<App>, tag: &str, events: &[StoredEvent], is_all: bool) -> Markup {
    let word = latest(events);
    let decided =
        events.iter().find(|stored| !decisions(stored.event.decision.as_ref()).is_empty());
    let decided = decided.map(|stored| &stored.event);
    let judged = decisions(decided.and_then(|event| event.decision.as_ref()));
    let known = |fact: fn(&provost_record::Event) -> Option<&str>| {
        events.iter().find_map(|stored| fact(&stored.event))
    };
    let repository = known(|event| event.repository.as_deref());
    let bundle = decided.and_then(|event| event.artifact_path.as_deref());
    let bundle = bundle.or_else(|| known(|event| event.artifact_path.as_deref()));
    let statement = statement(app, bundle, &judged).await;
    let built_at = match &statement {
        Statement::Verified { built_at, .. } => *built_at,
        Statement::Absent(_) => None,
    };
    let signed_at = judged.iter().find_map(|it| it.text("/signed_at")?.parse().ok());
    let pages = app.github_pages(repository);
    html! {
        (heading(tag, repository, word, known(|event| event.release_url.as_deref())))
        (timeline::line(&timeline::steps(events, built_at, signed_at)))
        @if judged.is_empty() {
            section { h2 { "Checks" } p.quiet { "The log holds no decision of the gate on this release yet." } }
        } @else {
            section aria-labelledby="subjects" {
                h2 #subjects { "Subjects" }
                (decision::subjects(&judged))
            }
            @for (place, one) in judged.iter().enumerate() {
                (judgement(*one, place, judged.len(), pages))
            }
            (verify_it(app, tag, repository, bundle, judged[0]))
        }
        (signed(&statement, bundle))
        section aria-labelledby="events" {
            h2 #events { "Events" }
            (timeline::events(app, events, is_all))
        }
    }
}

/// The newest word on the release; a start is one only where there is no other.
fn latest(events: &[StoredEvent]) -> &StoredEvent {
    let is_word = |stored: &&StoredEvent| {
        matches!(stored.event.kind, EventKind::Provenance | EventKind::Validated)
    };
    events.iter().find(is_word).unwrap_or(&events[0])
}

fn heading(tag: &str, repository: Option<&str>, word: &StoredEvent, url: Option<&str>) -> Markup {
    let event = &word.event;
    let (tone, verdict) = match (event.kind, event.status) {
        (EventKind::Validated, EventStatus::Success) => ("good", "accepted"),
        (EventKind::Validated, EventStatus::Failure) => ("bad", "refused"),
        (_, EventStatus::Failure) => ("bad", "failed"),
        (_, EventStatus::Success) => ("waiting", "proven, not validated yet"),
        (_, EventStatus::Pending) => ("waiting", "pending"),
    };
    html! {
        header.release {
            h1 { (foreign(tag)) " " span.mark.(tone) { (verdict) } }
            p.lead {
                @if let Some(name) = repository { (foreign(name)) " · " }
                "SLSA Build " (level(event.slsa_build_level))
                @if let Some(url) = url { " · " (outward(Some(url), "release page")) }
            }
            @if let Some(reason) = &event.failure_reason { p.problem { (foreign(reason)) } }
        }
    }
}

fn judgement(one: Decision<'_>, place: usize, of: usize, pages: address::Github<'_>) -> Markup {
    let (name, _) = one.subject();
    let id = format!("checks-{place}");
    let body = html! { (decision::checks(one)) (decision::origin(one, pages)) };
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { "Checks" @if of > 1 { " of " (foreign(name)) } }
            @if place == 0 { (body) } @else {
                details id={ "more-" (place) } { summary { (one.text("/outcome").map_or("undecided".to_owned(), foreign)) } (body) }
            }
        }
    }
}

/// The command that asks the same without this server.
fn verify_it(
    app: &App,
    tag: &str,
    repository: Option<&str>,
    bundle: Option<&str>,
    one: Decision<'_>,
) -> Markup {
    let (name, _) = one.subject();
    let mut command = format!("provost verify {}", shell_word(name));
    let mut flag = |flag: &str, value: Option<&str>| {
        if let Some(value) = value {
            command.push_str(&format!(" \\\n    {flag} {}", shell_word(value)));
        }
    };
    flag("--bundle", bundle);
    let host = app.server_url().split_once("://").map_or("github.com", |(_, host)| host);
    let source = repository.map(|name| format!("{}/{name}", host.trim_end_matches('/')));
    flag("--source-uri", source.as_deref());
    flag(
        "--source-tag",
        Some(tag).filter(|_| {
            one.text("/source/ref").is_some_and(|found| found.starts_with("refs/tags/"))
        }),
    );
    flag("--source-digest", one.text("/source/commit"));
    html! {
        section aria-labelledby="verify" {
            h2 #verify { "Verify it yourself" }
            p { "With the artifact and its bundle at hand, without network:" }
            pre tabindex="0" { code data-copy=(command) data-copy-name="the command" { (command) } }
        }
    }
}

fn signed(statement: &Statement, bundle: Option<&str>) -> Markup {
    html! {
        section aria-labelledby="statement" {
            h2 #statement { "Statement" }
            @match statement {
                Statement::Verified { lines, is_cut, .. } => {
                    p.quiet {
                        "As it was signed and verified, from " code { (foreign(bundle.unwrap_or_default())) }
                    }
                    details #statement-text {
                        summary { "Show" }
                        pre tabindex="0" { code { (lines) } }
                        @if *is_cut { p.quiet { "The rest is left out; the bundle has it all." } }
                    }
                }
                Statement::Absent(why) => {
                    p.quiet {
                        "Not shown: " (foreign(why)) "."
                        @if let Some(path) = bundle { " The record names " code { (foreign(path)) } "." }
                    }
                }
            }
        }
    }
}
