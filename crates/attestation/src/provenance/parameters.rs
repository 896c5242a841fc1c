//! Free-form objects of a predicate: parameters and environment.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// An object whose members the specification leaves to the builder. Members stay raw JSON until
/// one is asked for: an event payload of 40 kB is read only when a check needs it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Parameters(BTreeMap<String, Box<RawValue>>);

impl Parameters {
    /// Whether a member of that name is there, whatever its type.
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The names of all members.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A member as text: a string as it is, an integer in decimal (run ids are written both
    /// ways). `None` when absent or null; `Some(Err)` carries the JSON of any other type.
    pub fn text(&self, name: &str) -> Option<Result<String, String>> {
        let raw = self.0.get(name)?.get();
        match serde_json::from_str::<Value>(raw) {
            Ok(Value::Null) => None,
            Ok(Value::String(text)) => Some(Ok(text)),
            Ok(Value::Number(number)) if !number.is_f64() => Some(Ok(number.to_string())),
            _ => Some(Err(raw.to_owned())),
        }
    }

    /// A member as an object; `None` when absent or of another type.
    pub fn object(&self, name: &str) -> Option<Map<String, Value>> {
        serde_json::from_str(self.0.get(name)?.get()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_a_string_or_an_integer() {
        let parameters: Parameters =
            serde_json::from_str(r#"{"a":"x","b":5951567213,"c":true,"d":null,"e":1.5,"f":{}}"#)
                .expect("object");
        assert_eq!(parameters.text("a"), Some(Ok("x".into())));
        assert_eq!(parameters.text("b"), Some(Ok("5951567213".into())));
        assert_eq!(parameters.text("c"), Some(Err("true".into())));
        assert_eq!(parameters.text("d"), None);
        assert_eq!(parameters.text("e"), Some(Err("1.5".into())));
        assert_eq!(parameters.text("z"), None);
        assert_eq!(parameters.object("f"), Some(Map::new()));
        assert_eq!(parameters.object("a"), None);
    }
}
