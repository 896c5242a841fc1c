//! What a function says of an event or entry that it does not take, while the others go in.

use super::database;
use super::script::{append, entry, event, ingest, outcomes, with, with_value};
use provost_testkit::postgres::Flavour;
use serde_json::{Value, json};

#[test]
fn an_event_that_is_wrong_says_why_and_keeps_no_other_out() {
    let Some(database) = database(Flavour::Plain) else { return };
    let cases = [
        (json!(7), "it is a number, not an object"),
        (json!(null), "it is null, not an object"),
        (with(event("x"), json!({"colour": 1})), "it has a key that is no column"),
        (with(event("x"), json!({"seq": 1})), "it has a key that is no column"),
        (with(event("x"), json!({"tag": null})), "tag is missing, not a string"),
        (with_value(event("x"), "tag", json!(null)), "tag is null, not a string"),
        (with(event("x"), json!({"tag": 4})), "tag is a number, not a string"),
        (with(event("x"), json!({"tag": "t".repeat(1025)})), "tag is longer than 1024 bytes"),
        (with(event("x"), json!({"event_key": null})), "event_key is missing, not a string"),
        (with(event("x"), json!({"event_key": ""})), "event_key has not 1 to 256 bytes"),
        (
            with(event("x"), json!({"event_key": "k".repeat(257)})),
            "event_key has not 1 to 256 bytes",
        ),
        (with(event("x"), json!({"event": "released"})), "event is none of dispatched,"),
        (with(event("x"), json!({"event": null})), "event is none of dispatched,"),
        (with(event("x"), json!({"status": "ok"})), "status is none of success,"),
        (with(event("x"), json!({"run_id": "-1"})), "run_id is no run id"),
        (with(event("x"), json!({"run_id": 1.5})), "run_id is no run id"),
        (with(event("x"), json!({"run_id": "9223372036854775808"})), "run_id is no run id"),
        (with(event("x"), json!({"run_id": null})), "run_id is no run id"),
        (with(event("x"), json!({"run_id": {}})), "run_id is no run id"),
        (with(event("x"), json!({"occurred_at": "yesterday"})), "occurred_at is no time"),
        (
            with(event("x"), json!({"occurred_at": "2026-02-29T00:00:00Z"})),
            "occurred_at is no time",
        ),
        (with(event("x"), json!({"occurred_at": "infinity"})), "occurred_at is no time"),
        (with(event("x"), json!({"occurred_at": null})), "occurred_at is no time"),
        (
            with(event("x"), json!({"validated_at": "2026-13-01T00:00:00Z"})),
            "validated_at is no time",
        ),
        (with(event("x"), json!({"created_at": "2026-01-01"})), "created_at is no time"),
        (with(event("x"), json!({"attempt": 4294967296u64})), "attempt is no number"),
        (with(event("x"), json!({"attempt": "one"})), "attempt is no number"),
        (with(event("x"), json!({"slsa_build_level": 256})), "slsa_build_level is no number"),
        (with(event("x"), json!({"repository": "r".repeat(513)})), "repository is longer than 512"),
        (with(event("x"), json!({"repository": ["a"]})), "repository is an array, not a string"),
        (with(event("x"), json!({"actor": true})), "actor is a boolean, not a string"),
        (with(event("x"), json!({"id": "77"})), "id is no UUID"),
        (with(event("x"), json!({"id": 77})), "id is no UUID"),
    ];
    let session = database.owner();
    let mut events: Vec<Value> = cases.iter().map(|(event, _)| event.clone()).collect();
    events.push(event("sound"));
    let answers = append(&session, &json!(events));
    for (answer, (event, problem)) in answers.iter().zip(&cases) {
        assert_eq!(answer.outcome, "rejected", "{event}");
        let said = answer.problem.as_deref().unwrap();
        assert!(said.starts_with(problem), "{event}: {said}");
        assert_eq!(answer.id, None);
    }
    assert_eq!(answers.last().unwrap().outcome, "inserted");
    let indexes: Vec<usize> = answers.iter().map(|answer| answer.index).collect();
    assert_eq!(indexes, Vec::from_iter(0..events.len()));
    assert_eq!(session.execute("select count(*) from provenance_audit_log").unwrap(), "1");
}

