//! Bundle versions, and the one way in which a bundle may be written.

use crate::world::{
    SIGNED_AT, SIGSTORE, Scene, assert_accepted, assert_rejected, check, judge, judge_bytes,
    layer_after, now, root_for, skipped, verifier,
};
use provost_policy::Decision;
use provost_testkit::{
    BundleShape, EntryKind, KeyMaterial, ManagedKey, SignatureAlgorithm, SignedAttestation,
    SigningRequest, instant,
};
use provost_verify::Verifier;
use serde_json::{Value, json};

pub(crate) const FORMAT: &str = "bundle-format";
pub(crate) const ENVELOPE: &str = "envelope";

pub(crate) fn scene(shape: BundleShape) -> Scene {
    Scene { shape, ..Scene::attestation() }
}

/// The decision about a scene's bundle after `edit`.
pub(crate) fn judge_edited(
    shape: BundleShape,
    edit: impl FnOnce(&mut SignedAttestation),
) -> Decision {
    let scene = scene(shape);
    let mut attestation = SIGSTORE.sign(&scene.request());
    edit(&mut attestation);
    judge(&root_for(shape), &attestation, &scene.policy())
}

/// The decision about these bytes.
pub(crate) fn judge_text(bundle: &[u8]) -> Decision {
    let scene = scene(BundleShape::V03RekorV1);
    judge_bytes(&verifier(&root_for(scene.shape)), bundle, &scene.policy(), now())
}

/// The decision about an honest bundle whose text was edited.
pub(crate) fn judge_json(edit: impl FnOnce(&mut Value)) -> Decision {
    let mut bundle = SIGSTORE.sign(&scene(BundleShape::V03RekorV1).request()).bundle();
    edit(&mut bundle);
    judge_text(bundle.to_string().as_bytes())
}

pub(crate) fn honest_text() -> String {
    SIGSTORE.sign(&scene(BundleShape::V03RekorV1).request()).bundle_json()
}

/// Refused for its form, by the strict reading of the file or by the rules of its version, which
/// are asked once the envelope was opened.
#[track_caller]
pub(crate) fn assert_malformed(decision: &Decision, reason: &str) {
    let opened = check(decision, ENVELOPE).has_passed();
    let open = if opened { layer_after(ENVELOPE) } else { layer_after(FORMAT) };
    assert_rejected(decision, FORMAT, reason, &open);
}

#[test]
fn every_shape_is_accepted() {
    for shape in BundleShape::ALL {
        let decision = scene(shape).judge();
        assert_accepted(&decision);
        let asked = ["certificate-transparency", "transparency-log"];
        for id in asked {
            let is_skipped = skipped(&decision).contains(&id);
            assert_eq!(is_skipped, shape == BundleShape::V03Tsa, "{shape:?} {id}");
        }
        for id in [FORMAT, ENVELOPE, "timestamp", "certificate-chain", "signature"] {
            assert!(check(&decision, id).has_passed(), "{shape:?} {id}");
        }
    }
}

#[test]
fn a_shape_without_a_log_is_refused_under_a_root_that_knows_one() {
    let scene = scene(BundleShape::V03Tsa);
    let decision = judge(
        &root_for(BundleShape::V03RekorV1),
        &SIGSTORE.sign(&scene.request()),
        &scene.policy(),
    );
    let open = ["timestamp", "certificate-chain", "certificate-transparency", "signature"];
    assert_rejected(&decision, "transparency-log", "", &open);
}

#[test]
fn an_entry_of_a_log_that_the_root_does_not_know_proves_nothing() {
    let root = root_for(BundleShape::V03Tsa);
    for shape in BundleShape::ALL.into_iter().filter(|shape| shape.entry_kind().is_some()) {
        let scene = scene(shape);
        let attestation = SIGSTORE.sign(&scene.request());
        let decision = judge(&root, &attestation, &scene.policy());
        if shape == BundleShape::V03RekorV2 {
            // The timestamp stands without the entry, and the root asks for none.
            assert_accepted(&decision);
            assert!(skipped(&decision).contains(&"transparency-log"));
        } else {
            // A time that an unknown log signed is no time.
            let open = ["timestamp", "certificate-chain", "certificate-transparency", "signature"];
            assert_rejected(&decision, "transparency-log", "", &open);
        }
        // Known or not, an entry is of this signing.
        let mut spliced = attestation;
        spliced.log_entries = SIGSTORE.sign(&scene.request()).log_entries;
        let decision = judge(&root, &spliced, &scene.policy());
        assert_eq!(decision.rejection().map(|(id, _)| id.as_str()), Some("transparency-log"));
    }
}

