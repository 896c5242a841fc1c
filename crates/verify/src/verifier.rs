//! The one way from a bundle to a [`VerifiedStatement`].

use crate::check::{Check, CheckId};
use crate::claims::{CertificateClaims, issuer_der};
use crate::evidence;
use crate::fault;
use crate::layer;
use crate::rejection::Rejection;
use crate::root::Root;
use crate::verified::{Signer, VerifiedStatement};
use jiff::Timestamp;
use provost_attestation::bundle::{Bundle, ClaimedBundle};
use provost_attestation::digest::{ArtifactDigest, ArtifactDigests, DigestAlgorithm};
use provost_attestation::statement::{PAYLOAD_TYPE, Statement};
use sigstore_types::{Artifact, DerPublicKey, HashAlgorithm};
use sigstore_verify::{
    CertificateError, Error, PublicKeyVerificationPolicy, TransparencyLogError, VerificationPolicy,
    VerificationResult,
};

/// A public key that the caller trusts, instead of a certificate authority.
#[derive(Debug, Clone)]
pub struct ManagedKey {
    key: DerPublicKey,
    spki_sha256: String,
}

impl ManagedKey {
    /// Reads a PEM `PUBLIC KEY`.
    ///
    /// # Errors
    /// The parser's words when it is none, or of an algorithm that is not supported.
    pub fn from_pem(pem: &str) -> Result<Self, String> {
        let key = DerPublicKey::from_pem(pem).map_err(|error| error.to_string())?;
        sigstore_crypto::VerificationKey::from_spki(&key).map_err(|error| error.to_string())?;
        let spki_sha256 = sigstore_crypto::sha256(key.as_bytes()).to_hex();
        Ok(Self { key, spki_sha256 })
    }

    /// SHA-256 of its DER SubjectPublicKeyInfo, hex.
    pub fn spki_sha256(&self) -> &str {
        &self.spki_sha256
    }
}

/// Verifies bundles under one or more trusted roots, or with a managed key.
///
/// What is trusted is set once; what is expected of one artifact is not its business.
#[derive(Debug)]
pub struct Verifier {
    roots: Vec<Root>,
    key: Option<ManagedKey>,
}

impl Verifier {
    /// Trusts these roots. A certificate is verified under the first root with an authority of its
    /// issuer's name.
    pub fn new(roots: Vec<Root>) -> Self {
        Self { roots, key: None }
    }

    /// Trusts this key alone for signatures, and the roots for log entries and timestamps.
    /// Bundles with a certificate are rejected.
    #[must_use]
    pub fn with_key(mut self, key: ManagedKey) -> Self {
        self.key = Some(key);
        self
    }

    /// Verifies one bundle and returns what its signature proves.
    ///
    /// `artifact` is what the caller holds in hand; when the statement names it, the binding is
    /// verified by the signature library as well. When it does not, the rest is verified all the
    /// same, so that the refusal can say what was signed; policy's `subject-digest` then fails.
    /// `now` is the clock, in UTC; no trusted time may lie after it.
    ///
    /// The checks are those of [`layer::CHECKS`], in that order. The steps behind them are those
    /// of the Sigstore client specification, section "Verification", as `sigstore-verify` runs
    /// them.
    ///
    /// # Errors
    /// A [`Rejection`] with the first check that failed.
    pub fn verify(
        &self,
        claimed: &ClaimedBundle,
        artifact: Option<&ArtifactDigests>,
        now: Timestamp,
    ) -> Result<VerifiedStatement, Rejection> {
        let bundle_sha256 = sigstore_crypto::sha256(claimed.text().as_bytes()).to_hex();
        let bundle = claimed.bundle();
        let mut run = Run { passed: Vec::new(), bundle_sha256, root: None };

        evidence::check_structure(bundle)
            .map_err(|detail| run.reject(layer::BUNDLE_FORMAT, detail))?;
        run.pass(layer::BUNDLE_FORMAT, bundle.media_type().as_str());

        let statement =
            claimed.statement().map_err(|error| run.reject(layer::ENVELOPE, error.to_string()))?;
        run.pass(layer::ENVELOPE, PAYLOAD_TYPE);

        let root = self.root_for(bundle).map_err(|(id, detail)| run.reject(id, detail))?;
        run.root = Some(root.sha256().to_owned());
        let digest = binding_digest(statement, artifact).ok_or_else(|| {
            run.reject(layer::ENVELOPE, "no subject carries a sha256 or sha512 digest".into())
        })?;
        let result = match &self.key {
            None => verify_certificate(root, bundle, digest.clone())
                .map_err(|error| foreign_log_entry(root, bundle, digest).unwrap_or(error)),
            Some(key) => verify_key(root, bundle, digest, key),
        };
        let result = result.map_err(|error| run.reject_error(bundle, root, error))?;
        evidence::check_logged_certificates(bundle)
            .map_err(|detail| run.reject(layer::TRANSPARENCY_LOG, detail))?;

        let mut times = result.verified_timestamps().to_vec();
        times.sort();
        if let Some(late) = times.last().filter(|time| **time > now) {
            let detail = format!("the clock says {now}, before the evidence: signed at {late}");
            return Err(run.reject(layer::TIMESTAMP, detail));
        }
        run.record_time(&times);
        let signer =
            self.signer(bundle).map_err(|detail| run.reject(layer::CERTIFICATE_CHAIN, detail))?;
        run.record_success(&self.key, root, bundle, &result);
        Ok(VerifiedStatement {
            statement: statement.clone(),
            payload: claimed.payload().to_vec(),
            signer,
            times,
            checks: run.passed,
            bundle_sha256: run.bundle_sha256,
            trusted_root_sha256: root.sha256().to_owned(),
        })
    }

