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

/// A key of the issuer. Each is made once a process, as making one takes some tenths of a second.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IdentityKey {
    /// The one that signs unless another is named.
    First,
    /// The one that it is rotated to.
    Second,
}

static FIRST: LazyLock<KeyPair> = LazyLock::new(generated);
static SECOND: LazyLock<KeyPair> = LazyLock::new(generated);

fn generated() -> KeyPair {
    KeyPair::generate(KeySize::Rsa2048).expect("the random source works")
}

/// What is answered where the issuer publishes its keys.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum KeySetAnswer {
    /// These keys.
    Keys(Vec<IdentityKey>),
    /// 200 and this text.
    Says(String),
    /// A redirect to this address.
    Redirects(String),
    /// 503.
    Unavailable,
}

impl Default for KeySetAnswer {
    fn default() -> Self {
        Self::Keys(vec![IdentityKey::First])
    }
}

/// `RSAPublicKey` (RFC 8017 A.1.1).
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

impl IdentityKey {
    /// Its `kid`.
    pub fn id(self) -> &'static str {
        match self {
            Self::First => "fake-github-1",
            Self::Second => "fake-github-2",
        }
    }

    /// The header that its tokens have.
    pub fn header(self) -> Value {
        json!({ "alg": "RS256", "kid": self.id(), "typ": "JWT" })
    }

    /// A token of this header and these claims, whatever they say, signed by this key with
    /// RSASSA-PKCS1-v1_5 and SHA-256 as GitHub's are (RFC 7515).
    pub fn sign(self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        self.sign_parts(&part(header), &part(claims))
    }

    /// The same over parts that are encoded already, or that are no encoding at all.
    pub fn sign_parts(self, header: &str, claims: &str) -> String {
        let key = self.pair();
        let message = format!("{header}.{claims}");
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .expect("a generated key signs");
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Its public half as a member of a key set (RFC 7517, RFC 7518 6.3.1).
    pub fn public(self) -> Value {
        let der = self.public_der();
        let key = RsaPublicKey::from_der(&der).expect("a public key is DER");
        let number = |number: UintRef<'_>| URL_SAFE_NO_PAD.encode(number.as_bytes());
        json!({
            "kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.id(),
            "n": number(key.modulus), "e": number(key.exponent),
        })
    }

    /// Its public half as `RSAPublicKey`.
    pub fn public_der(self) -> Vec<u8> {
        self.pair().public_key().as_ref().to_vec()
    }

    fn pair(self) -> &'static KeyPair {
        match self {
            Self::First => &FIRST,
            Self::Second => &SECOND,
        }
    }
}

/// A token over these claims, signed by the first key.
pub(crate) fn signed(claims: &Value) -> String {
    IdentityKey::First.sign(&IdentityKey::First.header(), claims)
}

/// A key set.
pub(crate) fn key_set(keys: &[IdentityKey]) -> Value {
    json!({ "keys": keys.iter().map(|key| key.public()).collect::<Vec<_>>() })
}
