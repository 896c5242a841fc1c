//! Check 6: whom the token was made out to.

use super::claims::Claims;
use super::refusal::{Check, Refusal};
use serde_json::Value;

/// `aud` is our own URL, as a text or as the only element of an array. GitHub's default is the
/// owner's page: such a token was asked for by something else.
pub(crate) fn check(claims: &Claims, audience: &str) -> Result<(), Refusal> {
    let found = match claims.get("aud") {
        Some(Value::String(text)) => text.as_str(),
        Some(Value::Array(several)) => match several.as_slice() {
            [Value::String(text)] => text.as_str(),
            _ => return Err(Refusal::new(Check::Audience, "aud is not exactly one text")),
        },
        _ => return Err(Refusal::new(Check::Audience, "aud is missing or no text")),
    };
    match found == audience {
        true => Ok(()),
        false => Err(Refusal::differs(Check::Audience, "aud", found)),
    }
}
