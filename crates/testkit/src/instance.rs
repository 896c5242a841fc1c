//! One private Sigstore instance.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::attestation::{Envelope, EnvelopeSignature, KeyMaterial, SignedAttestation};
use crate::certificate::KeyPurpose;
use crate::certificate_authority::CertificateAuthority;
use crate::ct_log::CtLog;
use crate::key::{ManagedKey, SignatureAlgorithm, SigningKey};
use crate::log_entry::{EntryKind, LogEntry};
use crate::request::SigningRequest;
use crate::time::Validity;
use crate::timestamp_authority::TimestampAuthority;
use crate::transparency_log::{Generation, TransparencyLog};

/// Certificate authority, CT log, Rekor v1 and v2 logs and timestamp authority with fresh keys.
///
/// Two instances share names and nothing else: evidence of one means nothing to the other.
pub struct VirtualSigstore {
    certificate_authority: CertificateAuthority,
    ct_log: CtLog,
    rekor_v1: TransparencyLog,
    rekor_v2: TransparencyLog,
    timestamp_authority: TimestampAuthority,
    trusted: Validity,
}

/// How an instance is set up. The default is honest: everything valid from 2020 without end.
#[derive(Clone, Debug)]
pub struct InstanceOptions {
    /// `validFor` of every entry of the trusted root. Single entries: edit
    /// [`VirtualSigstore::trusted_root`].
    pub trusted: Validity,
    /// Certificate of the root authority.
    pub root: Validity,
    /// Certificate of the intermediate authority.
    pub intermediate: Validity,
    /// Certificate of the timestamp authority's root.
    pub timestamp_root: Validity,
    /// Certificate that signs timestamps.
    pub timestamp_leaf: Validity,
    /// Extended key usages of the certificate that signs timestamps.
    pub timestamp_purposes: Vec<KeyPurpose>,
    /// Key and hash of the timestamp authority: ECDSA P-384 with SHA-384 as GitHub's, or P-256.
    pub timestamp_algorithm: SignatureAlgorithm,
}

impl Default for InstanceOptions {
    fn default() -> Self {
        Self::valid(Validity::since("2020-01-01T00:00:00Z"))
    }
}

impl InstanceOptions {
    /// Every certificate and key valid in `validity`, and so stated by the trusted root.
    pub fn valid(validity: Validity) -> Self {
        Self {
            trusted: validity,
            root: validity,
            intermediate: validity,
            timestamp_root: validity,
            timestamp_leaf: validity,
            timestamp_purposes: vec![KeyPurpose::TimeStamping],
            timestamp_algorithm: SignatureAlgorithm::EcdsaP384Sha384,
        }
    }
}

impl Default for VirtualSigstore {
    fn default() -> Self {
        Self::new()
    }
}

impl VirtualSigstore {
    /// An honest instance, valid from 2020-01-01 without end.
    pub fn new() -> Self {
        Self::with_options(&InstanceOptions::default())
    }

    /// An instance with expired, retired or misused authorities.
    pub fn with_options(options: &InstanceOptions) -> Self {
        Self {
            certificate_authority: CertificateAuthority::new(options),
            ct_log: CtLog::new(),
            rekor_v1: TransparencyLog::new(Generation::V1),
            rekor_v2: TransparencyLog::new(Generation::V2),
            timestamp_authority: TimestampAuthority::new(options),
            trusted: options.trusted,
        }
    }

    /// The trusted root, for tests that edit it: drop a log, end a `validFor`, mix instances.
    pub fn trusted_root(&self) -> Value {
        json!({
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [self.rekor_v1.to_json(self.trusted), self.rekor_v2.to_json(self.trusted)],
            "certificateAuthorities": [self.certificate_authority.to_json(self.trusted)],
            "ctlogs": [self.ct_log.to_json(self.trusted)],
            "timestampAuthorities": [self.timestamp_authority.to_json(self.trusted)],
        })
    }

    /// [`Self::trusted_root`] as the text of a file with a final newline.
    pub fn trusted_root_json(&self) -> String {
        format!("{:#}\n", self.trusted_root())
    }

