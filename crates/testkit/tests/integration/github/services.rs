//! Slack, the Slack function, and identity tokens.

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provost_testkit::github::{Run, ServiceAnswer};
use serde_json::{Value, json};

use super::client::{COMMIT, World};

#[test]
fn the_webhook_takes_a_message_and_nothing_else() {
    let world = World::new();
    let url = world.github.webhook_url();
    let reply = world.post(&url, &json!({ "text": "failed" }));
    assert_eq!((reply.status, reply.body.as_slice()), (200, b"ok".as_slice()));
    let logged = &world.github.requests_to("POST", "/services/T0FAKE/B0FAKE/webhook")[0];
    assert_eq!(logged.json(), json!({ "text": "failed" }));
    assert_eq!(world.post(&url, &json!({ "txt": "failed" })).status, 400);
    assert_eq!(world.post(&url, &json!("failed")).status, 400);
    assert_eq!(world.get(&url).status, 404);
}

#[test]
fn the_webhook_fails_as_it_is_told() {
    let world = World::new();
    world.github.webhook(ServiceAnswer::Refused(404, "no_service".into()));
    let reply = world.post(&world.github.webhook_url(), &json!({ "text": "x" }));
    assert_eq!((reply.status, reply.body.as_slice()), (404, b"no_service".as_slice()));
}

#[test]
fn the_function_says_whether_it_delivered() {
    let world = World::new();
    let url = format!("{}?range=latest&source=slsa-provenance", world.github.function_url());
    let body = json!({ "run_id": "1", "tag": "v1" });
    assert_eq!(world.post(&url, &body).json(), json!({ "delivered": true }));
    world.github.function(ServiceAnswer::NotDelivered);
    assert_eq!(world.post(&url, &body).json(), json!({ "delivered": false }));
    world.github.function(ServiceAnswer::Refused(401, "no".into()));
    assert_eq!(world.post(&url, &body).status, 401);
    let logged = &world.github.requests_to("POST", "/functions/v1/ops-slack-notify")[0];
    assert_eq!(
        (logged.query("range"), logged.query("source")),
        (Some("latest"), Some("slsa-provenance"))
    );
    assert_eq!(logged.json(), body);
}

#[test]
fn a_job_gets_an_identity_token_for_its_own_bearer_alone() {
    let world = World::new();
    let run = world.repository.run(Run::new("w.yml", "refs/tags/v1", COMMIT));
    let request = run.token_request();
    let url = format!("{}&audience=provost", request.url);
    let bearer = format!("Bearer {}", request.bearer);
    let reply = world.send("GET", &url, None, &[("authorization", &bearer)]).unwrap();
    assert_eq!(reply.status, 200);
    let claims = verified(&world, reply.json()["value"].as_str().unwrap()).unwrap();
    assert_eq!((&claims["aud"], &claims["ref"]), (&json!("provost"), &json!("refs/tags/v1")));
    assert_eq!(claims["repository_id"], world.repository.id().to_string());
    assert_eq!(claims["run_id"], run.id().to_string());

    let another = run.token_request();
    let foreign = format!("Bearer {}", another.bearer);
    let reply = world.send("GET", &url, None, &[("authorization", &foreign)]).unwrap();
    assert_eq!(reply.status, 401);
    assert_eq!(world.anonymously_at(&url).status, 401);
}

/// The claims of a token whose signature the served key set verifies.
fn verified(world: &World, token: &str) -> Option<Value> {
    let keys = world.anonymously_at(&world.github.key_set_url()).json();
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let number = |name: &str| decoded(keys["keys"][0][name].as_str().unwrap());
    let (message, signature) = token.rsplit_once('.').unwrap();
    PublicKeyComponents { n: number("n"), e: number("e") }
        .verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &decoded(signature))
        .ok()?;
    let claims = decoded(message.split('.').nth(1).unwrap());
    serde_json::from_slice(&claims).unwrap()
}

#[test]
fn the_key_set_verifies_a_token_of_any_claims_and_no_changed_one() {
    let world = World::new();
    let token = |value| world.github.identity_token(&json!({ "exp": value }));
    assert_eq!(verified(&world, &token(1)), Some(json!({ "exp": 1 })));
    let (one, two) = (token(1), token(2));
    let (signed, _) = one.rsplit_once('.').unwrap();
    let (_, foreign) = two.rsplit_once('.').unwrap();
    assert_eq!(verified(&world, &format!("{signed}.{foreign}")), None);
}
