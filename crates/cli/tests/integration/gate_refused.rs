//! `gate` on the examples with one thing changed: refused, recorded as refused, and admitted once
//! the thing is as it was.

use crate::example::{Example, LEVEL3, NPM};
use crate::program::{failed, outcomes};
use crate::sisters::{LEVEL3_SISTERS, NPM_SISTERS, Sister};
use serde_json::{Value, json};

#[test]
fn the_real_release_with_one_thing_changed_is_refused() {
    for sister in &NPM_SISTERS {
        is_refused_and_then_admitted(NPM, sister);
    }
}

#[test]
fn the_level_3_release_with_one_thing_changed_is_refused() {
    for sister in &LEVEL3_SISTERS {
        is_refused_and_then_admitted(LEVEL3, sister);
    }
}

/// A refusal is recorded, and gives way to the admission of the release as it is.
fn is_refused_and_then_admitted(example: &str, sister: &Sister) {
    let (name, example) = (sister.name, Example::copy(example));
    let arguments = (sister.change)(&example);
    let report = example.gate().args(&arguments).report(10);
    assert_eq!(failed(&report), sister.fails, "{name}");
    assert_eq!(report["error"], Value::Null, "{name}");
    for decision in report["decisions"].as_array().unwrap() {
        assert_eq!(decision["recorded"], true, "{name}");
    }
    is_recorded_as_refused(&example, sister);

    let refused = example.files();
    example.gate().args(&arguments).run().expect(10);
    assert!(example.files() == refused, "{name}: a repeat changed a file");

    example.restore();
    let report = example.gate().report(0);
    assert!(outcomes(&report).iter().all(|outcome| *outcome == "accepted"), "{name}");
    let entries = example.entries();
    let accepted: Vec<&Value> =
        entries.iter().filter(|entry| entry["decision"] == "accepted").collect();
    let [accepted] = accepted.as_slice() else { panic!("{name}: {entries:?}") };
    assert_eq!(accepted["status"], "success", "{name}");
    assert_eq!(accepted.get("failure_reason"), None, "{name}");
    let events = example.events();
    let words: Vec<&str> = events.iter().map(|event| event.status.as_str()).collect();
    assert_eq!(words, ["failure", "success"], "{name}");
}

fn is_recorded_as_refused(example: &Example, sister: &Sister) {
    let name = sister.name;
    let mut fails: Vec<&str> = sister.fails.to_vec();
    fails.sort_unstable();
    fails.dedup();
    let reason = format!("refused: {}", fails.join(", "));
    let entries = example.entries();
    let [entry] = entries.as_slice() else { panic!("{name}: {entries:?}") };
    assert_eq!(entry["status"], "failure", "{name}");
    assert_eq!(entry["decision"], "refused", "{name}");
    assert_eq!(entry["failure_reason"], reason, "{name}");
    assert_eq!(entry["checks_failed"], json!(fails), "{name}");
    assert_eq!(entry["artifact"], "", "{name}: a refused bundle is not kept");
    assert_eq!(entry.get("slsa_build_level"), None, "{name}");

    let tag = entry["tag"].as_str().unwrap();
    let failure = example.written(&format!("artifacts/slsa/{tag}/failure.json"));
    let schema = jsonschema::validator_for(&provost_wire::v1::Failure::json_schema()).unwrap();
    assert!(schema.is_valid(&failure), "{name}: {failure:#}");
    for key in ["run", "tag", "status", "failure_reason", "checks_failed", "release_url"] {
        assert_eq!(failure[key], entry[key], "{name}: {key}");
    }
    assert_eq!(failure["occurred_at"], entry["validated_at"], "{name}");
    let summary = example.written(&format!("artifacts/slsa/{tag}/vsa-{tag}.json"));
    assert_eq!(summary["predicate"]["verificationResult"], "FAILED", "{name}");
    assert_eq!(summary["predicate"]["verifiedLevels"], json!([]), "{name}");

    let events = example.events();
    let [event] = events.as_slice() else { panic!("{name}: {events:?}") };
    assert_eq!((event.event.as_str(), event.status.as_str()), ("validated", "failure"), "{name}");
    assert_eq!(event.failure_reason.as_deref(), Some(reason.as_str()), "{name}");
    assert_eq!((event.tag.as_str(), event.artifact_path.as_deref()), (tag, None), "{name}");
}

#[test]
fn old_bytes_under_a_new_tag_and_new_bytes_under_an_old_one_are_refused() {
    let example = Example::copy(NPM);
    example.gate().run().expect(0);
    let report = example.gate().args(["--tag", "v2.0.1"]).report(10);
    assert_eq!(failed(&report), ["source-ref", "package-version", "tag-reuse"]);
    std::fs::write(example.path("artifacts/sigstore-2.0.0.tgz"), "other bytes").unwrap();
    let report = example.gate().args(["--run", "7"]).report(10);
    for id in ["subject-digest", "run-id", "tag-reuse"] {
        assert!(failed(&report).contains(&id.to_owned()), "{id}: {report}");
    }
}
