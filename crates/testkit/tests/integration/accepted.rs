//! Honest evidence of every form is accepted, and says what was asked for.

use provost_testkit::{
    BundleShape, InstanceOptions, ManagedKey, SignatureAlgorithm, VirtualSigstore, instant,
};

use crate::world::{
    SIGNED_AT, assert_refused, identity, judge, judge_edited, judge_with_key, request,
};

#[test]
fn every_form_is_accepted_at_the_signing_time() {
    let sigstore = VirtualSigstore::new();
    for shape in BundleShape::ALL {
        let answer = judge(&sigstore.trusted_root(), &sigstore.sign(&request(shape)), shape);
        let result = answer.unwrap_or_else(|refusal| panic!("{shape:?}: {refusal}"));
        assert!(result.certificate_verified(), "{shape:?}");
        assert_eq!(result.tlog_verified(), shape != BundleShape::V03Tsa, "{shape:?}");
        assert_eq!(result.sct_verified(), shape != BundleShape::V03Tsa, "{shape:?}");
        for time in result.verified_timestamps() {
            assert_eq!(*time, instant(SIGNED_AT), "{shape:?}");
        }
        let both = shape == BundleShape::V03RekorV1AndTsa;
        assert_eq!(result.verified_timestamps().len(), if both { 2 } else { 1 }, "{shape:?}");
    }
}

#[test]
fn a_managed_key_is_accepted_in_every_form() {
    let sigstore = VirtualSigstore::new();
    for algorithm in [SignatureAlgorithm::EcdsaP256Sha256, SignatureAlgorithm::Ed25519] {
        let key = ManagedKey::generate(algorithm, "SHA256:virtual");
        for shape in BundleShape::ALL {
            let attestation = sigstore.sign_with_key(&request(shape), &key);
            let material = &attestation.bundle()["verificationMaterial"];
            assert_eq!(material["publicKey"]["hint"], key.hint);
            let answer = judge_with_key(&sigstore.trusted_root(), &attestation, &key, shape);
            match (algorithm, shape) {
                // The library reads entries of Rekor v2 for ECDSA P-256 only.
                (SignatureAlgorithm::Ed25519, BundleShape::V03RekorV2) => {
                    assert_refused(answer, "unknown variant `PKIX_ED25519`");
                }
                _ => assert!(answer.is_ok(), "{algorithm:?} {shape:?}: {answer:?}"),
            }
        }
    }
}

#[test]
fn many_signings_share_one_growing_log() {
    let sigstore = VirtualSigstore::new();
    let shape = BundleShape::V03RekorV1;
    // Signers in several threads, as tests share an instance.
    let attestations: Vec<_> = std::thread::scope(|scope| {
        let sign = || (0..10).map(|_| sigstore.sign(&request(shape))).collect::<Vec<_>>();
        let threads = [scope.spawn(sign), scope.spawn(sign)];
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let mut indexes: Vec<_> =
        attestations.iter().map(|each| each.log_entries[0].log_index).collect();
    indexes.sort_unstable();
    indexes.dedup();
    assert_eq!(indexes.len(), attestations.len());
    for attestation in &attestations {
        let proof = attestation.log_entries[0].inclusion_proof.as_ref().unwrap();
        assert!(proof.hashes.len() > 1, "the proof is trivial");
        assert_ne!(proof.log_index, attestation.log_entries[0].log_index);
        judge(&sigstore.trusted_root(), attestation, shape).unwrap();
    }
}

#[test]
fn a_timestamp_authority_may_use_either_hash() {
    for algorithm in [SignatureAlgorithm::EcdsaP256Sha256, SignatureAlgorithm::EcdsaP384Sha384] {
        let options =
            InstanceOptions { timestamp_algorithm: algorithm, ..InstanceOptions::default() };
        let sigstore = VirtualSigstore::with_options(&options);
        let shape = BundleShape::V03Tsa;
        let answer = judge(&sigstore.trusted_root(), &sigstore.sign(&request(shape)), shape);
        assert!(answer.is_ok(), "{algorithm:?}: {answer:?}");
    }
}

#[test]
fn any_past_time_will_do() {
    for time in ["2020-01-01T00:00:00Z", "2022-11-09T23:00:35Z", "2024-02-29T23:59:59Z"] {
        let answer = judge_edited(BundleShape::V03RekorV1AndTsa, |request| {
            request.signed_at = instant(time);
        });
        assert_eq!(answer.unwrap().verified_timestamps(), [instant(time); 2]);
    }
}

#[test]
fn the_certificate_carries_the_claims_of_the_identity() {
    let shape = BundleShape::V03RekorV1;
    let result = judge_edited(shape, |request| {
        request.identity.deployment_environment = Some("production".into());
        request.identity.token_subject = Some("repo:example-org/artifact".into());
    })
    .unwrap();
    let (identity, claims) = (identity(), &result.certificate().unwrap().ci_claims);
    let run = &identity.run;
    let expected = [
        (&claims.build_signer_uri, identity.signer_uri.clone()),
        (&claims.build_signer_digest, identity.signer_digest.clone()),
        (&claims.runner_environment, "github-hosted".into()),
        (&claims.source_repository_uri, run.repository_uri()),
        (&claims.source_repository_digest, run.commit.clone()),
        (&claims.source_repository_ref, run.git_ref.clone()),
        (&claims.source_repository_identifier, run.repository_id.clone()),
        (&claims.source_repository_owner_uri, "https://github.com/example-org".into()),
        (&claims.source_repository_owner_identifier, run.owner_id.clone()),
        (&claims.build_config_uri, run.workflow_uri()),
        (&claims.build_config_digest, run.commit.clone()),
        (&claims.build_trigger, run.event.clone()),
        (&claims.run_invocation_uri, run.invocation_uri()),
        (&claims.source_repository_visibility_at_signing, "public".into()),
        (&claims.deployment_environment, "production".into()),
        (&claims.token_subject, "repo:example-org/artifact".into()),
    ];
    for (claim, text) in expected {
        assert_eq!(claim.as_deref(), Some(text.as_str()));
    }
    let old = &claims.deprecated_github;
    assert_eq!(old.workflow_trigger.as_deref(), Some("push"));
    assert_eq!(old.workflow_ref.as_deref(), Some("refs/tags/v1.2.3"));
}
