//! Genuine parts of another signing, authorities that may not, and time.

use crate::world::{
    SIGNED_AT, SIGSTORE, Scene, assert_accepted, assert_rejected, judge, layer_after, root_for,
};
use provost_policy::Decision;
use provost_testkit::{BundleShape, KeyMaterial, SignedAttestation, SigningRequest, instant};
use serde_json::{Value, json};

pub(crate) const FORMAT: &str = "bundle-format";
pub(crate) const TIME: &str = "timestamp";
pub(crate) const CHAIN: &str = "certificate-chain";
pub(crate) const TRANSPARENCY: &str = "certificate-transparency";
pub(crate) const LOG: &str = "transparency-log";
pub(crate) const SIGNATURE: &str = "signature";
/// Nothing of the layer stands once the time or the log entry is somebody else's.
pub(crate) const ALL_BUT_LOG: [&str; 4] = [TIME, CHAIN, TRANSPARENCY, SIGNATURE];
pub(crate) const AFTER_CHAIN: [&str; 3] = [TRANSPARENCY, LOG, SIGNATURE];

pub(crate) const LOGGED: [BundleShape; 6] = [
    BundleShape::V01Intoto,
    BundleShape::V01IntotoWithoutProof,
    BundleShape::V02Intoto,
    BundleShape::V03RekorV1,
    BundleShape::V03RekorV1AndTsa,
    BundleShape::V03RekorV2,
];
pub(crate) const TIMESTAMPED: [BundleShape; 3] =
    [BundleShape::V03RekorV1AndTsa, BundleShape::V03RekorV2, BundleShape::V03Tsa];
pub(crate) const PROMISED: [BundleShape; 5] = [
    BundleShape::V01Intoto,
    BundleShape::V01IntotoWithoutProof,
    BundleShape::V02Intoto,
    BundleShape::V03RekorV1,
    BundleShape::V03RekorV1AndTsa,
];

pub(crate) fn scene(shape: BundleShape) -> Scene {
    Scene { shape, ..Scene::attestation() }
}

pub(crate) fn decide(
    root: &Value,
    attestation: &SignedAttestation,
    shape: BundleShape,
) -> Decision {
    judge(root, attestation, &scene(shape).policy())
}

pub(crate) type Splice = fn(&mut SignedAttestation, &SignedAttestation);

/// Signs the same statement twice, and puts a part of the second signing into the first.
pub(crate) fn judge_splice(shape: BundleShape, splice: Splice) -> Decision {
    let request = scene(shape).request();
    judge_splice_of(&request, &request, splice)
}

pub(crate) fn judge_splice_of(
    request: &SigningRequest,
    other: &SigningRequest,
    splice: Splice,
) -> Decision {
    let shape = request.shape;
    let mut attestation = SIGSTORE.sign(request);
    let other = SIGSTORE.sign(other);
    assert_accepted(&decide(&root_for(shape), &attestation, shape));
    splice(&mut attestation, &other);
    decide(&root_for(shape), &attestation, shape)
}

pub(crate) fn judge_request(
    shape: BundleShape,
    edit: impl FnOnce(&mut SigningRequest),
) -> Decision {
    let mut request = scene(shape).request();
    edit(&mut request);
    decide(&root_for(shape), &SIGSTORE.sign(&request), shape)
}

pub(crate) fn with_certificate(material: &KeyMaterial, certificate: Vec<u8>) -> KeyMaterial {
    match material {
        KeyMaterial::Chain(_) => KeyMaterial::Chain(vec![certificate]),
        _ => KeyMaterial::Certificate(certificate),
    }
}

pub(crate) fn certificate(attestation: &SignedAttestation) -> Vec<u8> {
    attestation.key_material.certificate().unwrap().to_vec()
}

#[test]
fn the_log_entry_of_another_signing() {
    for shape in LOGGED {
        let decision = judge_splice(shape, |attestation, other| {
            attestation.log_entries = other.log_entries.clone();
        });
        assert_rejected(&decision, LOG, "", &ALL_BUT_LOG);
        let second = judge_splice(shape, |attestation, other| {
            attestation.log_entries.push(other.log_entries[0].clone());
        });
        assert_rejected(&second, LOG, "", &ALL_BUT_LOG);
    }
}

