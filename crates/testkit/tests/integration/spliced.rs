//! Genuine parts of other signings, and parts edited after signing, are refused.

use provost_testkit::{BundleShape, ManagedKey, SignatureAlgorithm, VirtualSigstore, instant};

use crate::world::{assert_refused, certificate, judge, judge_with_key, request, with_certificate};

/// Signs twice and lets `splice` put a part of the second into the first.
#[track_caller]
fn assert_splice_refused(
    shape: BundleShape,
    reason: &str,
    splice: impl Fn(&mut provost_testkit::SignedAttestation, &provost_testkit::SignedAttestation),
) {
    let sigstore = VirtualSigstore::new();
    let mut attestation = sigstore.sign(&request(shape));
    let other = sigstore.sign(&request(shape));
    let trusted_root = sigstore.trusted_root();
    judge(&trusted_root, &attestation, shape).unwrap();
    splice(&mut attestation, &other);
    assert_refused(judge(&trusted_root, &attestation, shape), reason);
}

#[test]
fn refuses_a_payload_with_one_byte_changed() {
    for shape in BundleShape::ALL {
        assert_splice_refused(shape, "signature verification failed", |attestation, _| {
            // Another digit of the run id: the statement stays well-formed and names the artifact.
            let text = String::from_utf8(attestation.envelope.payload.clone()).unwrap();
            let edited = text.replace("14095611671", "14095611672");
            assert_ne!(text, edited);
            attestation.envelope.payload = edited.into_bytes();
        });
    }
}

#[test]
fn refuses_the_signature_of_another_signing() {
    for shape in BundleShape::ALL {
        let reason = match shape.has_timestamp() {
            true => "TSA timestamp verification failed",
            false => "DSSE signature verification failed",
        };
        assert_splice_refused(shape, reason, |attestation, other| {
            attestation.envelope.signatures = other.envelope.signatures.clone();
        });
    }
}

#[test]
fn refuses_the_log_entry_of_another_signing() {
    for shape in BundleShape::ALL {
        let reason = match shape {
            BundleShape::V03Tsa => continue,
            BundleShape::V03RekorV2 => "certificate in bundle does not match",
            _ => "DSSE signature in bundle does not match",
        };
        assert_splice_refused(shape, reason, |attestation, other| {
            attestation.log_entries = other.log_entries.clone();
        });
    }
}

#[test]
fn refuses_a_second_log_entry_of_another_signing() {
    assert_splice_refused(
        BundleShape::V03RekorV1,
        "DSSE signature in bundle does not match",
        |attestation, other| attestation.log_entries.extend(other.log_entries.clone()),
    );
}

#[test]
fn refuses_the_timestamp_of_another_signing() {
    for shape in BundleShape::ALL.into_iter().filter(|shape| shape.has_timestamp()) {
        assert_splice_refused(shape, "TSA timestamp verification failed", |attestation, other| {
            attestation.timestamps = other.timestamps.clone();
        });
    }
}

#[test]
fn refuses_the_certificate_of_another_signing() {
    for shape in BundleShape::ALL {
        assert_splice_refused(shape, "DSSE signature verification failed", |attestation, other| {
            attestation.key_material =
                with_certificate(&attestation.key_material, certificate(other));
        });
    }
}

#[test]
fn refuses_an_edited_integrated_time() {
    for shape in BundleShape::ALL.into_iter().filter(|shape| shape.entry_kind().is_some()) {
        if shape == BundleShape::V03RekorV2 {
            continue;
        }
        assert_splice_refused(shape, "SET verification failed", |attestation, _| {
            *attestation.log_entries[0].integrated_time.as_mut().unwrap() += 1;
        });
    }
}

#[test]
fn refuses_each_edited_part_of_an_inclusion_proof() {
    let shape = BundleShape::V03RekorV1;
    assert_splice_refused(shape, "inclusion proof verification failed", |attestation, _| {
        let proof = attestation.log_entries[0].inclusion_proof.as_mut().unwrap();
        proof.hashes[0][0] ^= 1;
    });
    assert_splice_refused(shape, "inclusion proof verification failed", |attestation, _| {
        let proof = attestation.log_entries[0].inclusion_proof.as_mut().unwrap();
        proof.log_index += 1;
    });
    // The library answers a wrong root hash already while it reads the bundle.
    assert_splice_refused(shape, "does not match checkpoint root hash", |attestation, _| {
        let proof = attestation.log_entries[0].inclusion_proof.as_mut().unwrap();
        proof.root_hash[0] ^= 1;
    });
    assert_splice_refused(shape, "does not match checkpoint root hash", |attestation, other| {
        let theirs = other.log_entries[0].inclusion_proof.as_ref().unwrap();
        let proof = attestation.log_entries[0].inclusion_proof.as_mut().unwrap();
        proof.checkpoint = theirs.checkpoint.clone();
    });
    assert_splice_refused(shape, "must have an inclusion proof", |attestation, _| {
        attestation.log_entries[0].inclusion_proof = None;
    });
}

#[test]
fn refuses_the_trusted_root_of_another_instance() {
    let (sigstore, other) = (VirtualSigstore::new(), VirtualSigstore::new());
    for shape in BundleShape::ALL {
        let attestation = sigstore.sign(&request(shape));
        assert!(judge(&sigstore.trusted_root(), &attestation, shape).is_ok());
        assert!(judge(&other.trusted_root(), &attestation, shape).is_err(), "{shape:?}");
    }
}

