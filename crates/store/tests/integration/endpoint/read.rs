//! What is asked of an endpoint.

use super::{TOKEN, bearer, dispatched, line, says, scripted};
use provost_store::{EndpointError, EventLog, KpiFilter, StoreError};
use provost_testkit::scripted_server::ScriptedServer;
use provost_wire::v1::EventDocument;
use serde_json::{Value, json};

fn dispatch(run: u64) -> Value {
    json!({
        "tag": "v1",
        "run_id": run.to_string(),
        "repository": "acme/app",
        "release_url": null,
        "occurred_at": "2026-11-23T12:00:00Z",
        "actor": "octocat",
        "id": format!("0190c0de-0000-7000-8000-{run:012}"),
    })
}

fn page(items: &[Value], next: Option<&str>) -> Value {
    json!({"items": items, "next": next})
}

fn asked(server: ScriptedServer) -> Vec<String> {
    let requests = server.requests();
    assert!(requests.iter().all(|request| bearer(request) == TOKEN));
    requests.iter().map(|request| line(request).to_owned()).collect()
}

#[test]
fn pages_are_read_to_their_end() {
    let (server, log) = scripted(vec![
        says(200, &page(&[dispatch(3), dispatch(2)], Some("a/b&c"))),
        says(200, &page(&[dispatch(1)], None)),
    ]);
    let rows = log.dispatches(&KpiFilter::default()).unwrap();
    assert_eq!(rows.iter().map(|row| row.run_id).collect::<Vec<_>>(), [3, 2, 1]);
    let lines =
        ["GET /api/v1/dispatches?limit=500", "GET /api/v1/dispatches?limit=500&cursor=a%2Fb%26c"];
    assert_eq!(asked(server), lines);
}

#[test]
fn a_filter_is_sent_and_no_more_is_read_than_asked_for() {
    let (server, log) = scripted(vec![says(200, &page(&[dispatch(3), dispatch(2)], Some("x")))]);
    let filter = KpiFilter {
        since: Some("2026-11-01T00:00:00Z".parse().unwrap()),
        repository: Some("acme/app".into()),
        limit: Some(2),
        ..KpiFilter::default()
    };
    assert_eq!(log.dispatches(&filter).unwrap().len(), 2);
    let query = "repository=acme%2Fapp&since=2026-11-01T00%3A00%3A00Z&limit=2";
    assert_eq!(asked(server), [format!("GET /api/v1/dispatches?{query}")]);
}

#[test]
fn every_question_has_its_route() {
    let all = KpiFilter::default();
    let none = || says(200, &page(&[], None));
    let (server, log) = scripted(vec![none(), none(), none(), none()]);
    assert!(log.kpi(&all).unwrap().is_empty());
    assert!(log.latest(&all).unwrap().is_empty());
    assert!(log.incidents(&all).unwrap().is_empty());
    assert!(log.open_incidents(&all).unwrap().is_empty());
    let lines = [
        "GET /api/v1/kpi?limit=500",
        "GET /api/v1/latest?limit=500",
        "GET /api/v1/incidents?state=all&limit=500",
        "GET /api/v1/incidents?state=open&limit=500",
    ];
    assert_eq!(asked(server), lines);
}

#[test]
fn the_figures_come_whole() {
    let figures = json!({
        "since": null,
        "coverage": {"releases": 43, "accepted": 41},
        "before": null,
        "time_to_accepted": {"p50_seconds": 360, "p95_seconds": 1140, "releases": 40},
        "open_incidents": 2,
    });
    let (server, log) = scripted(vec![says(200, &figures)]);
    let now = "2026-11-23T12:00:00Z".parse().unwrap();
    let summary = log.summary(&KpiFilter::default(), now).unwrap();
    assert_eq!((summary.coverage.accepted, summary.open_incidents), (41, 2));
    assert_eq!(summary.time_to_accepted.unwrap().p95.as_secs(), 1140);
    assert_eq!(asked(server), ["GET /api/v1/summary"]);
}

#[test]
fn an_endpoint_that_only_takes_sends_the_reader_to_its_database() {
    let (_server, log) = scripted(vec![says(404, &json!({"errors": []}))]);
    let error = log.kpi(&KpiFilter::default()).unwrap_err();
    let StoreError::Endpoint(EndpointError::OnlyTakes { .. }) = &error else { panic!("{error}") };
    assert!(error.to_string().contains("name its database for this verb"), "{error}");
}

#[test]
fn an_answer_that_does_not_fit_the_question_is_none() {
    let filter = KpiFilter {
        since: Some("2026-11-01T00:00:00Z".parse().unwrap()),
        repository: Some("acme/app".into()),
        limit: Some(1),
        ..KpiFilter::default()
    };
    let with = |member: &str, value: Value| {
        let mut row = dispatch(1);
        row[member] = value;
        page(&[row], None)
    };
    for document in [
        json!({}),
        json!([dispatch(1)]),
        page(&[dispatch(2), dispatch(1)], None),
        page(&[], Some("x")),
        with("repository", json!("other/app")),
        with("repository", json!(null)),
        with("occurred_at", json!("2026-10-31T23:59:59Z")),
        with("occurred_at", json!("today")),
        with("id", json!("7")),
        with("run_id", json!(-1)),
    ] {
        let (_server, log) = scripted(vec![says(200, &document)]);
        let error = log.dispatches(&filter).unwrap_err();
        assert!(
            matches!(error, StoreError::Endpoint(EndpointError::Nonsense { .. })),
            "{document}: {error}"
        );
    }
}

#[test]
fn pages_that_do_not_end_are_an_error() {
    let same = || says(200, &page(&[dispatch(1)], Some("x")));
    let (_server, log) = scripted(vec![same(), same()]);
    let error = log.dispatches(&KpiFilter::default()).unwrap_err().to_string();
    assert!(error.contains("its pages do not end"), "{error}");
}

fn event(run: u64) -> Value {
    let document = EventDocument {
        id: Some(format!("0190c0de-0000-7000-8000-{run:012}")),
        created_at: Some("2026-11-23T12:00:01Z".into()),
        ..EventDocument::from(&dispatched(run))
    };
    serde_json::to_value(document).unwrap()
}

fn runs(log: &EventLog) -> Vec<u64> {
    let mut runs = Vec::new();
    log.each_event(|stored| {
        runs.push(stored.event.run_id);
        Ok::<(), StoreError>(())
    })
    .unwrap();
    runs
}

#[test]
fn every_event_is_read_page_by_page_and_again_from_the_beginning() {
    let pages = || {
        [says(200, &page(&[event(3), event(2)], Some("x"))), says(200, &page(&[event(1)], None))]
    };
    let (server, log) = scripted(pages().into_iter().chain(pages()).collect());
    assert_eq!(runs(&log), [3, 2, 1]);
    let mut lines = Vec::new();
    assert_eq!(log.export(&mut lines).unwrap().events, 3);
    let copy = crate::sample::Place::new();
    assert_eq!(copy.log().import(&mut lines.as_slice()).unwrap().inserted, 3);
    assert_eq!(runs(&copy.log()), [3, 2, 1]);
    assert_eq!(asked(server)[1], "GET /api/v1/events?limit=500&cursor=x");
}
