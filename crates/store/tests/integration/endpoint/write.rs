//! What is sent, and what is made of the answer.

use super::{TOKEN, bearer, body, dispatched, line, says, scripted, taken, validated};
use provost_record::Event;
use provost_store::{
    EndpointError, EntryStanding, EventLog, ManifestEntry, Outcome, StoreError, StoredEvent,
};
use provost_testkit::scripted_server::{Reply, answer};
use serde_json::{Value, json};

const ID: &str = "0190c0de-0000-7000-8000-000000000007";

#[test]
fn a_decision_goes_to_the_function_that_takes_decisions() {
    let (server, log) = scripted(vec![says(200, &json!({"event_id": ID, "outcome": "inserted"}))]);
    let appended = log.append(&[validated(77)]).unwrap();
    assert_eq!(appended[0].id.to_string(), ID);
    assert_eq!(appended[0].outcome, Outcome::Inserted);
    let requests = server.requests();
    assert_eq!(line(&requests[0]), "POST /functions/v1/provenance-validate");
    assert_eq!(bearer(&requests[0]), TOKEN);
    assert_eq!(
        body(&requests[0]),
        json!({
            "tag": "v1",
            "run_id": "77",
            "status": "success",
            "verified_at": "2026-11-23T12:00:00.5Z",
            "repository": "acme/app",
            "decision": [{"outcome": "accepted"}],
            "attempt": 2,
            "slsa_build_level": 3,
            "actor": "octocat",
        })
    );
}

#[test]
fn every_other_event_goes_whole_to_the_telemetry() {
    let changes: [fn(&mut Event); 4] = [
        |event| event.decision = None,
        |event| event.repository = None,
        |event| event.validated_at = Some("2026-11-23T12:00:01Z".parse().unwrap()),
        |event| event.tag = "v2".into(),
    ];
    for change in changes {
        let mut event = validated(77);
        change(&mut event);
        let (server, log) = scripted(vec![says(200, &taken(1))]);
        log.append(std::slice::from_ref(&event)).unwrap();
        let requests = server.requests();
        assert_eq!(line(&requests[0]), "POST /functions/v1/telemetry");
        let sent = &body(&requests[0])["events"][0];
        assert_eq!(sent["event_key"], event.key.as_str());
        assert_eq!(sent["occurred_at"], "2026-11-23T12:00:00.5Z");
    }
}

#[test]
fn many_events_go_in_requests_of_at_most_500() {
    let (server, log) = scripted(vec![says(200, &taken(500)), says(200, &taken(1))]);
    let events: Vec<Event> = (1..=501).map(dispatched).collect();
    assert_eq!(log.append(&events).unwrap().len(), 501);
    let requests = server.requests();
    let runs = |request: &str| {
        let runs = body(request)["events"].as_array().unwrap().clone();
        let first = runs[0]["run_id"].clone();
        (runs.len(), first)
    };
    assert_eq!(runs(&requests[0]), (500, json!("1")));
    assert_eq!(runs(&requests[1]), (1, json!("501")));
}

#[test]
fn a_manifest_goes_as_it_stands_and_each_entry_has_its_outcome() {
    let entry = |run: u64| ManifestEntry {
        json: json!({"run": run.to_string(), "tag": "v1", "x": "mine"}),
        events: vec![dispatched(run)],
    };
    let document = json!({
        "inserted": 1,
        "duplicates": 1,
        "rejected": [{"index": 1, "problem": "tag: no\u{1b}[31m tag"}],
        "events": [
            {"index": 0, "outcome": "inserted", "event_id": ID},
            {"index": 1, "outcome": "rejected", "event_id": null, "problem": "tag: no\u{1b}[31m tag"},
            {"index": 2, "outcome": "duplicate", "event_id": ID},
        ],
    });
    let (server, log) = scripted(vec![says(200, &document)]);
    let outcomes = log.ingest(&[entry(1), entry(2), entry(3)]).unwrap();
    let standings: Vec<EntryStanding> = outcomes.iter().map(|it| it.outcome).collect();
    let wanted = [EntryStanding::Inserted, EntryStanding::Rejected, EntryStanding::Duplicate];
    assert_eq!(standings, wanted);
    assert_eq!(outcomes[0].event_key, dispatched(1).key.as_str());
    let problem = outcomes[1].problem.as_deref().unwrap();
    assert!(problem.starts_with("tag: no") && !problem.contains('\u{1b}'), "{problem}");
    let sent = body(&server.requests()[0]);
    assert_eq!(sent[1], json!({"run": "2", "tag": "v1", "x": "mine"}));
}

#[test]
fn an_event_that_is_not_taken_is_an_error_with_the_reason() {
    let rejected = json!({
        "inserted": 0,
        "duplicates": 0,
        "rejected": [{"index": 0, "problem": "is there with another status"}],
        "events": [{"index": 0, "outcome": "rejected", "event_id": null,
                    "problem": "is there with another status"}],
    });
    let document =
        json!({"errors": [{"code": "rejected", "detail": "is there with another status"}]});
    for (event, reply) in [
        (dispatched(1), says(422, &rejected)),
        (dispatched(1), says(422, &document)),
        (validated(1), says(422, &document)),
    ] {
        let (_server, log) = scripted(vec![reply]);
        let error = log.append(std::slice::from_ref(&event)).unwrap_err();
        let StoreError::Rejected { key, problem } = &error else { panic!("{error}") };
        assert_eq!(key, event.key.as_str());
        assert_eq!(problem, "is there with another status");
    }
}

