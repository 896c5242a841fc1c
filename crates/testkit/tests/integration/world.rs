//! What the tests share: one artifact, one request, and the judge.

use provost_testkit::{
    BundleShape, KeyMaterial, ManagedKey, SignedAttestation, SigningRequest, VirtualSigstore,
    WorkflowIdentity, WorkflowRun, statement,
};
use serde_json::Value;
use sigstore_trust_root::TrustedRoot;
use sigstore_types::{Bundle, DerPublicKey};
use sigstore_verify::{
    PublicKeyVerificationPolicy, VerificationPolicy, VerificationResult, Verifier,
};

pub(crate) const ARTIFACT: &[u8] = b"the released bytes\n";
pub(crate) const SIGNED_AT: &str = "2026-03-01T12:00:00Z";
pub(crate) const ISSUER: &str = "https://token.actions.githubusercontent.com";

pub(crate) fn identity() -> WorkflowIdentity {
    WorkflowIdentity::github_actions(WorkflowRun::example()).reusable(
        "example-org/workflows/.github/workflows/build.yml",
        "refs/tags/v7.1.0",
        "eeb03fb7518fb0036e4bb0713134c3b6531c68ba",
    )
}

pub(crate) fn request(shape: BundleShape) -> SigningRequest {
    let identity = identity();
    let subject = statement::subject("artifact.tar.gz", ARTIFACT);
    let statement = statement::actions_attest(&identity, &[subject]);
    SigningRequest::new(&statement, identity, SIGNED_AT).shape(shape)
}

/// The library's answer for the artifact, identity and issuer of [`request`].
pub(crate) fn judge(
    trusted_root: &Value,
    attestation: &SignedAttestation,
    shape: BundleShape,
) -> Result<VerificationResult, String> {
    let mut policy = VerificationPolicy::new(identity().san(), ISSUER);
    if shape == BundleShape::V03Tsa {
        policy = policy.skip_tlog_unsafe().skip_sct();
    }
    verifier(trusted_root)
        .verify(ARTIFACT, &bundle(attestation)?, &policy)
        .map_err(|refusal| refusal.to_string())
}

/// The library's answer for a bundle signed with `key`.
pub(crate) fn judge_with_key(
    trusted_root: &Value,
    attestation: &SignedAttestation,
    key: &ManagedKey,
    shape: BundleShape,
) -> Result<VerificationResult, String> {
    let key = DerPublicKey::from_pem(&key.public_key_pem()).unwrap();
    let mut policy = PublicKeyVerificationPolicy::new(key);
    if shape == BundleShape::V03Tsa {
        policy = policy.skip_tlog_unsafe();
    }
    verifier(trusted_root)
        .verify(ARTIFACT, &bundle(attestation)?, &policy)
        .map_err(|refusal| refusal.to_string())
}

/// Signs [`request`] after `edit`, and has it judged under the instance's own trusted root.
pub(crate) fn judge_edited(
    shape: BundleShape,
    edit: impl FnOnce(&mut SigningRequest),
) -> Result<VerificationResult, String> {
    let sigstore = VirtualSigstore::new();
    let mut request = request(shape);
    edit(&mut request);
    judge(&sigstore.trusted_root(), &sigstore.sign(&request), shape)
}

/// Asserts that the refusal names `reason`, so that a test cannot pass for another fault.
#[track_caller]
pub(crate) fn assert_refused(answer: Result<VerificationResult, String>, reason: &str) {
    match answer {
        Ok(_) => panic!("accepted, although: {reason}"),
        Err(refusal) => assert!(refusal.contains(reason), "refused for another reason: {refusal}"),
    }
}

pub(crate) fn certificate(attestation: &SignedAttestation) -> Vec<u8> {
    attestation.key_material.certificate().unwrap().to_vec()
}

/// The same form of key material around another certificate.
pub(crate) fn with_certificate(material: &KeyMaterial, certificate: Vec<u8>) -> KeyMaterial {
    match material {
        KeyMaterial::Chain(_) => KeyMaterial::Chain(vec![certificate]),
        _ => KeyMaterial::Certificate(certificate),
    }
}

fn verifier(trusted_root: &Value) -> Verifier {
    let root = TrustedRoot::from_json(&trusted_root.to_string()).unwrap();
    Verifier::new(&root).unwrap()
}

fn bundle(attestation: &SignedAttestation) -> Result<Bundle, String> {
    Bundle::from_json(&attestation.bundle_json()).map_err(|refusal| refusal.to_string())
}
