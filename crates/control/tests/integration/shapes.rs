//! Bundle versions, and the one way in which a bundle may be written.

use crate::world::{
    SIGSTORE, Scene, assert_accepted, assert_rejected, check, judge, judge_bytes, layer_after, now,
    root_for, skipped, verifier,
};
use base64_edits::{EDITS, FIELDS};
use provost_attestation::bundle::MAX_BUNDLE_BYTES;
use provost_policy::Decision;
use provost_testkit::{
    BundleShape, KeyMaterial, ManagedKey, SignatureAlgorithm, SignedAttestation, SigningRequest,
};
use provost_verify::Verifier;
use serde_json::{Value, json};

const FORMAT: &str = "bundle-format";
const ENVELOPE: &str = "envelope";

fn scene(shape: BundleShape) -> Scene {
    Scene { shape, ..Scene::attestation() }
}

/// The decision about a scene's bundle after `edit`.
fn judge_edited(shape: BundleShape, edit: impl FnOnce(&mut SignedAttestation)) -> Decision {
    let scene = scene(shape);
    let mut attestation = SIGSTORE.sign(&scene.request());
    edit(&mut attestation);
    judge(&root_for(shape), &attestation, &scene.policy())
}

/// The decision about these bytes.
fn judge_text(bundle: &[u8]) -> Decision {
    let scene = scene(BundleShape::V03RekorV1);
    judge_bytes(&verifier(&root_for(scene.shape)), bundle, &scene.policy(), now())
}

/// The decision about an honest bundle whose text was edited.
fn judge_json(edit: impl FnOnce(&mut Value)) -> Decision {
    let mut bundle = SIGSTORE.sign(&scene(BundleShape::V03RekorV1).request()).bundle();
    edit(&mut bundle);
    judge_text(bundle.to_string().as_bytes())
}

fn honest_text() -> String {
    SIGSTORE.sign(&scene(BundleShape::V03RekorV1).request()).bundle_json()
}

#[track_caller]
fn assert_malformed(decision: &Decision, reason: &str) {
    assert_rejected(decision, FORMAT, reason, &layer_after(FORMAT));
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
    let decision =
        judge(&root_for(BundleShape::V03RekorV1), &SIGSTORE.sign(&scene.request()), &scene.policy());
    let open = ["timestamp", "certificate-chain", "certificate-transparency", "signature"];
    assert_rejected(&decision, "transparency-log", "", &open);
}

#[test]
fn an_entry_of_a_log_that_the_root_does_not_know_is_refused() {
    for shape in BundleShape::ALL.into_iter().filter(|shape| shape.entry_kind().is_some()) {
        let scene = scene(shape);
        let attestation = SIGSTORE.sign(&scene.request());
        let decision = judge(&root_for(BundleShape::V03Tsa), &attestation, &scene.policy());
        assert!(!decision.is_accepted(), "{shape:?}");
        let (id, _) = decision.rejection().unwrap();
        assert!(["transparency-log", "timestamp"].contains(&id.as_str()), "{shape:?}: {id}");
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
            let open = [
                "timestamp",
                "certificate-chain",
                "certificate-transparency",
                "transparency-log",
            ];
            assert_rejected(&decision, "signature", "only the key given", &open);
        }
    }
}

