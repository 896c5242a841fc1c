//! Entries of a transparency log: their bodies, and how a bundle carries them.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

use crate::attestation::{KeyMaterial, SignedAttestation};
use crate::key::{pem, sha256};

/// Format of an entry's body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EntryKind {
    /// `dsse` 0.0.1 (Rekor v1).
    Dsse001,
    /// `hashedrekord` 0.0.2 (Rekor v2).
    HashedRekord002,
    /// `intoto` 0.0.2 (Rekor v1).
    Intoto002,
}

impl EntryKind {
    /// `kindVersion` of the bundle.
    pub(crate) fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Dsse001 => ("dsse", "0.0.1"),
            Self::HashedRekord002 => ("hashedrekord", "0.0.2"),
            Self::Intoto002 => ("intoto", "0.0.2"),
        }
    }

    /// The canonical JSON (RFC 8785) that the log keeps of `attestation`.
    pub(crate) fn body(self, attestation: &SignedAttestation) -> Vec<u8> {
        let spec = match self {
            Self::Dsse001 => dsse_spec(attestation),
            Self::HashedRekord002 => hashed_rekord_spec(attestation),
            Self::Intoto002 => intoto_spec(attestation),
        };
        let (kind, version) = self.names();
        canonical(&json!({ "apiVersion": version, "kind": kind, "spec": spec }))
    }
}

/// One entry as the bundle shows it. Every field may be edited or taken from another entry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogEntry {
    /// Index in the whole log; not the one in the proof's tree.
    pub log_index: u64,
    /// Key id of the log, 32 bytes.
    pub log_id: Vec<u8>,
    /// `kindVersion.kind`.
    pub kind: String,
    /// `kindVersion.version`.
    pub version: String,
    /// Seconds since 1970; Rekor v2 has none.
    pub integrated_time: Option<i64>,
    /// The inclusion promise (SET), ECDSA over canonical JSON; Rekor v2 has none.
    pub signed_entry_timestamp: Option<Vec<u8>>,
    /// The inclusion proof, absent in some v0.1 bundles.
    pub inclusion_proof: Option<InclusionProof>,
    /// The canonical body.
    pub body: Vec<u8>,
}

/// Audit path and signed checkpoint.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InclusionProof {
    /// Index of the leaf in the tree of this proof.
    pub log_index: u64,
    /// Root of the tree.
    pub root_hash: [u8; 32],
    /// Number of leaves.
    pub tree_size: u64,
    /// Siblings from the leaf upward.
    pub hashes: Vec<[u8; 32]>,
    /// Signed note over origin, size and root.
    pub checkpoint: Option<String>,
}

impl LogEntry {
    /// `TransparencyLogEntry` of protobuf-specs as JSON; absent parts are left out.
    pub fn to_json(&self) -> Value {
        let mut entry = json!({
            "logIndex": self.log_index.to_string(),
            "logId": { "keyId": BASE64_STANDARD.encode(&self.log_id) },
            "kindVersion": { "kind": self.kind, "version": self.version },
            "canonicalizedBody": BASE64_STANDARD.encode(&self.body),
        });
        if let Some(time) = self.integrated_time {
            entry["integratedTime"] = json!(time.to_string());
        }
        if let Some(promise) = &self.signed_entry_timestamp {
            let promise = BASE64_STANDARD.encode(promise);
            entry["inclusionPromise"] = json!({ "signedEntryTimestamp": promise });
        }
        if let Some(proof) = &self.inclusion_proof {
            entry["inclusionProof"] = proof.to_json();
        }
        entry
    }
}

impl InclusionProof {
    fn to_json(&self) -> Value {
        let hashes: Vec<_> = self.hashes.iter().map(|hash| BASE64_STANDARD.encode(hash)).collect();
        let mut proof = json!({
            "logIndex": self.log_index.to_string(),
            "rootHash": BASE64_STANDARD.encode(self.root_hash),
            "treeSize": self.tree_size.to_string(),
            "hashes": hashes,
        });
        if let Some(checkpoint) = &self.checkpoint {
            proof["checkpoint"] = json!({ "envelope": checkpoint });
        }
        proof
    }
}

/// RFC 8785.
pub(crate) fn canonical(value: &Value) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(value).expect("values of the kit are plain JSON")
}

fn dsse_spec(attestation: &SignedAttestation) -> Value {
    let verifier = BASE64_STANDARD.encode(verifier_pem(attestation));
    let signatures: Vec<_> = attestation
        .envelope
        .signatures
        .iter()
        .map(|each| json!({ "signature": BASE64_STANDARD.encode(&each.sig), "verifier": verifier }))
        .collect();
    json!({
        "envelopeHash": hex_hash(&canonical(&attestation.envelope.to_json())),
        "payloadHash": hex_hash(&attestation.envelope.payload),
        "signatures": signatures,
    })
}

/// The log keeps the signature's base64 text, so it is base64 of base64, and no payload.
fn intoto_spec(attestation: &SignedAttestation) -> Value {
    let envelope = &attestation.envelope;
    let verifier = BASE64_STANDARD.encode(verifier_pem(attestation));
    let signatures: Vec<_> = envelope
        .signatures
        .iter()
        .map(|each| {
            let text = BASE64_STANDARD.encode(&each.sig);
            let mut signature =
                json!({ "publicKey": verifier, "sig": BASE64_STANDARD.encode(text) });
            if !each.keyid.is_empty() {
                signature["keyid"] = json!(each.keyid);
            }
            signature
        })
        .collect();
    json!({ "content": {
        "envelope": { "payloadType": envelope.payload_type, "signatures": signatures },
        "hash": hex_hash(&canonical(&envelope.to_json())),
        "payloadHash": hex_hash(&envelope.payload),
    } })
}

/// Rekor v2 logs a DSSE envelope as the hash of what was signed.
fn hashed_rekord_spec(attestation: &SignedAttestation) -> Value {
    let envelope = &attestation.envelope;
    let mut verifier = match &attestation.key_material {
        KeyMaterial::PublicKey { .. } => {
            let key = BASE64_STANDARD.encode(attestation.public_key_der());
            json!({ "publicKey": { "rawBytes": key } })
        }
        material => {
            let certificate = BASE64_STANDARD.encode(material.certificate().unwrap_or_default());
            json!({ "x509Certificate": { "rawBytes": certificate } })
        }
    };
    verifier["keyDetails"] = json!(attestation.key_details());
    let signature = envelope.signatures.first().map(|each| each.sig.as_slice());
    json!({ "hashedRekordV002": {
        "data": {
            "algorithm": "SHA2_256",
            "digest": BASE64_STANDARD.encode(sha256(&envelope.pre_authentication_encoding())),
        },
        "signature": {
            "content": BASE64_STANDARD.encode(signature.unwrap_or_default()),
            "verifier": verifier,
        },
    } })
}

fn verifier_pem(attestation: &SignedAttestation) -> String {
    match attestation.key_material.certificate() {
        Some(certificate) => pem("CERTIFICATE", certificate),
        None => attestation.public_key_pem(),
    }
}

fn hex_hash(data: &[u8]) -> Value {
    json!({ "algorithm": "sha256", "value": hex::encode(sha256(data)) })
}
