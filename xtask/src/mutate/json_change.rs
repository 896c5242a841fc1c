//! Changes to one place of a JSON document: dropped, null, of another type, empty, there twice.

use serde_json::{Value, json};
use std::fmt;

/// One step into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Member(String),
    Element(usize),
}

/// A place and what becomes of it.
#[derive(Debug, Clone)]
pub(super) struct JsonChange {
    path: Vec<Step>,
    pub(super) kind: Kind,
}

/// What becomes of a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// It is gone.
    Dropped,
    /// Another value stands there.
    Becomes(Value),
    /// It is there twice.
    Doubled,
    /// It is there twice, the second time with its first letter escaped.
    DoubledEscaped,
}

/// Every change of every place of a document, the document itself not being one.
pub(super) fn all(document: &Value) -> Vec<JsonChange> {
    let mut changes = Vec::new();
    collect(document, &mut Vec::new(), &mut changes);
    changes
}

fn collect(value: &Value, path: &mut Vec<Step>, changes: &mut Vec<JsonChange>) {
    let children: Vec<(Step, &Value)> = match value {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (Step::Member(name.clone()), value)).collect()
        }
        Value::Array(items) => {
            items.iter().enumerate().map(|(index, item)| (Step::Element(index), item)).collect()
        }
        _ => Vec::new(),
    };
    for (step, child) in children {
        path.push(step);
        for kind in kinds(path.last(), child) {
            changes.push(JsonChange { path: path.clone(), kind });
        }
        collect(child, path, changes);
        path.pop();
    }
}

fn kinds(step: Option<&Step>, value: &Value) -> Vec<Kind> {
    let mut kinds = vec![Kind::Dropped, Kind::Doubled];
    if let Some(Step::Member(name)) = step
        && !name.is_empty()
    {
        kinds.push(Kind::DoubledEscaped);
    }
    let mut others =
        vec![json!(null), json!(true), json!(7), json!("text"), json!(""), json!([]), json!({})];
    // A number written as text and text as a number: protobuf's JSON knows both.
    match value {
        Value::String(text) => others.extend(text.parse::<i64>().ok().map(|n| json!(n))),
        Value::Number(number) => others.push(json!(number.to_string())),
        _ => {}
    }
    others.retain(|other| other != value);
    kinds.extend(others.into_iter().map(Kind::Becomes));
    kinds
}

impl JsonChange {
    /// The place as a JSON pointer (RFC 6901).
    pub(super) fn pointer(&self) -> String {
        self.path
            .iter()
            .map(|step| match step {
                Step::Member(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
                Step::Element(index) => format!("/{index}"),
            })
            .collect()
    }

    /// The document's text with the change made.
    pub(super) fn apply(&self, document: &Value) -> String {
        let mut text = String::new();
        self.write(document, &self.path, &mut text);
        text
    }

    /// Writes a value in which the place lies that `path` leads to.
    fn write(&self, value: &Value, path: &[Step], out: &mut String) {
        match value {
            Value::Object(members) => {
                let parts = members.iter().flat_map(|(name, value)| {
                    self.member(&Step::Member(name.clone()), value, path)
                });
                join(out, '{', parts, '}');
            }
            Value::Array(items) => {
                let parts = items
                    .iter()
                    .enumerate()
                    .flat_map(|(index, item)| self.member(&Step::Element(index), item, path));
                join(out, '[', parts, ']');
            }
            scalar => out.push_str(&scalar.to_string()),
        }
    }

    /// What stands for one member: itself, itself with the place further in, or the change.
    fn member(&self, step: &Step, value: &Value, path: &[Step]) -> Vec<String> {
        let named = |text: String| match step {
            Step::Member(name) => format!("{}:{text}", json!(name)),
            Step::Element(_) => text,
        };
        match path.split_first() {
            Some((first, [])) if first == step => match &self.kind {
                Kind::Dropped => Vec::new(),
                Kind::Becomes(other) => vec![named(other.to_string())],
                Kind::Doubled => vec![named(value.to_string()), named(value.to_string())],
                Kind::DoubledEscaped => {
                    let Step::Member(name) = step else { return vec![named(value.to_string())] };
                    vec![named(value.to_string()), format!("{}:{value}", escaped(name))]
                }
            },
            Some((first, rest)) if first == step => {
                let mut text = String::new();
                self.write(value, rest, &mut text);
                vec![named(text)]
            }
            _ => vec![named(value.to_string())],
        }
    }
}

/// A name in quotes with its first letter as `\uXXXX`.
fn escaped(name: &str) -> String {
    let mut units = name.encode_utf16();
    let first = units.next().unwrap_or_default();
    let rest = String::from_utf16_lossy(&units.collect::<Vec<u16>>());
    let rest = json!(rest).to_string();
    format!("\"\\u{first:04x}{}", &rest[1..])
}

fn join(out: &mut String, open: char, parts: impl Iterator<Item = String>, close: char) {
    out.push(open);
    out.push_str(&parts.collect::<Vec<String>>().join(","));
    out.push(close);
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dropped => f.write_str("dropped"),
            Self::Becomes(value) if value.is_i64() && *value != json!(7) => {
                f.write_str("as a number")
            }
            Self::Becomes(value) => write!(f, "`{value}`"),
            Self::Doubled => f.write_str("doubled"),
            Self::DoubledEscaped => f.write_str("doubled, escaped"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(document: &Value, pointer: &str) -> Vec<String> {
        let changes = all(document);
        let here = changes.iter().filter(|change| change.pointer() == pointer);
        here.map(|change| change.apply(document)).collect()
    }

    #[test]
    fn a_member_meets_every_change() {
        let document = json!({"a": {"b/c": "5"}, "d": [1]});
        let texts = texts(&document, "/a/b~1c");
        for wanted in [
            r#"{"a":{},"d":[1]}"#,
            r#"{"a":{"b/c":null},"d":[1]}"#,
            r#"{"a":{"b/c":""},"d":[1]}"#,
            r#"{"a":{"b/c":5},"d":[1]}"#,
            r#"{"a":{"b/c":{}},"d":[1]}"#,
            r#"{"a":{"b/c":"5","b/c":"5"},"d":[1]}"#,
            r#"{"a":{"b/c":"5","\u0062/c":"5"},"d":[1]}"#,
        ] {
            assert!(texts.iter().any(|text| text == wanted), "{wanted} is not in {texts:?}");
        }
        assert!(!texts.contains(&document.to_string()), "a change changes something");
    }

    #[test]
    fn an_element_is_dropped_and_doubled() {
        let document = json!({"d": [1, 2]});
        let texts = texts(&document, "/d/0");
        assert!(texts.contains(&r#"{"d":[2]}"#.to_owned()));
        assert!(texts.contains(&r#"{"d":[1,1,2]}"#.to_owned()));
    }
}
