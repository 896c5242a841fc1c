//! The description as JSON: one document an API version, in words of JSON Schema.

use std::fmt;

use serde_json::{Map, Value, json};

const DOCUMENT: &str = include_str!("../../../data/github-openapi-subset.json");

/// An API version of GitHub.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Edition {
    V20221128,
    V20260310,
}

impl Edition {
    /// The version that a request names; requests that name none get the older.
    pub(crate) fn parse(header: Option<&str>) -> Option<Self> {
        match header {
            None | Some("2022-11-28") => Some(Self::V20221128),
            Some("2026-03-10") => Some(Self::V20260310),
            Some(_) => None,
        }
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::V20221128 => "2022-11-28",
            Self::V20260310 => "2026-03-10",
        })
    }
}

/// The whole description as of `edition`, readable as JSON Schema.
pub(crate) fn document(edition: Edition) -> Value {
    let mut document = serde_json::from_str(DOCUMENT).expect("the kept description is JSON");
    if edition != Edition::V20221128 {
        apply_changes(&mut document, &edition.to_string());
    }
    without_nullable(&mut document);
    document
}

/// Applies the patches that `x-github-breaking-changes` announces for `version`.
///
/// JSON patches (lists) are left out: the one there is removes `return_run_details`, which the
/// fake refuses itself, as GitHub does.
fn apply_changes(value: &mut Value, version: &str) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(|child| apply_changes(child, version));
            for patch in patches(object, version) {
                merge(object, &patch);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| apply_changes(item, version)),
        _ => {}
    }
}

fn patches(object: &Map<String, Value>, version: &str) -> Vec<Value> {
    let changes = object.get("x-github-breaking-changes").and_then(Value::as_array);
    let changes = changes.into_iter().flatten().filter(|change| change["version"] == version);
    changes.map(|change| change["patch"].clone()).filter(Value::is_object).collect()
}

/// RFC 7396, except that a removed property becomes the schema `false`: then an answer that
/// still has it is seen.
fn merge(target: &mut Map<String, Value>, patch: &Value) {
    for (key, change) in patch.as_object().into_iter().flatten() {
        match change {
            Value::Null => {
                target.insert(key.clone(), Value::Bool(false));
            }
            Value::Object(_) => {
                let inner = target.entry(key.clone()).or_insert_with(|| json!({}));
                if let Value::Object(inner) = inner {
                    merge(inner, change);
                }
            }
            other => {
                target.insert(key.clone(), other.clone());
            }
        }
    }
}

/// `nullable: true` of OpenAPI 3.0 is unknown to JSON Schema: it becomes a choice with null.
fn without_nullable(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(without_nullable);
            match object.get("nullable") {
                Some(Value::Bool(true)) => {
                    object.remove("nullable");
                    let bare = Value::Object(std::mem::take(object));
                    *value = json!({ "anyOf": [bare, { "type": "null" }] });
                }
                Some(Value::Bool(false)) => {
                    object.remove("nullable");
                }
                _ => {}
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_nullable),
        _ => {}
    }
}
