//! Messages: written with the rows, told at least once, given up in sight.

use crate::world::{REPOSITORY, Scene, TAG, World, validation};
use jiff::SignedDuration;
use provost_testkit::github::{Repository, ServiceAnswer, Token};
use serde_json::{Value, json};

const PLACE: &str = "/functions/v1/provenance-validate";

fn fail(world: &World, seconds_ago: i64) {
    let body = validation("failure", &world.ago(seconds_ago));
    assert_eq!(world.post(PLACE, "all-scopes", &body).status(), 200);
}

fn slack(world: &World) -> usize {
    world.github.requests_to("POST", "/services/T0FAKE/B0FAKE/webhook").len()
}

fn health(world: &World) -> Value {
    world.get("/api/v1/health")
}

fn with_slack() -> Scene {
    let scene = Scene::new().more("[notify]\nslack_hosts = [\"127.0.0.1\"]\n");
    let address = scene.github.webhook_url();
    scene.variable("SLACK_WEBHOOK_URL", &address)
}

#[test]
fn a_failure_is_told_once_and_its_announcement_is_an_event() {
    let world = with_slack().start();
    // The same failure, of one second.
    let failure = validation("failure", &world.ago(60));
    for _ in 0..2 {
        assert_eq!(world.post(PLACE, "all-scopes", &failure).status(), 200);
    }
    world.until("the announcement", || {
        world.items("/api/v1/events").iter().any(|event| event["event"] == "notified")
    });
    assert_eq!((slack(&world), health(&world)["outbox_delivered"].clone()), (1, json!(1)));
    assert_eq!(world.items("/api/v1/events").len(), 2);
    assert_eq!(
        world.metric("provost_deliveries_total{way=\"slack-webhook\",outcome=\"delivered\"}"),
        1
    );
    // A success, and history, are told to nobody.
    assert_eq!(
        world.post(PLACE, "all-scopes", &validation("success", &world.ago(30))).status(),
        200
    );
    fail(&world, 25 * 3600);
    world.until("an empty outbox", || health(&world)["outbox_waiting"] == 0);
    assert_eq!(slack(&world), 1);
}

#[test]
fn where_slack_refuses_an_issue_is_opened() {
    let scene = with_slack();
    let token =
        scene.github.token(Token::fine_grained("provost-bot", &["issues:write", "metadata:read"]));
    let repository = scene.github.add(Repository::new(REPOSITORY).ids(486_325_809, 80_431_187));
    let scene = scene.variable("GITHUB_TOKEN", &token);
    scene.github.webhook(ServiceAnswer::Refused(404, "no_service".into()));
    let world = scene.start();
    fail(&world, 60);
    world.until("the issue", || repository.issues().len() == 1);
    world.until("an empty outbox", || health(&world)["outbox_waiting"] == 0);
    assert!(repository.issues()[0].title.contains(TAG));
    // Another outcome of the same run is a comment there.
    fail(&world, 30);
    world.until("an empty outbox", || health(&world)["outbox_delivered"] == 2);
    assert_eq!(repository.issues().len(), 1);
}

#[test]
fn what_cannot_be_told_waits_and_is_given_up_in_sight() {
    let world = with_slack().edit(|settings| settings.limits.deliveries = 2).start();
    world.github.webhook(ServiceAnswer::Refused(500, "down".into()));
    fail(&world, 60);
    world.until("the first try", || slack(&world) == 1);
    // It comes again after a wait, and then no more.
    world.pass(SignedDuration::from_mins(5));
    world.until("the dead letter", || health(&world)["outbox_dead"] == 1);
    let health = health(&world);
    assert_eq!(health["status"], "degraded");
    let letter = &health["dead_letters"][0];
    assert_eq!((&letter["kind"], &letter["attempts"]), (&json!("failure"), &json!(2)));
    assert!(letter["problem"].as_str().unwrap().contains("slack-webhook"), "{letter}");
    assert_eq!(world.metric("provost_outbox_messages{state=\"dead\"}"), 1);
    assert_eq!(slack(&world), 2);
}

#[test]
fn slack_is_told_on_demand_and_the_answer_is_true() {
    let world = with_slack().start();
    let body =
        json!({"run_id": "7", "tag": TAG, "release_url": "", "failure_reason": "<!channel> x"});
    let place = "/functions/v1/ops-slack-notify?range=latest&source=slsa-provenance";
    let ask = |body: &Value| {
        let response = world.post(place, "all-scopes", body);
        let status = response.status().as_u16();
        (status, serde_json::from_str::<Value>(&response.text().unwrap()).unwrap())
    };
    let (status, answer) = ask(&body);
    assert_eq!(
        (status, &answer["delivered"], &answer["way"]),
        (200, &json!(true), &json!("slack-webhook"))
    );
    world.github.webhook(ServiceAnswer::Refused(404, "no_service".into()));
    let (status, answer) = ask(&body);
    assert_eq!((status, &answer["delivered"], &answer["way"]), (200, &json!(false), &json!(null)));
    assert!(answer["problems"][0].as_str().unwrap().contains("no_service"), "{answer}");
    assert_eq!(ask(&json!({"tag": TAG})).0, 400);
    assert_eq!(
        world.post("/functions/v1/ops-slack-notify?range=all", "all-scopes", &body).status(),
        400
    );
    assert_eq!(world.post(place, "read-only", &body).status(), 403);
    // A job's token sends one message.
    world.github.webhook(ServiceAnswer::Delivered);
    let token = world.token(|_| ());
    assert_eq!(world.post(place, &token, &body).status(), 200);
    assert_eq!(world.post(place, &token, &body).status(), 409);
    let mut other = body.clone();
    other["tag"] = json!("v9");
    assert_eq!(world.post(place, &world.token(|_| ()), &other).status(), 401);
    let nobody = Scene::new().start();
    let answer = nobody.post(place, "all-scopes", &body).text().unwrap();
    assert!(answer.contains("\"delivered\":false"), "{answer}");
}

#[test]
fn a_dispatch_without_provenance_is_an_incident_and_one_with_it_is_none() {
    let world = Scene::new().server("deadline_minutes = 10").start();
    let dispatched = |tag: &str, run: &str| {
        json!({
            "run_id": run, "tag": tag, "status": "pending", "repository": REPOSITORY,
            "event": "dispatched", "occurred_at": world.ago(60),
            "event_key": provost_record::EventKey::of_dispatch(REPOSITORY, run.parse().unwrap(), tag).as_str(),
        })
    };
    let body = json!({"events": [dispatched("v1", "1"), dispatched("v2", "2")]});
    assert_eq!(world.post("/functions/v1/telemetry", "all-scopes", &body).status(), 200);
    let mut good = validation("success", &world.ago(0));
    good["tag"] = json!("v2");
    good["run_id"] = json!("2");
    assert_eq!(world.post(PLACE, "all-scopes", &good).status(), 200);
    world.until("both expectations", || health(&world)["outbox_delivered"] == 2);
    world.pass(SignedDuration::from_mins(11));
    world.until("the incident", || !world.items("/api/v1/incidents").is_empty());
    world.until("the end of it", || world.metric("provost_deadlines_passed_total") == 1);
    let incidents = world.items("/api/v1/incidents");
    assert_eq!((incidents.len(), &incidents[0]["tag"]), (1, &json!("v1")));
}