fn judge_with_key(
    verifier: Verifier,
    attestation: &SignedAttestation,
    request: &SigningRequest,
) -> Decision {
    let scene = scene(request.shape);
    judge_bytes(&verifier, attestation.bundle_json().as_bytes(), &scene.policy(), now())
}

fn trusting(root: &Value, key: &ManagedKey) -> Verifier {
    let key = provost_verify::ManagedKey::from_pem(&key.public_key_pem()).unwrap();
    verifier(root).with_key(key)
}

#[test]
fn a_managed_key_is_accepted_when_it_is_the_one_named() {
    let root = SIGSTORE.trusted_root();
    for algorithm in [
        SignatureAlgorithm::EcdsaP256Sha256,
        SignatureAlgorithm::EcdsaP384Sha384,
        SignatureAlgorithm::Ed25519,
    ] {
        let key = ManagedKey::generate(algorithm, "release");
        let other = ManagedKey::generate(algorithm, "release");
        for shape in BundleShape::ALL {
            // Rekor v2 takes other keys too; the library reads entries of this one only.
            if shape == BundleShape::V03RekorV2 && algorithm != SignatureAlgorithm::EcdsaP256Sha256
            {
                continue;
            }
            let request = scene(shape).request();
            let attestation = SIGSTORE.sign_with_key(&request, &key);
            let decision = judge_with_key(trusting(&root, &key), &attestation, &request);
            if shape == BundleShape::V03Tsa {
                // No log: with a key there is no root that excuses from one.
                let open =
                    ["timestamp", "certificate-chain", "certificate-transparency", "signature"];
                assert_rejected(&decision, "transparency-log", "", &open);
                continue;
            }
            assert_accepted(&decision);
            for id in ["certificate-chain", "certificate-transparency", "issuer"] {
                assert!(skipped(&decision).contains(&id), "{shape:?} {id}");
            }

            let decision = judge_with_key(trusting(&root, &other), &attestation, &request);
            let open = ["certificate-chain", "certificate-transparency", "transparency-log"];
            assert_rejected(&decision, "signature", "", &open);

            let decision = judge_with_key(verifier(&root), &attestation, &request);
            let open = &layer_after(ENVELOPE);
            assert_rejected(&decision, FORMAT, "--key", open);

            let certified = SIGSTORE.sign(&request);
            let decision = judge_with_key(trusting(&root, &key), &certified, &request);
            let open =
                ["timestamp", "certificate-chain", "certificate-transparency", "transparency-log"];
            assert_rejected(&decision, "signature", "only the key given", &open);
        }
    }
}

#[test]
fn each_log_entry_must_carry_what_its_version_asks_for() {
    for (shape, second) in [
        (BundleShape::V02Intoto, EntryKind::Dsse001),
        (BundleShape::V03RekorV1, EntryKind::HashedRekord002),
        (BundleShape::V03RekorV2, EntryKind::Dsse001),
    ] {
        let twice = |attestation: &mut SignedAttestation| {
            let entry = SIGSTORE.log(attestation, second, instant(SIGNED_AT));
            attestation.log_entries.push(entry);
        };
        assert_accepted(&judge_edited(shape, twice));
        for index in [0, 1] {
            let decision = judge_edited(shape, |attestation| {
                twice(attestation);
                attestation.log_entries[index].inclusion_proof = None;
            });
            assert_malformed(&decision, "");
        }
    }
    for shape in [BundleShape::V01Intoto, BundleShape::V01IntotoWithoutProof] {
        let decision = judge_edited(shape, |attestation| {
            attestation.log_entries[0].signed_entry_timestamp = None;
        });
        assert_malformed(&decision, "signed entry timestamp");
        let decision = judge_edited(shape, |attestation| {
            let mut entry = SIGSTORE.log(attestation, EntryKind::Dsse001, instant(SIGNED_AT));
            entry.signed_entry_timestamp = None;
            attestation.log_entries.push(entry);
        });
        assert_malformed(&decision, "signed entry timestamp");
    }
}