#[test]
fn each_log_entry_must_carry_what_its_version_asks_for() {
    for shape in [BundleShape::V02Intoto, BundleShape::V03RekorV1, BundleShape::V03RekorV2] {
        let twice = |attestation: &mut SignedAttestation| {
            attestation.log_entries.push(attestation.log_entries[0].clone());
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
            attestation.log_entries.push(attestation.log_entries[0].clone());
            attestation.log_entries[1].signed_entry_timestamp = None;
        });
        assert_malformed(&decision, "signed entry timestamp");
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
    let both = judge_json(|bundle| {
        bundle["verificationMaterial"]["publicKey"] = json!({ "hint": "key" });
    });
    assert_malformed(&both, "");
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

#[test]
fn an_unknown_member_is_refused_at_every_level() {
    let places = [
        "",
        "/verificationMaterial",
        "/verificationMaterial/certificate",
        "/verificationMaterial/timestampVerificationData",
        "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0",
        "/verificationMaterial/tlogEntries/0",
        "/verificationMaterial/tlogEntries/0/logId",
        "/verificationMaterial/tlogEntries/0/kindVersion",
        "/verificationMaterial/tlogEntries/0/inclusionPromise",
        "/verificationMaterial/tlogEntries/0/inclusionProof",
        "/verificationMaterial/tlogEntries/0/inclusionProof/checkpoint",
        "/dsseEnvelope",
        "/dsseEnvelope/signatures/0",
    ];
    let scene = scene(BundleShape::V03RekorV1AndTsa);
    let honest = SIGSTORE.sign(&scene.request()).bundle();
    assert_accepted(&judge_text(honest.to_string().as_bytes()));
    for place in places {
        let mut bundle = honest.clone();
        bundle.pointer_mut(place).unwrap()["note"] = json!("x");
        assert_malformed(&judge_text(bundle.to_string().as_bytes()), "note");
    }
    let decision = judge_text(
        honest.to_string().replacen("\"payloadType\"", "\"PayloadType\"", 1).as_bytes(),
    );
    assert_malformed(&decision, "PayloadType");
}

/// Second spellings of base64, and the fields that hold some.
mod base64_edits {
    pub(super) const FIELDS: [&str; 9] = [
        "/verificationMaterial/certificate/rawBytes",
        "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0/signedTimestamp",
        "/verificationMaterial/tlogEntries/0/logId/keyId",
        "/verificationMaterial/tlogEntries/0/inclusionPromise/signedEntryTimestamp",
        "/verificationMaterial/tlogEntries/0/inclusionProof/rootHash",
        "/verificationMaterial/tlogEntries/0/inclusionProof/hashes/0",
        "/verificationMaterial/tlogEntries/0/canonicalizedBody",
        "/dsseEnvelope/payload",
        "/dsseEnvelope/signatures/0/sig",
    ];

    /// A second spelling of canonical base64; `None` where this text has none of that kind.
    pub(super) type Edit = fn(&str) -> Option<String>;

    pub(super) const EDITS: [(&str, Edit); 10] = [
        ("url-safe", |text| {
            let edited = text.replace('+', "-").replace('/', "_");
            (edited != text).then_some(edited)
        }),
        ("unpadded", |text| {
            let edited = text.trim_end_matches('=');
            (edited != text).then(|| edited.to_owned())
        }),
        ("padded twice", |text| Some(format!("{text}===="))),
        ("trailing bits", trailing_bits),
        ("a line feed inside", |text| Some(format!("{}\n{}", &text[..4], &text[4..]))),
        ("a line feed behind", |text| Some(format!("{text}\n"))),
        ("a space before", |text| Some(format!(" {text}"))),
        ("hex", |text| Some(hex_of(text))),
        ("a foreign letter", |text| Some(format!("*{}", &text[1..]))),
        ("empty", |_| Some(String::new())),
    ];

    /// Sets a bit that padding leaves without meaning.
    fn trailing_bits(text: &str) -> Option<String> {
        const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let body = text.trim_end_matches('=');
        if body.len() == text.len() {
            return None;
        }
        let (rest, last) = body.split_at(body.len() - 1);
        let value = LETTERS.find(last)?;
        let edited = LETTERS.get(value + 1..value + 2)?;
        Some(format!("{rest}{edited}{}", &text[body.len()..]))
    }

    /// Hexadecimal digits of the text itself: of a hash's length where the text is a hash.
    fn hex_of(text: &str) -> String {
        let digits: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        digits.chars().take(64).collect()
    }
}

#[test]
fn base64_has_one_spelling() {
    let scene = scene(BundleShape::V03RekorV1AndTsa);
    let honest = SIGSTORE.sign(&scene.request()).bundle();
    let mut count = 0;
    for (name, edit) in EDITS {
        let mut of_this = 0;
        for field in FIELDS {
            let mut bundle = honest.clone();
            let Some(text) = bundle.pointer(field).and_then(Value::as_str) else {
                continue;
            };
            let Some(edited) = edit(text) else { continue };
            assert_ne!(edited, text);
            *bundle.pointer_mut(field).unwrap() = json!(edited);
            let decision = judge_text(bundle.to_string().as_bytes());
            assert!(!decision.is_accepted(), "{name} {field}");
            let (id, detail) = decision.rejection().unwrap();
            assert_eq!(id.as_str(), FORMAT, "{name} {field}: {detail}");
            of_this += 1;
        }
        assert!(of_this > 0, "{name} was never tried");
        count += of_this;
    }
    assert!(count >= 60, "{count} spellings only");
}

#[test]
fn integers_have_one_spelling() {
    let places = [
        "/verificationMaterial/tlogEntries/0/logIndex",
        "/verificationMaterial/tlogEntries/0/integratedTime",
        "/verificationMaterial/tlogEntries/0/inclusionProof/logIndex",
        "/verificationMaterial/tlogEntries/0/inclusionProof/treeSize",
    ];
    for place in places {
        let as_number = judge_json(|bundle| {
            let value = bundle.pointer_mut(place).unwrap();
            *value = json!(value.as_str().unwrap().parse::<u64>().unwrap());
        });
        assert_accepted(&as_number);
        for edit in [
            |text: &str| json!(format!("-{text}")),
            |text: &str| json!(format!("+{text}")),
            |text: &str| json!(format!("0{text}")),
            |text: &str| json!(format!("{text}.0")),
            |text: &str| json!(format!(" {text}")),
            |text: &str| json!(format!("{text}000000000000000")),
            |_: &str| json!(-1),
            |_: &str| json!(1.5),
            |_: &str| json!(9_007_199_254_740_993_u64),
            |_: &str| json!(true),
        ] {
            let decision = judge_json(|bundle| {
                let value = bundle.pointer_mut(place).unwrap();
                *value = edit(value.as_str().unwrap());
            });
            assert_malformed(&decision, "");
        }
    }
}

#[test]
fn a_key_stands_once_at_every_level() {
    let honest = honest_text();
    assert_accepted(&judge_text(honest.as_bytes()));
    for key in [
        "mediaType",
        "verificationMaterial",
        "certificate",
        "rawBytes",
        "tlogEntries",
        "logIndex",
        "keyId",
        "kind",
        "inclusionPromise",
        "signedEntryTimestamp",
        "rootHash",
        "checkpoint",
        "envelope",
        "dsseEnvelope",
        "payloadType",
        "payload",
        "signatures",
        "sig",
    ] {
        let member = format!("\"{key}\":");
        assert!(honest.contains(&member), "{key}");
        let plain = honest.replacen(&member, &format!("{member}null,{member}"), 1);
        assert_malformed(&judge_text(plain.as_bytes()), "duplicate key");
        let escaped = format!("\"\\u{:04x}{}\":", u32::from(key.as_bytes()[0]), &key[1..]);
        let twin = honest.replacen(&member, &format!("{escaped}null,{member}"), 1);
        assert_malformed(&judge_text(twin.as_bytes()), "duplicate key");
    }
}

#[test]
fn a_document_is_one_value_of_valid_utf_8() {
    let honest = honest_text();
    let pretty = format!("{:#}", serde_json::from_str::<Value>(&honest).unwrap());
    for good in [format!("{honest}\n"), format!(" \n\t{honest}\n\n"), pretty] {
        assert_accepted(&judge_text(good.as_bytes()));
    }
    let marked = [b"\xef\xbb\xbf", honest.as_bytes()].concat();
    let invalid = honest.replacen("\"mediaType\"", "\"mediaType\u{1}\"", 1);
    let mut bytes = honest.clone().into_bytes();
    *bytes.iter_mut().find(|byte| **byte == b'v').unwrap() = 0xff;
    for (bad, reason) in [
        (format!("{honest}x").into_bytes(), "trailing bytes"),
        (format!("{honest}{{}}").into_bytes(), "trailing bytes"),
        (format!("{honest} {honest}").into_bytes(), "trailing bytes"),
        (format!("{honest}\0").into_bytes(), "trailing bytes"),
        (format!("{honest}\r\n{honest}\r\n").into_bytes(), "carriage return"),
        (format!("{honest}\nx").into_bytes(), "line 2"),
        (marked, "byte order mark"),
        (invalid.into_bytes(), "control character"),
        (bytes, "UTF-8"),
        (honest.replacen("\"mediaType\"", "\"\\ud800mediaType\"", 1).into_bytes(), "surrogate"),
        (honest[..honest.len() - 1].to_owned().into_bytes(), "unexpected end"),
    ] {
        assert_malformed(&judge_text(&bad), reason);
    }
}

#[test]
fn nesting_has_a_limit() {
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let honest = honest_text();
    let member = "\"mediaType\":";
    let edited = honest.replacen(member, &format!("\"x\":{deep},{member}"), 1);
    assert_malformed(&judge_text(edited.as_bytes()), "nesting deeper than 64");
    assert_malformed(&judge_text(("{\"mediaType\":".to_owned() + &deep).as_bytes()), "nesting");

    // In the payload: statement, predicate, buildDefinition, externalParameters, then arrays.
    let nested = |levels: usize| {
        let scene = scene(BundleShape::V03RekorV1);
        let value = (0..levels).fold(json!(1), |inner, _| json!([inner]));
        scene.stating("/predicate/buildDefinition/externalParameters/deep", value).judge()
    };
    assert_accepted(&nested(60));
    assert_rejected(&nested(61), ENVELOPE, "nesting deeper than 64", &layer_after(ENVELOPE));
}

#[test]
fn size_has_a_limit() {
    let mut bundle = honest_text().into_bytes();
    bundle.resize(MAX_BUNDLE_BYTES, b' ');
    assert_accepted(&judge_text(&bundle));
    bundle.push(b' ');
    assert_malformed(&judge_text(&bundle), "larger than 16 MiB");
}

fn judge_request(edit: impl FnOnce(&mut SigningRequest)) -> Decision {
    let scene = scene(BundleShape::V03RekorV1);
    let mut request = scene.request();
    edit(&mut request);
    judge(&root_for(scene.shape), &SIGSTORE.sign(&request), &scene.policy())
}

#[test]
fn the_payload_type_is_the_statement_s_also_when_another_was_signed() {
    assert_accepted(&judge_request(|_| {}));
    for other in [
        "application/json",
        "application/vnd.in-toto+json; x",
        "application/vnd.in-toto+json ",
        "application/VND.in-toto+json",
        "application/vnd.in-toto",
        "",
    ] {
        let signed = judge_request(|request| request.payload_type = other.into());
        assert_rejected(&signed, ENVELOPE, "payload type", &layer_after(ENVELOPE));
        let swapped = judge_edited(BundleShape::V03RekorV1, |attestation| {
            attestation.envelope.payload_type = other.into();
        });
        assert_rejected(&swapped, ENVELOPE, "payload type", &layer_after(ENVELOPE));
    }
}

#[test]
fn a_statement_is_strict_json_too() {
    let edited = |from: &str, to: &str| {
        judge_request(|request| {
            let text = String::from_utf8(request.payload.clone()).unwrap();
            assert!(text.contains(from), "{from}");
            request.payload = text.replacen(from, to, 1).into_bytes();
        })
    };
    for key in ["_type", "subject", "digest", "predicate", "builder", "workflow", "metadata"] {
        let member = format!("\"{key}\":");
        let decision = edited(&member, &format!("{member}null,{member}"));
        assert_rejected(&decision, ENVELOPE, "duplicate key", &layer_after(ENVELOPE));
    }
    let decision = edited("\"subject\":", "\"\\u0073ubject\":[],\"subject\":");
    assert_rejected(&decision, ENVELOPE, "duplicate key", &layer_after(ENVELOPE));
    for number in ["1e400", "-0", "9007199254740993", "1.", "01", "NaN"] {
        let place = "\"externalParameters\":{";
        let decision = edited(place, &format!("{place}\"n\":{number},"));
        assert_rejected(&decision, ENVELOPE, "not strict JSON", &layer_after(ENVELOPE));
    }
    for payload in ["", "null", "[]", "\"text\"", "{}", "not JSON"] {
        let decision = judge_request(|request| request.payload = payload.into());
        let (id, _) = decision.rejection().unwrap();
        // An empty payload is no base64 that a bundle may carry.
        let expected = if payload.is_empty() { FORMAT } else { ENVELOPE };
        assert_eq!(id.as_str(), expected, "{payload}");
        assert!(!decision.is_accepted());
    }
}

#[test]
fn a_statement_names_something_by_a_strong_digest() {
    for (subjects, reason) in [
        (json!([]), "no subject"),
        (json!([null]), "no in-toto statement"),
        (json!([{ "name": "artifact.tar.gz" }]), "no in-toto statement"),
        (json!([{ "name": "artifact.tar.gz", "digest": {} }]), "no subject carries"),
        (json!([{ "name": "a", "digest": { "sha256": "" } }]), "no subject carries"),
        (json!([{ "name": "a", "digest": { "sha1": "0".repeat(40) } }]), "no subject carries"),
        (json!([{ "name": "a", "digest": { "blake2b": "0".repeat(64) } }]), "no subject carries"),
    ] {
        let scene = scene(BundleShape::V03RekorV1).stating("/subject", subjects);
        assert_rejected(&scene.judge(), ENVELOPE, reason, &layer_after(ENVELOPE));
    }
}