#[test]
fn refuses_each_authority_of_another_instance_alone() {
    let (sigstore, other) = (VirtualSigstore::new(), VirtualSigstore::new());
    let shape = BundleShape::V03RekorV1AndTsa;
    let attestation = sigstore.sign(&request(shape));
    let cases = [
        ("certificateAuthorities", "certificate chain validation failed"),
        ("ctlogs", "SCT signature verification failed"),
        ("tlogs", "No log key valid"),
        ("timestampAuthorities", "TSA timestamp verification failed"),
    ];
    for (authority, reason) in cases {
        let mut trusted_root = sigstore.trusted_root();
        trusted_root[authority] = other.trusted_root()[authority].clone();
        assert_refused(judge(&trusted_root, &attestation, shape), reason);
    }
}

#[test]
fn refuses_entry_and_timestamp_that_another_instance_made_of_this_signature() {
    let (sigstore, other) = (VirtualSigstore::new(), VirtualSigstore::new());
    let shape = BundleShape::V03RekorV1AndTsa;
    let time = request(shape).signed_at;
    let honest = sigstore.sign(&request(shape));

    let mut logged_elsewhere = honest.clone();
    let kind = shape.entry_kind().unwrap();
    logged_elsewhere.log_entries = vec![other.log(&honest, kind, time)];
    assert_refused(judge(&sigstore.trusted_root(), &logged_elsewhere, shape), "No log key valid");

    let mut confirmed_elsewhere = honest.clone();
    confirmed_elsewhere.timestamps = vec![other.timestamp(honest.signature(), time)];
    let answer = judge(&sigstore.trusted_root(), &confirmed_elsewhere, shape);
    assert_refused(answer, "TSA timestamp verification failed");
}

#[test]
fn refuses_an_envelope_signed_without_its_type() {
    let sigstore = VirtualSigstore::new();
    let shape = BundleShape::V03RekorV1;
    let mut attestation = sigstore.sign(&request(shape));
    let bare = attestation.sign_bytes(&attestation.envelope.payload);
    attestation.envelope.signatures[0].sig = bare;
    let kind = shape.entry_kind().unwrap();
    attestation.log_entries = vec![sigstore.log(&attestation, kind, request(shape).signed_at)];
    let answer = judge(&sigstore.trusted_root(), &attestation, shape);
    assert_refused(answer, "DSSE signature verification failed");
}

#[test]
fn refuses_a_checkpoint_with_an_edited_signature() {
    for shape in [BundleShape::V03RekorV1, BundleShape::V03RekorV2] {
        let reason = "No valid Rekor signature found on checkpoint";
        assert_splice_refused(shape, reason, |attestation, _| {
            let proof = attestation.log_entries[0].inclusion_proof.as_mut().unwrap();
            let checkpoint = proof.checkpoint.as_mut().unwrap();
            // The last bytes of the signature: the key hint stays.
            let end = checkpoint.trim_end().trim_end_matches('=').len();
            let place = end - 12..end - 8;
            let edited = if &checkpoint[place.clone()] == "AAAA" { "BBBB" } else { "AAAA" };
            checkpoint.replace_range(place, edited);
        });
    }
}

#[test]
fn doubled_evidence_is_made_as_asked() {
    // The library counts neither logs nor authorities: who wants two must count distinct ones.
    let sigstore = VirtualSigstore::new();
    let shape = BundleShape::V03RekorV1AndTsa;
    let mut attestation = sigstore.sign(&request(shape));
    attestation.log_entries.push(attestation.log_entries[0].clone());
    attestation.timestamps.push(attestation.timestamps[0].clone());
    let result = judge(&sigstore.trusted_root(), &attestation, shape).unwrap();
    assert_eq!(result.verified_timestamps().len(), 4);
}

#[test]
fn refuses_two_signatures() {
    assert_splice_refused(BundleShape::V03RekorV1, "exactly one signature", |attestation, _| {
        let signature = attestation.envelope.signatures[0].clone();
        attestation.envelope.signatures.push(signature);
    });
}

#[test]
fn an_honest_promise_over_a_dishonest_time_moves_the_time() {
    let sigstore = VirtualSigstore::new();
    let shape = BundleShape::V03RekorV1;
    let mut attestation = sigstore.sign(&request(shape));
    let entry = &mut attestation.log_entries[0];
    entry.integrated_time = Some(instant("2026-03-01T12:09:59Z").as_second());
    entry.signed_entry_timestamp = Some(sigstore.promise(entry));
    let result = judge(&sigstore.trusted_root(), &attestation, shape).unwrap();
    assert_eq!(result.verified_timestamps(), [instant("2026-03-01T12:09:59Z")]);
}

#[test]
fn refuses_a_managed_key_that_did_not_sign() {
    let sigstore = VirtualSigstore::new();
    let shape = BundleShape::V02Intoto;
    let key = ManagedKey::generate(SignatureAlgorithm::EcdsaP256Sha256, "key");
    let other = ManagedKey::generate(SignatureAlgorithm::EcdsaP256Sha256, "key");
    let attestation = sigstore.sign_with_key(&request(shape), &key);
    let trusted_root = sigstore.trusted_root();
    assert!(judge_with_key(&trusted_root, &attestation, &key, shape).is_ok());
    let answer = judge_with_key(&trusted_root, &attestation, &other, shape);
    assert_refused(answer, "DSSE signature verification failed");

    let mut spliced = attestation;
    spliced.log_entries = sigstore.sign_with_key(&request(shape), &other).log_entries;
    let answer = judge_with_key(&trusted_root, &spliced, &key, shape);
    assert_refused(answer, "does not match the intoto Rekor signature");
}