#[test]
fn an_entry_that_is_wrong_says_why_and_keeps_no_other_out() {
    let Some(database) = database(Flavour::Plain) else { return };
    let with = |changes| with(entry(7, "v1"), changes);
    let failed = |changes: Value| {
        let mut failed = with(json!({"status": "failure", "failure_reason": "no"}));
        failed.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        failed
    };
    let mut cases = vec![
        (json!([]), "it is an array, not an object"),
        (with(json!({"run": 7})), "run is no run id"),
        (with(json!({"run": "07"})), "run is no run id"),
        (with(json!({"run": null})), "run is no run id"),
        (with(json!({"tag": null})), "tag is missing, not a string"),
        (with(json!({"status": "pending"})), "status is neither success nor failure"),
        (with(json!({"status": null})), "status is neither success nor failure"),
        (with(json!({"artifact": null})), "artifact is missing, not a string"),
        (with(json!({"artifact": "/etc/passwd"})), "artifact is no file below artifacts/slsa/"),
        (with(json!({"release_url": null})), "release_url is missing, not a string"),
        (with(json!({"validated_at": "2026-11-23"})), "validated_at is no time"),
        (with(json!({"validated_at": 7})), "validated_at is no time"),
        (with(json!({"decision": "maybe"})), "decision is neither accepted nor refused"),
        (with(json!({"decision": "refused"})), "status is success and decision is refused"),
        (with(json!({"failure_reason": "x"})), "status is success and there is a failure_reason"),
        (with(json!({"status": "failure"})), "status is failure and there is no failure_reason"),
        (
            failed(json!({"failure_reason": " "})),
            "status is failure and there is no failure_reason",
        ),
        (failed(json!({"failure_reason": 7})), "failure_reason is a number, not a string"),
        (with(json!({"attempt": 0})), "attempt is no number from 1"),
        (with(json!({"attempt": "1"})), "attempt is no number from 1"),
        (with(json!({"slsa_build_level": 4})), "slsa_build_level is no number from 0 to 3"),
        (with(json!({"commit": false})), "commit is a boolean, not a string"),
        (with_value(entry(7, "v1"), "commit", json!(null)), "commit is null, not a string"),
        (failed(json!({"notified": {"issue": 3}})), "notified has no slack"),
        (failed(json!({"notified": {"slack": true, "issue": "3"}})), "notified.issue is no number"),
        (failed(json!({"notified": {"slack": true, "issue": -3}})), "notified.issue is no number"),
    ];
    for tag in [
        "", "-x", "a..b", "a b", "@", "a@{b", "a/", "/a", "a//b", ".a", "a/.b", "a.", "a.lock",
        "a.lock/b", "a\nb", "a\u{7f}b", "a\\b", "a*b", "a[b", "a?b", "a^b", "a:b", "a~b",
    ] {
        cases.push((with(json!({"tag": tag})), "tag is no valid git tag name"));
    }
    let session = database.owner();
    let mut entries: Vec<Value> = cases.iter().map(|(entry, _)| entry.clone()).collect();
    entries.push(entry(7, "v1"));
    let answers = ingest(&session, &json!(entries));
    for (answer, (entry, problem)) in answers.iter().zip(&cases) {
        assert_eq!(answer.outcome, "rejected", "{entry}");
        let said = answer.problem.as_deref().unwrap();
        assert!(said.starts_with(problem), "{entry}: {said}");
    }
    assert_eq!(answers.last().unwrap().outcome, "inserted");
    assert_eq!(session.execute("select count(*) from provenance_audit_log").unwrap(), "1");
}

#[test]
fn what_is_no_array_is_refused_as_a_whole() {
    let Some(database) = database(Flavour::Plain) else { return };
    for call in [
        "append_provenance_events('{}')",
        "append_provenance_events(null)",
        "ingest_provenance_manifest('7')",
        "ingest_provenance_manifest(null)",
    ] {
        let refused = database.owner().execute(&format!("select * from {call}")).unwrap_err();
        assert!(refused.0.contains("not a JSON array"), "{refused}");
    }
}

