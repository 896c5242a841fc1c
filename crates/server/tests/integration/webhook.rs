//! Webhooks: a hint to look at GitHub, and never evidence.

use crate::world::{COMMIT, REPOSITORY, Scene, TAG, WEBHOOK_SECRET, World};
use provost_testkit::github::{Release, Repository, RepositoryHandle, Run, Token, Workflow};
use serde_json::{Value, json};

struct Delivery<'a> {
    event: &'a str,
    id: &'a str,
    secret: &'a str,
    body: Value,
}

fn send(world: &World, delivery: &Delivery<'_>) -> (u16, Value) {
    let body = delivery.body.to_string();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, delivery.secret.as_bytes());
    let tag = hex::encode(aws_lc_rs::hmac::sign(&key, body.as_bytes()).as_ref());
    let response = world
        .client
        .post(world.url("/webhooks/github"))
        .header("content-type", "application/json")
        .header("x-github-event", delivery.event)
        .header("x-github-delivery", delivery.id)
        .header("x-hub-signature-256", format!("sha256={tag}"))
        .body(body)
        .send()
        .unwrap();
    (response.status().as_u16(), serde_json::from_str(&response.text().unwrap()).unwrap())
}

fn run_ended(run: u64, conclusion: &str) -> Value {
    json!({
        "action": "completed", "repository": {"id": 486_325_809, "full_name": REPOSITORY},
        "workflow_run": {
            "id": run, "run_attempt": 1, "path": ".github/workflows/release.yml",
            "conclusion": conclusion, "head_branch": TAG,
        },
    })
}

/// GitHub with the repository and a token that may read it.
fn scene() -> (Scene, RepositoryHandle) {
    let scene = Scene::new();
    let permissions = ["actions:read", "contents:read", "metadata:read", "issues:write"];
    let token = scene.github.token(Token::fine_grained("provost", &permissions));
    let repository = scene.github.add(Repository::new(REPOSITORY).ids(486_325_809, 80_431_187));
    repository.annotated_tag(TAG, COMMIT, "Version 1.2.3");
    repository.workflow(Workflow::new(".github/workflows/release.yml").input("tag", true));
    (scene.variable("GITHUB_TOKEN", &token), repository)
}

/// A run on the tag that ended so.
fn ended(repository: &RepositoryHandle, conclusion: &str) -> u64 {
    let run = Run::new(".github/workflows/release.yml", &format!("refs/tags/{TAG}"), COMMIT);
    repository.run(run.conclusion(conclusion)).get().id
}

#[test]
fn a_cancelled_run_is_looked_up_and_recorded_once() {
    let (scene, repository) = scene();
    let world = scene.start();
    let run = ended(&repository, "cancelled");
    let delivery = Delivery {
        event: "workflow_run",
        id: "d-1",
        secret: WEBHOOK_SECRET,
        body: run_ended(run, "cancelled"),
    };
    assert_eq!(send(&world, &delivery), (200, json!({"outcome": "taken"})));
    world.until("the failure", || world.items("/api/v1/incidents").len() == 1);
    let incident = world.items("/api/v1/incidents").remove(0);
    assert_eq!((&incident["tag"], &incident["run_id"]), (&json!(TAG), &json!(run.to_string())));
    assert_eq!(incident["failure_reason"], "the provenance run ended with: cancelled");
    // The same delivery again, and another about the same run.
    assert_eq!(send(&world, &delivery), (200, json!({"outcome": "known"})));
    let again = Delivery { id: "d-2", ..delivery };
    assert_eq!(send(&world, &again).1, json!({"outcome": "taken"}));
    let done = || world.get("/api/v1/health")["outbox_waiting"] == 0;
    world.until("the outbox", done);
    assert_eq!(world.items("/api/v1/incidents").len(), 1);
}

#[test]
fn a_hint_is_no_evidence() {
    let (scene, repository) = scene();
    let world = scene.start();
    // GitHub says that the run succeeded, whatever the delivery says; and it knows no run 1.
    let run = ended(&repository, "success");
    for (id, run) in [("d-1", run), ("d-2", 1)] {
        let body = run_ended(run, "failure");
        let delivery = Delivery { event: "workflow_run", id, secret: WEBHOOK_SECRET, body };
        assert_eq!(send(&world, &delivery).1["outcome"], "taken");
    }
    let nothing = "provost_webhook_deliveries_total{event=\"workflow_run\",outcome=\"nothing\"}";
    world.until("two look-ups", || world.metric(nothing) == 2);
    assert!(world.items("/api/v1/events").is_empty());
}

