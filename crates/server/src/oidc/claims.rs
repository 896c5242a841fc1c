//! The claims of a token, read by name.

use super::refusal::{Check, Refusal};
use serde_json::{Map, Value};

/// Claims as they stand in a token. Whether they are true is for the checks.
#[derive(Debug, Clone)]
pub(crate) struct Claims(Map<String, Value>);

impl Claims {
    pub(crate) fn new(claims: Map<String, Value>) -> Self {
        Self(claims)
    }

    /// A claim that may be missing.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A claim that must be a text.
    pub(crate) fn text(&self, check: Check, name: &'static str) -> Result<&str, Refusal> {
        match self.0.get(name) {
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(Refusal::new(check, format!("{name} is no text"))),
            None => Err(Refusal::new(check, format!("{name} is missing"))),
        }
    }

    /// A claim that must be a number in a text, as GitHub writes its ids.
    pub(crate) fn digits(&self, check: Check, name: &'static str) -> Result<u64, Refusal> {
        let text = self.text(check, name)?;
        let is_canonical = text.bytes().all(|byte| byte.is_ascii_digit())
            && (text == "0" || !text.starts_with('0'));
        let number = text.parse().ok().filter(|_| is_canonical);
        number.ok_or_else(|| Refusal::differs(check, name, text))
    }

    /// A claim that must be missing or empty.
    pub(crate) fn empty(&self, check: Check, name: &'static str) -> Result<(), Refusal> {
        match self.0.get(name) {
            None => Ok(()),
            Some(Value::String(text)) if text.is_empty() => Ok(()),
            Some(Value::String(text)) => Err(Refusal::differs(check, name, text)),
            Some(_) => Err(Refusal::new(check, format!("{name} is no text"))),
        }
    }
}