#[test]
fn the_log_entry_of_another_artifact() {
    for shape in LOGGED {
        let mut other = scene(shape);
        other.statement["subject"][0]["digest"]["sha256"] = json!("a".repeat(64));
        let decision =
            judge_splice_of(&scene(shape).request(), &other.request(), |attestation, other| {
                attestation.log_entries = other.log_entries.clone();
            });
        assert_rejected(&decision, LOG, "", &ALL_BUT_LOG);
    }
}

/// An honest log entry of a signing that differs in one thing: certificate, payload, signature.
#[test]
fn the_log_entry_names_this_very_signing() {
    for shape in LOGGED {
        let kind = shape.entry_kind().unwrap();
        let other = SIGSTORE.sign(&scene(shape).request());
        let edits: [fn(&mut SignedAttestation, &SignedAttestation); 3] = [
            |logged, other| {
                logged.key_material = with_certificate(&logged.key_material, certificate(other));
            },
            |logged, _| logged.envelope.payload.push(b' '),
            |logged, other| logged.envelope.signatures = other.envelope.signatures.clone(),
        ];
        for edit in edits {
            let mut attestation = SIGSTORE.sign(&scene(shape).request());
            let mut logged = attestation.clone();
            edit(&mut logged, &other);
            let mut entry = SIGSTORE.log(&logged, kind, instant(SIGNED_AT));
            if !shape.has_inclusion_proof() {
                entry.inclusion_proof = None;
            }
            attestation.log_entries = vec![entry];
            let decision = decide(&root_for(shape), &attestation, shape);
            assert_rejected(&decision, LOG, "", &ALL_BUT_LOG);
        }
    }
}

#[test]
fn the_certificate_of_another_signing() {
    for shape in BundleShape::ALL {
        let decision = judge_splice(shape, |attestation, other| {
            attestation.key_material =
                with_certificate(&attestation.key_material, certificate(other));
        });
        assert_rejected(&decision, SIGNATURE, "", &open_after_signature(shape));
    }
}

/// Without a CT log in the root its check is skipped in an acceptance, and open in a rejection.
fn open_after_signature(shape: BundleShape) -> Vec<&'static str> {
    match shape {
        BundleShape::V03Tsa => vec![TRANSPARENCY, LOG],
        _ => vec![LOG],
    }
}

#[test]
fn the_signature_of_another_signing() {
    for shape in BundleShape::ALL {
        let decision = judge_splice(shape, |attestation, other| {
            attestation.envelope.signatures = other.envelope.signatures.clone();
        });
        if shape.has_timestamp() {
            assert_rejected(&decision, TIME, "", &layer_after(TIME));
        } else {
            assert_rejected(&decision, SIGNATURE, "", &open_after_signature(shape));
        }
    }
}

#[test]
fn the_payload_of_another_signing() {
    for shape in BundleShape::ALL {
        let mut other = scene(shape);
        other.statement["predicate"]["runDetails"]["metadata"] = json!({});
        let decision =
            judge_splice_of(&scene(shape).request(), &other.request(), |attestation, other| {
                attestation.envelope.payload = other.envelope.payload.clone();
            });
        assert_rejected(&decision, SIGNATURE, "", &open_after_signature(shape));
    }
}

#[test]
fn the_timestamp_of_another_signing() {
    for shape in TIMESTAMPED {
        let decision = judge_splice(shape, |attestation, other| {
            attestation.timestamps = other.timestamps.clone();
        });
        assert_rejected(&decision, TIME, "", &layer_after(TIME));
        let second = judge_splice(shape, |attestation, other| {
            attestation.timestamps.push(other.timestamps[0].clone());
        });
        assert_rejected(&second, TIME, "", &layer_after(TIME));
    }
}

#[test]
fn the_entry_timestamp_of_another_signing() {
    for shape in PROMISED {
        let decision = judge_splice(shape, |attestation, other| {
            attestation.log_entries[0].signed_entry_timestamp =
                other.log_entries[0].signed_entry_timestamp.clone();
        });
        assert_rejected(&decision, LOG, "", &ALL_BUT_LOG);
    }
}

