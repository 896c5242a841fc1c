//! Check 2: the form of the token, before anything of it is believed.

use super::claims::Claims;
use super::refusal::{Check, Refusal};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// The one algorithm, whatever a token says: neither `none`, nor a public key taken for a shared
/// secret.
pub(crate) const ALGORITHM: &str = "RS256";

/// The longest key id.
const MAX_KEY_ID: usize = 128;

/// Opens header and claims of a token: canonical base64url without padding, strict JSON without
/// duplicate keys, no header parameter but the four that GitHub sets. Gives the id of the key and
/// the claims, which nobody has vouched for yet.
pub(crate) fn open(parts: &[&str; 3]) -> Result<(String, Claims), Refusal> {
    let header = object(parts[0], "header")?;
    let claims = object(parts[1], "claims")?;
    let text = |name: &str| header.get(name).and_then(Value::as_str);
    // `crit`, `jku`, `x5u`, `jwk` would have the token say how it is to be verified.
    let unknown = |name: &&String| !matches!(name.as_str(), "alg" | "kid" | "typ" | "x5t");
    if let Some(name) = header.keys().find(unknown) {
        return Err(Refusal::differs(Check::Form, "a header parameter", name));
    }
    if text("alg") != Some(ALGORITHM) {
        return Err(refused("alg is not RS256"));
    }
    if text("typ") != Some("JWT") {
        return Err(refused("typ is not JWT"));
    }
    if header.contains_key("x5t") && text("x5t").is_none() {
        return Err(refused("x5t is no text"));
    }
    let kid = text("kid").filter(|kid| (1..=MAX_KEY_ID).contains(&kid.len()));
    let kid = kid.ok_or_else(|| refused("kid is missing, empty or too long"))?;
    Ok((kid.to_owned(), Claims::new(claims)))
}

fn object(part: &str, what: &'static str) -> Result<Map<String, Value>, Refusal> {
    let wrong = |why: &str| Refusal::new(Check::Form, format!("the {what} {why}"));
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| wrong("is no canonical base64url"))?;
    let text = provost_attestation::json::scan(&bytes)
        .map_err(|problem| wrong(&format!("is no strict JSON: {}", problem.fault)))?;
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(wrong("is no object")),
    }
}

fn refused(why: &'static str) -> Refusal {
    Refusal::new(Check::Form, why)
}
