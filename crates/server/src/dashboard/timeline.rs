//! What happened to a release, step by step.

use super::incident::Told;
use super::text::{foreign, outward, standing, time, tone};
use crate::app::App;
use jiff::Timestamp;
use maud::{Markup, html};
use provost_record::{EventKind, EventStatus};
use provost_store::StoredEvent;

/// One step with when it was taken, if it was.
pub(super) struct Step {
    name: &'static str,
    about: &'static str,
    at: Option<Timestamp>,
    status: Option<EventStatus>,
}

/// The five steps from a dispatch to whoever was told. `events` are newest first.
pub(super) fn steps(
    events: &[StoredEvent],
    built_at: Option<Timestamp>,
    signed_at: Option<Timestamp>,
) -> [Step; 5] {
    let of = |kind: EventKind| events.iter().find(|stored| stored.event.kind == kind);
    let first = |kind: EventKind| events.iter().rev().find(|stored| stored.event.kind == kind);
    let at = |stored: Option<&StoredEvent>| stored.map(|stored| stored.event.occurred_at);
    let status = |stored: Option<&StoredEvent>| stored.map(|stored| stored.event.status);
    let passed = |at: Option<Timestamp>| at.map(|_| EventStatus::Success);
    let validated = of(EventKind::Validated);
    let run = of(EventKind::Provenance).filter(|_| validated.is_none());
    let notified = of(EventKind::Notified);
    [
        Step {
            name: "dispatched",
            about: "the provenance run was started",
            at: at(first(EventKind::Dispatched)),
            status: passed(at(first(EventKind::Dispatched))),
        },
        Step {
            name: "built",
            about: "the build ended, as its statement says",
            at: built_at,
            status: passed(built_at),
        },
        Step {
            name: "signed",
            about: "the earliest trusted time of the signature",
            at: signed_at,
            status: passed(signed_at),
        },
        Step {
            name: "validated",
            about: if run.is_some() {
                "the run ended before anything was validated"
            } else {
                "the gate decided"
            },
            at: at(validated.or(run)),
            status: status(validated.or(run)),
        },
        Step {
            name: "notified",
            about: "a failure was announced",
            at: at(notified),
            status: status(notified),
        },
    ]
}

/// The steps as a line, those not taken pale.
pub(super) fn line(steps: &[Step]) -> Markup {
    html! {
        ol.timeline aria-label="Timeline" {
            @for step in steps {
                li.(step.status.map_or("none", tone)) {
                    span.name { (step.name) }
                    span.when {
                        @match step.at { Some(at) => (time(at)), None => span.quiet { "not known" } }
                    }
                    span.about { (step.about) }
                }
            }
        }
    }
}

/// Every event, newest first.
pub(super) fn events(app: &App, events: &[StoredEvent], is_all: bool) -> Markup {
    html! {
        div.scroll role="region" aria-label="Events" tabindex="0" {
            table {
                thead { tr {
                    th scope="col" { "when" }
                    th scope="col" { "event" }
                    th scope="col" { "status" }
                    th.number scope="col" { "run" }
                    th scope="col" { "what it says" }
                    th scope="col" { "by" }
                } }
                tbody { @for stored in events { (row(app, stored)) } }
            }
        }
        @if !is_all { p.quiet { "Older events are left out here; the API has them all." } }
    }
}

fn row(app: &App, stored: &StoredEvent) -> Markup {
    let event = &stored.event;
    let repository = event.repository.as_deref();
    let run = app.github_pages(repository).run(event.run_id);
    html! {
        tr {
            td { (time(event.occurred_at)) }
            th scope="row" { (event.kind.as_str()) }
            td { (standing(event.status)) }
            td.number {
                (outward(run.as_deref(), &event.run_id.to_string()))
                @if let Some(attempt) = event.attempt.filter(|attempt| *attempt > 1) {
                    span.quiet { " attempt " (attempt) }
                }
            }
            td.why {
                @if event.kind == EventKind::Notified {
                    @let told = told(event.decision.as_ref());
                    (told.shown(app, repository))
                } @else if let Some(reason) = &event.failure_reason {
                    (foreign(reason))
                }
            }
            td { @if let Some(actor) = &event.actor { (foreign(actor)) } }
        }
    }
}

fn told(details: Option<&serde_json::Value>) -> Told {
    let mut told = Told::default();
    told.add(details);
    told
}
