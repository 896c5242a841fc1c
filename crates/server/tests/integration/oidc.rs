//! Tokens of jobs: the good one, and each with one thing changed.

use crate::world::{AUDIENCE, REPOSITORY, Scene, TAG, WORKFLOW, World, validation};
use provost_testkit::github::IdentityKey;
use serde_json::{Value, json};

const PLACE: &str = "/functions/v1/provenance-validate";
const AT: &str = "2026-03-01T12:04:00Z";

/// The one answer to everybody who is not let in.
const CONSTANT: &str = r#"{"errors":[{"code":"unauthorized","detail":"a valid token is needed"}]}"#;

fn send(world: &World, token: &str) -> (u16, String) {
    let response = world.post(PLACE, token, &validation("success", AT));
    let status = response.status().as_u16();
    if status == 401 {
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
    }
    (status, response.text().expect("text"))
}

/// Sends a token, and asserts that this check refused it and that the caller learns nothing.
fn refused(world: &World, name: &str, check: &str, token: &str) {
    let line = format!("provost_tokens_refused_total{{check=\"{check}\"}}");
    let before = world.metric(&line);
    assert_eq!(send(world, token), (401, CONSTANT.to_owned()), "{name}");
    assert_eq!(world.metric(&line), before + 1, "{name} is not refused by {check}");
}

type Edit = fn(&mut Value);

/// Claims that are wrong in one point, and the check that says so.
const CLAIMS: &[(&str, &str, Edit)] = &[
    ("no issuer", "issuer", |c| drop(c.as_object_mut().unwrap().remove("iss"))),
    ("another issuer", "issuer", |c| c["iss"] = json!("https://token.actions.evil.example")),
    ("an issuer with a slash", "issuer", |c| {
        c["iss"] = json!(format!("{}/", c["iss"].as_str().unwrap()))
    }),
    ("no audience", "audience", |c| drop(c.as_object_mut().unwrap().remove("aud"))),
    ("the default audience", "audience", |c| c["aud"] = json!("https://github.com/example-org")),
    ("the audience of Sigstore", "audience", |c| c["aud"] = json!("sigstore")),
    ("the audience of PyPI", "audience", |c| c["aud"] = json!("pypi")),
    ("the audience of npm", "audience", |c| c["aud"] = json!("npm:registry.npmjs.org")),
    ("our audience with a slash", "audience", |c| c["aud"] = json!(format!("{AUDIENCE}/"))),
    ("our audience and another", "audience", |c| c["aud"] = json!([AUDIENCE, "sigstore"])),
    ("an empty list of audiences", "audience", |c| c["aud"] = json!([])),
    ("a nested audience", "audience", |c| c["aud"] = json!([[AUDIENCE]])),
    ("expired", "times", |c| {
        shift(c, "exp", -331);
        shift(c, "iat", -200);
    }),
    ("no end", "times", |c| drop(c.as_object_mut().unwrap().remove("exp"))),
    ("an end that is text", "times", |c| c["exp"] = json!(c["exp"].to_string())),
    ("an end that is negative", "times", |c| c["exp"] = json!(-1)),
    ("not yet good", "times", |c| shift(c, "nbf", 40)),
    ("issued in the future", "times", |c| shift(c, "iat", 40)),
    ("never issued", "times", |c| drop(c.as_object_mut().unwrap().remove("iat"))),
    ("good for longer than 15 minutes", "times", |c| shift(c, "exp", 601)),
    ("ends before it begins", "times", |c| {
        shift(c, "exp", -300 + 20);
        shift(c, "iat", 25);
    }),
    ("another repository of the owner", "repository", |c| c["repository_id"] = json!("486325810")),
    ("a repository made again under its name", "repository", |c| c["repository_id"] = json!("999")),
    ("another owner", "repository", |c| c["repository_owner_id"] = json!("80431188")),
    ("a fork", "repository", |c| {
        c["repository_id"] = json!("77");
        c["repository_owner_id"] = json!("78");
    }),
    ("a repository id that is a number", "repository", |c| c["repository_id"] = json!(486_325_809)),
    ("a repository id with a zero before", "repository", |c| {
        c["repository_id"] = json!("0486325809")
    }),
    ("a repository id with a sign", "repository", |c| c["repository_id"] = json!("+486325809")),
    ("no repository id", "repository", |c| {
        drop(c.as_object_mut().unwrap().remove("repository_id"))
    }),
    ("another workflow", "workflow", |c| {
        c["job_workflow_ref"] =
            json!(format!("{REPOSITORY}/.github/workflows/ci.yml@refs/tags/{TAG}"));
    }),
    ("a workflow whose name goes on", "workflow", |c| {
        c["job_workflow_ref"] = json!(format!("{REPOSITORY}/{WORKFLOW}-evil@refs/tags/{TAG}"));
    }),
    ("the workflow at another ref", "workflow", |c| {
        c["job_workflow_ref"] = json!(format!("{REPOSITORY}/{WORKFLOW}@refs/heads/main"));
    }),
    ("the workflow of another repository", "workflow", |c| {
        c["job_workflow_ref"] = json!(format!("evil/artifact/{WORKFLOW}@refs/tags/{TAG}"));
    }),
    ("no workflow", "workflow", |c| drop(c.as_object_mut().unwrap().remove("job_workflow_ref"))),
    ("a pull request", "circumstances", |c| c["event_name"] = json!("pull_request")),
    ("a pull request of a fork", "circumstances", |c| {
        c["event_name"] = json!("pull_request_target")
    }),
    ("a comment on an issue", "circumstances", |c| c["event_name"] = json!("issue_comment")),
    ("the head of a pull request", "circumstances", |c| c["head_ref"] = json!("feature")),
    ("the base of a pull request", "circumstances", |c| c["base_ref"] = json!("main")),
    ("a self-hosted runner", "circumstances", |c| c["runner_environment"] = json!("self-hosted")),
    ("no runner", "circumstances", |c| {
        drop(c.as_object_mut().unwrap().remove("runner_environment"))
    }),
    ("a tag that is called a branch", "circumstances", |c| c["ref_type"] = json!("branch")),
    ("no run", "circumstances", |c| drop(c.as_object_mut().unwrap().remove("run_id"))),
    ("run 0", "circumstances", |c| c["run_id"] = json!("0")),
    ("attempt 0", "circumstances", |c| c["run_attempt"] = json!("0")),
    ("no id", "replay", |c| drop(c.as_object_mut().unwrap().remove("jti"))),
    ("an empty id", "replay", |c| c["jti"] = json!("")),
    ("an id of many words", "replay", |c| c["jti"] = json!("a b")),
];

