//! The token of a job: one good one, and a sister for each thing that may differ.

use super::issuer::{header, signed, signed_with};
use super::world::{Reply, entry_of, post, tag, world};
use serde_json::{Value, json};

/// A value with one member set; `null` removes it.
fn with(mut value: Value, key: &str, member: Value) -> Value {
    match member {
        Value::Null => drop(value.as_object_mut().unwrap().remove(key)),
        member => value[key] = member,
    }
    value
}

/// The answer is the one that says nothing, to the byte.
#[track_caller]
fn is_unauthorized(reply: &Reply, what: &str) {
    assert_eq!(reply.status, 401, "{what}: {reply:?}");
    let body = json!({"errors": [{
        "code": "unauthorized", "detail": "the caller is not authenticated",
    }]});
    assert_eq!(reply.body, body, "{what}");
    assert!(reply.headers.contains(&("www-authenticate".into(), "Bearer".into())), "{reply:?}");
}

#[test]
fn a_job_of_a_registered_repository_writes() {
    let Some(world) = world() else { return };
    let tag = tag();
    let token = world.issuer.token(&format!("refs/tags/{tag}"));
    let reply = post(&world.telemetry, &token, &json!([entry_of(&tag)]));
    assert_eq!((reply.status, &reply.body["inserted"]), (200, &json!(1)), "{reply:?}");
    assert_eq!(world.rows(&tag), 1);
    world.keeps_its_secrets();
}

#[test]
fn refuses_a_token_with_one_claim_changed() {
    let Some(world) = world() else { return };
    let tag = tag();
    let good = || world.issuer.claims(&format!("refs/tags/{tag}"));
    let now = jiff::Timestamp::now().as_second();
    let workflow = |git_ref: &str| json!(format!("acme/app/.github/workflows/{git_ref}"));
    let sisters = [
        ("aud", json!("https://app.example.com/")),
        ("aud", json!("https://github.com/acme")),
        ("aud", json!("sigstore")),
        ("aud", json!(["https://app.example.com", "sigstore"])),
        ("aud", json!([])),
        ("aud", Value::Null),
        ("iss", json!("https://token.actions.githubusercontent.com")),
        ("iss", json!(format!("{}/", world.issuer.url()))),
        ("iss", Value::Null),
        ("exp", json!(now - 31)),
        ("exp", json!(now + 901)),
        ("exp", json!((now + 300).to_string())),
        ("exp", Value::Null),
        ("nbf", json!(now + 40)),
        ("iat", json!(now + 40)),
        ("iat", json!(now - 1000)),
        ("iat", Value::Null),
        ("repository_id", json!("486325808")),
        ("repository_id", json!(486_325_809)),
        ("repository_id", Value::Null),
        ("repository_owner_id", json!("80431188")),
        ("repository_owner_id", Value::Null),
        ("job_workflow_ref", workflow("other.yml@refs/tags/v1")),
        ("job_workflow_ref", workflow("slsa-provenance.yml@refs/heads/evil")),
        ("job_workflow_ref", workflow("slsa-provenance.yml@refs/tags/v1-evil")),
        ("job_workflow_ref", json!("evil/app/.github/workflows/slsa-provenance.yml@refs/tags/v1")),
        ("job_workflow_ref", Value::Null),
        ("event_name", json!("pull_request")),
        ("event_name", json!("pull_request_target")),
        ("event_name", Value::Null),
        ("runner_environment", json!("self-hosted")),
        ("runner_environment", Value::Null),
        ("head_ref", json!("feature")),
        ("base_ref", json!("main")),
        ("ref_type", json!("branch")),
        ("ref", json!(format!("refs/heads/{tag}"))),
        ("ref", json!(format!("refs/heads/refs/tags/{tag}"))),
        ("ref", Value::Null),
        ("jti", Value::Null),
        ("jti", json!("")),
        ("jti", json!(7)),
    ];
    for (key, member) in sisters {
        let what = format!("{key} = {member}");
        let token = signed(&with(good(), key, member));
        is_unauthorized(&post(&world.telemetry, &token, &json!([entry_of(&tag)])), &what);
    }
    assert_eq!(world.rows(&tag), 0);
    let one = signed(&with(good(), "aud", json!(["https://app.example.com"])));
    let reply = post(&world.telemetry, &one, &json!([entry_of(&tag)]));
    assert_eq!(reply.status, 200, "an audience alone in a list is one: {reply:?}");
    world.keeps_its_secrets();
}