    /// The root to verify under: by the issuer's name of the certificate, or for a key the first
    /// with a log.
    fn root_for(&self, bundle: &Bundle) -> Result<&Root, (CheckId, String)> {
        let usable = |root: &Root| root.prepare().map_err(|error| error.to_string());
        match (bundle.signing_certificate(), &self.key) {
            (Some(_), Some(_)) => Err((
                layer::SIGNATURE,
                "the bundle was signed with a certificate, and only the key given is trusted"
                    .into(),
            )),
            (None, None) => Err((
                layer::BUNDLE_FORMAT,
                "the bundle was signed with a managed key; name that key with --key".into(),
            )),
            (Some(certificate), None) => {
                let issuer = issuer_der(certificate.as_bytes());
                let root = issuer
                    .and_then(|issuer| self.roots.iter().find(|root| root.has_authority(&issuer)))
                    .ok_or_else(|| {
                        let detail = "no trusted root has an authority of the certificate's issuer";
                        (layer::CERTIFICATE_CHAIN, detail.to_owned())
                    })?;
                usable(root).map_err(|detail| (layer::CERTIFICATE_CHAIN, detail))?;
                Ok(root)
            }
            (None, Some(_)) => {
                let root = self.roots.iter().find(|root| root.has_log()).ok_or_else(|| {
                    (layer::TRANSPARENCY_LOG, "no trusted root knows a log".to_owned())
                })?;
                usable(root).map_err(|detail| (layer::TRANSPARENCY_LOG, detail))?;
                Ok(root)
            }
        }
    }

    fn signer(&self, bundle: &Bundle) -> Result<Signer, String> {
        match (bundle.signing_certificate(), &self.key) {
            (Some(certificate), _) => CertificateClaims::from_der(certificate.as_bytes())
                .map(Signer::Certificate)
                .map_err(|error| error.to_string()),
            (None, Some(key)) => Ok(Signer::Key { spki_sha256: key.spki_sha256.clone() }),
            (None, None) => Err("the bundle names no signer".into()),
        }
    }
}

/// What one verification has established so far.
struct Run {
    passed: Vec<Check>,
    bundle_sha256: String,
    root: Option<String>,
}

impl Run {
    fn pass(&mut self, id: CheckId, found: impl Into<String>) {
        fault::point(id);
        self.passed.push(Check::passed(id, layer::expected(id), found));
    }

    fn reject(&self, id: CheckId, detail: String) -> Rejection {
        let root = self.root.as_deref();
        Rejection::new(id, detail, self.passed.clone(), &self.bundle_sha256, root)
    }

