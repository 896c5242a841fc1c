//! The key that signs identity tokens, and its public half as a key set.

use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use der::asn1::UintRef;
use der::{Decode, Sequence};
use serde_json::{Value, json};

const KEY_ID: &str = "fake-github-1";

/// One key a process: making one takes some tenths of a second.
static KEY: LazyLock<KeyPair> =
    LazyLock::new(|| KeyPair::generate(KeySize::Rsa2048).expect("the random source works"));

/// `RSAPublicKey` (RFC 8017 A.1.1).
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

/// A token over these claims, signed with RS256 as GitHub's are (RFC 7515).
pub(crate) fn signed(claims: &Value) -> String {
    let header = json!({ "alg": "RS256", "kid": KEY_ID, "typ": "JWT" });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&header), part(claims));
    let mut signature = vec![0; KEY.public_modulus_len()];
    KEY.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
        .expect("a generated key signs");
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The key set that verifies it (RFC 7517, RFC 7518 6.3.1).
pub(crate) fn key_set() -> Value {
    let key = RsaPublicKey::from_der(KEY.public_key().as_ref()).expect("a public key is DER");
    let number = |number: UintRef<'_>| URL_SAFE_NO_PAD.encode(number.as_bytes());
    json!({ "keys": [{
        "kty": "RSA", "alg": "RS256", "use": "sig", "kid": KEY_ID,
        "n": number(key.modulus), "e": number(key.exponent),
    }] })
}
