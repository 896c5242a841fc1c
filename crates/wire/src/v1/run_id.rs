//! Run ids as JSON.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// The largest id that every event log can hold.
const LARGEST: u64 = i64::MAX as u64;

/// GitHub's id of a run; 0 when none ever started.
///
/// It is written as a decimal text, since programs that read every JSON number as a floating-point
/// one lose digits, and read from a text or a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunId(pub u64);

impl Serialize for RunId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RunId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RunIdVisitor)
    }
}

struct RunIdVisitor;

impl Visitor<'_> for RunIdVisitor {
    type Value = RunId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a run id: a whole number from 0 to 9223372036854775807, or its decimal digits")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<RunId, E> {
        if number > LARGEST {
            return Err(E::invalid_value(Unexpected::Unsigned(number), &self));
        }
        Ok(RunId(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<RunId, E> {
        let only_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(number) if only_digits => self.visit_u64(number),
            _ => Err(E::invalid_value(Unexpected::Str(text), &self)),
        }
    }
}

impl JsonSchema for RunId {
    fn schema_name() -> Cow<'static, str> {
        "RunId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "GitHub's id of a run; 0 when none ever started.",
            "anyOf": [
                {"type": "string", "pattern": "^[0-9]{1,19}$"},
                {"type": "integer", "minimum": 0, "maximum": LARGEST},
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is the failure of a test")]

    use super::*;
    use serde_json::{from_value, json, to_value};

    #[test]
    fn a_run_id_is_read_from_a_number_or_its_digits_and_written_as_digits() {
        for (given, id) in
            [(json!(0), 0), (json!("0077"), 77), (json!("9223372036854775807"), LARGEST)]
        {
            assert_eq!(from_value::<RunId>(given).unwrap(), RunId(id));
        }
        assert_eq!(to_value(RunId(77)).unwrap(), json!("77"));
    }

    #[test]
    fn what_is_no_run_id_is_refused() {
        for given in [
            json!(-1),
            json!(1.5),
            json!(9_223_372_036_854_775_808_u64),
            json!("9223372036854775808"),
            json!(""),
            json!("+1"),
            json!("1 "),
            json!("x"),
            json!(null),
            json!([1]),
        ] {
            assert!(from_value::<RunId>(given.clone()).is_err(), "{given}");
        }
    }
}