    /// The signature library runs its steps in one call: what comes before the one that failed has
    /// passed.
    fn reject_error(&mut self, bundle: &Bundle, root: &Root, error: Error) -> Rejection {
        let (failed, stage) = stage_of(&error);
        let reached = |needed: Stage| stage > needed;
        // With an entry of another signing no time is this signature's, so the chain stays open.
        if is_foreign_entry(&error) {
            return self.reject(failed, error.to_string());
        }
        let is_certified = bundle.signing_certificate().is_some();
        if reached(Stage::Time) && (is_certified || has_time_evidence(bundle)) {
            self.pass(layer::TIMESTAMP, "verified");
        }
        if reached(Stage::Chain) && is_certified {
            self.pass(layer::CERTIFICATE_CHAIN, "verified");
        }
        if reached(Stage::Transparency) && is_certified && root.has_ct_log() {
            self.pass(layer::CERTIFICATE_TRANSPARENCY, "verified");
        }
        if reached(Stage::Signature) {
            self.pass(layer::SIGNATURE, "verified");
        }
        self.reject(failed, error.to_string())
    }

    fn record_time(&mut self, times: &[Timestamp]) {
        match times.first() {
            Some(time) => self.pass(layer::TIMESTAMP, time.to_string()),
            None => self.skip(layer::TIMESTAMP, "a managed key has no validity to compare with"),
        }
    }

    fn record_success(
        &mut self,
        key: &Option<ManagedKey>,
        root: &Root,
        bundle: &Bundle,
        result: &VerificationResult,
    ) {
        let log_entries = bundle.verification_material.tlog_entries.len();
        match key {
            None => {
                let found = result.certificate().map(|certificate| {
                    format!("valid {} to {}", certificate.not_before, certificate.not_after)
                });
                self.pass(layer::CERTIFICATE_CHAIN, found.unwrap_or_default());
            }
            Some(_) => self.skip(layer::CERTIFICATE_CHAIN, "signed with a managed key"),
        }
        if result.sct_verified() {
            self.pass(layer::CERTIFICATE_TRANSPARENCY, "embedded and verified");
        } else if key.is_some() {
            self.skip(layer::CERTIFICATE_TRANSPARENCY, "signed with a managed key");
        } else {
            self.skip(layer::CERTIFICATE_TRANSPARENCY, "the trusted root knows no CT log");
        }
        if result.tlog_verified() && log_entries > 0 {
            let found = match log_entries {
                1 => "one entry, of this signature".to_owned(),
                n => format!("{n} entries, of this signature"),
            };
            self.pass(layer::TRANSPARENCY_LOG, found);
        } else {
            debug_assert!(!root.has_log(), "only a root without a log lets the log be skipped");
            self.skip(layer::TRANSPARENCY_LOG, "the trusted root knows no transparency log");
        }
        let signed_by = match key {
            None => "verified with the certificate's key".to_owned(),
            Some(key) => format!("verified with key sha256:{}", key.spki_sha256),
        };
        self.pass(layer::SIGNATURE, signed_by);
    }

    fn skip(&mut self, id: CheckId, reason: &str) {
        fault::point(id);
        self.passed.push(Check::skipped(id, reason));
    }
}

/// The digest handed to the signature library: the artifact's when the statement names it, else
/// one of the statement's own.
fn binding_digest(
    statement: &Statement,
    artifact: Option<&ArtifactDigests>,
) -> Option<Artifact<'static>> {
    let named = artifact.and_then(|artifact| {
        let subject = statement.subjects.iter().find(|subject| subject.is(artifact))?;
        subject.strong_digests().find(is_usable)
    });
    let digest = named.or_else(|| {
        statement.subjects.iter().flat_map(|subject| subject.strong_digests()).find(is_usable)
    })?;
    library_digest(&digest)
}

fn is_usable(digest: &ArtifactDigest) -> bool {
    digest.algorithm() != DigestAlgorithm::Sha384
}

fn library_digest(digest: &ArtifactDigest) -> Option<Artifact<'static>> {
    let algorithm = match digest.algorithm() {
        DigestAlgorithm::Sha256 => HashAlgorithm::Sha2256,
        DigestAlgorithm::Sha384 => HashAlgorithm::Sha2384,
        DigestAlgorithm::Sha512 => HashAlgorithm::Sha2512,
    };
    sigstore_types::ArtifactDigest::new(algorithm, digest.as_bytes()).ok().map(Artifact::Digest)
}

