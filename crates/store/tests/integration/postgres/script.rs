//! Statements for tests.

use provost_testkit::postgres::Session;
use serde_json::Value;

/// A text as an SQL literal.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// One answer of a writing function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) index: usize,
    pub(crate) outcome: String,
    pub(crate) id: Option<String>,
    pub(crate) event_key: Option<String>,
    pub(crate) problem: Option<String>,
}

/// What `append_provenance_events` answers to these events.
pub(crate) fn append(session: &Session, events: &Value) -> Vec<Answer> {
    let call = format!("append_provenance_events({})", literal(&events.to_string()));
    answers(session, &call)
}

/// What `ingest_provenance_manifest` answers to these entries.
pub(crate) fn ingest(session: &Session, entries: &Value) -> Vec<Answer> {
    let call = format!("ingest_provenance_manifest({})", literal(&entries.to_string()));
    answers(session, &call)
}

fn answers(session: &Session, call: &str) -> Vec<Answer> {
    let text = session
        .execute(&format!("select coalesce(jsonb_agg(answer), '[]') from {call} as answer"))
        .unwrap();
    let text_of = |value: &Value| value.as_str().map(str::to_owned);
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    rows.iter()
        .map(|row| Answer {
            index: row["index"].as_u64().unwrap() as usize,
            outcome: row["outcome"].as_str().unwrap().to_owned(),
            id: text_of(&row["id"]),
            event_key: text_of(&row["event_key"]),
            problem: text_of(&row["problem"]),
        })
        .collect()
}

/// The outcomes alone.
pub(crate) fn outcomes(answers: &[Answer]) -> Vec<&str> {
    answers.iter().map(|answer| answer.outcome.as_str()).collect()
}

/// A sound event; a test changes one thing.
pub(crate) fn event(key: &str) -> Value {
    serde_json::json!({
        "run_id": "77",
        "tag": "v1.4.0",
        "status": "success",
        "repository": "acme/app",
        "event": "validated",
        "event_key": key,
        "occurred_at": "2026-11-23T12:00:00Z",
        "validated_at": "2026-11-23T12:00:00Z",
        "attempt": 1,
        "release_url": "https://github.com/acme/app/releases/tag/v1.4.0",
        "slsa_build_level": 3,
        "decision": {"outcome": "accepted"},
    })
}

/// A sound manifest entry; a test changes one thing.
pub(crate) fn entry(run: u64, tag: &str) -> Value {
    serde_json::json!({
        "run": run.to_string(),
        "tag": tag,
        "status": "success",
        "artifact": "artifacts/slsa/v1/provenance-v1.json",
        "release_url": "https://github.com/acme/app/releases/tag/v1",
        "validated_at": "2026-11-23T12:00:00Z",
        "repository": "acme/app",
    })
}

/// The value with some keys changed; null removes one.
pub(crate) fn with(mut value: Value, changes: Value) -> Value {
    for (key, change) in changes.as_object().unwrap() {
        let object = value.as_object_mut().unwrap();
        match change {
            Value::Null => object.remove(key),
            _ => object.insert(key.clone(), change.clone()),
        };
    }
    value
}

/// The value with one key as given, null included.
pub(crate) fn with_value(mut value: Value, key: &str, new: Value) -> Value {
    value.as_object_mut().unwrap().insert(key.to_owned(), new);
    value
}
