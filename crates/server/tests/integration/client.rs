//! The event log's own client against the server that it was made for.

use crate::world::{AUDIENCE, REPOSITORY, Scene, TAG, World};
use jiff::{SignedDuration, Timestamp};
use provost_record::{Event, EventKey, EventKind, EventStatus, Status};
use provost_store::{
    Access, EndpointError, EventLog, KpiFilter, Outcome, StoreError, StoreUrl, StoredEvent,
};
use provost_testkit::scripted_server::{ScriptedServer, answer};
use serde_json::json;
use std::path::Path;

const TOKEN: (&str, &str) = ("PROVOST_STORE_TOKEN", "all-scopes");

fn log_of(world: &World, variables: &[(&str, &str)]) -> EventLog {
    let url = StoreUrl::parse(&world.url("/functions/v1"), Path::new(".")).unwrap();
    let value = |name: &str| {
        let found = variables.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    EventLog::open_with(&url, &Access::read(value).unwrap()).unwrap()
}

/// The log past the server.
fn database_of(world: &World) -> EventLog {
    let url = StoreUrl::parse(&world.store, Path::new(".")).unwrap();
    EventLog::open_with(&url, &Access::default()).unwrap()
}

fn at(second: i64) -> Timestamp {
    "2026-03-01T12:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(second)
}

/// An outcome of a run; with a decision when the gate made it.
fn outcome(run: u64, tag: &str, status: Status, second: i64) -> Event {
    let decided = run.is_multiple_of(2);
    let kind = if decided { EventKind::Validated } else { EventKind::Provenance };
    Event {
        key: EventKey::of_entry(kind, Some(REPOSITORY), run, tag, status, at(second)),
        kind,
        status: EventStatus::from(status),
        validated_at: Some(at(second)),
        decision: decided.then(|| json!([{"outcome": "accepted"}])),
        failure_reason: (status == Status::Failure).then(|| "no bundle".to_owned()),
        attempt: Some(1),
        ..Event::of_dispatch(REPOSITORY, run, tag, "", Some("octocat".into()), at(second))
    }
}

fn history() -> Vec<Event> {
    let mut events = vec![Event::of_dispatch(REPOSITORY, 2, "v2", "", None, at(0))];
    events.extend((1..=1_100).map(|run| {
        let status = if run % 5 == 0 { Status::Failure } else { Status::Success };
        outcome(run, &format!("v{}", run / 3), status, i64::try_from(run).unwrap())
    }));
    events
}

#[test]
fn every_answer_is_that_of_the_database_behind_it() {
    let world = Scene::new().start();
    let (log, database) = (log_of(&world, &[TOKEN]), database_of(&world));
    let events = history();
    let appended = log.append(&events).unwrap();
    assert!(appended.iter().all(|it| it.outcome == Outcome::Inserted));
    let again = log.append(&events[..3]).unwrap();
    assert!(
        again
            .iter()
            .zip(&appended)
            .all(|(again, first)| { again.outcome == Outcome::Duplicate && again.id == first.id })
    );
    for (since, limit) in [(None, None), (Some(at(300)), None), (None, Some(7)), (None, Some(500))]
    {
        let filter = KpiFilter {
            since,
            repository: Some(REPOSITORY.to_owned()),
            limit,
            ..KpiFilter::default()
        };
        assert_eq!(log.kpi(&filter).unwrap(), database.kpi(&filter).unwrap());
        assert_eq!(log.latest(&filter).unwrap(), database.latest(&filter).unwrap());
        assert_eq!(log.incidents(&filter).unwrap(), database.incidents(&filter).unwrap());
        let open = |log: &EventLog| log.open_incidents(&filter).unwrap();
        assert_eq!(open(&log), open(&database));
        assert_eq!(log.dispatches(&filter).unwrap(), database.dispatches(&filter).unwrap());
        let now = Timestamp::now();
        let figures = |log: &EventLog| log.summary(&filter, now).unwrap().coverage;
        assert_eq!(figures(&log), figures(&database));
    }
    let of_release = |log: &EventLog, tag: &str| log.release_events(Some(REPOSITORY), tag).unwrap();
    assert_eq!(of_release(&log, "v2"), of_release(&database, "v2"));
    assert_eq!(of_release(&log, "none"), []);
    let all = |log: &EventLog| {
        let mut all: Vec<StoredEvent> = Vec::new();
        log.each_event(|stored| {
            all.push(stored);
            Ok::<(), StoreError>(())
        })
        .unwrap();
        all.sort_by_key(|stored| stored.id);
        all
    };
    assert_eq!(all(&log), all(&database));
}

#[test]
fn a_decision_and_a_seal_come_through() {
    let world = Scene::new().start();
    let (log, database) = (log_of(&world, &[TOKEN]), database_of(&world));
    let decision = outcome(2, TAG, Status::Success, 0);
    log.append(std::slice::from_ref(&decision)).unwrap();
    assert_eq!(log.append(std::slice::from_ref(&decision)).unwrap()[0].outcome, Outcome::Duplicate);
    let known = database.release_events(Some(REPOSITORY), TAG).unwrap();
    assert_eq!(known[0].event, decision);
    assert_eq!(log.newest_seal().unwrap(), None);
    let sealed = database.seal(Timestamp::now()).unwrap();
    assert_eq!(log.newest_seal().unwrap(), sealed.newest);
}

#[test]
fn a_contradiction_is_rejected_and_says_what_differs() {
    let world = Scene::new().start();
    let log = log_of(&world, &[TOKEN]);
    let event = outcome(1, TAG, Status::Failure, 0);
    log.append(std::slice::from_ref(&event)).unwrap();
    let other = Event { failure_reason: Some("another".to_owned()), ..event };
    let error = log.append(&[other]).unwrap_err();
    let StoreError::Rejected { problem, .. } = &error else { panic!("{error}") };
    assert!(problem.contains("failure_reason"), "{problem}");
}

#[test]
fn a_job_sends_with_an_identity_for_every_body() {
    let world = Scene::new().start();
    let tokens: Vec<String> = (0..3).map(|_| world.token(|_| ())).collect();
    let reply = |token: &String| answer(200, &[], &json!({"value": token}).to_string());
    let service = ScriptedServer::start(tokens.iter().map(reply).collect());
    let request_url = service.url("/oidc?api-version=2");
    let log = log_of(
        &world,
        &[
            ("ACTIONS_ID_TOKEN_REQUEST_URL", &request_url),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "request-token"),
            ("PROVOST_STORE_AUDIENCE", AUDIENCE),
        ],
    );
    let run = 14_095_611_671;
    let first = outcome(run, TAG, Status::Failure, 0);
    log.append(std::slice::from_ref(&first)).unwrap();
    log.append(std::slice::from_ref(&first)).unwrap();
    log.append(&[outcome(run + 1, TAG, Status::Success, 9)]).unwrap();
    let rows = log.latest(&KpiFilter::default()).unwrap();
    assert_eq!(rows.len(), 2);
    // One for each body, and one for all that was asked.
    assert_eq!(service.requests().len(), 3);
}

#[test]
fn a_job_of_another_tag_is_not_let_in() {
    let world = Scene::new().start();
    let reply = |token: String| answer(200, &[], &json!({"value": token}).to_string());
    let service =
        ScriptedServer::start(vec![reply(world.token(|_| ())), reply(world.token(|_| ()))]);
    let request_url = service.url("/oidc?api-version=2");
    let log = log_of(
        &world,
        &[
            ("ACTIONS_ID_TOKEN_REQUEST_URL", &request_url),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "request-token"),
            ("PROVOST_STORE_AUDIENCE", AUDIENCE),
        ],
    );
    let error = log.append(&[outcome(1, "v9", Status::Success, 0)]).unwrap_err();
    let StoreError::Endpoint(EndpointError::Unauthorised { .. }) = &error else {
        panic!("{error}")
    };
    assert!(error.to_string().contains(AUDIENCE), "{error}");
    assert!(database_of(&world).latest(&KpiFilter::default()).unwrap().is_empty());
}
