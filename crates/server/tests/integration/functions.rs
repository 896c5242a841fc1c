//! The Edge functions of `supabase/functions` and this server are one interface: the same requests
//! get the same status, the same headers and documents of the same shape.

use crate::world::{REPOSITORY, Scene, World};
use provost_testkit::deno::{Deno, Function};
use provost_testkit::postgres::{self, Database, Flavour};
use reqwest::Method;
use reqwest::blocking::Client;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const WRITER: &str = "all-scopes";
const READER: &str = "read-only";
const MIB: usize = 1024 * 1024;

/// Headers that are part of an answer. How long to wait is each side's own affair.
const HEADERS: [&str; 5] =
    ["allow", "cache-control", "content-type", "www-authenticate", "x-content-type-options"];

/// Both sides, each before an empty PostgreSQL.
struct Both {
    server: World,
    telemetry: Function,
    validate: Function,
    client: Client,
    _databases: [Database; 2],
}

/// A request that is sent to both.
struct Sent {
    method: Method,
    route: &'static str,
    token: Option<&'static str>,
    kind: &'static str,
    body: Vec<u8>,
}

/// What came back, as far as both must agree.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    headers: Vec<String>,
    /// The document with every text that is free replaced by what it is.
    shape: Value,
}

impl Both {
    /// Or `None` after saying what is not checked.
    fn start() -> Option<Self> {
        Self::try_start()
            .inspect_err(|why| println!("not checked here: server and Edge functions: {why}"))
            .ok()
    }

    fn try_start() -> Result<Self, String> {
        let deno = Deno::find().map_err(|why| why.to_string())?;
        deno.fetch(&entry("telemetry")).map_err(|why| why.to_string())?;
        let database = |flavour| postgres::database(flavour).map_err(|why| why.to_string());
        let (own, theirs) = (database(Flavour::Plain)?, database(Flavour::Supabase)?);
        let mut scene = Scene::new();
        scene.store = Some(own.url(false));
        let server = scene.start();
        let token = |name: &str, token: &str, scopes: &[&str]| {
            let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes());
            json!({"name": name, "sha256": hex::encode(digest), "scopes": scopes})
        };
        let tokens =
            json!([token("all", WRITER, &["ingest", "read"]), token("reader", READER, &["read"])]);
        let (url, tokens) = (theirs.url(true), tokens.to_string());
        let variables = [("SUPABASE_DB_URL", url.as_str()), ("PROVOST_TOKENS", tokens.as_str())];
        let serve = |function| deno.serve(&entry(function), &variables);
        Ok(Self {
            server,
            telemetry: serve("telemetry"),
            validate: serve("provenance-validate"),
            client: Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap(),
            _databases: [own, theirs],
        })
    }

    /// The answer of both, which must be the same.
    fn answer(&self, what: &str, sent: &Sent) -> Answer {
        let path = format!("/functions/v1/{}", sent.route);
        let function = match sent.route {
            "telemetry" => &self.telemetry,
            _ => &self.validate,
        };
        let server = self.send(sent, &self.server.url(&path));
        let function = self.send(sent, &format!("{}/{}", function.url(), sent.route));
        assert_eq!(function, server, "{what}: the function (left) and the server (right) differ");
        server
    }

    fn send(&self, sent: &Sent, url: &str) -> Answer {
        let mut request = self.client.request(sent.method.clone(), url);
        if let Some(token) = sent.token {
            request = request.bearer_auth(token);
        }
        if sent.method != Method::GET {
            request = request.header("content-type", sent.kind).body(sent.body.clone());
        }
        let response = request.send().expect("an answer");
        let header = |name: &&str| {
            let value = response.headers().get(*name)?.to_str().ok()?;
            Some(format!("{name}: {value}"))
        };
        let headers = HEADERS.iter().filter_map(header).collect();
        let status = response.status().as_u16();
        let document: Value =
            serde_json::from_str(&response.text().expect("text")).expect("a document");
        Answer { status, headers, shape: shape(&document) }
    }
}

fn entry(function: &str) -> PathBuf {
    let functions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../supabase/functions");
    functions.join(function).join("index.ts")
}

