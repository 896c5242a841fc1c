//! What the documents become: manifests, failures, events.

use super::world::{WRITER, World, entry_of, post, tag, world};
use serde_json::{Value, json};

/// What `service_role` is told by the SQL function itself, as index, outcome, id and problem.
fn by_sql(world: &World, entries: &Value) -> Value {
    let query = format!(
        "select json_agg(json_build_array(index, outcome, id, problem) order by index) \
         from ingest_provenance_manifest($body${entries}$body$);"
    );
    world.sql(&query)
}

/// The same of an answer.
fn by_function(answer: &Value) -> Value {
    let events = answer["events"].as_array().unwrap();
    let row = |event: &Value| {
        json!([event["index"], event["outcome"], event["event_id"], event["problem"]])
    };
    events.iter().map(row).collect()
}

#[test]
fn a_manifest_is_answered_as_sql_answers_it() {
    let Some(world) = world() else { return };
    let (one, two) = (tag(), tag());
    let mut failed = entry_of(&two);
    failed["status"] = json!("failure");
    failed["decision"] = json!("refused");
    failed["failure_reason"] = json!("refused: source-ref");
    failed["notified"] = json!({"slack": true, "issue": 7});
    let entries = json!([entry_of(&one), failed]);
    let first = post(&world.telemetry, WRITER, &entries);
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(
        (&first.body["inserted"], &first.body["duplicates"], &first.body["rejected"]),
        (&json!(2), &json!(0), &json!([]))
    );
    assert_eq!((world.rows(&one), world.rows(&two)), (1, 2), "a failure and that it was told");
    // SQL finds everything there already, under the same ids.
    let mut known = by_function(&first.body);
    for row in known.as_array_mut().unwrap() {
        row[1] = json!("duplicate");
    }
    assert_eq!(by_sql(world, &entries), known);
    let again = post(&world.telemetry, WRITER, &entries);
    assert_eq!(by_function(&again.body), known);
    assert_eq!(again.body["duplicates"], 2);
    assert_eq!((world.rows(&one), world.rows(&two)), (1, 2));
}

#[test]
fn a_manifest_s_hash_and_its_big_numbers_reach_the_row() {
    let Some(world) = world() else { return };
    let tag = tag();
    let mut entry = entry_of(&tag);
    entry["run"] = json!("9007199254740993");
    let body = json!([entry]).to_string();
    let reply = post(&world.telemetry, WRITER, &serde_json::from_str(&body).unwrap());
    assert_eq!(reply.status, 200, "{reply:?}");
    let query = format!(
        "select json_build_array(run_id::text, manifest_sha256) from provenance_audit_log where \
         tag = '{tag}';"
    );
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body.as_bytes());
    assert_eq!(world.sql(&query), json!(["9007199254740993", hex::encode(hash)]));
}

#[test]
fn hostile_entries_are_rejected_one_by_one_with_sql_s_own_words() {
    let Some(world) = world() else { return };
    let good = tag();
    let changed = |key: &str, value: Value| {
        let mut entry = entry_of(&tag());
        entry[key] = value;
        entry
    };
    let mut entries = vec![
        json!(null),
        json!([]),
        json!("'; drop table provenance_audit_log; --"),
        json!({}),
        changed("run", json!(7)),
        changed("run", json!("-1")),
        changed("run", json!("9223372036854775808")),
        changed("tag", json!("")),
        changed("tag", json!("../../etc/passwd")),
        changed("tag", json!("-rf")),
        changed("tag", json!("a\nb")),
        changed("tag", json!({"$gt": ""})),
        changed("status", json!("accepted")),
        changed("artifact", json!("../../etc/passwd")),
        changed("artifact", json!("artifacts/slsa/a/b/c")),
        changed("validated_at", json!("yesterday")),
        changed("validated_at", json!("2026-02-30T00:00:00Z")),
        changed("decision", json!("maybe")),
        changed("decision", json!("refused")),
        changed("attempt", json!(0)),
        changed("slsa_build_level", json!(4)),
        changed("notified", json!({})),
        changed("failure_reason", json!("x")),
        changed("repository", json!(7)),
    ];
    let all_bad = post(&world.telemetry, WRITER, &json!(entries));
    assert_eq!((all_bad.status, &all_bad.body["inserted"]), (422, &json!(0)), "{all_bad:?}");
    assert_eq!(all_bad.body["rejected"].as_array().unwrap().len(), entries.len());
    assert_eq!(by_function(&all_bad.body), by_sql(world, &json!(entries)));
    entries.push(entry_of(&good));
    let mixed = post(&world.telemetry, WRITER, &json!(entries));
    assert_eq!((mixed.status, &mixed.body["inserted"]), (200, &json!(1)), "{mixed:?}");
    assert_eq!(mixed.body["rejected"], all_bad.body["rejected"]);
    assert_eq!(world.rows(&good), 1);
    assert_eq!(post(&world.telemetry, WRITER, &json!([])).status, 200, "an empty manifest is one");
}

