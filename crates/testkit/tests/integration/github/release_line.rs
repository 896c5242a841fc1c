//! The whole line: a dispatch, a run that signs what it is, and a client that finds the evidence.

use provost_testkit::github::{Artifact, Attestation, Workflow};
use provost_testkit::{SigningRequest, VirtualSigstore, statement};
use serde_json::json;
use sigstore_trust_root::TrustedRoot;
use sigstore_types::Bundle;
use sigstore_verify::{VerificationPolicy, Verifier};

use super::client::{REPOSITORY, World};
use crate::world::{ARTIFACT, ISSUER, SIGNED_AT};

const SUBJECT: &str = "sha256:aa";

/// Does the evidence that a run dispatched on `v1` left in GitHub's store verify for a workflow
/// at `git_ref`?
fn verifies_for(git_ref: &str) -> bool {
    let world = World::new();
    let sigstore = VirtualSigstore::new();
    let root = TrustedRoot::from_json(&sigstore.trusted_root_json()).unwrap();
    let workflow = Workflow::new(".github/workflows/provenance.yml");
    world.repository.workflow(workflow.on_run(move |run| {
        let identity = run.identity();
        let subject = statement::subject("artifact.tar.gz", ARTIFACT);
        let statement = statement::actions_attest(&identity, &[subject]);
        let bundle = sigstore.sign(&SigningRequest::new(&statement, identity, SIGNED_AT));
        let bundle = bundle.bundle_json();
        run.repository().attestation(Attestation::new(SUBJECT, &bundle));
        run.artifact(Artifact::of("provenance", &[("provenance.json", bundle.as_bytes())]));
        run.complete("success");
    }));
    let path = format!("{REPOSITORY}/actions/workflows/provenance.yml/dispatches");
    assert_eq!(world.post(&path, &json!({ "ref": "v1" })).status, 204);
    let listed = world.get(&format!("{REPOSITORY}/attestations/{SUBJECT}")).json();
    let bundle = Bundle::from_json(&listed["attestations"][0]["bundle"].to_string()).unwrap();
    let workflow = "https://github.com/example-org/artifact/.github/workflows/provenance.yml";
    let policy = VerificationPolicy::new(format!("{workflow}@{git_ref}"), ISSUER);
    Verifier::new(&root).unwrap().verify(ARTIFACT, &bundle, &policy).is_ok()
}

#[test]
fn a_dispatched_run_signs_for_the_ref_it_ran_on_and_no_other() {
    assert!(verifies_for("refs/tags/v1"));
    assert!(!verifies_for("refs/heads/main"));
}
