//! Bundles that are verified before anything is recorded.

use crate::world::{COMMIT, Scene, TAG, World, sigstore};
use provost_testkit::{BundleShape, SigningRequest, WorkflowIdentity, WorkflowRun, statement};
use serde_json::{Value, json};

const PLACE: &str = "/api/v1/verify";
const ARTIFACT: &[u8] = b"the released bytes";

fn digest(bytes: &[u8]) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    format!("sha256:{}", hex::encode(hash))
}

/// A bundle that a job of the run signed, with one thing about the run changed.
fn bundle(world: &World, edit: impl FnOnce(&mut WorkflowRun)) -> Value {
    let mut run = WorkflowRun::example();
    edit(&mut run);
    let mut identity = WorkflowIdentity::github_actions(run);
    identity.issuer = world.github.services_url().to_owned();
    let statement =
        statement::actions_attest(&identity, &[statement::subject("artifact.tar.gz", ARTIFACT)]);
    let request =
        SigningRequest::new(&statement, identity, &world.ago(300)).shape(BundleShape::V03RekorV1);
    serde_json::from_str(&sigstore().sign(&request).bundle_json()).expect("JSON")
}

fn body(bundle: Value) -> Value {
    json!({"bundle": bundle, "digest": digest(ARTIFACT), "policy": "default", "tag": TAG})
}

fn post(world: &World, token: &str, body: &Value) -> (u16, Value) {
    let response = world.post(PLACE, token, body);
    (response.status().as_u16(), serde_json::from_str(&response.text().unwrap()).unwrap())
}

#[test]
fn an_acceptance_is_recorded_with_what_the_certificate_proves() {
    let world = Scene::new().start();
    let bundle = bundle(&world, |_| ());
    let (status, answer) = post(&world, &world.token(|_| ()), &body(bundle.clone()));
    assert_eq!((status, &answer["outcome"]), (200, &json!("accepted")), "{answer:#}");
    let event = world.items("/api/v1/events").remove(0);
    assert_eq!(event["id"], answer["event_id"]);
    assert_eq!((&event["event"], &event["status"]), (&json!("validated"), &json!("success")));
    assert_eq!((&event["run_id"], &event["commit_sha"]), (&json!("14095611671"), &json!(COMMIT)));
    assert_eq!(event["decision"][0]["outcome"], "accepted");
    assert_eq!(world.items("/api/v1/kpi")[0]["tag"], TAG);
    // The bundle as a text has the same bytes.
    let text = json!(bundle.to_string());
    let (status, answer) = post(&world, "all-scopes", &body(text));
    assert_eq!((status, &answer["outcome"]), (200, &json!("accepted")), "{answer:#}");
}

#[test]
fn a_refusal_is_recorded_and_answered_as_one() {
    let world = Scene::new().start();
    let other_bytes = {
        let mut body = body(bundle(&world, |_| ()));
        body["digest"] = json!(digest(b"other bytes"));
        body
    };
    let moved = body(bundle(&world, |run| run.git_ref = "refs/heads/main".into()));
    let broken = {
        let mut bundle = bundle(&world, |_| ());
        bundle["dsseEnvelope"]["signatures"][0]["sig"] = json!("AAAA");
        body(bundle)
    };
    let nothing = body(json!({}));
    for (name, body, check) in [
        ("other bytes", other_bytes, "subject-digest"),
        ("another ref", moved, "source-ref"),
        ("a broken signature", broken, ""),
        ("no bundle", nothing, "bundle-format"),
    ] {
        let (status, answer) = post(&world, "all-scopes", &body);
        assert_eq!((status, &answer["outcome"]), (200, &json!("refused")), "{name}: {answer:#}");
        let checks = answer["decision"]["checks"].as_array().unwrap();
        let failed =
            |it: &&Value| it["outcome"] == "failed" && (check.is_empty() || it["id"] == check);
        assert!(checks.iter().any(|it| failed(&it)), "{name}: {checks:#?}");
    }
    let events = world.items("/api/v1/events");
    assert_eq!(events.len(), 4);
    assert!(events.iter().all(|event| event["status"] == "failure"));
    assert!(world.items("/api/v1/kpi").is_empty());
}

#[test]
fn a_token_sends_the_evidence_of_its_own_run_alone() {
    let world = Scene::new().start();
    type Edit = fn(&mut WorkflowRun);
    let edits: [(&str, Edit); 5] = [
        ("another run", |run| run.run_id = "1".into()),
        ("another attempt", |run| run.attempt = "2".into()),
        ("another commit", |run| run.commit = "a".repeat(40)),
        ("another repository id", |run| run.repository_id = "1".into()),
        ("another owner id", |run| run.owner_id = "1".into()),
    ];
    for (name, edit) in edits {
        let before = world.metric("provost_tokens_refused_total{check=\"evidence\"}");
        let (status, _) = post(&world, &world.token(|_| ()), &body(bundle(&world, edit)));
        assert_eq!(status, 401, "{name}");
        let after = world.metric("provost_tokens_refused_total{check=\"evidence\"}");
        assert_eq!(after, before + 1, "{name}");
    }
    // The token's side of it.
    for (name, claim, value) in [
        ("sha", "sha", json!("b".repeat(40))),
        ("workflow commit", "job_workflow_sha", json!("b".repeat(40))),
        ("run", "run_id", json!("2")),
        ("attempt", "run_attempt", json!("2")),
    ] {
        let token = world.token(|claims| claims[claim] = value);
        assert_eq!(post(&world, &token, &body(bundle(&world, |_| ()))).0, 401, "{name}");
    }
    assert!(world.items("/api/v1/events").is_empty());
}

#[test]
fn what_cannot_be_decided_is_an_error_and_no_verdict() {
    let world = Scene::new().start();
    let good = body(bundle(&world, |_| ()));
    for (name, edit, status) in [
        ("a policy that nobody named", ("policy", json!("other")), 400),
        ("no digest", ("digest", json!("sha256:00")), 400),
        ("a weak digest", ("digest", json!(format!("sha1:{}", "0".repeat(40)))), 400),
        ("no tag", ("tag", json!("a..b")), 400),
        ("an unknown member", ("surprise", json!(1)), 400),
        ("an empty bundle", ("bundle", json!("")), 422),
        ("another tag than the token's", ("tag", json!("v9")), 401),
    ] {
        let mut body = good.clone();
        body[edit.0] = edit.1;
        assert_eq!(post(&world, &world.token(|_| ()), &body).0, status, "{name}");
    }
    assert_eq!(post(&world, "read-only", &good).0, 403);
    assert!(world.items("/api/v1/events").is_empty());
}