/// What a document says without its free texts: ids, and problems in words.
fn shape(document: &Value) -> Value {
    match document {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| match (name.as_str(), value) {
                ("problem" | "detail" | "event_id", Value::String(_)) => {
                    (name.clone(), json!("a text"))
                }
                _ => (name.clone(), shape(value)),
            })
            .collect(),
        Value::Array(items) => items.iter().map(shape).collect(),
        other => other.clone(),
    }
}

fn post(route: &'static str, body: impl Into<Vec<u8>>) -> Sent {
    Sent {
        method: Method::POST,
        route,
        token: Some(WRITER),
        kind: "application/json",
        body: body.into(),
    }
}

fn telemetry(body: &Value) -> Sent {
    post("telemetry", body.to_string())
}

fn validate(body: &Value) -> Sent {
    post("provenance-validate", body.to_string())
}

fn manifest_entry(run: &str) -> Value {
    json!({
        "run": run, "tag": format!("v{run}"), "status": "success", "artifact": "",
        "release_url": "", "validated_at": "2026-11-23T12:00:00Z", "repository": REPOSITORY,
        "decision": "accepted",
    })
}

fn validation(run: &str) -> Value {
    json!({
        "tag": format!("v{run}"), "run_id": run, "status": "failure",
        "verified_at": "2026-11-23T12:00:00Z", "repository": REPOSITORY,
        "failure_reason": "source-ref failed",
    })
}

/// A value with members set otherwise; null takes one away.
fn with(mut value: Value, members: Value) -> Value {
    let own = value.as_object_mut().expect("an object");
    for (name, value) in members.as_object().expect("an object") {
        match value {
            Value::Null => own.remove(name),
            _ => own.insert(name.clone(), value.clone()),
        };
    }
    value
}

#[test]
fn what_is_sent_into_the_log_is_answered_alike() {
    let Some(both) = Both::start() else { return };
    let is = |what: &str, sent: &Sent, status: u16| {
        let answer = both.answer(what, sent);
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        answer.shape
    };
    let one = json!([manifest_entry("1")]);
    assert_eq!(is("a manifest", &telemetry(&one), 200)["inserted"], 1);
    assert_eq!(is("the same again", &telemetry(&one), 200)["duplicates"], 1);
    let broken = with(manifest_entry("2"), json!({"run": "x"}));
    let mixed = json!([manifest_entry("1"), broken, 7, manifest_entry("3")]);
    let shape = is("entries of all kinds", &telemetry(&mixed), 200);
    assert_eq!((&shape["inserted"], &shape["duplicates"]), (&json!(1), &json!(1)));
    assert_eq!(shape["rejected"].as_array().map(Vec::len), Some(2));
    is("entries that are all wrong", &telemetry(&json!([broken, null])), 422);
    let other = with(manifest_entry("1"), json!({"release_url": "https://example.com/1"}));
    is("a fact that was not known", &telemetry(&json!([other])), 200);
    let announced = with(
        manifest_entry("4"),
        json!({"status": "failure", "decision": "refused", "failure_reason": "no",
            "notified": {"slack": true, "issue": 7}}),
    );
    is("a failure that was announced", &telemetry(&json!([announced])), 200);
    is("no entry", &telemetry(&json!([])), 200);
    let failure = json!({
        "run": "5", "tag": "v5", "status": "failure", "failure_reason": "no",
        "artifact_present": false, "workflow": null,
        "release_url": "", "occurred_at": "2026-11-23T12:00:00Z", "checks_failed": ["source-ref"],
        "repository": REPOSITORY, "run_url": null, "notified": {"slack": false},
    });
    is("a failure.json", &telemetry(&failure), 200);
    is("the same failure.json", &telemetry(&failure), 200);
    for (member, wrong) in [
        ("status", json!("success")),
        ("run", json!(null)),
        ("tag", json!("a..b")),
        ("artifact_present", json!(null)),
        ("checks_failed", json!("x")),
        ("release_url", json!(null)),
        ("occurred_at", json!("today")),
        ("notified", json!(null)),
        ("notified", json!([])),
    ] {
        is(member, &telemetry(&with(failure.clone(), json!({member: wrong}))), 422);
    }
    let unknown = with(failure, json!({"failure_reason": null}));
    is("a failure.json without its reason", &telemetry(&unknown), 400);

    is("a validation", &validate(&validation("7")), 200);
    is("the same validation", &validate(&validation("7")), 200);
    let other = with(validation("7"), json!({"failure_reason": "another"}));
    is("one with another fact", &validate(&other), 422);
    let whole = with(
        validation("8"),
        json!({"attempt": 2, "release_url": "https://example.com/8", "commit_sha": "8f70009f",
            "builder_id": "https://example.com/builder", "slsa_build_level": 3, "actor": "octocat",
            "decision": [{"outcome": "refused"}]}),
    );
    is("a validation with everything", &validate(&whole), 200);
    is("a run id that is a number", &validate(&with(validation("9"), json!({"run_id": 9}))), 200);
}

