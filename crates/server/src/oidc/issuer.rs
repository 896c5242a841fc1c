//! Check 3: who issued the token.

use super::claims::Claims;
use super::refusal::{Check, Refusal};

/// `iss` is read unverified, and only to see that it is the configured issuer; it chooses nothing.
pub(crate) fn check(claims: &Claims, issuer: &str) -> Result<(), Refusal> {
    let found = claims.text(Check::Issuer, "iss")?;
    match found == issuer {
        true => Ok(()),
        false => Err(Refusal::differs(Check::Issuer, "iss", found)),
    }
}
