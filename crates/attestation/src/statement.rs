//! The in-toto statement: subjects and a predicate.
//!
//! Sources: in-toto Attestation Framework, Statement v0.1 and v1.

use crate::json::{self, JsonProblem};
use crate::subject::Subject;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The only payload type a statement may travel under.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// `_type` of the statement versions in use.
pub const STATEMENT_TYPES: [&str; 2] =
    ["https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1"];

/// A parsed statement. The predicate stays raw JSON until its type is known.
#[derive(Debug, Clone)]
pub struct Statement {
    /// `_type`, as signed.
    pub statement_type: String,
    /// `predicateType`, as signed.
    pub predicate_type: String,
    /// The subjects, in order, never none.
    pub subjects: Vec<Subject>,
    /// The predicate's JSON text.
    pub predicate: Box<RawValue>,
}

/// Why a payload is no statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidStatement {
    /// Not strict JSON.
    #[error("the payload is not strict JSON: {0}")]
    Json(#[from] JsonProblem),
    /// JSON of another shape than a statement's.
    #[error("the payload is no in-toto statement: {0}")]
    Shape(String),
    /// `subject` is an empty list.
    #[error("the statement has no subject")]
    NoSubject,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireStatement {
    #[serde(rename = "_type")]
    statement_type: String,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    subject: Vec<WireSubject>,
    predicate: Box<RawValue>,
}

/// in-toto ResourceDescriptor. What is read but not used is named, so that a misspelt member is
/// an error and not a silent nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSubject {
    name: Option<String>,
    digest: BTreeMap<String, String>,
    #[serde(rename = "uri")]
    _uri: Option<serde::de::IgnoredAny>,
    #[serde(rename = "content")]
    _content: Option<serde::de::IgnoredAny>,
    #[serde(rename = "downloadLocation")]
    _download_location: Option<serde::de::IgnoredAny>,
    #[serde(rename = "mediaType")]
    _media_type: Option<serde::de::IgnoredAny>,
    #[serde(rename = "annotations")]
    _annotations: Option<serde::de::IgnoredAny>,
}

impl Statement {
    /// Parses the payload of an envelope. The types are kept as they are: whether they are wanted
    /// is a question of policy.
    ///
    /// # Errors
    /// [`InvalidStatement`], with the place in the payload.
    pub fn parse(payload: &[u8]) -> Result<Self, InvalidStatement> {
        let text = json::scan(payload)?;
        let wire: WireStatement = serde_json::from_str(text)
            .map_err(|error| InvalidStatement::Shape(error.to_string()))?;
        if wire.subject.is_empty() {
            return Err(InvalidStatement::NoSubject);
        }
        let subjects = wire.subject.into_iter().map(|s| Subject::new(s.name, s.digest)).collect();
        Ok(Self {
            statement_type: wire.statement_type,
            predicate_type: wire.predicate_type,
            subjects,
            predicate: wire.predicate,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"_type":"https://in-toto.io/Statement/v1","predicateType":"p",
        "subject":[{"name":"a","digest":{"sha256":"00"}},{"digest":{}}],"predicate":{"x":1}}"#;

    #[test]
    fn parses_a_statement() {
        let statement = Statement::parse(GOOD.as_bytes()).expect("statement");
        assert_eq!(statement.subjects.len(), 2);
        assert_eq!(statement.subjects[0].name(), Some("a"));
        assert_eq!(statement.subjects[1].name(), None);
        assert_eq!(statement.predicate.get(), r#"{"x":1}"#);
    }

    #[test]
    fn refuses_each_thing_changed() {
        for (from, to) in [
            ("\"predicateType\"", "\"predicatetype\""),
            ("\"_type\"", "\"type\""),
            ("{\"name\":\"a\",\"digest\":{\"sha256\":\"00\"}},{\"digest\":{}}", ""),
            ("{\"digest\":{}}", "null"),
            ("{\"digest\":{}}", "{}"),
            ("{\"digest\":{}}", "{\"digest\":null}"),
            ("{\"digest\":{}}", "{\"digest\":{\"sha256\":1}}"),
            ("{\"digest\":{}}", "{\"digest\":{},\"nmae\":\"x\"}"),
            ("\"sha256\":\"00\"", "\"sha256\":\"00\",\"sha256\":\"01\""),
            (",\"predicate\":{\"x\":1}", ""),
            ("\"predicate\":{\"x\":1}", "\"predicate\":{\"x\":1},\"extra\":0"),
        ] {
            let changed = GOOD.replacen(from, to, 1);
            assert_ne!(changed, GOOD, "{from}");
            assert!(Statement::parse(changed.as_bytes()).is_err(), "{from} -> {to}");
        }
        assert!(Statement::parse(b"").is_err());
        assert!(Statement::parse(b"\"hello\"").is_err());
    }
}
