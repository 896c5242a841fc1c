//! Check 5: the signature, over the bytes that were received.

use super::refusal::{Check, Refusal};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};

/// `token` is the whole token; what was signed is all of it before the second dot.
pub(crate) fn check(token: &str, signature: &str, key: &DecodingKey) -> Result<(), Refusal> {
    let refused = || Refusal::new(Check::Signature, "the signature does not fit key and claims");
    let signed = token.len().checked_sub(signature.len() + 1).ok_or_else(refused)?;
    let message = &token.as_bytes()[..signed];
    match crypto::verify(signature, message, key, Algorithm::RS256) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(refused()),
    }
}
