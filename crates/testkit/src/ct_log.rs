//! The certificate transparency log: promises over certificates (RFC 6962).

use const_oid::db::rfc6962::CT_PRECERT_SCTS;
use jiff::Timestamp;
use serde_json::Value;
use tls_codec::{SerializeBytes, TlsByteVecU16, TlsByteVecU24, TlsSerializeBytes, TlsSize};
use x509_cert::certificate::TbsCertificate;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::SignedCertificateTimestamp;
use x509_cert::ext::pkix::SignedCertificateTimestampList;
use x509_cert::ext::pkix::sct::{
    DigitallySigned, HashAlgorithm, LogId, SerializedSct, SignatureAlgorithm as TlsSignature,
    SignatureAndHashAlgorithm, Version,
};

use crate::certificate::{encoded, extension};
use crate::key::{SignatureAlgorithm, SigningKey, sha256};
use crate::time::Validity;
use crate::trusted_root::log_json;

const BASE_URL: &str = "https://ctlog.virtual.example/2020";

pub(crate) struct CtLog {
    key: SigningKey,
}

/// What a log signs for a precertificate (RFC 6962 section 3.2).
#[derive(TlsSerializeBytes, TlsSize)]
struct SignedPrecertificate {
    version: Version,
    /// `certificate_timestamp(0)`.
    signature_type: u8,
    /// Milliseconds since 1970.
    timestamp: u64,
    /// `precert_entry(1)`.
    entry_type: u16,
    issuer_key_hash: [u8; 32],
    tbs_certificate: TlsByteVecU24,
    extensions: TlsByteVecU16,
}

impl CtLog {
    pub(crate) fn new() -> Self {
        Self { key: SigningKey::generate(SignatureAlgorithm::EcdsaP256Sha256) }
    }

    /// The extension with `count` promises over `precertificate`, whose issuer has the public key
    /// `issuer_spki`; none for a count of 0.
    pub(crate) fn sct_list(
        &self,
        precertificate: &TbsCertificate,
        issuer_spki: &[u8],
        time: Timestamp,
        count: usize,
    ) -> Option<Extension> {
        if count == 0 {
            return None;
        }
        let promises: Vec<_> = (0..count)
            .map(|_| {
                let promise = self.promise(precertificate, issuer_spki, time);
                SerializedSct::new(promise).expect("a promise is short")
            })
            .collect();
        let list = SignedCertificateTimestampList::new(&promises).expect("the list is short");
        Some(extension(CT_PRECERT_SCTS, false, &list))
    }

    /// Entry of a trusted root's `ctlogs`.
    pub(crate) fn to_json(&self, validity: Validity) -> Value {
        log_json(BASE_URL, &self.key, &self.log_id(), validity)
    }

    fn log_id(&self) -> [u8; 32] {
        sha256(&self.key.spki_der())
    }

    fn promise(
        &self,
        precertificate: &TbsCertificate,
        issuer_spki: &[u8],
        time: Timestamp,
    ) -> SignedCertificateTimestamp {
        let timestamp = u64::try_from(time.as_millisecond()).expect("the time is after 1970");
        let signed = SignedPrecertificate {
            version: Version::V1,
            signature_type: 0,
            timestamp,
            entry_type: 1,
            issuer_key_hash: sha256(issuer_spki),
            tbs_certificate: encoded(precertificate).into(),
            extensions: Vec::new().into(),
        };
        let signature = self.key.sign(&signed.tls_serialize().expect("a certificate is short"));
        SignedCertificateTimestamp {
            version: Version::V1,
            log_id: LogId { key_id: self.log_id() },
            timestamp,
            extensions: Vec::new().into(),
            signature: DigitallySigned {
                algorithm: SignatureAndHashAlgorithm {
                    hash: HashAlgorithm::Sha256,
                    signature: TlsSignature::Ecdsa,
                },
                signature: signature.into(),
            },
        }
    }
}
