//! In-toto statements.

use provost_attestation::digest::{ArtifactDigest, ArtifactDigests};
use provost_attestation::json;
use provost_attestation::statement::Statement;
use provost_attestation::subject::Subject;
use serde_json::{Value, json};

/// A statement is strict JSON with a subject; its members are those that any JSON parser sees; a
/// subject is the artifacts of its own strong digests, and no other artifact; written and read
/// again it is the same statement.
pub fn statement(data: &[u8]) {
    let Ok(statement) = Statement::parse(data) else { return };
    let text = json::scan(data).expect("a statement is strict JSON");
    let value: Value = serde_json::from_str(text).expect("a statement is JSON");
    assert_eq!(value["_type"], statement.statement_type);
    assert_eq!(value["predicateType"], statement.predicate_type);
    assert!(text.contains(statement.predicate.get()), "the predicate is not as signed");
    let predicate = statement.predicate.get().as_bytes();
    assert!(json::scan(predicate).is_ok(), "a part of strict JSON is strict JSON");

    let listed = value["subject"].as_array().expect("subject is a list");
    assert!(!statement.subjects.is_empty(), "a statement about nothing");
    assert_eq!(listed.len(), statement.subjects.len());
    for (listed, subject) in listed.iter().zip(&statement.subjects) {
        assert_eq!(listed["name"].as_str(), subject.name());
        assert_eq!(listed["digest"], json!(subject.digest_set()));
        matches_its_own_digests_alone(subject);
    }
    assert_eq!(members(&statement), members(&written_and_read(&statement)));
}

fn matches_its_own_digests_alone(subject: &Subject) {
    for digest in subject.strong_digests() {
        let listed = subject.digest_set().get(digest.algorithm().name());
        assert_eq!(listed, Some(&digest.to_hex()), "a digest has one spelling");
        assert_eq!(digest.to_string().parse(), Ok(digest.clone()));
        assert!(subject.is(&ArtifactDigests::new(digest.clone())), "{digest} is not itself");
        let mut bytes = digest.as_bytes().to_vec();
        bytes[0] ^= 1;
        let other = ArtifactDigest::new(digest.algorithm(), &bytes).expect("the same length");
        assert!(!subject.is(&ArtifactDigests::new(other)), "{digest} is another artifact");
    }
}

fn written_and_read(statement: &Statement) -> Statement {
    let subjects: Vec<Value> = statement
        .subjects
        .iter()
        .map(|subject| json!({ "name": subject.name(), "digest": subject.digest_set() }))
        .collect();
    let head = json!({
        "_type": statement.statement_type,
        "predicateType": statement.predicate_type,
        "subject": subjects,
    });
    // The predicate goes in as text: a detour through numbers would not be the same bytes.
    let head = head.to_string();
    let open = head.strip_suffix('}').expect("an object");
    let text = format!("{open},\"predicate\":{}}}", statement.predicate.get());
    Statement::parse(text.as_bytes()).expect("a statement can be written and read")
}

fn members(statement: &Statement) -> (&str, &str, &[Subject], &str) {
    let Statement { statement_type, predicate_type, subjects, predicate } = statement;
    (statement_type, predicate_type, subjects, predicate.get())
}
