//! Faults on command.

use std::thread;
use std::time::Duration;

use provost_testkit::github::{Artifact, Fault, Gate, Host, Issue, On, Run};
use serde_json::json;

use super::client::{COMMIT, REPOSITORY, World};

fn issues() -> String {
    format!("{REPOSITORY}/issues")
}

fn on_issues() -> On {
    On::new("POST", "/repos/*/*/issues")
}

#[test]
fn a_fault_hits_as_often_as_it_is_set_and_nothing_else() {
    let world = World::new();
    world.github.fault(on_issues().after(1).times(2), Fault::Status(502));
    let post = || world.post(&issues(), &json!({ "title": "x" })).status;
    assert_eq!([post(), post(), post(), post()], [201, 502, 502, 201]);
    world.github.fault(on_issues().always(), Fault::Status(503));
    assert_eq!(world.get(&issues()).status, 200);
    assert_eq!(post(), 503);
    world.github.clear_faults();
    assert_eq!(post(), 201);
    assert_eq!(world.github.requests_to("POST", &issues()).len(), 6);
}

#[test]
fn a_pattern_can_end_in_everything() {
    let world = World::new();
    world.github.fault(On::new("*", "/repos/example-org/**").times(2), Fault::Status(500));
    assert_eq!(world.get("/rate_limit").status, 200);
    assert_eq!(world.get(REPOSITORY).status, 500);
    assert_eq!(world.get(&issues()).status, 500);
    assert_eq!(world.get(&issues()).status, 200);
}

#[test]
fn limits_tell_when_to_come_again() {
    let world = World::new();
    let fault = |fault| {
        world.github.fault(On::new("GET", "/rate_limit"), fault);
        world.get("/rate_limit")
    };
    let reply = fault(Fault::SecondaryRateLimit(7));
    assert_eq!((reply.status, reply.header("retry-after")), (403, Some("7")));
    assert!(reply.message().contains("secondary rate limit"));
    let reply = fault(Fault::TooManyRequests(Some(3)));
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("3")));
    assert_eq!(fault(Fault::TooManyRequests(None)).header("retry-after"), None);
    let reply = fault(Fault::PrimaryRateLimit(1_900_000_000));
    assert_eq!((reply.status, reply.header("x-ratelimit-remaining")), (403, Some("0")));
    assert_eq!(reply.header("x-ratelimit-reset"), Some("1900000000"));
    assert_eq!(reply.header("retry-after"), None);
}

#[test]
fn an_answer_can_be_something_else_altogether() {
    let world = World::new();
    let fault = |fault| {
        world.github.fault(On::new("GET", "/rate_limit"), fault);
        world.get("/rate_limit")
    };
    let reply = fault(Fault::Html);
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    let reply = fault(Fault::Body(200, "application/json", b"{".to_vec()));
    assert_eq!(reply.body, b"{");
    let reply = fault(Fault::Redirect(307, "http://127.0.0.1:1/".into()));
    assert_eq!((reply.status, reply.header("location")), (307, Some("http://127.0.0.1:1/")));
}

#[test]
fn a_connection_cut_before_the_answer_has_done_nothing() {
    let world = World::new();
    world.github.fault(on_issues(), Fault::CutBeforeAnswer);
    let body = json!({ "title": "x" });
    assert!(world.send("POST", &issues(), Some(&body), &[]).is_err());
    assert!(world.repository.issues().is_empty());
    assert_eq!(world.post(&issues(), &body).status, 201);
}

#[test]
fn a_connection_cut_after_the_deed_makes_the_client_deliver_twice() {
    let world = World::new();
    world.github.fault(on_issues(), Fault::ExecuteThenCut);
    let body = json!({ "title": "x" });
    assert!(world.send("POST", &issues(), Some(&body), &[]).is_err());
    assert_eq!(world.repository.issues().len(), 1);
    assert_eq!(world.post(&issues(), &body).status, 201);
    assert_eq!(world.repository.issues().len(), 2);
}

#[test]
fn a_body_is_cut_at_any_byte() {
    let world = World::new();
    let whole = world.get(&issues()).body.len();
    for bytes in [0, 1, whole - 1] {
        world.github.fault(On::new("GET", "/repos/*/*/issues"), Fault::CutAfter(bytes));
        let error = world.send("GET", &issues(), None, &[]).unwrap_err();
        // The head came, so it is the body that failed.
        assert!(error.is_body() || error.is_decode(), "{bytes}: {error:?}");
    }
    assert_eq!(world.get(&issues()).status, 200);
}