#[test]
fn a_fact_that_differs_is_rejected_by_its_column() {
    let Some(world) = world() else { return };
    let tag = tag();
    let mut entry = entry_of(&tag);
    assert_eq!(post(&world.telemetry, WRITER, &json!([entry])).status, 200);
    entry["slsa_build_level"] = json!(2);
    let reply = post(&world.telemetry, WRITER, &json!([entry]));
    assert_eq!(reply.status, 422);
    let problem = reply.body["rejected"][0]["problem"].as_str().unwrap();
    assert!(problem.contains("slsa_build_level"), "{problem}");
    assert_eq!(world.rows(&tag), 1);
}

#[test]
fn a_failure_and_its_manifest_entry_are_one_event() {
    let Some(world) = world() else { return };
    for (checks_failed, decision) in [(json!(["source-ref"]), Some("refused")), (json!([]), None)] {
        let tag = tag();
        let failure = json!({
            "run": "14095611671", "tag": tag, "repository": "acme/app", "workflow": null,
            "status": "failure", "failure_reason": "refused: source-ref", "artifact_present": true,
            "checks_failed": checks_failed, "run_url": null, "release_url": "",
            "occurred_at": "2026-11-23T12:00:00Z",
            "notified": {"slack": true, "issue": 7, "tried": ["slack: taken"]},
        });
        let first = post(&world.telemetry, WRITER, &failure);
        assert_eq!((first.status, &first.body["inserted"]), (200, &json!(1)), "{first:?}");
        let mut entry = entry_of(&tag);
        entry["status"] = json!("failure");
        entry["failure_reason"] = json!("refused: source-ref");
        entry["notified"] = json!({"slack": true, "issue": 7});
        entry["decision"] = json!(decision);
        if decision.is_none() {
            entry.as_object_mut().unwrap().remove("decision");
        }
        let second = post(&world.telemetry, WRITER, &json!([entry]));
        assert_eq!(second.body["duplicates"], 1, "{second:?}");
        assert_eq!(world.rows(&tag), 2, "the failure and that it was told");
        let kind = if decision.is_some() { "validated" } else { "provenance" };
        let query = format!(
            "select json_agg(event order by event) from provenance_audit_log where tag = '{tag}';"
        );
        let mut expected = ["notified", kind];
        expected.sort_unstable();
        assert_eq!(world.sql(&query), json!(expected));
    }
}

#[test]
fn a_failure_that_is_none_is_rejected() {
    let Some(world) = world() else { return };
    let tag = tag();
    let good = json!({
        "run": "1", "tag": tag, "status": "failure", "failure_reason": "x", "checks_failed": [],
        "artifact_present": false, "release_url": "", "occurred_at": "2026-11-23T12:00:00Z", "notified": {},
    });
    for (key, value) in [
        ("status", json!("success")),
        ("checks_failed", json!("x")),
        ("run", json!(1)),
        ("tag", json!("..")),
        ("failure_reason", json!("")),
        ("occurred_at", json!("now")),
        ("artifact_present", json!(null)),
        ("release_url", json!(null)),
        ("notified", json!([])),
    ] {
        let mut failure = good.clone();
        failure[key] = value;
        let reply = post(&world.telemetry, WRITER, &failure);
        assert_eq!((reply.status, &reply.body["inserted"]), (422, &json!(0)), "{key}: {reply:?}");
    }
    assert_eq!(world.rows(&tag), 0);
    assert_eq!(post(&world.telemetry, WRITER, &good).status, 200);
}

#[test]
fn events_are_appended_as_they_are() {
    let Some(world) = world() else { return };
    let tag = tag();
    let event = json!({
        "event_key": format!("dispatched:{tag}"), "event": "dispatched", "status": "pending",
        "run_id": 7, "tag": tag, "repository": "acme/app", "release_url": null,
        "occurred_at": "2026-11-23T12:00:00.123456Z", "decision": {"a": [1, "two"]},
    });
    let mut bad = event.clone();
    bad["event"] = json!("exploded");
    let reply = post(&world.telemetry, WRITER, &json!({ "events": [event, bad] }));
    assert_eq!((reply.status, &reply.body["inserted"]), (200, &json!(1)), "{reply:?}");
    assert_eq!(reply.body["rejected"][0]["index"], 1);
    let id = reply.body["events"][0]["event_id"].as_str().unwrap();
    let query = format!(
        "select json_build_array(id, decision::text) from provenance_audit_log where tag = '{tag}';"
    );
    assert_eq!(world.sql(&query), json!([id, "{\"a\": [1, \"two\"]}"]));
    let again = post(&world.telemetry, WRITER, &json!({ "events": [event] }));
    assert_eq!(again.body["duplicates"], 1, "{again:?}");
}
