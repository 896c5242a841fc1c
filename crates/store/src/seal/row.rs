//! The form of a row that is hashed.

use aws_lc_rs::digest::{SHA256, digest};
use uuid::Uuid;

/// The columns in the order of the table. The row's number in the log is not part of its content.
pub(crate) const COLUMNS: [&str; 20] = [
    "id",
    "run_id",
    "tag",
    "release_url",
    "artifact_path",
    "status",
    "failure_reason",
    "created_at",
    "repository",
    "event",
    "event_key",
    "occurred_at",
    "attempt",
    "validated_at",
    "commit_sha",
    "builder_id",
    "slsa_build_level",
    "decision",
    "manifest_sha256",
    "actor",
];

/// Where the JSON column stands.
const DECISION: usize = 17;

/// The texts of a row's columns: times in UTC with six digits of fraction, numbers in decimal, and
/// what is null apart from what is empty. Whatever stands in the database has such a form, also
/// what no version of this program writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowTexts(pub(crate) [Option<String>; COLUMNS.len()]);

/// What a seal keeps of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Leaf {
    /// Id of the row.
    pub(crate) id: Uuid,
    /// SHA-256 of its canonical form.
    pub(crate) hash: [u8; 32],
}

impl RowTexts {
    /// SHA-256 of the JSON array of the texts, without white space; the decision in the canonical
    /// form of RFC 8785, so that the order in which a database keeps members does not matter.
    pub(crate) fn hash(&self) -> [u8; 32] {
        let mut texts = self.0.each_ref().map(Option::as_deref);
        let decision = texts[DECISION].map(canonical);
        texts[DECISION] = decision.as_deref();
        let array = serde_json::to_vec(&texts).expect("texts always serialise");
        sha256(&array)
    }

    /// Id of the row; the nil id when the database holds what is no id.
    pub(crate) fn id(&self) -> Uuid {
        self.0[0].as_deref().and_then(|id| id.parse().ok()).unwrap_or_default()
    }

    /// What a seal keeps of the row.
    pub(crate) fn leaf(&self) -> Leaf {
        Leaf { id: self.id(), hash: self.hash() }
    }
}

/// JSON in its canonical form; what is no JSON stays as it is.
fn canonical(text: &str) -> String {
    serde_json::from_str::<serde_json::Value>(text)
        .ok()
        .and_then(|value| serde_json_canonicalizer::to_string(&value).ok())
        .unwrap_or_else(|| text.to_owned())
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(change: impl Fn(&mut [Option<String>; COLUMNS.len()])) -> [u8; 32] {
        let mut texts = [const { None }; COLUMNS.len()];
        texts[0] = Some("0190a000-0000-7000-8000-000000000001".to_owned());
        texts[DECISION] = Some(r#"{"a":1,"b":[2]}"#.to_owned());
        change(&mut texts);
        RowTexts(texts).hash()
    }

    #[test]
    fn every_column_counts() {
        let before = row(|_| {});
        for column in 0..COLUMNS.len() {
            let changed = row(|texts| texts[column] = Some("other".to_owned()));
            assert_ne!(changed, before, "{}", COLUMNS[column]);
        }
    }

    #[test]
    fn null_is_not_empty_and_texts_do_not_flow_together() {
        assert_ne!(row(|texts| texts[2] = Some(String::new())), row(|_| {}));
        let one = row(|texts| (texts[2], texts[3]) = (Some("a".into()), Some("bc".into())));
        let other = row(|texts| (texts[2], texts[3]) = (Some("ab".into()), Some("c".into())));
        assert_ne!(one, other);
        let quoted = row(|texts| texts[2] = Some(r#"a","bc"#.into()));
        assert_ne!(one, quoted);
    }

    #[test]
    fn the_order_of_a_decision_s_members_does_not_count_and_their_values_do() {
        let decision = |text: &str| row(|texts| texts[DECISION] = Some(text.to_owned()));
        assert_eq!(decision(r#"{ "b": [2], "a": 1 }"#), row(|_| {}));
        assert_ne!(decision(r#"{"a":1,"b":[3]}"#), row(|_| {}));
        assert_ne!(decision("{"), decision("{ "));
    }
}
