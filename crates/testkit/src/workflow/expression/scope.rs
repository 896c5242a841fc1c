//! What an expression can see.

use super::Refusal;
use serde_json::Value;

/// How what came before has gone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in super::super) struct Standing {
    pub(in super::super) success: bool,
    pub(in super::super) failure: bool,
    pub(in super::super) cancelled: bool,
}

/// The contexts by name, and the standing.
#[derive(Clone, Debug)]
pub(in super::super) struct Scope {
    pub(in super::super) contexts: Value,
    pub(in super::super) standing: Standing,
}

impl Scope {
    /// The value at a path of names, in which `*` stands for every member.
    pub(super) fn look_up(&self, path: &[String]) -> Result<Value, Refusal> {
        descend(&self.contexts, path, path)
    }
}

fn descend(value: &Value, path: &[String], whole: &[String]) -> Result<Value, Refusal> {
    let Some((name, rest)) = path.split_first() else { return Ok(value.clone()) };
    if name == "*" {
        let members =
            value.as_object().ok_or_else(|| format!("{} has no members", shown(whole)))?;
        let found: Result<Vec<Value>, _> =
            members.values().map(|member| descend(member, rest, whole)).collect();
        return Ok(Value::Array(found?));
    }
    match value.get(name) {
        Some(found) => descend(found, rest, whole),
        None if may_be_absent(whole, rest.is_empty()) => Ok(Value::Null),
        None => Err(format!("{} is not there", shown(whole))),
    }
}

/// What an event lacks is empty, and so is an output that a step did not set. Everything else is
/// declared somewhere, or misspelt.
fn may_be_absent(path: &[String], is_last: bool) -> bool {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    match names.as_slice() {
        ["github", "event", ..] => true,
        ["steps", _, "outputs", _] => is_last,
        _ => false,
    }
}

fn shown(path: &[String]) -> String {
    path.join(".")
}
