//! What is sent into the log.

use crate::world::{REPOSITORY, Scene, TAG, World, validation};
use serde_json::{Value, json};

const TELEMETRY: &str = "/functions/v1/telemetry";
const TOKEN: &str = "all-scopes";

fn entry(run: &str, tag: &str) -> Value {
    json!({
        "run": run, "tag": tag, "status": "success", "artifact": "", "release_url": "",
        "validated_at": "2026-03-01T12:00:00Z", "repository": REPOSITORY,
    })
}

fn send(world: &World, body: &Value) -> (u16, Value) {
    let response = world.post(TELEMETRY, TOKEN, body);
    (response.status().as_u16(), serde_json::from_str(&response.text().unwrap()).unwrap())
}

#[test]
fn a_manifest_is_taken_entry_by_entry_and_a_repeat_adds_nothing() {
    let world = Scene::new().start();
    let mut wrong = entry("2", "v2");
    wrong["run"] = json!(2);
    let mut failed = entry("3", "v3");
    failed["status"] = json!("failure");
    failed["failure_reason"] = json!("source-ref failed");
    failed["notified"] = json!({"slack": true});
    let manifest = json!([entry("1", "v1"), wrong, failed, entry("4", "a..b")]);
    let (status, answer) = send(&world, &manifest);
    assert_eq!(status, 200, "{answer}");
    assert_eq!((&answer["inserted"], &answer["duplicates"]), (&json!(2), &json!(0)));
    let rejected: Vec<u64> = answer["rejected"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["index"].as_u64().unwrap())
        .collect();
    assert_eq!(rejected, [1, 3]);
    let outcomes: Vec<&str> = answer["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["inserted", "rejected", "inserted", "rejected"]);
    // The announcement is an event of its own.
    assert_eq!(world.items("/api/v1/events").len(), 3);
    let (status, answer) = send(&world, &manifest);
    assert_eq!((status, &answer["inserted"], &answer["duplicates"]), (200, &json!(0), &json!(2)));
    assert_eq!(world.items("/api/v1/events").len(), 3);
    assert_eq!(world.metric("provost_entries_total{outcome=\"inserted\"}"), 2);
    assert_eq!(world.metric("provost_entries_total{outcome=\"rejected\"}"), 4);
    let (status, answer) = send(&world, &json!([entry("x", "v1")]));
    assert_eq!((status, answer["rejected"].as_array().unwrap().len()), (422, 1));
    assert_eq!(send(&world, &json!([])).0, 200);
}

#[test]
fn a_failure_document_and_the_entry_of_it_are_one_event() {
    let world = Scene::new().start();
    let failure = json!({
        "run": "7", "tag": "v7", "repository": REPOSITORY, "workflow": null, "status": "failure",
        "failure_reason": "source-ref failed", "artifact_present": true,
        "checks_failed": ["source-ref"], "run_url": null, "release_url": "",
        "occurred_at": "2026-03-01T12:00:00Z", "notified": {},
    });
    let (status, answer) = send(&world, &failure);
    assert_eq!((status, &answer["inserted"]), (200, &json!(1)), "{answer}");
    let mut same = entry("7", "v7");
    same["status"] = json!("failure");
    same["failure_reason"] = json!("source-ref failed");
    same["decision"] = json!("refused");
    same["checks_failed"] = json!(["source-ref"]);
    let (status, answer) = send(&world, &json!([same]));
    assert_eq!((status, &answer["duplicates"]), (200, &json!(1)), "{answer}");
    let events = world.items("/api/v1/events");
    assert_eq!((events.len(), &events[0]["event"]), (1, &json!("validated")));
    // The validating function says the same.
    let mut body = validation("failure", "2026-03-01T12:00:00Z");
    body["tag"] = json!("v7");
    body["run_id"] = json!(7);
    let response = world.post("/functions/v1/provenance-validate", TOKEN, &body);
    let answer: Value = serde_json::from_str(&response.text().unwrap()).unwrap();
    assert_eq!((&answer["outcome"], &answer["event_id"]), (&json!("duplicate"), &events[0]["id"]));
    let mut other = failure.clone();
    other["status"] = json!("success");
    assert_eq!(send(&world, &other).0, 422);
}

#[test]
fn events_of_another_log_come_as_they_are() {
    let world = Scene::new().start();
    assert_eq!(send(&world, &json!([entry("1", "v1"), entry("2", "v2")])).0, 200);
    let events = world.items("/api/v1/events");
    let second = Scene::new().start();
    let (status, answer) = send(&second, &json!({ "events": events }));
    assert_eq!((status, &answer["inserted"]), (200, &json!(2)), "{answer}");
    let mut wrong = events.clone();
    wrong[0]["event"] = json!("deleted");
    wrong[1]["surprise"] = json!(1);
    let (status, answer) = send(&second, &json!({ "events": wrong }));
    assert_eq!((status, answer["rejected"].as_array().unwrap().len()), (422, 2), "{answer}");
}

#[test]
fn what_is_no_body_is_told_without_a_trace_in_the_log() {
    let world = Scene::new().start();
    let raw = |body: &str| {
        let request = world.client.post(world.url(TELEMETRY)).body(body.to_owned());
        let request = request.header("content-type", "application/json").bearer_auth(TOKEN);
        request.send().unwrap().status().as_u16()
    };
    for body in [
        "",
        "null",
        "1",
        "\"x\"",
        "{}",
        "[1]x",
        "[",
        "{\"events\":1}",
        "{\"events\":[],\"x\":1}",
        "{\"manifest_url\":1}",
        "{\"a\":1,\"a\":2}",
        "{\"\\u0061\":1}",
        "\u{feff}[]",
    ] {
        assert_eq!(raw(body), 400, "{body}");
    }
    assert_eq!(raw("[1, \"x\", null]"), 422);
    assert!(world.items("/api/v1/events").is_empty());
}

#[test]
fn a_job_writes_its_own_entries_and_the_others_are_rejected() {
    let world = Scene::new().start();
    let mut other = entry("3", TAG);
    other["repository"] = json!("example-org/other");
    let mut none = entry("4", TAG);
    none.as_object_mut().unwrap().remove("repository");
    let manifest = json!([entry("1", TAG), entry("2", "v9"), other, none]);
    let response = world.post(TELEMETRY, &world.token(|_| ()), &manifest);
    let answer: Value = serde_json::from_str(&response.text().unwrap()).unwrap();
    assert_eq!((&answer["inserted"], answer["rejected"].as_array().unwrap().len()), (&json!(1), 3));
    let foreign = json!([entry("2", "v9")]);
    assert_eq!(world.post(TELEMETRY, &world.token(|_| ()), &foreign).status(), 401);
}

#[test]
fn a_job_cannot_take_the_place_of_another_event() {
    let world = Scene::new().start();
    let nightly = |world: &World| {
        world.token(|c| {
            c["ref"] = json!("refs/heads/nightly");
            c["ref_type"] = json!("branch");
            let workflow = crate::world::WORKFLOW;
            c["job_workflow_ref"] = json!(format!("{REPOSITORY}/{workflow}@refs/heads/nightly"));
        })
    };
    assert_eq!(send(&world, &json!([entry("1", "v1")])).0, 200);
    let mut event = world.items("/api/v1/events").remove(0);
    event.as_object_mut().unwrap().remove("id");
    event.as_object_mut().unwrap().remove("created_at");
    let body = json!({"events": [event.clone()]});
    assert_eq!(world.post(TELEMETRY, &nightly(&world), &body).status(), 200);
    event["tag"] = json!("v2");
    let body = json!({"events": [event]});
    assert_eq!(world.post(TELEMETRY, &nightly(&world), &body).status(), 401);
}

#[test]
fn a_manifest_is_fetched_below_the_base_alone() {
    use provost_testkit::scripted_server::{Reply, ScriptedServer};
    let manifest = json!([entry("1", "v1")]).to_string();
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{manifest}",
        manifest.len()
    );
    let bucket = ScriptedServer::start(vec![
        Reply::Says(answer),
        Reply::Says("HTTP/1.1 302 Found\r\nlocation: {self}/secret\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".into()),
    ]);
    let base = bucket.url("/docs/");
    let world = Scene::new()
        .server(&format!("manifest_base_url = \"{base}\""))
        .variable("PROVOST_DOCS_KEY", "docs-key-canary")
        .start();
    let (status, answer) =
        send(&world, &json!({"manifest_url": format!("{base}day/manifest.json")}));
    assert_eq!((status, &answer["inserted"]), (200, &json!(1)), "{answer}");
    let (status, _) = send(&world, &json!({"manifest_url": format!("{base}moved.json")}));
    assert_eq!(status, 502);
    for wrong in
        [bucket.url("/other/manifest.json"), bucket.url("/docs/../x"), "file:///etc/passwd".into()]
    {
        assert_eq!(send(&world, &json!({ "manifest_url": wrong })).0, 400);
    }
    let requests = bucket.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests[0].contains("authorization: Bearer docs-key-canary"), "{}", requests[0]);
    let none = Scene::new().start();
    assert_eq!(send(&none, &json!({"manifest_url": "https://example.com/m.json"})).0, 400);
}

#[test]
fn a_static_token_does_what_its_scopes_say() {
    let world = Scene::new().start();
    let body = validation("success", "2026-03-01T12:00:00Z");
    let post = |token: &str| world.post("/functions/v1/provenance-validate", token, &body).status();
    assert_eq!(post("all-scopes"), 200);
    assert_eq!(post("read-only"), 403);
    for wrong in ["all-scope", "ALL-SCOPES", "x"] {
        assert_eq!(post(wrong), 401, "{wrong}");
    }
    let hash = hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"all-scopes"));
    assert_eq!(post(&hash), 401, "the hash is no token");
}