#[test]
fn a_large_body_is_cut_in_its_middle() {
    let world = World::new();
    let run = world.repository.run(Run::new("w.yml", "refs/tags/v1", COMMIT));
    let id = run.artifact(Artifact::raw("large", vec![7; 3 << 20]));
    let redirect = world.get(&format!("{REPOSITORY}/actions/artifacts/{id}/zip"));
    let address = redirect.header("location").unwrap();
    let on = On::new("GET", "/artifacts/*").host(Host::Blob);
    world.github.fault(on, Fault::CutAfter(2 << 20));
    assert!(world.get_anonymously(address).is_err());
}

#[test]
fn an_archive_is_truncated_and_its_answer_is_not() {
    let world = World::new();
    let run = world.repository.run(Run::new("w.yml", "refs/tags/v1", COMMIT));
    let id = run.artifact(Artifact::of("a", &[("a.txt", b"hello")]));
    let path = format!("{REPOSITORY}/actions/artifacts/{id}/zip");
    let fetch = || world.anonymously_at(world.get(&path).header("location").unwrap());
    let on = On::new("GET", "/artifacts/*").host(Host::Blob);
    world.github.fault(on, Fault::Truncate(20));
    let reply = fetch();
    assert_eq!((reply.status, reply.body.len()), (200, 20));
    assert!(fetch().body.len() > 20);
}

#[test]
fn the_answer_can_be_about_another_repository() {
    let world = World::new();
    let run = world.repository.run(Run::new("w.yml", "refs/tags/v1", COMMIT));
    let path = format!("{REPOSITORY}/actions/runs/{}", run.id());
    world.github.fault(On::new("GET", "/repos/*/*/actions/runs/*"), Fault::OtherRepository);
    let told = world.get(&path).json();
    assert_eq!(told["repository"]["full_name"], "other/elsewhere");
    assert_eq!((&told["repository"]["id"], &told["id"]), (&json!(1), &json!(run.id())));
    assert!(told["html_url"].as_str().unwrap().contains("/other/elsewhere/"));
    let told = world.get(&path).json();
    assert_eq!(told["repository"]["full_name"], "example-org/artifact");
}

#[test]
fn a_gate_holds_a_request_until_the_test_opens_it() {
    let world = World::new();
    let gate = Gate::new();
    world.github.fault(on_issues(), Fault::Hold(gate.clone()));
    thread::scope(|scope| {
        let held = scope.spawn(|| world.post(&issues(), &json!({ "title": "x" })).status);
        gate.wait_for_arrivals(1);
        // Others pass meanwhile.
        assert_eq!(world.get(&issues()).json(), json!([]));
        assert!(world.repository.issues().is_empty());
        gate.open();
        assert_eq!(held.join().unwrap(), 201);
    });
    assert_eq!(world.repository.issues().len(), 1);
}

#[test]
fn a_request_that_is_held_does_not_hold_the_end() {
    let world = World::new();
    let gate = Gate::new();
    world.github.fault(On::new("GET", "/rate_limit"), Fault::Hold(gate.clone()));
    let url = format!("{}/rate_limit", world.github.api_url());
    let held = thread::spawn(move || {
        let client = reqwest::blocking::Client::builder().no_proxy().user_agent("test");
        client.build().unwrap().get(url).send().is_err()
    });
    gate.wait_for_arrivals(1);
    drop(world);
    assert!(held.join().unwrap());
}

#[test]
fn two_faults_hit_one_request_in_turn() {
    let world = World::new();
    world.repository.issue(Issue::new("somebody", "x"));
    let on = || On::new("GET", "/repos/*/*/issues");
    world.github.fault(on(), Fault::Delay(Duration::from_millis(1)));
    world.github.fault(on(), Fault::Truncate(1));
    assert_eq!(world.get(&issues()).body, b"[");
}

#[test]
fn a_request_outside_of_the_description_is_seen_behind_a_fault() {
    let world = World::new();
    world.github.fault(on_issues().times(2), Fault::Status(503));
    assert_eq!(world.post(&issues(), &json!({ "title": "x" })).status, 503);
    assert_eq!(world.github.violations(), []);
    assert_eq!(world.post(&issues(), &json!({})).status, 500);
    assert_eq!(world.github.violations().len(), 1);
}