#[test]
fn refuses_a_token_with_another_header_or_signature() {
    let Some(world) = world() else { return };
    let tag = tag();
    let claims = world.issuer.claims(&format!("refs/tags/{tag}"));
    let of = |header: Value| signed_with(0, &header, &claims);
    let good = signed(&claims);
    let parts: Vec<&str> = good.split('.').collect();
    let other = signed(&with(claims.clone(), "jti", json!("other")));
    let signature = other.rsplit('.').next().unwrap();
    let last = |part: &str| {
        // The last of 342 characters carries two bits, which must be zero.
        let end = part.chars().next_back().unwrap();
        let twin = char::from_u32(u32::from(end) + 1).unwrap();
        format!("{}{twin}", &part[..part.len() - 1])
    };
    let sisters = [
        ("alg none", of(with(header(), "alg", json!("none")))),
        (
            "alg none, unsigned",
            format!("{}..", of(with(header(), "alg", json!("none"))).rsplit_once('.').unwrap().0),
        ),
        ("alg HS256", of(with(header(), "alg", json!("HS256")))),
        ("alg RS512", of(with(header(), "alg", json!("RS512")))),
        ("no alg", of(with(header(), "alg", Value::Null))),
        ("kid unknown", of(with(header(), "kid", json!("key-9")))),
        ("no kid", of(with(header(), "kid", Value::Null))),
        ("typ", of(with(header(), "typ", json!("at+jwt")))),
        ("no typ", of(with(header(), "typ", Value::Null))),
        ("crit", of(with(header(), "crit", json!(["exp"])))),
        ("jku", of(with(header(), "jku", json!("https://evil.example/jwks")))),
        ("jwk", of(with(header(), "jwk", super::issuer::public(1)))),
        ("x5u", of(with(header(), "x5u", json!("https://evil.example/x")))),
        ("another key", signed_with(1, &header(), &claims)),
        ("another token's signature", format!("{}.{}.{signature}", parts[0], parts[1])),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("padding", format!("{}.{}=.{}", parts[0], parts[1], parts[2])),
        ("trailing bits", format!("{}.{}.{}", parts[0], parts[1], last(parts[2]))),
        ("four parts", format!("{good}.x")),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        ("dots", ".".repeat(4000)),
        ("too long", format!("{good}{}", "A".repeat(8 * 1024))),
        ("no object", signed_with(0, &header(), &json!("x"))),
    ];
    for (what, token) in sisters {
        is_unauthorized(&post(&world.telemetry, &token, &json!([entry_of(&tag)])), what);
    }
    assert_eq!(world.rows(&tag), 0);
    let reply = post(&world.telemetry, &good, &json!([entry_of(&tag)]));
    assert_eq!(reply.status, 200, "the good one is still good: {reply:?}");
    world.keeps_its_secrets();
}

#[test]
fn environment_callers_and_pinned_commits_hold_where_they_are_named() {
    let Some(world) = world() else { return };
    let tag = tag();
    let body = json!([with(entry_of(&tag), "repository", json!("acme/strict"))]);
    let git_ref = format!("refs/tags/{tag}");
    let claims = || {
        let mut claims = world.issuer.claims(&git_ref);
        claims["repository_id"] = json!("2");
        claims["event_name"] = json!("push");
        claims["environment"] = json!("release");
        let caller = format!("acme/strict/.github/workflows/release.yml@{git_ref}");
        claims["workflow_ref"] = json!(caller);
        claims["job_workflow_ref"] =
            json!("acme/builders/.github/workflows/build.yml@refs/tags/v9");
        claims
    };
    let reply = post(&world.telemetry, &signed(&claims()), &body);
    assert_eq!(reply.status, 200, "{reply:?}");
    let pinned = "1b2d77aa01c4f0e8c2f7f0b7c9a0f9bd3b6f1e52";
    let other = json!("acme/builders/.github/workflows/build.yml@refs/heads/main");
    let by_commit =
        with(with(claims(), "job_workflow_ref", other), "job_workflow_sha", json!(pinned));
    let reply = post(&world.telemetry, &signed(&by_commit), &body);
    assert_eq!(reply.status, 200, "{reply:?}");
    let evil = json!("evil/builders/.github/workflows/build.yml@refs/tags/v9");
    for (what, claims) in [
        ("environment", with(claims(), "environment", json!("staging"))),
        ("no environment", with(claims(), "environment", Value::Null)),
        ("caller", with(claims(), "workflow_ref", json!("acme/strict/.github/workflows/ci.yml@x"))),
        ("event", with(claims(), "event_name", json!("release"))),
        ("commit", with(by_commit.clone(), "job_workflow_sha", json!("0".repeat(40)))),
        ("another file at that commit", with(by_commit.clone(), "job_workflow_ref", evil)),
    ] {
        let claims = with(claims, "jti", json!(format!("{tag}-{what}")));
        is_unauthorized(&post(&world.telemetry, &signed(&claims), &body), what);
    }
}

#[test]
fn a_job_writes_about_its_own_tag_and_repository_alone() {
    let Some(world) = world() else { return };
    let (own, other) = (tag(), tag());
    let send =
        |git_ref: &str, body: Value| post(&world.telemetry, &world.issuer.token(git_ref), &body);
    let git_ref = format!("refs/tags/{own}");
    let foreign = with(entry_of(&own), "repository", json!("acme/strict"));
    for body in [
        json!([entry_of(&other)]),
        json!([entry_of(&own), entry_of(&other)]),
        json!([foreign.clone()]),
        json!({"events": [{"tag": other, "event_key": "x"}]}),
    ] {
        let reply = send(&git_ref, body);
        assert_eq!((reply.status, reply.code()), (403, "forbidden"), "{reply:?}");
    }
    assert_eq!(world.rows(&own) + world.rows(&other), 0);
    // A branch that is named may write about every tag of its repository, and of no other.
    let reply = send("refs/heads/main", json!([entry_of(&own), entry_of(&other)]));
    assert_eq!((reply.status, &reply.body["inserted"]), (200, &json!(2)), "{reply:?}");
    assert_eq!(send("refs/heads/main", json!([foreign])).status, 403);
    is_unauthorized(&send("refs/heads/feature", json!([entry_of(&own)])), "another branch");
    // Names are GitHub's, which do not tell upper case from lower.
    let upper = with(entry_of(&own), "repository", json!("ACME/App"));
    assert_eq!(send(&git_ref, json!([upper])).status, 200);
}
