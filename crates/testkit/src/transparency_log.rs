//! The two transparency logs: Rekor v1 with promises, Rekor v2 with checkpoints only.

use std::sync::{Mutex, PoisonError};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::attestation::SignedAttestation;
use crate::key::{SignatureAlgorithm, SigningKey, sha256};
use crate::log_entry::{EntryKind, InclusionProof, LogEntry, canonical};
use crate::merkle_tree::MerkleTree;
use crate::time::Validity;
use crate::trusted_root::log_json;

/// Entries of others before, and after each of ours, so that paths have siblings on both sides.
const EARLIER_ENTRIES: u64 = 5;
const LATER_ENTRIES: u64 = 2;
/// Entries in the shards before the current one: makes Rekor v1's two indexes differ.
const EARLIER_SHARDS: u64 = 4_163_431;

pub(crate) struct TransparencyLog {
    generation: Generation,
    key: SigningKey,
    tree: Mutex<MerkleTree>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Generation {
    V1,
    V2,
}

impl Generation {
    fn host(self) -> &'static str {
        match self {
            Self::V1 => "rekor.virtual.example",
            Self::V2 => "log2026-1.rekor.virtual.example",
        }
    }

    /// First line of a checkpoint; Rekor v1 adds the shard's tree id.
    fn origin(self) -> String {
        match self {
            Self::V1 => format!("{} - 1193050959916656506", self.host()),
            Self::V2 => self.host().to_owned(),
        }
    }

    fn algorithm(self) -> SignatureAlgorithm {
        match self {
            Self::V1 => SignatureAlgorithm::EcdsaP256Sha256,
            Self::V2 => SignatureAlgorithm::Ed25519,
        }
    }
}

impl TransparencyLog {
    pub(crate) fn new(generation: Generation) -> Self {
        let mut tree = MerkleTree::default();
        append_others(&mut tree, EARLIER_ENTRIES);
        Self { generation, key: SigningKey::generate(generation.algorithm()), tree: tree.into() }
    }

    /// Logs `attestation` as `kind` and returns the entry with all its evidence.
    pub(crate) fn append(
        &self,
        kind: EntryKind,
        attestation: &SignedAttestation,
        time: Timestamp,
    ) -> LogEntry {
        let body = kind.body(attestation);
        let proof = self.include(&body);
        let (kind, version) = kind.names();
        let mut entry = LogEntry {
            log_index: proof.log_index,
            log_id: self.log_id().to_vec(),
            kind: kind.into(),
            version: version.into(),
            integrated_time: None,
            signed_entry_timestamp: None,
            inclusion_proof: Some(proof),
            body,
        };
        if self.generation == Generation::V1 {
            entry.log_index += EARLIER_SHARDS;
            entry.integrated_time = Some(time.as_second());
            entry.signed_entry_timestamp = Some(self.promise(&entry));
        }
        entry
    }

    /// Signs the promise over what `entry` says now, also after an edit.
    pub(crate) fn promise(&self, entry: &LogEntry) -> Vec<u8> {
        self.key.sign(&canonical(&json!({
            "body": BASE64_STANDARD.encode(&entry.body),
            "integratedTime": entry.integrated_time.unwrap_or_default(),
            "logID": hex::encode(&entry.log_id),
            "logIndex": entry.log_index,
        })))
    }

    /// Entry of a trusted root's `tlogs`.
    pub(crate) fn to_json(&self, validity: Validity) -> Value {
        let url = format!("https://{}", self.generation.host());
        log_json(&url, &self.key, &self.log_id(), validity)
    }

    /// SHA-256 of the key (Rekor v1), or of name and key as a signed note counts its key id
    /// (Rekor v2; C2SP `signed-note`). The first four bytes are the hint in a checkpoint.
    fn log_id(&self) -> [u8; 32] {
        match self.generation {
            Generation::V1 => sha256(&self.key.spki_der()),
            Generation::V2 => {
                const ED25519: u8 = 1;
                let mut bytes = format!("{}\n", self.generation.host()).into_bytes();
                bytes.push(ED25519);
                bytes.extend(self.key.raw_public_key());
                sha256(&bytes)
            }
        }
    }

    fn include(&self, body: &[u8]) -> InclusionProof {
        let mut tree = self.tree.lock().unwrap_or_else(PoisonError::into_inner);
        let index = tree.append(body);
        append_others(&mut tree, LATER_ENTRIES);
        InclusionProof {
            log_index: index as u64,
            root_hash: tree.root(),
            tree_size: tree.size() as u64,
            hashes: tree.audit_path(index),
            checkpoint: Some(self.checkpoint(&tree)),
        }
    }

    /// A signed note (C2SP `tlog-checkpoint`): origin, size, root, blank line, signature.
    fn checkpoint(&self, tree: &MerkleTree) -> String {
        let root = BASE64_STANDARD.encode(tree.root());
        let text = format!("{}\n{}\n{root}\n", self.generation.origin(), tree.size());
        let signature = [&self.log_id()[..4], &self.key.sign(text.as_bytes())].concat();
        let signature = BASE64_STANDARD.encode(signature);
        format!("{text}\n\u{2014} {} {signature}\n", self.generation.host())
    }
}

fn append_others(tree: &mut MerkleTree, count: u64) {
    for _ in 0..count {
        let text = format!("entry {} of somebody else", tree.size());
        tree.append(text.as_bytes());
    }
}
