//! Public keys: what of a key set may verify a token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The largest key set, in bytes.
pub(crate) const MAX_BYTES: u64 = 64 * 1024;

/// The most keys of a set.
const MAX_KEYS: usize = 64;

/// The sizes of an RSA modulus that are accepted, in bits.
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// Keys by their ids.
pub(crate) type Keys = BTreeMap<String, Arc<DecodingKey>>;

/// Reads a key set (RFC 7517): strict JSON, every key with an id of its own. Of its keys those are
/// kept that are RSA keys of at least 2048 bits for signatures; a set without any is none.
pub(crate) fn keys(bytes: &[u8]) -> Result<Keys, String> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("it is larger than {MAX_BYTES} bytes"));
    }
    let text = provost_attestation::json::scan(bytes)
        .map_err(|problem| format!("it is no strict JSON: {}", problem.fault))?;
    let set: Value = serde_json::from_str(text).map_err(|_| "it is no JSON".to_owned())?;
    let list = set.get("keys").and_then(Value::as_array).ok_or("it has no list of keys")?;
    if list.len() > MAX_KEYS {
        return Err(format!("it has more than {MAX_KEYS} keys"));
    }
    let mut keys = Keys::new();
    for key in list {
        let id = key.get("kid").and_then(Value::as_str).unwrap_or_default();
        if let Some(decoding) = usable(key).filter(|_| !id.is_empty())
            && keys.insert(id.to_owned(), Arc::new(decoding)).is_some()
        {
            return Err("it has two keys of one id".to_owned());
        }
    }
    match keys.is_empty() {
        true => Err("it has no RSA key of at least 2048 bits for signatures".to_owned()),
        false => Ok(keys),
    }
}

fn usable(key: &Value) -> Option<DecodingKey> {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let is_for_this = text("kty") == Some("RSA")
        && text("use") == Some("sig")
        && matches!(key.get("alg").map(Value::as_str), None | Some(Some(super::form::ALGORITHM)));
    if !is_for_this {
        return None;
    }
    let modulus = URL_SAFE_NO_PAD.decode(text("n")?).ok()?;
    let exponent = URL_SAFE_NO_PAD.decode(text("e")?).ok()?;
    let leading = modulus.first().filter(|byte| **byte != 0)?.leading_zeros() as usize;
    let is_strong = MODULUS_BITS.contains(&(modulus.len() * 8 - leading));
    // 65537: what GitHub uses, and what aws-lc takes without a question.
    let is_usual = exponent == [1, 0, 1];
    (is_strong && is_usual).then(|| DecodingKey::from_rsa_raw_components(&modulus, &exponent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn key(edit: impl Fn(&mut Value)) -> Value {
        let modulus = URL_SAFE_NO_PAD.encode([0xff; 256]);
        let mut key = json!({
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "a", "n": modulus, "e": "AQAB",
        });
        edit(&mut key);
        key
    }

    fn count(list: Value) -> Result<usize, String> {
        keys(json!({ "keys": list }).to_string().as_bytes()).map(|keys| keys.len())
    }

    #[test]
    fn a_key_that_is_too_weak_or_for_something_else_is_left_out() {
        assert_eq!(count(json!([key(|_| ())])), Ok(1));
        let short = URL_SAFE_NO_PAD.encode([0xff; 255]);
        let odd = URL_SAFE_NO_PAD.encode([&[0x7f][..], &[0xff; 255]].concat());
        let padded = URL_SAFE_NO_PAD.encode([&[0][..], &[0xff; 256]].concat());
        for (name, value) in [
            ("kty", json!("oct")),
            ("kty", json!("EC")),
            ("use", json!("enc")),
            ("use", Value::Null),
            ("alg", json!("HS256")),
            ("alg", json!(1)),
            ("kid", json!("")),
            ("kid", json!(7)),
            ("n", json!(short)),
            ("n", json!(odd)),
            ("n", json!(padded)),
            ("n", json!("?")),
            ("e", json!("AQ")),
            ("e", json!("Aw")),
        ] {
            let wrong = key(|key| key[name] = value.clone());
            assert!(count(json!([wrong.clone()])).is_err(), "{name} {value}");
            let good = key(|key| key["kid"] = json!("good"));
            assert_eq!(count(json!([wrong, good])), Ok(1), "{name} {value}");
        }
    }

    #[test]
    fn a_set_that_two_readers_could_read_differently_is_none() {
        let twice = json!([key(|_| ()), key(|_| ())]);
        assert!(count(twice).is_err());
        assert!(count(json!([])).is_err());
        for text in ["", "{}", "[]", "<html>", "{\"keys\":{}}", "{\"keys\":[],\"keys\":[]}"] {
            assert!(keys(text.as_bytes()).is_err(), "{text}");
        }
        let many: Vec<Value> =
            (0..=MAX_KEYS).map(|n| key(|key| key["kid"] = json!(n.to_string()))).collect();
        assert!(count(json!(many)).is_err());
        assert!(keys(&vec![b' '; 64 * 1024 + 1]).is_err());
    }
}
