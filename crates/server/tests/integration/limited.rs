//! Slack and GitHub that ask to be left alone for a while: the outbox comes back when they said.

use crate::world::{REPOSITORY, Scene, TAG, WEBHOOK_SECRET, World, validation};
use jiff::{SignedDuration, Timestamp};
use provost_testkit::github::{Fault, On, Repository, ServiceAnswer, Token};
use serde_json::{Value, json};
use sqlx::{ConnectOptions, Connection};

/// How long after the end of a limit a message may be tried again.
const SPREAD: i64 = 10 + 2;

/// No wait of the first tries is longer.
const USUAL: std::ops::Range<i64> = 0..60;

/// When the only message that waits is due, in seconds from `from`; `None` while it is under way.
fn due(world: &World, from: Timestamp) -> Option<i64> {
    let file = world.folder.path().join("events.db");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let due: Option<String> = runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file).read_only(true);
        let mut connection = options.connect().await.expect("the database");
        let query = "select due_at from provenance_outbox where problem is not null
            and delivered_at is null and dead_at is null and leased_until is null";
        let due = sqlx::query_scalar(query).fetch_optional(&mut connection).await.expect("a row");
        connection.close().await.expect("closed");
        due
    });
    let due: Timestamp = due?.parse().expect("a time");
    Some(due.duration_since(from).as_secs())
}

/// The seconds until the message is tried again.
fn waits(world: &World, from: Timestamp) -> i64 {
    let found = std::cell::Cell::new(None);
    world.until("the word about the next try", || {
        found.set(due(world, from));
        found.get().is_some()
    });
    found.get().expect("it waits")
}

fn fail(world: &World) -> Timestamp {
    let body = validation("failure", &world.ago(60));
    let before = Timestamp::now();
    let place = "/functions/v1/provenance-validate";
    assert_eq!(world.post(place, "all-scopes", &body).status(), 200);
    before
}

fn with_slack() -> Scene {
    let scene = Scene::new().more("[notify]\nslack_hosts = [\"127.0.0.1\"]\n");
    let address = scene.github.webhook_url();
    scene.variable("SLACK_WEBHOOK_URL", &address)
}

fn is_announced(world: &World) -> bool {
    world.items("/api/v1/events").iter().any(|event| event["event"] == "notified")
}

#[test]
fn slack_is_asked_again_when_it_said() {
    let world = with_slack().start();
    world.github.webhook(ServiceAnswer::Limited(3600));
    let before = fail(&world);
    let wait = waits(&world, before);
    assert!((3600..3600 + SPREAD).contains(&wait), "{wait} s");
    world.github.webhook(ServiceAnswer::Delivered);
    world.pass(SignedDuration::from_secs(wait + 1));
    world.until("the announcement", || is_announced(&world));
    assert_eq!(world.github.requests_to("POST", "/services/T0FAKE/B0FAKE/webhook").len(), 2);
}

#[test]
fn a_limit_that_names_no_time_or_an_error_is_tried_again_as_usual() {
    for answer in [
        ServiceAnswer::Refused(429, "ratelimited".into()),
        ServiceAnswer::Refused(500, "down".into()),
    ] {
        let world = with_slack().start();
        world.github.webhook(answer);
        let before = fail(&world);
        let wait = waits(&world, before);
        assert!(USUAL.contains(&wait), "{wait} s");
    }
}

#[test]
fn a_limit_of_years_is_one_of_a_day() {
    let world = with_slack().start();
    world.github.webhook(ServiceAnswer::Limited(100_000_000));
    let before = fail(&world);
    let wait = waits(&world, before);
    assert!((86_400..86_400 + SPREAD).contains(&wait), "{wait} s");
}

#[test]
fn the_first_way_that_is_free_again_is_waited_for_and_one_that_only_failed_is_not() {
    for (fault, range) in
        [(Fault::TooManyRequests(Some(600)), 600..600 + SPREAD), (Fault::Status(500), USUAL)]
    {
        let scene = with_slack();
        let token = Token::fine_grained("provost-bot", &["issues:write", "metadata:read"]);
        let token = scene.github.token(token);
        scene.github.add(Repository::new(REPOSITORY).ids(486_325_809, 80_431_187));
        let world = scene.variable("GITHUB_TOKEN", &token).start();
        world.github.webhook(ServiceAnswer::Limited(3600));
        world.github.fault(On::new("*", "/**").times(8), fault);
        let before = fail(&world);
        let wait = waits(&world, before);
        assert!(range.contains(&wait), "{wait} s, and not {range:?}");
    }
}

#[test]
fn a_hint_is_looked_up_when_github_said() {
    let scene = Scene::new();
    let permissions = ["actions:read", "contents:read", "metadata:read", "issues:write"];
    let token = scene.github.token(Token::fine_grained("provost", &permissions));
    scene.github.add(Repository::new(REPOSITORY).ids(486_325_809, 80_431_187));
    let world = scene.variable("GITHUB_TOKEN", &token).start();
    world.github.fault(On::new("*", "/**"), Fault::TooManyRequests(Some(3600)));
    let before = Timestamp::now();
    let body = json!({
        "action": "completed", "repository": {"id": 486_325_809, "full_name": REPOSITORY},
        "workflow_run": {
            "id": 7, "run_attempt": 1, "path": ".github/workflows/release.yml",
            "conclusion": "failure", "head_branch": TAG,
        },
    })
    .to_string();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, WEBHOOK_SECRET.as_bytes());
    let signature = hex::encode(aws_lc_rs::hmac::sign(&key, body.as_bytes()).as_ref());
    let response = world
        .client
        .post(world.url("/webhooks/github"))
        .header("content-type", "application/json")
        .header("x-github-event", "workflow_run")
        .header("x-github-delivery", "d-1")
        .header("x-hub-signature-256", format!("sha256={signature}"))
        .body(body)
        .send()
        .unwrap();
    assert_eq!(response.status(), 200);
    let wait = waits(&world, before);
    assert!((3600..3600 + SPREAD).contains(&wait), "{wait} s");
    world.pass(SignedDuration::from_secs(wait + 1));
    let health = || -> Value { world.get("/api/v1/health") };
    world.until("the look-up", || health()["outbox_delivered"] == 1);
}
