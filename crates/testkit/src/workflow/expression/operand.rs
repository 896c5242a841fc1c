//! Values of expressions: truth, text, equality.

use super::Refusal;
use serde_json::Value;

/// Whether a value counts as true: not `false`, `0`, `''` or `null`.
pub(in super::super) fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// A value put into a text.
pub(in super::super) fn text(value: &Value) -> Result<String, Refusal> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        Value::Array(_) | Value::Object(_) => Err("a list or an object is no text".into()),
    }
}

/// Loose equality: texts without case, and what is of two kinds as numbers.
pub(super) fn are_equal(left: &Value, right: &Value) -> Result<bool, Refusal> {
    Ok(match (left, right) {
        (Value::String(left), Value::String(right)) => left.eq_ignore_ascii_case(right),
        (Value::Array(_) | Value::Object(_), _) | (_, Value::Array(_) | Value::Object(_)) => {
            return Err("a list or an object is compared".into());
        }
        (left, right) => number(left) == number(right),
    })
}

/// Whether a text holds a text, or a list an equal value.
pub(super) fn contains(all: &Value, one: &Value) -> Result<bool, Refusal> {
    match all {
        Value::Array(values) => {
            let equal: Result<Vec<bool>, _> =
                values.iter().map(|value| are_equal(value, one)).collect();
            Ok(equal?.contains(&true))
        }
        _ => {
            let (all, one) = (text(all)?.to_ascii_lowercase(), text(one)?.to_ascii_lowercase());
            Ok(all.contains(&one))
        }
    }
}

/// `{0}`, `{1}` and so on replaced; doubled braces are not known here.
pub(super) fn format(template: &Value, values: &[Value]) -> Result<String, Refusal> {
    let mut formatted = text(template)?;
    if formatted.contains("{{") || formatted.contains("}}") {
        return Err("format() with doubled braces is not known".into());
    }
    for (index, value) in values.iter().enumerate() {
        formatted = formatted.replace(&format!("{{{index}}}"), &text(value)?);
    }
    Ok(formatted)
}

/// What a value is as a number; not a number is equal to nothing.
fn number(value: &Value) -> f64 {
    match value {
        Value::Null => 0.0,
        Value::Bool(value) => f64::from(u8::from(*value)),
        Value::Number(number) => number.as_f64().unwrap_or(f64::NAN),
        Value::String(text) if text.trim().is_empty() => 0.0,
        Value::String(text) => text.trim().parse().unwrap_or(f64::NAN),
        Value::Array(_) | Value::Object(_) => f64::NAN,
    }
}