fn verify_certificate(
    root: &Root,
    bundle: &Bundle,
    digest: Artifact<'static>,
) -> Result<VerificationResult, Error> {
    // Who signed is policy's question; the library answers whether the signature stands.
    let mut policy = VerificationPolicy::any_identity();
    if !root.has_log() {
        policy = policy.skip_tlog_unsafe();
    }
    if !root.has_ct_log() {
        policy = policy.skip_sct();
    }
    library(root)?.verify(digest, bundle, &policy)
}

/// A log entry of another signing brings its own time, against which the chain fails before the
/// entry itself is looked at. This asks, after a failure, whether the entry is the real reason.
fn foreign_log_entry(root: &Root, bundle: &Bundle, digest: Artifact<'static>) -> Option<Error> {
    let policy = VerificationPolicy::any_identity().skip_certificate_chain().skip_tlog_unsafe();
    let error = library(root).ok()?.verify(digest, bundle, &policy).err()?;
    is_foreign_entry(&error).then_some(error)
}

/// Whether a log entry is of another signing: another certificate, signature or payload than this
/// bundle's. The digest that the library is given is always one of the statement's own, so that an
/// artifact mismatch is that of the hash in an entry of Rekor v2.
fn is_foreign_entry(error: &Error) -> bool {
    matches!(
        error,
        Error::TransparencyLog(TransparencyLogError::EntryMismatch(_)) | Error::ArtifactMismatch(_)
    )
}

/// Whether the bundle carries anything that may prove a time; one signed with a key need not.
fn has_time_evidence(bundle: &Bundle) -> bool {
    let material = &bundle.verification_material;
    !material.timestamp_verification_data.rfc3161_timestamps.is_empty()
        || material.tlog_entries.iter().any(|entry| entry.inclusion_promise.is_some())
}

fn verify_key(
    root: &Root,
    bundle: &Bundle,
    digest: Artifact<'static>,
    key: &ManagedKey,
) -> Result<VerificationResult, Error> {
    library(root)?.verify(digest, bundle, &PublicKeyVerificationPolicy::new(key.key.clone()))
}

fn library(root: &Root) -> Result<&sigstore_verify::Verifier, Error> {
    root.verifier().map_err(|error| Error::InvalidTrustRoot(error.to_owned()))
}

/// The steps of the signature library, in its order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Structure,
    Time,
    Chain,
    Transparency,
    Log,
    Signature,
    Binding,
}

/// Which of our checks an error belongs to, and how far the library had come.
fn stage_of(error: &Error) -> (CheckId, Stage) {
    match error {
        Error::Timestamp(_) => (layer::TIMESTAMP, Stage::Time),
        // The entry timestamp is verified as a time first, before the chain.
        Error::TransparencyLog(
            TransparencyLogError::InclusionPromise(_)
            | TransparencyLogError::UnknownLog { .. }
            | TransparencyLogError::IntegratedTime(_),
        ) => (layer::TRANSPARENCY_LOG, Stage::Time),
        Error::Certificate(CertificateError::Sct(_)) => {
            (layer::CERTIFICATE_TRANSPARENCY, Stage::Transparency)
        }
        Error::Certificate(_) => (layer::CERTIFICATE_CHAIN, Stage::Chain),
        foreign if is_foreign_entry(foreign) => (layer::TRANSPARENCY_LOG, Stage::Binding),
        Error::TransparencyLog(_) => (layer::TRANSPARENCY_LOG, Stage::Log),
        Error::SignatureInvalid(_) => (layer::SIGNATURE, Stage::Signature),
        Error::InvalidTrustRoot(_) | Error::TrustRoot(_) | Error::TrustedCertificate(_) => {
            (layer::CERTIFICATE_CHAIN, Stage::Structure)
        }
        Error::Bundle(
            sigstore_verify::bundle::error::Error::MissingInclusionPromise(_)
            | sigstore_verify::bundle::error::Error::MissingInclusionProof(_)
            | sigstore_verify::bundle::error::Error::MissingSigningTimeEvidence,
        ) => (layer::TRANSPARENCY_LOG, Stage::Structure),
        _ => (layer::BUNDLE_FORMAT, Stage::Structure),
    }
}