#[test]
fn a_key_that_comes_again_is_a_duplicate_unless_a_fact_differs() {
    let Some(database) = database(Flavour::Plain) else { return };
    let session = database.owner();
    let first = append(&session, &json!([event("k")]));
    let knows_less = with(event("k"), json!({"attempt": null, "slsa_build_level": null}));
    let knows_more = with(event("k"), json!({"commit_sha": "8f70", "actor": "somebody"}));
    let of_another_recording = with(event("k"), json!({"decision": {"outcome": "other"}}));
    let later = with(event("k"), json!({"occurred_at": "2026-11-23T12:00:00.000001Z"}));
    let events = json!([event("k"), knows_less, knows_more, of_another_recording, later]);
    let answers = append(&session, &events);
    let expected = ["duplicate", "duplicate", "duplicate", "duplicate", "rejected"];
    assert_eq!(outcomes(&answers), expected);
    assert!(answers[..4].iter().all(|answer| answer.id == first[0].id));
    assert!(answers[4].problem.as_ref().unwrap().contains("another occurred_at"));
    for (column, value) in [
        ("event", json!("provenance")),
        ("status", json!("pending")),
        ("run_id", json!(78)),
        ("tag", json!("v2")),
        ("repository", json!("acme/other")),
        ("occurred_at", json!("2026-11-23T12:00:01Z")),
        ("attempt", json!(2)),
        ("validated_at", json!("2026-11-23T12:00:01Z")),
        ("slsa_build_level", json!(2)),
        ("release_url", json!("https://github.com/acme/other")),
    ] {
        let answer = append(&session, &json!([with_value(event("k"), column, value)])).remove(0);
        assert_eq!(answer.outcome, "rejected", "{column}");
        let said = answer.problem.unwrap();
        assert!(said.contains(&format!("with another {column}:")), "{said}");
        assert!(said.contains(first[0].id.as_ref().unwrap()), "{said}");
    }
    assert_eq!(session.execute("select count(*) from provenance_audit_log").unwrap(), "1");
}

#[test]
fn of_two_with_the_same_key_in_one_call_the_first_is_written() {
    let Some(database) = database(Flavour::Plain) else { return };
    let session = database.owner();
    let second = with(event("k"), json!({"tag": "v2"}));
    let answers = append(&session, &json!([event("k"), event("k"), second, event("other")]));
    assert_eq!(outcomes(&answers), ["inserted", "duplicate", "rejected", "inserted"]);
    assert_eq!(answers[0].id, answers[1].id);
    let twice = json!([entry(5, "v5"), entry(5, "v5")]);
    assert_eq!(outcomes(&ingest(&session, &twice)), ["inserted", "duplicate"]);
    assert_eq!(outcomes(&ingest(&session, &twice)), ["duplicate", "duplicate"]);
}

#[test]
fn an_id_of_the_sender_is_kept_and_taken_once() {
    let Some(database) = database(Flavour::Plain) else { return };
    let session = database.owner();
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let known = with(event("k"), json!({"id": id, "created_at": "2020-01-02T03:04:05.678901Z"}));
    let other = with(event("other"), json!({"id": id}));
    let answers = append(&session, &json!([known, known, other]));
    assert_eq!(outcomes(&answers), ["inserted", "duplicate", "rejected"]);
    assert_eq!(answers[0].id.as_deref(), Some(id));
    assert_eq!(answers[2].problem.as_deref(), Some(&*format!("id {id} belongs to another event")));
    let answers = append(&session, &json!([known, other]));
    assert_eq!(outcomes(&answers), ["duplicate", "rejected"]);
    let created = "select to_json(created_at)#>>'{}' from provenance_audit_log";
    assert_eq!(session.execute(created).unwrap(), "2020-01-02T03:04:05.678901+00:00");
}

#[test]
fn no_announcement_is_written_of_an_outcome_that_is_rejected() {
    let Some(database) = database(Flavour::Plain) else { return };
    let session = database.owner();
    let failed = with(entry(7, "v1"), json!({"status": "failure", "failure_reason": "no"}));
    ingest(&session, &json!([failed]));
    let told = json!({"notified": {"slack": true}, "release_url": "https://b.example"});
    let answers = ingest(&session, &json!([with(failed.clone(), told), entry(8, "v1")]));
    assert_eq!(outcomes(&answers), ["rejected", "inserted"]);
    assert!(answers[0].problem.as_ref().unwrap().contains("another release_url"));
    let told = "select count(*) from provenance_audit_log where event = 'notified'";
    assert_eq!(session.execute(told).unwrap(), "0");
}

#[test]
fn an_entry_is_new_as_long_as_one_of_its_events_is() {
    let Some(database) = database(Flavour::Plain) else { return };
    let session = database.owner();
    let failed = with(entry(7, "v1"), json!({"status": "failure", "failure_reason": "no"}));
    let told = with(failed.clone(), json!({"notified": {"slack": false, "issue": 12}}));
    let silent = with(failed.clone(), json!({"notified": {"slack": false}}));
    assert_eq!(outcomes(&ingest(&session, &json!([failed]))), ["inserted"]);
    assert_eq!(outcomes(&ingest(&session, &json!([silent]))), ["duplicate"]);
    assert_eq!(outcomes(&ingest(&session, &json!([told]))), ["inserted"]);
    assert_eq!(outcomes(&ingest(&session, &json!([told]))), ["duplicate"]);
    let events =
        "select string_agg(event || ' ' || status, ', ' order by seq) from provenance_audit_log";
    assert_eq!(session.execute(events).unwrap(), "provenance failure, notified success");
}
