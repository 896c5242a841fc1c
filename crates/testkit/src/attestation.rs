//! What a signing yields: the parts of a bundle, each replaceable.

use std::fmt;
use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

use crate::key::SigningKey;
use crate::log_entry::LogEntry;

/// A signed envelope with its evidence. Edit or exchange any part, then write the bundle.
#[derive(Clone)]
pub struct SignedAttestation {
    /// `mediaType` of the bundle.
    pub media_type: String,
    /// Certificate, chain or key hint.
    pub key_material: KeyMaterial,
    /// The DSSE envelope.
    pub envelope: Envelope,
    /// Transparency log entries, none for a bundle with timestamps only.
    pub log_entries: Vec<LogEntry>,
    /// RFC 3161 responses in DER.
    pub timestamps: Vec<Vec<u8>>,
    pub(crate) key: Arc<SigningKey>,
}

/// How the bundle says which key signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum KeyMaterial {
    /// One certificate in DER (bundle v0.3).
    Certificate(Vec<u8>),
    /// Certificates in DER, the signer's first (bundle v0.1 and v0.2).
    Chain(Vec<Vec<u8>>),
    /// Name of a managed key.
    PublicKey {
        /// `publicKey.hint`.
        hint: String,
    },
}

impl KeyMaterial {
    /// The signer's certificate in DER.
    pub fn certificate(&self) -> Option<&[u8]> {
        match self {
            Self::Certificate(certificate) => Some(certificate),
            Self::Chain(certificates) => certificates.first().map(Vec::as_slice),
            Self::PublicKey { .. } => None,
        }
    }

    fn to_json(&self) -> (&'static str, Value) {
        let raw = |der: &Vec<u8>| json!({ "rawBytes": BASE64_STANDARD.encode(der) });
        match self {
            Self::Certificate(certificate) => ("certificate", raw(certificate)),
            Self::Chain(certificates) => {
                let certificates: Vec<_> = certificates.iter().map(raw).collect();
                ("x509CertificateChain", json!({ "certificates": certificates }))
            }
            Self::PublicKey { hint } => ("publicKey", json!({ "hint": hint })),
        }
    }
}

/// A DSSE envelope (secure-systems-lab/dsse, `envelope.md`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Envelope {
    /// The statement's bytes.
    pub payload: Vec<u8>,
    /// Normally `application/vnd.in-toto+json`.
    pub payload_type: String,
    /// Exactly one, unless a test adds or removes.
    pub signatures: Vec<EnvelopeSignature>,
}

/// One signature of an envelope.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EnvelopeSignature {
    /// The signature's bytes.
    pub sig: Vec<u8>,
    /// Key hint, empty for keyless signatures.
    pub keyid: String,
}

impl Envelope {
    /// What gets signed (DSSE `protocol.md`, PAE).
    pub fn pre_authentication_encoding(&self) -> Vec<u8> {
        let (kind, payload) = (&self.payload_type, &self.payload);
        let head = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len());
        [head.as_bytes(), payload].concat()
    }

    /// The envelope as JSON.
    pub fn to_json(&self) -> Value {
        let signatures: Vec<_> = self.signatures.iter().map(EnvelopeSignature::to_json).collect();
        json!({
            "payload": BASE64_STANDARD.encode(&self.payload),
            "payloadType": self.payload_type,
            "signatures": signatures,
        })
    }
}

impl EnvelopeSignature {
    fn to_json(&self) -> Value {
        let mut signature = json!({ "sig": BASE64_STANDARD.encode(&self.sig) });
        if !self.keyid.is_empty() {
            signature["keyid"] = json!(self.keyid);
        }
        signature
    }
}

impl SignedAttestation {
    /// The bundle as JSON.
    pub fn bundle(&self) -> Value {
        let entries: Vec<_> = self.log_entries.iter().map(LogEntry::to_json).collect();
        let (name, key_material) = self.key_material.to_json();
        let mut material = json!({ "tlogEntries": entries });
        material[name] = key_material;
        if !self.timestamps.is_empty() {
            let timestamps: Vec<_> = self
                .timestamps
                .iter()
                .map(|der| json!({ "signedTimestamp": BASE64_STANDARD.encode(der) }))
                .collect();
            material["timestampVerificationData"] = json!({ "rfc3161Timestamps": timestamps });
        }
        json!({
            "mediaType": self.media_type,
            "verificationMaterial": material,
            "dsseEnvelope": self.envelope.to_json(),
        })
    }

    /// The bundle as one line of JSON.
    pub fn bundle_json(&self) -> String {
        self.bundle().to_string()
    }

    /// A signature of the signer's key over any bytes, for envelopes signed in a wrong way.
    pub fn sign_bytes(&self, message: &[u8]) -> Vec<u8> {
        self.key.sign(message)
    }

    /// The first signature's bytes: what a timestamp authority confirms.
    pub fn signature(&self) -> &[u8] {
        self.envelope.signatures.first().map_or(&[], |signature| &signature.sig)
    }

    /// The signer's public key as DER `SubjectPublicKeyInfo`.
    pub fn public_key_der(&self) -> Vec<u8> {
        self.key.spki_der()
    }

    /// The signer's public key as PEM with a final newline.
    pub fn public_key_pem(&self) -> String {
        self.key.public_key_pem()
    }

    pub(crate) fn key_details(&self) -> &'static str {
        self.key.key_details()
    }
}

impl fmt::Debug for SignedAttestation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("SignedAttestation").field(&self.bundle()).finish()
    }
}
