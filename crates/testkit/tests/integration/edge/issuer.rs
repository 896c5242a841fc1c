//! An issuer of identity tokens whose every word a test chooses.

use super::web::Web;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use der::asn1::UintRef;
use der::{Decode, Sequence};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// Making one takes some tenths of a second.
static KEYS: LazyLock<[KeyPair; 2]> =
    LazyLock::new(|| [(); 2].map(|()| KeyPair::generate(KeySize::Rsa2048).unwrap()));

const KEY_SET: &str = "/.well-known/jwks";

/// `RSAPublicKey` (RFC 8017 A.1.1).
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

/// One issuer.
pub(crate) struct Issuer {
    web: Web,
}

impl Issuer {
    /// One that has the first key.
    pub(crate) fn start() -> Self {
        let issuer = Self { web: Web::start() };
        issuer.serve(&key_set(&[0]));
        issuer
    }

    pub(crate) fn url(&self) -> String {
        self.web.url("")
    }

    /// From now on these are its keys.
    pub(crate) fn serve(&self, keys: &Value) {
        self.web.serve(KEY_SET, 200, &[], keys.to_string());
    }

    /// From now on it answers this instead of keys.
    pub(crate) fn answers(&self, status: u16, headers: &[(&str, &str)], body: &str) {
        self.web.serve(KEY_SET, status, headers, body);
    }

    /// How often its keys were asked for.
    pub(crate) fn fetches(&self) -> usize {
        self.web.requests().iter().filter(|line| line.starts_with("GET ")).count()
    }

    /// The claims of a good token for a job of `acme/app` on this ref, with an id of its own.
    pub(crate) fn claims(&self, git_ref: &str) -> Value {
        use std::sync::atomic::{AtomicU64, Ordering};
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let now = jiff::Timestamp::now().as_second();
        let tag = git_ref.starts_with("refs/tags/");
        json!({
            "iss": self.url(), "aud": super::world::AUDIENCE,
            "jti": format!("jti-{}", NUMBER.fetch_add(1, Ordering::Relaxed)),
            "iat": now, "nbf": now, "exp": now + 300,
            "sub": format!("repo:acme/app:ref:{git_ref}"),
            "repository": "acme/app", "repository_id": "486325809", "repository_owner_id": "80431187",
            "ref": git_ref, "ref_type": if tag { "tag" } else { "branch" },
            "workflow_ref": format!("acme/app/.github/workflows/release.yml@{git_ref}"),
            "job_workflow_ref": format!("acme/app/.github/workflows/slsa-provenance.yml@{git_ref}"),
            "job_workflow_sha": "693130cb6cb840a7bc9cb18c6510d536a95dc7e6",
            "event_name": "release", "runner_environment": "github-hosted",
            "head_ref": "", "base_ref": "",
        })
    }

    /// A good token for a job on this ref.
    pub(crate) fn token(&self, git_ref: &str) -> String {
        signed(&self.claims(git_ref))
    }
}

/// The header of a good token.
pub(crate) fn header() -> Value {
    json!({ "alg": "RS256", "kid": "key-0", "typ": "JWT" })
}

/// A token over these claims.
pub(crate) fn signed(claims: &Value) -> String {
    signed_with(0, &header(), claims)
}

/// A token over this header and these claims, signed with one of the two keys.
pub(crate) fn signed_with(key: usize, header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let mut signature = vec![0; KEYS[key].public_modulus_len()];
    let random = SystemRandom::new();
    KEYS[key].sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The public halves as a key set.
pub(crate) fn key_set(keys: &[usize]) -> Value {
    let keys: Vec<Value> = keys.iter().map(|key| public(*key)).collect();
    json!({ "keys": keys })
}

/// The public half of a key (RFC 7518 6.3.1).
pub(crate) fn public(key: usize) -> Value {
    let public = RsaPublicKey::from_der(KEYS[key].public_key().as_ref()).unwrap();
    let number = |number: UintRef<'_>| URL_SAFE_NO_PAD.encode(number.as_bytes());
    json!({
        "kty": "RSA", "alg": "RS256", "use": "sig", "kid": format!("key-{key}"),
        "n": number(public.modulus), "e": number(public.exponent),
    })
}