#[test]
fn without_a_token_a_hint_is_counted() {
    let world = Scene::new().start();
    let body = run_ended(7, "timed_out");
    let delivery = Delivery { event: "workflow_run", id: "d-1", secret: WEBHOOK_SECRET, body };
    assert_eq!(send(&world, &delivery).1["outcome"], "taken");
    let unasked = "provost_webhook_deliveries_total{event=\"workflow_run\",outcome=\"unasked\"}";
    world.until("the count", || world.metric(unasked) == 1);
}

#[test]
fn only_what_is_listened_to_is_taken() {
    let world = Scene::new().start();
    let good = run_ended(7, "cancelled");
    let edited = |pointer: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    for (name, event, body) in [
        ("a ping", "ping", json!({"zen": "x"})),
        ("a push", "push", good.clone()),
        ("a run that goes on", "workflow_run", edited("/action", json!("requested"))),
        ("a success", "workflow_run", edited("/workflow_run/conclusion", json!("success"))),
        (
            "another workflow",
            "workflow_run",
            edited("/workflow_run/path", json!(".github/workflows/ci.yml")),
        ),
        ("another repository", "workflow_run", edited("/repository/id", json!(1))),
        (
            "a draft",
            "release",
            json!({"action": "created", "repository": {"id": 486_325_809}, "release": {"tag_name": TAG}}),
        ),
        (
            "no tag",
            "release",
            json!({"action": "published", "repository": {"id": 486_325_809}, "release": {"tag_name": "a..b"}}),
        ),
    ] {
        let delivery = Delivery { event, id: "d-1", secret: WEBHOOK_SECRET, body };
        assert_eq!(send(&world, &delivery), (200, json!({"outcome": "ignored"})), "{name}");
    }
    let wrong =
        Delivery { event: "workflow_run", id: "a b", secret: WEBHOOK_SECRET, body: good.clone() };
    assert_eq!(send(&world, &wrong).0, 400);
}

#[test]
fn an_unsigned_delivery_is_not_let_in_and_a_rotated_secret_is() {
    let world =
        Scene::new().variable("PROVOST_WEBHOOK_SECRET_PREVIOUS", "the-secret-before").start();
    let body = run_ended(7, "cancelled");
    for (secret, status) in [("the-secret-before", 200), (WEBHOOK_SECRET, 200), ("wrong", 401)] {
        let delivery = Delivery { event: "ping", id: "d-1", secret, body: body.clone() };
        assert_eq!(send(&world, &delivery).0, status, "{secret}");
    }
    let response = world.post("/webhooks/github", "all-scopes", &body);
    assert_eq!(response.status(), 401, "a bearer is no signature");
    let mut none = Scene::new();
    none.variables.clear();
    let none = none.start();
    let delivery = Delivery { event: "ping", id: "d-1", secret: "", body };
    assert_eq!(send(&none, &delivery).0, 401, "no secret is set");
}

#[test]
fn a_published_release_without_provenance_is_an_incident_after_its_time() {
    let (scene, repository) = scene();
    let world = scene.server("deadline_minutes = 30").start();
    world.github.set_time(world.ago(0).parse().unwrap());
    repository.release(Release::new(TAG));
    let body = json!({
        "action": "published", "repository": {"id": 486_325_809}, "release": {"tag_name": TAG},
    });
    let delivery = Delivery { event: "release", id: "d-1", secret: WEBHOOK_SECRET, body };
    assert_eq!(send(&world, &delivery).1["outcome"], "taken");
    let recorded = "provost_webhook_deliveries_total{event=\"release\",outcome=\"recorded\"}";
    world.until("the look-up", || world.metric(recorded) == 1);
    assert!(world.items("/api/v1/incidents").is_empty());
    world.pass(jiff::SignedDuration::from_mins(31));
    world.until("the incident", || world.items("/api/v1/incidents").len() == 1);
    let incident = world.items("/api/v1/incidents").remove(0);
    assert_eq!(incident["failure_reason"], "no accepted provenance within 30 minutes");
    world.until("the end of it", || world.metric("provost_deadlines_passed_total") == 1);
    world.pass(jiff::SignedDuration::from_mins(31));
    assert_eq!(world.items("/api/v1/incidents").len(), 1);
}
