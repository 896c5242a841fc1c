//! The function `provenance-validate`: one decision, one event.

use super::world::{READER, WRITER, entry_of, post, reply, request, tag, world};
use serde_json::{Value, json};

fn decision(tag: &str) -> Value {
    json!({
        "tag": tag, "run_id": "14095611671", "status": "success",
        "verified_at": "2026-11-23T12:00:00Z", "repository": "acme/app",
    })
}

#[test]
fn a_decision_and_its_manifest_entry_are_one_event() {
    let Some(world) = world() else { return };
    let tag = tag();
    let token = world.issuer.token(&format!("refs/tags/{tag}"));
    let mut body = decision(&tag);
    body["decision"] = json!({"outcome": "accepted", "level": 3});
    body["actor"] = json!("octocat");
    let first = post(&world.validate, &token, &body);
    assert_eq!((first.status, &first.body["outcome"]), (200, &json!("inserted")), "{first:?}");
    let entry = post(&world.telemetry, WRITER, &json!([entry_of(&tag)]));
    assert_eq!(entry.body["duplicates"], 1, "{entry:?}");
    assert_eq!(entry.body["events"][0]["event_id"], first.body["event_id"]);
    let query = format!(
        "select json_build_array(event, status, decision, actor) from provenance_audit_log where \
         tag = '{tag}';"
    );
    let expected = json!(["validated", "success", {"outcome": "accepted", "level": 3}, "octocat"]);
    assert_eq!(world.sql(&query), expected);
    world.keeps_its_secrets();
}

#[test]
fn run_and_time_may_be_written_in_more_than_one_way() {
    let Some(world) = world() else { return };
    for (key, spellings) in [
        ("run_id", vec![json!("9007199254740993")]),
        ("run_id", vec![json!("14095611671"), json!(14_095_611_671_u64)]),
        (
            "verified_at",
            [
                "2026-11-23T12:00:00Z",
                "2026-11-23t12:00:00z",
                "2026-11-23T13:00:00+01:00",
                "2026-11-23T12:00:00.000Z",
                "2026-11-22T23:30:00.0-12:30",
            ]
            .map(Value::from)
            .to_vec(),
        ),
        (
            "verified_at",
            ["2026-11-23T12:00:00.5Z", "2026-11-23T12:00:00.500000000Z"].map(Value::from).to_vec(),
        ),
        ("verified_at", ["2026-12-31T23:59:59Z", "2026-12-31T23:59:60Z"].map(Value::from).to_vec()),
    ] {
        let tag = tag();
        for spelling in spellings {
            let mut body = decision(&tag);
            body[key] = spelling.clone();
            let answered = post(&world.validate, WRITER, &body);
            assert_eq!(answered.status, 200, "{spelling}: {answered:?}");
        }
        // The entry says it in the one way that the manifest has.
        let mut entry = entry_of(&tag);
        match key {
            "run_id" => {
                entry["run"] = world.sql(&format!(
                    "select to_json(run_id::text) from provenance_audit_log where tag = '{tag}';"
                ))
            }
            _ => {
                entry["validated_at"] = world.sql(&format!(
                    "select to_json(case when occurred_at = date_trunc('second', occurred_at) then \
                 to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') else \
                 '2026-11-23T12:00:00.5Z' end) from provenance_audit_log where tag = '{tag}';"
                ))
            }
        }
        let entry = post(&world.telemetry, WRITER, &json!([entry]));
        assert_eq!(entry.body["duplicates"], 1, "{key}: {entry:?}");
        assert_eq!(world.rows(&tag), 1, "{key}");
    }
    // A number beyond what JavaScript holds keeps its digits.
    let tag = tag();
    let body = decision(&tag).to_string().replace("\"14095611671\"", "9007199254740993");
    assert_eq!(reply(request(&world.validate, WRITER, body)).status, 200);
    let run =
        format!("select to_json(run_id::text) from provenance_audit_log where tag = '{tag}';");
    assert_eq!(world.sql(&run), "9007199254740993");
}

#[test]
fn what_is_no_decision_is_refused() {
    let Some(world) = world() else { return };
    let tag = tag();
    for (key, value) in [
        ("tag", Value::Null),
        ("tag", json!(7)),
        ("run_id", Value::Null),
        ("run_id", json!("-1")),
        ("run_id", json!("01")),
        ("run_id", json!(1.5)),
        ("run_id", json!("1e3")),
        ("run_id", json!(true)),
        ("status", Value::Null),
        ("status", json!("pending")),
        ("status", json!("accepted")),
        ("verified_at", Value::Null),
        ("verified_at", json!("yesterday")),
        ("verified_at", json!("2026-02-30T12:00:00Z")),
        ("verified_at", json!("2026-11-23T25:00:00Z")),
        ("verified_at", json!("2026-11-23 12:00:00Z")),
        ("verified_at", json!("2026-11-23T12:00:00")),
        ("verified_at", json!(1_700_000_000)),
        ("repository", Value::Null),
        ("repository", json!(7)),
        ("event", json!("dispatched")),
        ("event_key", json!("mine")),
        ("id", json!("00000000-0000-7000-8000-000000000000")),
        ("created_at", json!("2026-11-23T12:00:00Z")),
    ] {
        let mut body = decision(&tag);
        body[key] = value.clone();
        let reply = post(&world.validate, WRITER, &body);
        assert_eq!(
            (reply.status, reply.code()),
            (400, "invalid-body"),
            "{key} = {value}: {reply:?}"
        );
    }
    for (key, value) in [
        ("attempt", json!("x")),
        ("slsa_build_level", json!(-1)),
        ("release_url", json!(7)),
        ("run_id", json!("9223372036854775808")),
    ] {
        let mut body = decision(&tag);
        body[key] = value.clone();
        let reply = post(&world.validate, WRITER, &body);
        assert_eq!((reply.status, reply.code()), (422, "rejected"), "{key} = {value}: {reply:?}");
        assert!(reply.detail().contains(key), "{reply:?}");
    }
    for body in [json!([decision(&tag)]), json!(null), json!("x")] {
        assert_eq!(post(&world.validate, WRITER, &body).status, 400);
    }
    assert_eq!(world.rows(&tag), 0);
    assert_eq!(post(&world.validate, WRITER, &decision(&tag)).status, 200);
    let mut other = decision(&tag);
    other["commit_sha"] = json!("693130cb6cb840a7bc9cb18c6510d536a95dc7e6");
    assert_eq!(post(&world.validate, WRITER, &other).body["outcome"], "duplicate");
    let mut contradiction = decision(&tag);
    contradiction["failure_reason"] = json!("x");
    assert_eq!(post(&world.validate, WRITER, &contradiction).body["outcome"], "duplicate");
}

#[test]
fn a_caller_without_the_right_writes_no_decision() {
    let Some(world) = world() else { return };
    let tag = tag();
    let body = decision(&tag);
    assert_eq!(post(&world.validate, "nobody", &body).status, 401);
    assert_eq!(post(&world.validate, READER, &body).status, 403);
    let token = world.issuer.token("refs/tags/v-other");
    assert_eq!(post(&world.validate, &token, &body).status, 403);
    let mut foreign = body.clone();
    foreign["repository"] = json!("acme/strict");
    let token = world.issuer.token(&format!("refs/tags/{tag}"));
    assert_eq!(post(&world.validate, &token, &foreign).status, 403);
    let large = format!("{body}{}", " ".repeat(1024 * 1024));
    assert_eq!(reply(request(&world.validate, WRITER, large)).status, 413);
    assert_eq!(world.rows(&tag), 0);
}
