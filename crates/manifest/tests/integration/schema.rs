//! The JSON Schema says what the format is.

use crate::world::{NOON, accepted, refused, success};
use provost_manifest::{Notified, render, schema};
use serde_json::{Value, json};

fn takes(manifest: &Value) -> bool {
    let schema = schema().to_value();
    jsonschema::validator_for(&schema).unwrap().is_valid(manifest)
}

#[test]
fn takes_what_is_rendered() {
    let mut told = refused(9, "v2", 2);
    told.notified = Some(Notified::new(true, Some(42)));
    told.dispatched_by_run = Some(5);
    told.attempt = Some(1);
    told.artifact = "artifacts/slsa/v2/provenance-v2.json".to_owned();
    let text = render(&[success(0, "v1"), accepted(8, "v1", 1), told]);
    assert!(takes(&serde_json::from_str(&text).unwrap()));
    assert!(takes(&json!([])));
}

#[test]
fn refuses_each_departure() {
    let entry = json!({
        "run": "7", "tag": "v1", "status": "success", "artifact": "", "release_url": "",
        "validated_at": NOON, "later_key": 1,
    });
    assert!(takes(&json!([entry])));
    assert!(!takes(&entry));
    for key in ["run", "tag", "status", "artifact", "release_url", "validated_at"] {
        let mut without = entry.clone();
        without.as_object_mut().unwrap().remove(key);
        assert!(!takes(&json!([without])), "{key}");
    }
    for (key, wrong) in [
        ("run", json!(7)),
        ("run", json!("07")),
        ("tag", json!("")),
        ("status", json!("ok")),
        ("artifact", json!("/etc/passwd")),
        ("decision", json!("maybe")),
        ("commit", json!(null)),
        ("slsa_build_level", json!(4)),
        ("attempt", json!(0)),
        ("subjects", json!([{"name": "a"}])),
        ("notified", json!({"slack": "yes"})),
        ("dispatched_by_run", json!(7)),
    ] {
        let mut departed = entry.clone();
        departed[key] = wrong;
        assert!(!takes(&json!([departed])), "{departed}");
    }
}