#[test]
fn events_are_answered_alike() {
    let Some(both) = Both::start() else { return };
    let key = provost_record::EventKey::of_dispatch(REPOSITORY, 5, "v5");
    let event = json!({
        "run_id": "5", "tag": "v5", "status": "pending", "repository": REPOSITORY,
        "event": "dispatched", "occurred_at": "2026-11-23T12:00:00Z", "event_key": key.as_str(),
    });
    let events = |members: Value| telemetry(&json!({"events": [with(event.clone(), members)]}));
    for (what, sent, status) in [
        ("an event", events(json!({})), 200),
        ("the same event", events(json!({})), 200),
        ("another fact", events(json!({"status": "success"})), 422),
        ("no kind", events(json!({"event": "x", "event_key": "x:1"})), 422),
        ("no run id", events(json!({"run_id": "-1", "event_key": "dispatched:1"})), 422),
        ("no list", telemetry(&json!({"events": {}})), 400),
        ("no events", telemetry(&json!({"events": []})), 200),
    ] {
        let answer = both.answer(what, &sent);
        assert_eq!(answer.status, status, "{what}: {answer:?}");
    }
}

#[test]
fn what_is_no_request_of_these_routes_is_refused_alike() {
    let Some(both) = Both::start() else { return };
    let one = || telemetry(&json!([manifest_entry("1")]));
    let padded = |length: usize| {
        let manifest = json!([manifest_entry("1")]).to_string();
        post("telemetry", format!("{manifest}{}", " ".repeat(length - manifest.len())))
    };
    let many = |count: usize| telemetry(&json!(vec![0; count]));
    let invalid = |members: Value| validate(&with(validation("1"), members));
    for (what, sent, status) in [
        ("no token", Sent { token: None, ..one() }, 401),
        ("an unknown token", Sent { token: Some("unknown"), ..one() }, 401),
        ("a token that may only read", Sent { token: Some(READER), ..one() }, 403),
        ("another method", Sent { method: Method::GET, ..one() }, 405),
        ("another method of a change", Sent { method: Method::PUT, ..one() }, 405),
        ("another type", Sent { kind: "text/plain", ..one() }, 415),
        ("half a body", post("telemetry", "[{"), 400),
        ("no body", post("telemetry", ""), 400),
        ("no UTF-8", post("telemetry", b"[\"\xff\"]"), 400),
        ("a key twice", post("telemetry", r#"{"events":[],"events":[]}"#), 400),
        ("none of the documents", telemetry(&json!({"x": 1})), 400),
        ("a text", telemetry(&json!("x")), 400),
        ("a bucket that nobody named", telemetry(&json!({"manifest_url": "https://x/y"})), 400),
        ("as large as may be", padded(4 * MIB), 200),
        ("larger", padded(4 * MIB + 1), 413),
        ("as many as may be", many(5_000), 422),
        ("more", many(5_001), 413),
        ("a validation that is larger", post("provenance-validate", " ".repeat(MIB + 1)), 413),
        ("a validation that is none", post("provenance-validate", "[]"), 400),
        ("no tag", invalid(json!({"tag": null})), 400),
        ("no repository", invalid(json!({"repository": "acme"})), 400),
        ("another status", invalid(json!({"status": "pending"})), 400),
        ("no time", invalid(json!({"verified_at": "today"})), 400),
        ("no run", invalid(json!({"run_id": "x"})), 400),
        ("a key that it has not", invalid(json!({"zone": 1})), 400),
        ("a success with a reason", invalid(json!({"status": "success"})), 400),
    ] {
        let answer = both.answer(what, &sent);
        assert_eq!(answer.status, status, "{what}: {answer:?}");
    }
}
