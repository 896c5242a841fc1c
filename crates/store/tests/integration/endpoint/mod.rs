//! The event log behind HTTPS: what is sent, who sends, and what is made of the answers.

mod identity;
mod read;
mod write;

use provost_record::{Event, EventKey, EventKind, EventStatus, Status};
use provost_store::{Access, EventLog, StoreUrl};
use provost_testkit::scripted_server::{Reply, ScriptedServer, answer};
use serde_json::{Value, json};
use std::path::Path;

const TOKEN: &str = "canary-endpoint-token-5f2a";

/// What an endpoint with a static token says, and the log in front of it.
fn scripted(replies: Vec<Reply>) -> (ScriptedServer, EventLog) {
    let server = ScriptedServer::start(replies);
    let log = log_at(&server, &[("PROVOST_STORE_TOKEN", TOKEN)]);
    (server, log)
}

fn log_at(server: &ScriptedServer, variables: &[(&str, &str)]) -> EventLog {
    let url = StoreUrl::parse(&server.url("/functions/v1"), Path::new(".")).unwrap();
    EventLog::open_with(&url, &access(variables)).unwrap()
}

fn access(variables: &[(&str, &str)]) -> Access {
    let value = |name: &str| {
        let found = variables.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    Access::read(value).unwrap()
}

fn says(status: u16, body: &Value) -> Reply {
    answer(status, &["content-type: application/json"], &body.to_string())
}

/// An answer of `telemetry` about so many entries, all new.
fn taken(count: usize) -> Value {
    let id = |index| format!("0190c0de-0000-7000-8000-{index:012}");
    let events: Vec<Value> = (0..count)
        .map(|index| json!({"index": index, "outcome": "inserted", "event_id": id(index)}))
        .collect();
    json!({"inserted": count, "duplicates": 0, "rejected": [], "events": events})
}

fn dispatched(run: u64) -> Event {
    let at = "2026-11-23T12:00:00Z".parse().unwrap();
    Event::of_dispatch("acme/app", run, "v1", "", Some("octocat".into()), at)
}

/// A gate's decision.
fn validated(run: u64) -> Event {
    let at = "2026-11-23T12:00:00.5Z".parse().unwrap();
    let kind = EventKind::Validated;
    Event {
        key: EventKey::of_entry(kind, Some("acme/app"), run, "v1", Status::Success, at),
        kind,
        status: EventStatus::Success,
        validated_at: Some(at),
        occurred_at: at,
        decision: Some(json!([{"outcome": "accepted"}])),
        slsa_build_level: Some(3),
        attempt: Some(2),
        ..dispatched(run)
    }
}

/// Method and path of a request.
fn line(request: &str) -> &str {
    request.lines().next().unwrap().trim_end_matches(" HTTP/1.1")
}

fn body(request: &str) -> Value {
    serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap()
}

/// The bearer token of a request.
fn bearer(request: &str) -> &str {
    let header = request.lines().find_map(|line| line.strip_prefix("authorization: Bearer "));
    header.unwrap_or_else(|| panic!("no bearer: {request}"))
}