fn shift(claims: &mut Value, name: &str, seconds: i64) {
    claims[name] = json!(claims[name].as_i64().unwrap() + seconds);
}

/// A change of the ref with everything that follows it.
fn on(claims: &mut Value, ref_type: &str, git_ref: &str) {
    claims["ref"] = json!(git_ref);
    claims["ref_type"] = json!(ref_type);
    claims["job_workflow_ref"] = json!(format!("{REPOSITORY}/{WORKFLOW}@{git_ref}"));
}

#[test]
fn a_good_token_lets_its_job_send() {
    let world = Scene::new().start();
    let (status, body) = send(&world, &world.token(|_| ()));
    assert_eq!(status, 200, "{body}");
    let answer: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(answer["outcome"], "inserted");
    let events = world.items("/api/v1/events");
    assert_eq!((events.len(), &events[0]["id"]), (1, &answer["event_id"]));
    // What differs and does not matter: an audience in a list, and clocks that are half a minute
    // apart.
    for edit in [
        (|c| c["aud"] = json!([AUDIENCE])) as Edit,
        |c| shift(c, "nbf", 29),
        |c| {
            shift(c, "exp", -320);
            shift(c, "iat", -200);
        },
        |c| c["sub"] = json!("repo:example-org@80431187/artifact@486325809:ref:refs/tags/v1.2.3"),
        |c| drop(c.as_object_mut().unwrap().remove("head_ref")),
    ] {
        let (status, body) = send(&world, &world.token(edit));
        assert_eq!(status, 200, "{body}");
    }
}

