//! What the HTTP routes answer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The answer of `POST /functions/v1/telemetry`. Counts are of entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TelemetryAnswer {
    /// Entries of which something is new.
    pub inserted: u64,
    /// Entries that were there already.
    pub duplicates: u64,
    /// Entries that were not taken.
    pub rejected: Vec<RejectedEntry>,
    /// Every entry, in the order they were sent.
    pub events: Vec<EntryAnswer>,
}

/// An entry that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RejectedEntry {
    /// Its place, counted from 0.
    pub index: u64,
    /// Why.
    pub problem: String,
}

/// What became of one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EntryAnswer {
    /// Its place, counted from 0.
    pub index: u64,
    /// What became of it.
    pub outcome: EntryOutcome,
    /// Id of its row in the log; null when it was not taken.
    pub event_id: Option<String>,
    /// Why it was not taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EntryOutcome {
    /// Something of it is new.
    Inserted,
    /// It was there already.
    Duplicate,
    /// It was not taken.
    Rejected,
}

/// The answer of `POST /functions/v1/provenance-validate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ValidateAnswer {
    /// Id of the event's row in the log.
    pub event_id: String,
    /// Whether it is new.
    pub outcome: EntryOutcome,
}

/// What every route answers when it cannot do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorsDocument {
    /// One or more.
    pub errors: Vec<ErrorDetail>,
}

/// One error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorDetail {
    /// Stable kebab-case code.
    pub code: String,
    /// One sentence for people.
    pub detail: String,
}

impl ErrorsDocument {
    /// A document of one error.
    pub fn new(code: &str, detail: impl Into<String>) -> Self {
        let error = ErrorDetail { code: code.to_owned(), detail: detail.into() };
        Self { errors: vec![error] }
    }
}

impl TelemetryAnswer {
    /// The answer that these entries make: counts and rejections are those of the list.
    pub fn new(events: Vec<EntryAnswer>) -> Self {
        let count = |outcome| events.iter().filter(|it| it.outcome == outcome).count() as u64;
        let rejected = events.iter().filter(|it| it.outcome == EntryOutcome::Rejected);
        Self {
            inserted: count(EntryOutcome::Inserted),
            duplicates: count(EntryOutcome::Duplicate),
            rejected: rejected
                .map(|it| RejectedEntry {
                    index: it.index,
                    problem: it.problem.clone().unwrap_or_default(),
                })
                .collect(),
            events,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is the failure of a test")]

    use super::*;
    use serde_json::json;

    #[test]
    fn the_counts_are_those_of_the_entries() {
        let entry = |index, outcome, problem: Option<&str>| EntryAnswer {
            index,
            outcome,
            event_id: problem.is_none().then(|| format!("id-{index}")),
            problem: problem.map(str::to_owned),
        };
        let answer = TelemetryAnswer::new(vec![
            entry(0, EntryOutcome::Inserted, None),
            entry(1, EntryOutcome::Rejected, Some("bad tag")),
            entry(2, EntryOutcome::Duplicate, None),
            entry(3, EntryOutcome::Inserted, None),
        ]);
        assert_eq!(
            serde_json::to_value(answer).unwrap(),
            json!({
                "inserted": 2,
                "duplicates": 1,
                "rejected": [{"index": 1, "problem": "bad tag"}],
                "events": [
                    {"index": 0, "outcome": "inserted", "event_id": "id-0"},
                    {"index": 1, "outcome": "rejected", "event_id": null, "problem": "bad tag"},
                    {"index": 2, "outcome": "duplicate", "event_id": "id-2"},
                    {"index": 3, "outcome": "inserted", "event_id": "id-3"},
                ],
            })
        );
    }

    #[test]
    fn an_error_is_a_list_of_one() {
        let document =
            serde_json::to_value(ErrorsDocument::new("unauthorised", "no token")).unwrap();
        assert_eq!(document, json!({"errors": [{"code": "unauthorised", "detail": "no token"}]}));
    }
}
