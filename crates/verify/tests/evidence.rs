//! Evidence that the signature library accepts and this crate does not.

#![allow(clippy::unwrap_used, reason = "a test panics where it fails")]

use provost_attestation::bundle::{Content, parse_documents};
use provost_testkit::{
    BundleShape, KeyMaterial, SignedAttestation, SigningRequest, VirtualSigstore, WorkflowIdentity,
    WorkflowRun, statement,
};
use provost_verify::root::Root;
use provost_verify::{Rejection, VerifiedStatement, Verifier, layer};

fn identity() -> WorkflowIdentity {
    WorkflowIdentity::github_actions(WorkflowRun::example())
}

fn request(identity: WorkflowIdentity, shape: BundleShape) -> SigningRequest {
    let statement = statement::actions_attest(&identity, &[statement::subject("a", b"a")]);
    SigningRequest::new(&statement, identity, "2026-03-01T12:00:00Z").shape(shape)
}

fn verify(
    sigstore: &VirtualSigstore,
    attestation: &SignedAttestation,
) -> Result<VerifiedStatement, Rejection> {
    let root = Root::from_json(&sigstore.trusted_root_json()).unwrap();
    let documents = parse_documents(attestation.bundle_json().as_bytes()).unwrap();
    let Content::Bundle(bundle) = &documents[0].content else { panic!("no bundle") };
    Verifier::new(vec![root]).verify(bundle, None, "2026-06-01T00:00:00Z".parse().unwrap())
}

fn with_certificate(attestation: &mut SignedAttestation, certificate: Vec<u8>) {
    attestation.key_material = match attestation.key_material {
        KeyMaterial::Chain(_) => KeyMaterial::Chain(vec![certificate]),
        _ => KeyMaterial::Certificate(certificate),
    };
}

/// The same key with another identity's certificate, or with another one of the same identity:
/// the log tells of a certificate that the bundle does not show.
#[test]
fn a_log_entry_is_of_the_bundle_s_certificate() {
    let sigstore = VirtualSigstore::new();
    let mut other = identity();
    other.run.repository = "example-org/elsewhere".into();
    for shape in BundleShape::ALL.into_iter().filter(|shape| shape.entry_kind().is_some()) {
        let honest = sigstore.sign(&request(identity(), shape));
        assert!(verify(&sigstore, &honest).is_ok(), "{shape:?}");
        for identity in [other.clone(), identity()] {
            let mut spliced = honest.clone();
            let certificate = sigstore.certify_again(&honest, &request(identity, shape));
            with_certificate(&mut spliced, certificate);
            let rejection = verify(&sigstore, &spliced).expect_err("another certificate");
            assert_eq!(rejection.failed(), layer::TRANSPARENCY_LOG, "{shape:?}: {rejection:?}");
        }
        // The certificate itself is good: logged with it, the same signature stands.
        let mut logged = honest.clone();
        let again = request(other.clone(), shape);
        with_certificate(&mut logged, sigstore.certify_again(&honest, &again));
        let kind = shape.entry_kind().unwrap();
        let mut entry = sigstore.log(&logged, kind, again.signed_at);
        if !shape.has_inclusion_proof() {
            entry.inclusion_proof = None;
        }
        logged.log_entries = vec![entry];
        let verified = verify(&sigstore, &logged).expect("logged with this certificate");
        assert_eq!(verified.claims().unwrap().san(), again.identity.san());
    }
}

#[test]
fn evidence_listed_twice_is_refused() {
    let sigstore = VirtualSigstore::new();
    let honest = sigstore.sign(&request(identity(), BundleShape::V03RekorV1AndTsa));
    assert_eq!(verify(&sigstore, &honest).unwrap().times().len(), 2);

    let mut entries = honest.clone();
    entries.log_entries.push(honest.log_entries[0].clone());
    let rejection = verify(&sigstore, &entries).expect_err("one entry twice");
    assert_eq!(rejection.failed(), layer::BUNDLE_FORMAT);
    assert_eq!(rejection.detail(), "log entry 1 is log entry 0 again");

    let mut timestamps = honest.clone();
    timestamps.timestamps.push(honest.timestamps[0].clone());
    let rejection = verify(&sigstore, &timestamps).expect_err("one timestamp twice");
    assert_eq!(rejection.detail(), "timestamp 1 is timestamp 0 again");

    // Two logs that hold the signature, and two timestamps of it, are two witnesses each.
    let mut two = honest.clone();
    let time = request(identity(), BundleShape::V03RekorV2).signed_at;
    let kind = BundleShape::V03RekorV2.entry_kind().unwrap();
    two.log_entries.push(sigstore.log(&honest, kind, time));
    two.timestamps.push(sigstore.timestamp(honest.signature(), time));
    assert_eq!(verify(&sigstore, &two).expect("two witnesses").times().len(), 3);
}