#[test]
fn a_token_with_one_claim_changed_is_refused_by_the_check_for_it() {
    let world = Scene::new().start();
    for (name, check, edit) in CLAIMS {
        refused(&world, name, check, &world.token(edit));
    }
    let branch = world.token(|c| on(c, "branch", "refs/heads/main"));
    refused(&world, "a branch", "circumstances", &branch);
    let branch = world.token(|c| on(c, "branch", "refs/heads/refs/tags/v1.2.3"));
    refused(&world, "a branch called like a tag", "circumstances", &branch);
    assert!(world.items("/api/v1/events").is_empty());
}

#[test]
fn a_job_speaks_about_its_own_tag_and_repository() {
    let world = Scene::new().start();
    let other_tag = world.token(|c| on(c, "tag", "refs/tags/v9"));
    refused(&world, "another tag", "circumstances", &other_tag);
    let mut body = validation("success", AT);
    body["repository"] = json!("example-org/other");
    let response = world.post(PLACE, &world.token(|_| ()), &body);
    assert_eq!(response.status(), 401);
    // A job on a branch that is named for it speaks about every tag.
    let nightly = world.token(|c| on(c, "branch", "refs/heads/nightly"));
    assert_eq!(send(&world, &nightly).0, 200);
}

#[test]
fn a_token_that_is_no_token_of_ours_is_refused_by_its_form() {
    let world = Scene::new().start();
    let (key, claims) = (IdentityKey::First, world.claims());
    let header = |edit: fn(&mut Value)| {
        let mut header = key.header();
        edit(&mut header);
        key.sign(&header, &claims)
    };
    for (name, check, edit) in [
        ("alg none", "form", (|h| h["alg"] = json!("none")) as Edit),
        ("alg HS256", "form", |h| h["alg"] = json!("HS256")),
        ("alg RS512", "form", |h| h["alg"] = json!("RS512")),
        ("alg in lower case", "form", |h| h["alg"] = json!("rs256")),
        ("no alg", "form", |h| drop(h.as_object_mut().unwrap().remove("alg"))),
        ("another typ", "form", |h| h["typ"] = json!("at+jwt")),
        ("no typ", "form", |h| drop(h.as_object_mut().unwrap().remove("typ"))),
        ("no kid", "form", |h| drop(h.as_object_mut().unwrap().remove("kid"))),
        ("an empty kid", "form", |h| h["kid"] = json!("")),
        ("a long kid", "form", |h| h["kid"] = json!("k".repeat(129))),
        ("crit", "form", |h| h["crit"] = json!(["exp"])),
        ("jku", "form", |h| h["jku"] = json!("https://evil.example/jwks")),
        ("x5u", "form", |h| h["x5u"] = json!("https://evil.example/chain")),
        ("jwk", "form", |h| h["jwk"] = IdentityKey::Second.public()),
        ("b64", "form", |h| h["b64"] = json!(false)),
        ("a key that nobody knows", "key", |h| h["kid"] = json!("unknown")),
        ("the id of the other key", "key", |h| h["kid"] = json!(IdentityKey::Second.id())),
    ] {
        refused(&world, name, check, &header(edit));
    }
    // x5t is GitHub's, and means nothing here.
    assert_eq!(send(&world, &header(|h| h["x5t"] = json!("abc"))).0, 200);
}

