//! GitHub's OpenAPI description as judge of every request and every answer.
//!
//! Stricter than the description in two points, so that a slip of a client is seen: a query
//! parameter or a top-level key of a body that it does not name is a violation, and so is a key
//! that the asked API version has removed. Laxer in two: an error status that it does not list is
//! allowed with a body of GitHub's error shape (GitHub answers 401, 404, 422 and 429 in many
//! places where the description is silent), and `created` of a run listing may be a search
//! expression such as `>=2026-01-01T00:00:00Z` though the description says date-time.

mod description;
mod operation;
#[cfg(test)]
mod tests;
mod validators;

use std::sync::LazyLock;

use serde_json::Value;

use super::call::{Answer, Call};
use super::percent;
pub(crate) use description::Edition;
use operation::{Operation, Place};
use validators::Validators;

/// An operation together with the values of its path parameters.
#[derive(Clone, Debug)]
pub(crate) struct Matched {
    operation: usize,
    /// `operationId`, such as `repos/get-release-by-tag`.
    pub(crate) id: String,
    /// Decoded values.
    pub(crate) parameters: Vec<(String, String)>,
}

impl Matched {
    /// The path parameter of that name; empty if the path has none.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        let found = self.parameters.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }
}

/// The description in one edition (API version), with its validators compiled on first use.
pub(crate) struct Contract {
    operations: Vec<Operation>,
    validators: Validators,
}

impl Contract {
    /// The one contract of that edition in this process; compiling costs, so it is shared.
    pub(crate) fn of(edition: Edition) -> &'static Self {
        static FIRST: LazyLock<Contract> = LazyLock::new(|| Contract::new(Edition::V20221128));
        static SECOND: LazyLock<Contract> = LazyLock::new(|| Contract::new(Edition::V20260310));
        match edition {
            Edition::V20221128 => &FIRST,
            Edition::V20260310 => &SECOND,
        }
    }

    fn new(edition: Edition) -> Self {
        let document = description::document(edition);
        let operations = operation::all(&document);
        Self { operations, validators: Validators::new(document) }
    }

    /// The operation of a request. Errs with what is wrong if path or method do not exist.
    pub(crate) fn find(&self, method: &str, path: &str) -> Result<Matched, String> {
        let fitting: Vec<_> = self
            .operations
            .iter()
            .enumerate()
            .filter_map(|(index, operation)| Some((index, operation.parameters_in(path)?)))
            .collect();
        let most = fitting.iter().map(|(index, _)| self.operations[*index].literals()).max();
        let Some(most) = most else {
            return Err(format!("no such path: {path}"));
        };
        let best = fitting.into_iter().find(|(index, _)| {
            let operation = &self.operations[*index];
            operation.literals() == most && operation.method.eq_ignore_ascii_case(method)
        });
        let (operation, parameters) =
            best.ok_or_else(|| format!("no such method: {method} {path}"))?;
        Ok(Matched { operation, id: self.operations[operation].id.clone(), parameters })
    }

    /// What is wrong with a request; empty if nothing.
    pub(crate) fn judge_request(&self, matched: &Matched, call: &Call) -> Vec<String> {
        let operation = &self.operations[matched.operation];
        let mut problems = self.judge_parameters(operation, Place::Path, &matched.parameters);
        problems.extend(self.judge_parameters(operation, Place::Query, &call.query));
        problems.extend(self.judge_body(operation, call));
        problems
    }

    fn judge_parameters(
        &self,
        operation: &Operation,
        place: Place,
        given: &[(String, String)],
    ) -> Vec<String> {
        let mut problems = Vec::new();
        for (name, value) in given {
            let Some(parameter) = operation.parameter(place, name) else {
                problems.push(format!("unknown {place} parameter {name:?}"));
                continue;
            };
            let value = parameter.coerced(value);
            let found = self.validators.problems(&parameter.pointer, &value);
            problems.extend(found.iter().map(|text| format!("{place} parameter {name:?}: {text}")));
        }
        for parameter in operation.required(place) {
            if !given.iter().any(|(name, _)| name == &parameter.name) {
                problems.push(format!("missing {place} parameter {:?}", parameter.name));
            }
        }
        problems
    }

    fn judge_body(&self, operation: &Operation, call: &Call) -> Vec<String> {
        let Some(body) = &operation.body else {
            let empty = call.body.is_empty();
            return if empty { vec![] } else { vec!["this call takes no body".into()] };
        };
        if call.body.is_empty() {
            return if body.required { vec!["the body is missing".into()] } else { vec![] };
        }
        // A body of bytes (an asset) may be of any type.
        let Some(pointer) = &body.json else { return vec![] };
        let Ok(value) = serde_json::from_slice::<Value>(&call.body) else {
            return vec!["the body is no JSON".into()];
        };
        let unknown = body.unknown_keys(&value);
        let mut problems: Vec<_> =
            unknown.iter().map(|key| format!("unknown key {key:?} in the body")).collect();
        problems.extend(
            self.validators.problems(pointer, &value).iter().map(|text| format!("body: {text}")),
        );
        problems
    }

    /// What is wrong with an answer; empty if nothing.
    pub(crate) fn judge_answer(&self, matched: &Matched, answer: &Answer) -> Vec<String> {
        let operation = &self.operations[matched.operation];
        let Some(response) = operation.response(answer.status) else {
            return self.judge_refusal(answer);
        };
        match (&response.json, answer.body.is_empty()) {
            (None, true) => vec![],
            _ if answer.status >= 400 => self.judge_refusal(answer),
            (None, false) => vec![format!("status {} has no body", answer.status)],
            (Some(_), _) if is_raw(answer) => vec![],
            (Some(pointer), _) => self.judge_json(pointer, answer),
        }
    }

    /// A status of 400 and above has GitHub's error shape, also where the description lists none
    /// or, as for 409 of a file, a choice that every error fits twice.
    fn judge_refusal(&self, answer: &Answer) -> Vec<String> {
        if answer.status < 400 {
            return vec![format!("status {} is not listed", answer.status)];
        }
        let named = matches!(
            serde_json::from_slice::<Value>(&answer.body),
            Ok(Value::Object(object)) if object.get("message").is_some_and(Value::is_string)
        );
        if !named {
            return vec![format!("status {} without a message", answer.status)];
        }
        self.judge_json("#/components/schemas/basic-error", answer)
    }

    fn judge_json(&self, pointer: &str, answer: &Answer) -> Vec<String> {
        let Ok(value) = serde_json::from_slice::<Value>(&answer.body) else {
            return vec!["the answer is no JSON".into()];
        };
        let found = self.validators.problems(pointer, &value);
        found.iter().map(|text| format!("answer {}: {text}", answer.status)).collect()
    }
}

/// Bytes by a media type of GitHub's own (raw file, bare sha), for which there is no schema.
fn is_raw(answer: &Answer) -> bool {
    let content_type = answer.value_of("content-type").unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    ["application/vnd.github.raw+json", "application/vnd.github.sha"].contains(&media_type)
}

/// Segments of a path, still encoded.
fn segments(path: &str) -> Vec<&str> {
    path.strip_prefix('/').unwrap_or(path).split('/').collect()
}

fn decoded_all(segments: &[&str]) -> String {
    percent::decoded(&segments.join("/"))
}