#[test]
fn one_witness_counts_once() {
    for shape in BundleShape::ALL {
        if shape.entry_kind().is_some() {
            let decision = judge_edited(shape, |attestation| {
                attestation.log_entries.push(attestation.log_entries[0].clone());
            });
            assert_malformed(&decision, "again");
        }
        if shape.has_timestamp() {
            let decision = judge_edited(shape, |attestation| {
                attestation.timestamps.push(attestation.timestamps[0].clone());
            });
            assert_malformed(&decision, "again");
            let twice = judge_edited(shape, |attestation| {
                let second = SIGSTORE.timestamp(attestation.signature(), instant(SIGNED_AT));
                attestation.timestamps.push(second);
            });
            assert_accepted(&twice);
        }
    }
}

#[test]
fn a_bundle_of_v0_1_without_proof_is_none_of_a_later_version() {
    for shape in [BundleShape::V02Intoto, BundleShape::V03RekorV1] {
        let decision = judge_edited(BundleShape::V01IntotoWithoutProof, |attestation| {
            attestation.media_type = shape.media_type().into();
        });
        assert_malformed(&decision, "");
    }
}

#[test]
fn key_material_has_one_form_a_version() {
    let decision = judge_edited(BundleShape::V03RekorV1, |attestation| {
        let certificate = attestation.key_material.certificate().unwrap().to_vec();
        attestation.key_material = KeyMaterial::Chain(vec![certificate]);
    });
    assert_malformed(&decision, "");
    let decision = judge_edited(BundleShape::V03RekorV1, |attestation| {
        let [intermediate, root] = SIGSTORE.authority_certificates();
        let certificate = attestation.key_material.certificate().unwrap().to_vec();
        attestation.key_material = KeyMaterial::Chain(vec![certificate, intermediate, root]);
    });
    assert_malformed(&decision, "");
    for shape in [BundleShape::V01Intoto, BundleShape::V02Intoto] {
        let decision = judge_edited(shape, |attestation| {
            attestation.key_material = KeyMaterial::Chain(Vec::new());
        });
        assert_malformed(&decision, "");
    }
    for (member, value) in [
        ("publicKey", json!({ "hint": "key" })),
        ("x509CertificateChain", json!({ "certificates": [{ "rawBytes": "AAAA" }] })),
    ] {
        let two = judge_json(|bundle| bundle["verificationMaterial"][member] = value);
        assert_malformed(&two, "exactly one");
    }
    let none = judge_json(|bundle| {
        bundle["verificationMaterial"].as_object_mut().unwrap().remove("certificate");
    });
    assert_malformed(&none, "");
}

#[test]
fn a_message_signature_is_no_attestation() {
    let decision = judge_json(|bundle| {
        let bundle = bundle.as_object_mut().unwrap();
        let envelope = bundle.remove("dsseEnvelope").unwrap();
        let signature = json!({
            "messageDigest": {
                "algorithm": "SHA2_256",
                "digest": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
            },
            "signature": envelope["signatures"][0]["sig"],
        });
        bundle.insert("messageSignature".into(), signature);
    });
    assert_malformed(&decision, "no attestation");
}

#[test]
fn there_is_exactly_one_signature() {
    let none = judge_edited(BundleShape::V03RekorV1, |attestation| {
        attestation.envelope.signatures.clear();
    });
    assert_malformed(&none, "");
    for count in [2, 3] {
        let many = judge_edited(BundleShape::V03RekorV1, |attestation| {
            let signature = attestation.envelope.signatures[0].clone();
            attestation.envelope.signatures = vec![signature; count];
        });
        assert_malformed(&many, "");
    }
    for good in [0, 1] {
        let one_good = judge_edited(BundleShape::V03RekorV1, |attestation| {
            let mut wrong = attestation.envelope.signatures[0].clone();
            wrong.sig = attestation.sign_bytes(b"something else");
            attestation.envelope.signatures.insert(1 - good, wrong);
        });
        assert_malformed(&one_good, "");
    }
}

#[test]
fn the_media_type_is_one_of_those_known() {
    for unknown in [
        "application/vnd.dev.sigstore.bundle.v0.4+json",
        "application/vnd.dev.sigstore.bundle+json;version=0.4",
        "application/vnd.dev.sigstore.bundle.v0.3+json; x",
        "application/vnd.dev.sigstore.bundle.v0.3+JSON",
        "application/json",
        "",
    ] {
        let decision = judge_json(|bundle| bundle["mediaType"] = json!(unknown));
        assert_malformed(&decision, "");
    }
    let absent = judge_json(|bundle| {
        bundle.as_object_mut().unwrap().remove("mediaType");
    });
    assert_malformed(&absent, "mediaType");
    assert_malformed(&judge_json(|bundle| bundle["mediaType"] = Value::Null), "");
}