#[test]
fn what_two_readers_could_read_differently_is_refused() {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
    let world = Scene::new().start();
    let key = IdentityKey::First;
    let header = key.header().to_string();
    let claims = world.claims().to_string();
    let twice = claims.replacen('{', r#"{"aud":"sigstore","#, 1);
    let escaped = claims.replacen('{', r#"{"\u0061ud":"sigstore","#, 1);
    let good = |text: &str| URL_SAFE_NO_PAD.encode(text);
    // The last group of the padded form has bits to spare.
    let padded = format!("{claims}{}", " ".repeat((3 - claims.len() % 3) % 3 + 1));
    for (name, parts) in [
        ("a claim twice", [good(&header), good(&twice)]),
        ("a claim twice, once escaped", [good(&header), good(&escaped)]),
        ("padding", [good(&header), URL_SAFE.encode(&padded)]),
        ("another alphabet", [good(&header), STANDARD.encode(format!("{claims}???>>>"))]),
        ("white space", [good(&header), format!(" {}", good(&claims))]),
        ("two values", [good(&header), good(&format!("{claims}{{}}"))]),
        ("a list", [good(&header), good(&format!("[{claims}]"))]),
        ("a byte order mark", [good(&header), good(&format!("\u{feff}{claims}"))]),
        ("no UTF-8", [good(&header), URL_SAFE_NO_PAD.encode([0xff, 0xfe])]),
        ("depth", [good(&header), good(&format!("{}{}", "[".repeat(900), "]".repeat(900)))]),
        ("no claims", [good(&header), String::new()]),
        ("no header", [String::new(), good(&claims)]),
    ] {
        let token = key.sign_parts(&parts[0], &parts[1]);
        let check = if name == "white space" { "carrier" } else { "form" };
        refused(&world, name, check, &token);
    }
}

#[test]
fn only_the_issuers_key_signs() {
    use aws_lc_rs::hmac;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let world = Scene::new().start();
    let claims = world.claims();
    let good = IdentityKey::First.sign(&IdentityKey::First.header(), &claims);
    let (signed, signature) = good.rsplit_once('.').expect("three parts");
    // Another key under the id of the right one.
    let forged = IdentityKey::Second.sign(&IdentityKey::First.header(), &claims);
    refused(&world, "another key", "signature", &forged);
    refused(&world, "no signature", "signature", &format!("{signed}."));
    let mut turned: Vec<u8> = URL_SAFE_NO_PAD.decode(signature).expect("base64");
    turned[17] ^= 1;
    let turned = URL_SAFE_NO_PAD.encode(turned);
    refused(&world, "a bit of the signature", "signature", &format!("{signed}.{turned}"));
    let (header, _) = signed.split_once('.').expect("two parts");
    let mut other = claims.clone();
    other["run_id"] = json!("1");
    let other = URL_SAFE_NO_PAD.encode(other.to_string());
    refused(&world, "other claims", "signature", &format!("{header}.{other}.{signature}"));
    // The public key taken for a shared secret.
    for (name, secret) in [
        ("key confusion with DER", IdentityKey::First.public_der()),
        ("key confusion with JSON", IdentityKey::First.public().to_string().into_bytes()),
    ] {
        let mut header = IdentityKey::First.header();
        header["alg"] = json!("HS256");
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&header), part(&claims));
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let tag = URL_SAFE_NO_PAD.encode(hmac::sign(&key, message.as_bytes()).as_ref());
        refused(&world, name, "form", &format!("{message}.{tag}"));
    }
    assert_eq!(send(&world, &good).0, 200);
}

#[test]
fn the_bearer_comes_in_one_header_and_nowhere_else() {
    let world = Scene::new().start();
    let good = world.token(|_| ());
    let body = validation("success", AT).to_string();
    let post = |path: &str, values: &[String]| {
        let mut request = world.client.post(world.url(path)).body(body.clone());
        request = request.header("content-type", "application/json");
        for value in values {
            request = request.header("authorization", value);
        }
        request.send().expect("an answer").status().as_u16()
    };
    let bearer = format!("Bearer {good}");
    for (path, values) in [
        (PLACE.to_owned(), vec![]),
        (PLACE.to_owned(), vec![bearer.clone(), bearer.clone()]),
        (PLACE.to_owned(), vec![format!("Basic {good}")]),
        (PLACE.to_owned(), vec![good.clone()]),
        (PLACE.to_owned(), vec![format!("Bearer {}", ".".repeat(8000))]),
        (PLACE.to_owned(), vec![format!("Bearer {}", "x".repeat(8200))]),
        (PLACE.to_owned(), vec!["Bearer a.b".to_owned()]),
        (PLACE.to_owned(), vec!["Bearer a.b.c.d".to_owned()]),
        (format!("{PLACE}?access_token={good}"), vec![]),
        (format!("{PLACE}?authorization=Bearer%20{good}"), vec![]),
    ] {
        assert_eq!(post(&path, &values), 401, "{path} {}", values.len());
    }
    assert_eq!(post(PLACE, &[format!("bearer {good}")]), 200);
}

