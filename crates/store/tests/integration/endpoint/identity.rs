//! Who sends: the identity of the GitHub Actions job.

use super::{bearer, body, dispatched, line, log_at, says, taken};
use provost_store::{EndpointError, StoreError};
use provost_testkit::scripted_server::{Reply, ScriptedServer, answer};
use serde_json::json;

const REQUEST_TOKEN: &str = "canary-request-token-91";

/// An identity service that gives these tokens in order.
fn identities(tokens: &[&str]) -> ScriptedServer {
    let reply = |token: &&str| says(200, &json!({"count": 1, "value": token}));
    ScriptedServer::start(tokens.iter().map(reply).collect())
}

fn job(service: &ScriptedServer) -> Vec<(&'static str, String)> {
    vec![
        ("ACTIONS_ID_TOKEN_REQUEST_URL", service.url("/oidc/7?api-version=2.0")),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", REQUEST_TOKEN.to_owned()),
    ]
}

fn log_of_job(
    server: &ScriptedServer,
    service: &ScriptedServer,
    more: &[(&'static str, &str)],
) -> provost_store::EventLog {
    let mut all = job(service);
    all.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    let variables: Vec<(&str, &str)> =
        all.iter().map(|(name, value)| (*name, value.as_str())).collect();
    log_at(server, &variables)
}

#[test]
fn every_body_has_a_token_of_its_own_made_out_to_the_endpoint() {
    let service = identities(&["jwt-one-11111", "jwt-two-22222"]);
    let server = ScriptedServer::start(vec![says(200, &taken(1)), says(200, &taken(1))]);
    let log = log_of_job(&server, &service, &[]);
    log.append(&[dispatched(1)]).unwrap();
    log.append(&[dispatched(2)]).unwrap();
    let origin = server.url("");
    let sent = server.requests();
    assert_eq!([bearer(&sent[0]), bearer(&sent[1])], ["jwt-one-11111", "jwt-two-22222"]);
    let asked = service.requests();
    let encoded = origin.replace(':', "%3A").replace('/', "%2F");
    for request in &asked {
        assert_eq!(line(request), format!("GET /oidc/7?api-version=2.0&audience={encoded}"));
        assert_eq!(bearer(request), REQUEST_TOKEN);
    }
}

#[test]
fn the_same_body_goes_with_the_same_token() {
    let service = identities(&["jwt-one-11111"]);
    let replies = vec![Reply::HangsUp, says(503, &json!({})), says(200, &taken(1))];
    let server = ScriptedServer::start(replies);
    let log = log_of_job(&server, &service, &[]);
    log.append(&[dispatched(1)]).unwrap();
    let sent = server.requests();
    assert!(sent.iter().all(|request| bearer(request) == "jwt-one-11111"));
    assert!(sent.iter().all(|request| body(request) == body(&sent[0])));
    assert_eq!(service.requests().len(), 1);
}

#[test]
fn a_token_that_ended_is_replaced_once() {
    let service = identities(&["jwt-one-11111", "jwt-two-22222"]);
    let server = ScriptedServer::start(vec![says(401, &json!({})), says(200, &taken(1))]);
    log_of_job(&server, &service, &[]).append(&[dispatched(1)]).unwrap();
    assert_eq!(bearer(&server.requests()[1]), "jwt-two-22222");

    let service = identities(&["jwt-one-11111", "jwt-two-22222"]);
    let server = ScriptedServer::start(vec![says(401, &json!({})), says(401, &json!({}))]);
    let error = log_of_job(&server, &service, &[]).append(&[dispatched(1)]).unwrap_err();
    let StoreError::Endpoint(EndpointError::Unauthorised { .. }) = &error else {
        panic!("{error}")
    };
    let text = error.to_string();
    assert!(text.contains("it must accept tokens of this job") && !text.contains("jwt"), "{text}");
    assert!(text.contains(&server.url("")), "the audience: {text}");
}

#[test]
fn another_audience_and_a_static_token_win() {
    let service = identities(&["jwt-one-11111"]);
    let server = ScriptedServer::start(vec![says(200, &taken(1))]);
    let more = [("PROVOST_STORE_AUDIENCE", "https://provost.example.com")];
    log_of_job(&server, &service, &more).append(&[dispatched(1)]).unwrap();
    let asked = service.requests();
    assert!(asked[0].contains("&audience=https%3A%2F%2Fprovost.example.com "), "{}", asked[0]);

    let service = identities(&[]);
    let server = ScriptedServer::start(vec![says(200, &taken(1))]);
    let more = [("PROVOST_STORE_TOKEN", "static-token")];
    log_of_job(&server, &service, &more).append(&[dispatched(1)]).unwrap();
    assert_eq!(bearer(&server.requests()[0]), "static-token");
}

#[test]
fn nobody_sends_without_a_name() {
    let server = ScriptedServer::start(Vec::new());
    let error = log_at(&server, &[]).append(&[dispatched(1)]).unwrap_err().to_string();
    for words in ["PROVOST_STORE_TOKEN", "id-token: write", &server.url("")] {
        assert!(error.contains(words), "{error}");
    }
    assert_eq!(server.requests(), [""; 0]);
}

#[test]
fn an_identity_that_cannot_be_had_says_what_the_job_needs() {
    for reply in [
        answer(403, &[], "no"),
        answer(200, &[], "no"),
        says(200, &json!({"count": 0})),
        says(200, &json!({"value": ""})),
        says(200, &json!({"value": "two words"})),
        says(200, &json!({"value": "x".repeat(70_000)})),
    ] {
        let service = ScriptedServer::start(vec![reply]);
        let server = ScriptedServer::start(Vec::new());
        let error = log_of_job(&server, &service, &[]).append(&[dispatched(1)]).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(!text.contains(REQUEST_TOKEN) && !text.contains("two words"), "{text}");
        assert!(text.contains("/oidc/7"), "{text}");
        assert_eq!(server.requests(), [""; 0]);
    }
}
