//! Attestations in GitHub's store, by the digest of what they are about.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// An attestation to be added with [`RepositoryHandle::attestation`](super::RepositoryHandle::attestation).
#[derive(Clone, Debug)]
pub struct Attestation {
    pub(crate) id: u64,
    pub(crate) digest: String,
    pub(crate) bundle: Value,
    pub(crate) served: BundleForm,
}

/// How `bundle_url` serves the bundle.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum BundleForm {
    Json,
    Snappy,
}

impl Attestation {
    /// The bundle (Sigstore JSON) of the subject `digest`, `sha256:…`. Panics if it is no JSON.
    pub fn new(digest: &str, bundle: &str) -> Self {
        let bundle = serde_json::from_str(bundle).expect("a bundle is JSON");
        Self { id: 0, digest: digest.to_owned(), bundle, served: BundleForm::Json }
    }

    /// An attestation of something else that is kept under `digest`; the number makes each
    /// different.
    pub fn decoy(digest: &str, number: usize) -> Self {
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{ "name": format!("decoy-{number}"), "digest": { "sha256": "00" } }],
            "predicateType": "https://example.org/decoy",
            "predicate": { "number": number },
        });
        let bundle = json!({
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {},
            "dsseEnvelope": {
                "payload": STANDARD.encode(statement.to_string()),
                "payloadType": "application/vnd.in-toto+json",
                "signatures": [],
            },
        });
        let (digest, served) = (digest.to_owned(), BundleForm::Json);
        Self { id: 0, digest, bundle, served }
    }

    /// `bundle_url` serves the bundle compressed, as a raw block of snappy.
    #[must_use]
    pub fn snappy(mut self) -> Self {
        self.served = BundleForm::Snappy;
        self
    }

    pub(crate) fn numbered(mut self, id: u64) -> Self {
        self.id = id;
        self
    }

    /// `predicateType` of the statement, if it can be read.
    pub(crate) fn predicate_type(&self) -> Option<String> {
        let payload = self.bundle["dsseEnvelope"]["payload"].as_str()?;
        let statement: Value = serde_json::from_slice(&STANDARD.decode(payload).ok()?).ok()?;
        Some(statement["predicateType"].as_str()?.to_owned())
    }

    /// The bytes behind `bundle_url` and their media type.
    pub(crate) fn served(&self) -> (&'static str, Vec<u8>) {
        let bytes = self.bundle.to_string().into_bytes();
        match self.served {
            BundleForm::Json => ("application/json", bytes),
            BundleForm::Snappy => {
                let packed = snap::raw::Encoder::new().compress_vec(&bytes);
                ("application/x-snappy", packed.expect("a bundle is small enough for snappy"))
            }
        }
    }
}
