//! Check 7: when the token is good.

use super::claims::Claims;
use super::refusal::{Check, Refusal};
use jiff::Timestamp;
use serde_json::Value;

/// What two clocks may differ by, in seconds.
const LEEWAY: i64 = 30;

/// The longest life of a token, in seconds.
const LONGEST: i64 = 15 * 60;

/// `exp` is to come, `nbf` and `iat` have been, and the token lives for at most 15 minutes. Gives
/// the time at which it ends.
pub(crate) fn check(claims: &Claims, now: Timestamp) -> Result<Timestamp, Refusal> {
    let (expires, issued) = (seconds(claims, "exp")?, seconds(claims, "iat")?);
    let now = now.as_second();
    if expires.saturating_add(LEEWAY) <= now {
        return Err(refused("exp has passed"));
    }
    if issued.saturating_sub(LEEWAY) > now {
        return Err(refused("iat is to come"));
    }
    if claims.get("nbf").is_some() && seconds(claims, "nbf")?.saturating_sub(LEEWAY) > now {
        return Err(refused("nbf is to come"));
    }
    let life = expires.saturating_sub(issued);
    if !(0..=LONGEST).contains(&life) {
        return Err(refused("exp is not within 15 minutes after iat"));
    }
    Timestamp::from_second(expires).map_err(|_| refused("exp is no time"))
}

fn seconds(claims: &Claims, name: &'static str) -> Result<i64, Refusal> {
    let number = claims.get(name).and_then(Value::as_i64).filter(|seconds| *seconds >= 0);
    number.ok_or_else(|| Refusal::new(Check::Times, format!("{name} is no whole number")))
}

fn refused(why: &'static str) -> Refusal {
    Refusal::new(Check::Times, why)
}
