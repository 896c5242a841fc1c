//! What a verified bundle proves.

use crate::check::Check;
use crate::claims::CertificateClaims;
use jiff::Timestamp;
use provost_attestation::statement::Statement;

/// A statement whose signature, certificate, time and log evidence all stand.
///
/// Only [`crate::Verifier::verify`] makes one: whoever holds a value of this type holds the proof.
/// Its statement is what the signer said, its signer who said it; whether either is wanted is a
/// question of policy.
#[derive(Debug, Clone)]
pub struct VerifiedStatement {
    pub(crate) statement: Statement,
    pub(crate) payload: Vec<u8>,
    pub(crate) signer: Signer,
    pub(crate) times: Vec<Timestamp>,
    pub(crate) checks: Vec<Check>,
    pub(crate) bundle_sha256: String,
    pub(crate) trusted_root_sha256: String,
}

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer {
    /// A workflow, by the certificate it was issued.
    Certificate(CertificateClaims),
    /// The holder of a key that the caller named.
    Key {
        /// SHA-256 of the public key (DER SubjectPublicKeyInfo), hex.
        spki_sha256: String,
    },
}

impl VerifiedStatement {
    /// The statement.
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The exact payload bytes that were signed and parsed.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Who signed it.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The claims of the signing certificate, when a certificate signed.
    pub fn claims(&self) -> Option<&CertificateClaims> {
        match &self.signer {
            Signer::Certificate(claims) => Some(claims),
            Signer::Key { .. } => None,
        }
    }

    /// Every trusted time of the signature, earliest first; never none for a certificate.
    pub fn times(&self) -> &[Timestamp] {
        &self.times
    }

    /// The earliest trusted time: when the signature existed at the latest.
    pub fn signed_at(&self) -> Option<Timestamp> {
        self.times.first().copied()
    }

    /// The checks of the signature layer, all passed or skipped with a reason.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// SHA-256 of the bundle's bytes, hex.
    pub fn bundle_sha256(&self) -> &str {
        &self.bundle_sha256
    }

    /// SHA-256 of the trusted root it was verified under, hex.
    pub fn trusted_root_sha256(&self) -> &str {
        &self.trusted_root_sha256
    }
}
