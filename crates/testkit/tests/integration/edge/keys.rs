//! The issuer's keys: rotation, outage, and who may make the issuer be asked.

use super::issuer::{Issuer, header, key_set, public, signed_with};
use super::world::{World, entry_of, post, tag, world};
use provost_testkit::deno::Function;
use serde_json::{Value, json};

/// An issuer and a function that trusts it alone.
fn scene(world: &World) -> (Issuer, Function) {
    let issuer = Issuer::start();
    let variables = world.variables().with("PROVOST_OIDC_ISSUER", &issuer.url());
    let function = world.own_telemetry(&variables);
    (issuer, function)
}

/// The status for a token of this key.
fn status(issuer: &Issuer, function: &Function, key: usize) -> u16 {
    let tag = tag();
    let mut header = header();
    header["kid"] = json!(format!("key-{key}"));
    let token = signed_with(key, &header, &issuer.claims(&format!("refs/tags/{tag}")));
    post(function, &token, &json!([entry_of(&tag)])).status
}

#[test]
fn a_new_key_is_looked_for_and_an_old_one_that_left_is_refused() {
    let Some(world) = world() else { return };
    let (issuer, function) = scene(world);
    assert_eq!(status(&issuer, &function, 0), 200);
    issuer.serve(&key_set(&[1]));
    assert_eq!(status(&issuer, &function, 1), 200);
    assert_eq!(status(&issuer, &function, 0), 401);
    assert_eq!(issuer.fetches(), 2);
}

#[test]
fn unknown_keys_make_the_issuer_be_asked_once() {
    let Some(world) = world() else { return };
    let (issuer, function) = scene(world);
    for _ in 0..30 {
        assert_eq!(status(&issuer, &function, 1), 401);
    }
    assert_eq!(status(&issuer, &function, 0), 200);
    assert_eq!(issuer.fetches(), 2);
}

#[test]
fn an_issuer_that_is_away_is_no_verdict_and_keys_that_are_known_serve_on() {
    let Some(world) = world() else { return };
    let (issuer, function) = scene(world);
    issuer.answers(500, &[], "{}");
    assert_eq!(status(&issuer, &function, 0), 503);
    let (issuer, function) = scene(world);
    assert_eq!(status(&issuer, &function, 0), 200);
    issuer.answers(500, &[], "{}");
    assert_eq!(status(&issuer, &function, 1), 401);
    assert_eq!(status(&issuer, &function, 0), 200);
}

#[test]
fn a_key_set_that_is_none_is_not_used() {
    let Some(world) = world() else { return };
    let elsewhere = Issuer::start();
    let with = |key: &str, member: Value| {
        let mut public = public(0);
        public[key] = member;
        json!({ "keys": [public] }).to_string()
    };
    let redirect = [("location", format!("{}/.well-known/jwks", elsewhere.url()))];
    let redirect = redirect.each_ref().map(|(name, value)| (*name, value.as_str()));
    let padded = format!("{}{}", key_set(&[0]), " ".repeat(64 * 1024));
    for (what, status_code, headers, body) in [
        ("a redirect", 302, &redirect[..], String::new()),
        ("html", 200, &[][..], "<html>".to_owned()),
        ("too large", 200, &[], padded),
        ("no key", 200, &[], json!({ "keys": [] }).to_string()),
        ("for encryption", 200, &[], with("use", json!("enc"))),
        ("another type", 200, &[], with("kty", json!("EC"))),
        ("another algorithm", 200, &[], with("alg", json!("RS512"))),
        ("1024 bits", 200, &[], with("n", json!("v".repeat(171)))),
    ] {
        let (issuer, function) = scene(world);
        issuer.answers(status_code, headers, &body);
        assert_eq!(status(&issuer, &function, 0), 503, "{what}");
    }
    assert_eq!(elsewhere.fetches(), 0, "a redirect was followed");
}
