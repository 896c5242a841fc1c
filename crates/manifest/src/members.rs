//! The members of a JSON object as slices of the text they stand in, so that each has a place.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// One object, its members in the order of the text.
#[derive(Debug)]
pub(crate) struct Members<'a>(pub(crate) Vec<Member<'a>>);

/// One member: its name, the name as written (with quotes), its value as written.
#[derive(Debug)]
pub(crate) struct Member<'a> {
    pub(crate) name: String,
    pub(crate) written_name: &'a str,
    pub(crate) value: &'a str,
}

impl<'a> Members<'a> {
    /// Reads an object; `None` when the value is none. The text must have passed
    /// [`provost_attestation::json::scan`].
    pub(crate) fn of(object: &'a str) -> Option<Self> {
        serde_json::from_str(object).ok()
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                    members.push(Member {
                        name: serde_json::from_str(key.get()).map_err(serde::de::Error::custom)?,
                        written_name: key.get(),
                        value: value.get(),
                    });
                }
                Ok(Members(members))
            }
        }
        from.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_slices_of_the_text() {
        let text = r#"{ "a" : 1, "\u0062":{"c": [ ]} }"#;
        let members = Members::of(text).expect("object").0;
        let seen: Vec<_> = members
            .iter()
            .map(|member| (member.name.as_str(), member.written_name, member.value))
            .collect();
        assert_eq!(seen, [("a", r#""a""#, "1"), ("b", r#""\u0062""#, r#"{"c": [ ]}"#)]);
        assert_eq!(members[0].value.as_ptr(), text[8..].as_ptr());
        assert!(Members::of("[1]").is_none());
    }
}