#[test]
fn an_answer_that_does_not_fit_what_was_sent_is_none() {
    let one = taken(1);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut document = one.clone();
        change(&mut document);
        document
    };
    for document in [
        json!({}),
        json!([]),
        json!({"inserted": 1}),
        taken(0),
        taken(2),
        with(&|it| it["inserted"] = json!(2)),
        with(&|it| it["duplicates"] = json!(1)),
        with(&|it| it["events"][0]["index"] = json!(1)),
        with(&|it| it["events"][0]["event_id"] = json!("7")),
        with(&|it| it["events"][0]["event_id"] = json!(null)),
        with(&|it| it["events"][0]["outcome"] = json!("fine")),
    ] {
        let (_server, log) = scripted(vec![says(200, &document)]);
        let error = log.append(&[dispatched(1)]).unwrap_err();
        assert!(
            matches!(error, StoreError::Endpoint(EndpointError::Nonsense { .. })),
            "{document}: {error}"
        );
    }
    let page = answer(200, &[], "<html>signed in</html>");
    let (_server, log) = scripted(vec![page]);
    let error = log.append(&[validated(1)]).unwrap_err();
    assert!(error.to_string().contains("is it an event log of this version?"), "{error}");
}

/// The error for one status, and what it must say.
fn refusal(status: u16, headers: &[&str], body: &Value) -> String {
    let reply = answer(status, headers, &body.to_string());
    // What is busy is asked again.
    let tries = if status >= 500 { 4 } else { 1 };
    let (_server, log) = scripted(vec![reply; tries]);
    let error = log.append(&[dispatched(1)]).unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(!text.contains(TOKEN), "{text}");
    error.to_string()
}

#[test]
fn every_refusal_says_how_to_mend_it_and_repeats_no_token() {
    let detail = json!({"errors": [{"code": "x", "detail": format!("no {TOKEN}\u{7} here")}]});
    for (status, words) in [
        (401, "PROVOST_STORE_TOKEN must be one of its tokens"),
        (403, "does not permit this (HTTP 403) (no ***\\u{7} here"),
        (404, "https://HOST/functions/v1 of `provost serve`"),
        (409, "repeat the call"),
        (413, "takes no request of"),
        (418, "HTTP 418"),
        (302, "HTTP 302"),
        (503, "repeat the call, which doubles nothing"),
    ] {
        let text = refusal(status, &[], &detail);
        assert!(text.contains(words), "{status}: {text}");
        assert!(!text.contains('\u{7}'), "{text}");
    }
    let text = refusal(429, &["retry-after: 3600"], &detail);
    assert!(text.contains("limits how often"), "{text}");
}

#[test]
fn an_endpoint_that_is_not_there_is_named() {
    let (server, log) = scripted(Vec::new());
    let place = server.url("/functions/v1/telemetry");
    drop(server.requests());
    let error = log.append(&[dispatched(1)]).unwrap_err().to_string();
    assert!(error.contains(&place), "{error}");
}

#[test]
fn a_lost_answer_is_asked_for_again() {
    let (server, log) = scripted(vec![Reply::HangsUp, says(503, &json!({})), says(200, &taken(1))]);
    assert_eq!(log.append(&[dispatched(1)]).unwrap().len(), 1);
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(body(&requests[0]), body(&requests[2]));
}

#[test]
fn nothing_to_send_is_no_request() {
    let (server, log) = scripted(Vec::new());
    assert_eq!(log.append(&[]).unwrap(), []);
    assert_eq!(log.ingest(&[]).unwrap(), []);
    assert_eq!(server.requests(), [""; 0]);
}

#[test]
fn an_import_sends_events_and_names_the_line_that_was_not_taken() {
    let stored = |run| StoredEvent {
        id: ID.parse().unwrap(),
        created_at: "2026-11-23T12:00:00Z".parse().unwrap(),
        event: dispatched(run),
    };
    let lines = export_of(&[stored(1), stored(2)]);
    let (server, log) = scripted(vec![says(200, &taken(2))]);
    assert_eq!(log.import(&mut lines.as_bytes()).unwrap().inserted, 2);
    assert_eq!(body(&server.requests()[0])["events"].as_array().unwrap().len(), 2);
}

/// The lines of an export, by way of a log of its own.
fn export_of(events: &[StoredEvent]) -> String {
    let place = crate::sample::Place::new();
    let log: EventLog = place.log();
    let all: Vec<Event> = events.iter().map(|stored| stored.event.clone()).collect();
    log.append(&all).unwrap();
    let mut lines = Vec::new();
    log.export(&mut lines).unwrap();
    String::from_utf8(lines).unwrap()
}

#[test]
fn what_needs_the_database_says_so() {
    let (_server, log) = scripted(Vec::new());
    for error in [
        log.schema().unwrap_err(),
        log.migrate().unwrap_err(),
        log.seal("2026-11-23T12:00:00Z".parse().unwrap()).unwrap_err(),
        log.verify(&[]).unwrap_err(),
    ] {
        let text = error.to_string();
        assert!(text.contains("name the database behind it"), "{text}");
    }
}