#[test]
fn the_checkpoint_and_the_proof_of_another_signing() {
    for shape in LOGGED.into_iter().filter(|shape| shape.has_inclusion_proof()) {
        let checkpoint = judge_splice(shape, |attestation, other| {
            let theirs = other.log_entries[0].inclusion_proof.clone().unwrap();
            let proof = attestation.log_entries[0].inclusion_proof.as_mut().unwrap();
            proof.checkpoint = theirs.checkpoint;
        });
        let (id, detail) = checkpoint.rejection().unwrap();
        assert!([LOG, FORMAT].contains(&id.as_str()), "{shape:?} {id}: {detail}");

        let proof = judge_splice(shape, |attestation, other| {
            attestation.log_entries[0].inclusion_proof =
                other.log_entries[0].inclusion_proof.clone();
        });
        assert_rejected(&proof, LOG, "inclusion proof", &[SIGNATURE]);
    }
}

#[test]
fn edited_parts_of_an_inclusion_proof() {
    for shape in LOGGED.into_iter().filter(|shape| shape.has_inclusion_proof()) {
        let edits: [Splice; 2] = [
            |attestation, _| proof_of(attestation).hashes[0][0] ^= 1,
            |attestation, _| {
                proof_of(attestation).hashes.pop();
            },
        ];
        for edit in edits {
            let decision = judge_splice(shape, edit);
            assert_rejected(&decision, LOG, "", &[SIGNATURE]);
        }
        let elsewhere = judge_splice(shape, |attestation, _| {
            attestation.log_entries[0].log_index += 1;
        });
        assert_eq!(elsewhere.rejection().map(|(id, _)| id.as_str()), Some(LOG), "{shape:?}");
        let unsigned = judge_splice(shape, |attestation, _| {
            proof_of(attestation).checkpoint = None;
        });
        assert!(!unsigned.is_accepted(), "{shape:?}");
        let (id, _) = unsigned.rejection().unwrap();
        assert!([LOG, FORMAT].contains(&id.as_str()), "{shape:?} {id}");
        let fields: [Splice; 3] = [
            |attestation, _| proof_of(attestation).tree_size = u64::MAX >> 1,
            |attestation, _| proof_of(attestation).root_hash[0] ^= 1,
            |attestation, _| proof_of(attestation).log_index ^= 1,
        ];
        for edit in fields {
            let decision = judge_splice(shape, edit);
            if shape == BundleShape::V03RekorV2 {
                // There these are copies of what entry and checkpoint say: nobody reads them, and
                // nothing that was verified changes.
                assert_accepted(&decision);
                continue;
            }
            let (id, detail) = decision.rejection().unwrap();
            assert!([LOG, FORMAT].contains(&id.as_str()), "{shape:?} {id}: {detail}");
        }
    }
}

fn proof_of(attestation: &mut SignedAttestation) -> &mut provost_testkit::InclusionProof {
    attestation.log_entries[0].inclusion_proof.as_mut().unwrap()
}

#[test]
fn a_signature_over_the_bare_payload() {
    for shape in BundleShape::ALL {
        let mut attestation = SIGSTORE.sign(&scene(shape).request());
        let bare = attestation.sign_bytes(&attestation.envelope.payload);
        attestation.envelope.signatures[0].sig = bare;
        if let Some(kind) = shape.entry_kind() {
            let mut entry = SIGSTORE.log(&attestation, kind, instant(SIGNED_AT));
            if !shape.has_inclusion_proof() {
                entry.inclusion_proof = None;
            }
            attestation.log_entries = vec![entry];
        }
        if shape.has_timestamp() {
            attestation.timestamps =
                vec![SIGSTORE.timestamp(attestation.signature(), instant(SIGNED_AT))];
        }
        let decision = decide(&root_for(shape), &attestation, shape);
        assert_rejected(&decision, SIGNATURE, "", &open_after_signature(shape));
    }
}