    /// Signs with a fresh key and a certificate for the request's identity.
    pub fn sign(&self, request: &SigningRequest) -> SignedAttestation {
        let key = Arc::new(SigningKey::generate(SignatureAlgorithm::EcdsaP256Sha256));
        let certificate = self.certificate_authority.issue(
            &request.identity,
            &request.certificate,
            key.spki(),
            request.signed_at,
            &self.ct_log,
        );
        let key_material = if request.shape.has_chain() {
            KeyMaterial::Chain(vec![certificate])
        } else {
            KeyMaterial::Certificate(certificate)
        };
        self.attest(request, key, key_material, "")
    }

    /// Another certificate for the key that made `attestation`, with the identity, profile and
    /// start that `request` asks for: what the authority gives to whoever proves both.
    pub fn certify_again(
        &self,
        attestation: &SignedAttestation,
        request: &SigningRequest,
    ) -> Vec<u8> {
        self.certificate_authority.issue(
            &request.identity,
            &request.certificate,
            attestation.key.spki(),
            request.signed_at,
            &self.ct_log,
        )
    }

    /// Signs with a managed key; the bundle names it by its hint and holds no certificate.
    pub fn sign_with_key(&self, request: &SigningRequest, key: &ManagedKey) -> SignedAttestation {
        let key_material = KeyMaterial::PublicKey { hint: key.hint.clone() };
        self.attest(request, Arc::clone(&key.key), key_material, &key.hint)
    }

    /// Logs what `attestation` says now: in Rekor v2 for [`EntryKind::HashedRekord002`], else v1.
    pub fn log(&self, attestation: &SignedAttestation, kind: EntryKind, at: Timestamp) -> LogEntry {
        let log = match kind {
            EntryKind::HashedRekord002 => &self.rekor_v2,
            EntryKind::Dsse001 | EntryKind::Intoto002 => &self.rekor_v1,
        };
        log.append(kind, attestation, at)
    }

    /// The promise that Rekor v1 would sign for `entry` as it is now: an honest signature over a
    /// dishonest index or time.
    pub fn promise(&self, entry: &LogEntry) -> Vec<u8> {
        self.rekor_v1.promise(entry)
    }

    /// An RFC 3161 response over `signature` at `at`, in DER.
    pub fn timestamp(&self, signature: &[u8], at: Timestamp) -> Vec<u8> {
        self.timestamp_authority.confirm(signature, at)
    }

    /// Certificates of the intermediate and the root authority, in DER.
    pub fn authority_certificates(&self) -> [Vec<u8>; 2] {
        self.certificate_authority.chain()
    }

    fn attest(
        &self,
        request: &SigningRequest,
        key: Arc<SigningKey>,
        key_material: KeyMaterial,
        keyid: &str,
    ) -> SignedAttestation {
        let mut envelope = Envelope {
            payload: request.payload.clone(),
            payload_type: request.payload_type.clone(),
            signatures: Vec::new(),
        };
        let sig = key.sign(&envelope.pre_authentication_encoding());
        envelope.signatures.push(EnvelopeSignature { sig, keyid: keyid.into() });
        let mut attestation = SignedAttestation {
            media_type: request.shape.media_type().into(),
            key_material,
            envelope,
            log_entries: Vec::new(),
            timestamps: Vec::new(),
            key,
        };
        self.add_evidence(&mut attestation, request);
        attestation
    }

    fn add_evidence(&self, attestation: &mut SignedAttestation, request: &SigningRequest) {
        if let Some(kind) = request.shape.entry_kind() {
            let time = request.integrated_at.unwrap_or(request.signed_at);
            let mut entry = self.log(attestation, kind, time);
            if !request.shape.has_inclusion_proof() {
                entry.inclusion_proof = None;
            }
            attestation.log_entries.push(entry);
        }
        if request.shape.has_timestamp() {
            let time = request.timestamped_at.unwrap_or(request.signed_at);
            attestation.timestamps.push(self.timestamp(attestation.signature(), time));
        }
    }
}