#[test]
fn callers_commits_and_the_environment_are_asked_for_where_they_are_named() {
    let restricted = |lines: &str| {
        let mut scene = Scene::new();
        // Before the next section of the list.
        scene.server.push_str("protect_reads = false\n");
        let lines = lines.to_owned();
        scene
            .edit(move |settings| {
                let repository = &mut settings.loaded.config.server.repositories[0];
                for line in lines.split(';') {
                    match line.split_once('=').expect("a line") {
                        ("environment", value) => repository.environment = Some(value.to_owned()),
                        ("caller", value) => repository.callers.push(value.to_owned()),
                        ("sha", value) => repository.job_workflow_shas.push(value.to_owned()),
                        other => panic!("{other:?}"),
                    }
                }
            })
            .start()
    };
    let world = restricted("environment=release");
    refused(&world, "no environment", "circumstances", &world.token(|_| ()));
    let other = world.token(|c| c["environment"] = json!("Release"));
    refused(&world, "another environment", "circumstances", &other);
    assert_eq!(send(&world, &world.token(|c| c["environment"] = json!("release"))).0, 200);

    let world =
        restricted(&format!("caller={REPOSITORY}/.github/workflows/call.yml@refs/heads/main"));
    refused(&world, "another caller", "workflow", &world.token(|_| ()));
    let caller = format!("{REPOSITORY}/.github/workflows/call.yml@refs/heads/main");
    assert_eq!(send(&world, &world.token(|c| c["workflow_ref"] = json!(caller))).0, 200);

    let pinned = "a".repeat(40);
    let world = restricted(&format!("sha={pinned}"));
    let at = |c: &mut Value, file: &str, sha: &str| {
        c["job_workflow_ref"] = json!(format!("{REPOSITORY}/{file}@refs/heads/main"));
        c["job_workflow_sha"] = json!(sha);
    };
    assert_eq!(send(&world, &world.token(|c| at(c, WORKFLOW, &pinned))).0, 200);
    let other = world.token(|c| at(c, WORKFLOW, &"b".repeat(40)));
    refused(&world, "another commit", "workflow", &other);
    let other = world.token(|c| at(c, ".github/workflows/ci.yml", &pinned));
    refused(&world, "another file at the commit", "workflow", &other);
}

#[test]
fn a_token_is_good_for_one_body() {
    let world = Scene::new().start();
    let token = world.token(|_| ());
    let first = world.post(PLACE, &token, &validation("success", AT));
    let first: Value = serde_json::from_str(&first.text().unwrap()).unwrap();
    // A lost answer is no fault: the same again is answered.
    let again = world.post(PLACE, &token, &validation("success", AT));
    assert_eq!(again.status(), 200);
    let again: Value = serde_json::from_str(&again.text().unwrap()).unwrap();
    assert_eq!(again["event_id"], first["event_id"]);
    let other = world.post(PLACE, &token, &validation("success", "2026-03-01T12:04:01Z"));
    assert_eq!(other.status(), 409);
    let other: Value = serde_json::from_str(&other.text().unwrap()).unwrap();
    assert_eq!(other["errors"][0]["code"], "token-reused");
    // The same body means something else at another place.
    let elsewhere = world.post(
        "/functions/v1/ops-slack-notify",
        &token,
        &json!({
            "run_id": 1, "tag": TAG, "release_url": "", "failure_reason": "x",
        }),
    );
    assert_eq!(elsewhere.status(), 409);
    assert_eq!(world.items("/api/v1/events").len(), 1);
}

#[test]
fn a_repository_that_sends_too_much_is_put_off() {
    let world = Scene::new().edit(|settings| settings.allowance.per_minute = 2).start();
    for status in [200, 200, 429] {
        let response = world.post(PLACE, &world.token(|_| ()), &validation("success", AT));
        assert_eq!(response.status(), status);
        assert_eq!(response.headers().contains_key("retry-after"), status == 429);
    }
    world.pass(jiff::SignedDuration::from_mins(1));
    assert_eq!(send(&world, &world.token(|_| ())).0, 200);
}
