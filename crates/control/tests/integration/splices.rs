//! Genuine parts of another signing, authorities that may not, and time.

use crate::world::{
    SIGNED_AT, SIGSTORE, Scene, assert_accepted, assert_rejected, check, judge,
    judge_bytes, layer_after, now, root_for, verifier,
};
use jiff::{SignedDuration, Timestamp};
use provost_policy::Decision;
use provost_testkit::{
    BundleShape, CertificateExtension, CertificateProfile, ExtensionValue, InstanceOptions,
    KeyMaterial, KeyPurpose, SignedAttestation, SigningRequest, SubjectName, Validity,
    VirtualSigstore, WorkflowIdentity, instant,
};
use serde_json::{Value, json};

const FORMAT: &str = "bundle-format";
const TIME: &str = "timestamp";
const CHAIN: &str = "certificate-chain";
const TRANSPARENCY: &str = "certificate-transparency";
const LOG: &str = "transparency-log";
const SIGNATURE: &str = "signature";
/// Nothing of the layer stands once the time or the log entry is somebody else's.
const ALL_BUT_LOG: [&str; 4] = [TIME, CHAIN, TRANSPARENCY, SIGNATURE];
const AFTER_CHAIN: [&str; 3] = [TRANSPARENCY, LOG, SIGNATURE];

const LOGGED: [BundleShape; 6] = [
    BundleShape::V01Intoto,
    BundleShape::V01IntotoWithoutProof,
    BundleShape::V02Intoto,
    BundleShape::V03RekorV1,
    BundleShape::V03RekorV1AndTsa,
    BundleShape::V03RekorV2,
];
const TIMESTAMPED: [BundleShape; 3] =
    [BundleShape::V03RekorV1AndTsa, BundleShape::V03RekorV2, BundleShape::V03Tsa];
const PROMISED: [BundleShape; 5] = [
    BundleShape::V01Intoto,
    BundleShape::V01IntotoWithoutProof,
    BundleShape::V02Intoto,
    BundleShape::V03RekorV1,
    BundleShape::V03RekorV1AndTsa,
];

fn scene(shape: BundleShape) -> Scene {
    Scene { shape, ..Scene::attestation() }
}

fn decide(root: &Value, attestation: &SignedAttestation, shape: BundleShape) -> Decision {
    judge(root, attestation, &scene(shape).policy())
}

type Splice = fn(&mut SignedAttestation, &SignedAttestation);

/// Signs the same statement twice, and puts a part of the second signing into the first.
fn judge_splice(shape: BundleShape, splice: Splice) -> Decision {
    let request = scene(shape).request();
    judge_splice_of(&request, &request, splice)
}

fn judge_splice_of(
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

fn judge_request(shape: BundleShape, edit: impl FnOnce(&mut SigningRequest)) -> Decision {
    let mut request = scene(shape).request();
    edit(&mut request);
    decide(&root_for(shape), &SIGSTORE.sign(&request), shape)
}

fn judge_identity(edit: impl FnOnce(WorkflowIdentity) -> WorkflowIdentity) -> Decision {
    judge_request(BundleShape::V03RekorV1, |request| {
        request.identity = edit(request.identity.clone());
    })
}

fn judge_profile(edit: impl FnOnce(&mut CertificateProfile)) -> Decision {
    judge_request(BundleShape::V03RekorV1, |request| edit(&mut request.certificate))
}

fn with_certificate(material: &KeyMaterial, certificate: Vec<u8>) -> KeyMaterial {
    match material {
        KeyMaterial::Chain(_) => KeyMaterial::Chain(vec![certificate]),
        _ => KeyMaterial::Certificate(certificate),
    }
}

fn certificate(attestation: &SignedAttestation) -> Vec<u8> {
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

#[test]
fn the_log_entry_of_another_time() {
    // Its time lies outside the certificate, which must not be blamed.
    for shape in PROMISED {
        let mut other = scene(shape).request();
        other.signed_at = instant("2025-03-01T12:00:00Z");
        let decision = judge_splice_of(&scene(shape).request(), &other, |attestation, other| {
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
        assert!(detail.contains("checkpoint"), "{shape:?}: {detail}");

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
        let edits: [Splice; 3] = [
            |attestation, _| proof_of(attestation).hashes[0][0] ^= 1,
            |attestation, _| proof_of(attestation).log_index += 1,
            |attestation, _| {
                let proof = proof_of(attestation);
                proof.hashes.pop();
            },
        ];
        for edit in edits {
            let decision = judge_splice(shape, edit);
            assert_rejected(&decision, LOG, "", &[SIGNATURE]);
        }
        let unsigned = judge_splice(shape, |attestation, _| {
            proof_of(attestation).checkpoint = None;
        });
        assert!(!unsigned.is_accepted(), "{shape:?}");
        let (id, _) = unsigned.rejection().unwrap();
        assert!([LOG, FORMAT].contains(&id.as_str()), "{shape:?} {id}");
        let resized = judge_splice(shape, |attestation, _| {
            proof_of(attestation).tree_size = u64::MAX >> 1;
        });
        let (id, _) = resized.rejection().unwrap();
        assert!([LOG, FORMAT].contains(&id.as_str()), "{shape:?} {id}");
    }
}

fn proof_of(attestation: &mut SignedAttestation) -> &mut provost_testkit::InclusionProof {
    attestation.log_entries[0].inclusion_proof.as_mut().unwrap()
}

#[test]
fn an_edited_time_of_the_log() {
    for shape in PROMISED {
        let decision = judge_splice(shape, |attestation, _| {
            *attestation.log_entries[0].integrated_time.as_mut().unwrap() += 1;
        });
        assert_rejected(&decision, LOG, "", &ALL_BUT_LOG);
    }
}

#[test]
fn a_time_of_the_log_that_nobody_signed() {
    let decision = judge_splice(BundleShape::V03RekorV1, |attestation, _| {
        attestation.log_entries[0].signed_entry_timestamp = None;
    });
    assert_rejected(&decision, LOG, "", &ALL_BUT_LOG);
    // An RFC 3161 timestamp beside it carries the bundle; the unsigned time counts for nothing.
    let request = scene(BundleShape::V03RekorV1AndTsa).request();
    let mut attestation = SIGSTORE.sign(&request);
    let entry = &mut attestation.log_entries[0];
    entry.signed_entry_timestamp = None;
    entry.integrated_time = Some(instant("2020-06-01T00:00:00Z").as_second());
    let decision = decide(&root_for(request.shape), &attestation, request.shape);
    assert_accepted(&decision);
    assert_eq!(decision.facts().unwrap().signed_at, Some(instant(SIGNED_AT)));
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

#[test]
fn the_root_of_another_instance() {
    let other = VirtualSigstore::new();
    for shape in LOGGED {
        let attestation = SIGSTORE.sign(&scene(shape).request());
        assert_accepted(&decide(&SIGSTORE.trusted_root(), &attestation, shape));
        let decision = decide(&other.trusted_root(), &attestation, shape);
        assert!(decision.rejection().is_some(), "{shape:?}");
    }
    let shape = BundleShape::V03RekorV1AndTsa;
    let attestation = SIGSTORE.sign(&scene(shape).request());
    for (authority, id, open) in [
        ("certificateAuthorities", CHAIN, &AFTER_CHAIN[..]),
        ("ctlogs", TRANSPARENCY, &[LOG, SIGNATURE]),
        ("tlogs", LOG, &ALL_BUT_LOG),
        ("timestampAuthorities", TIME, &[CHAIN, TRANSPARENCY, LOG, SIGNATURE]),
    ] {
        let mut root = SIGSTORE.trusted_root();
        root[authority] = other.trusted_root()[authority].clone();
        assert_rejected(&decide(&root, &attestation, shape), id, "", open);
    }
}

#[test]
fn entry_and_timestamp_that_another_instance_made_of_this_signature() {
    let other = VirtualSigstore::new();
    let shape = BundleShape::V03RekorV1AndTsa;
    let honest = SIGSTORE.sign(&scene(shape).request());
    let mut logged = honest.clone();
    let kind = shape.entry_kind().unwrap();
    logged.log_entries = vec![other.log(&honest, kind, instant(SIGNED_AT))];
    assert_rejected(&decide(&root_for(shape), &logged, shape), LOG, "", &ALL_BUT_LOG);
    let mut timestamped = honest;
    timestamped.timestamps = vec![other.timestamp(timestamped.signature(), instant(SIGNED_AT))];
    let decision = decide(&root_for(shape), &timestamped, shape);
    assert_rejected(&decision, TIME, "", &layer_after(TIME));
}

#[test]
fn windows_of_the_trusted_root_are_closed_at_both_ends() {
    let shape = BundleShape::V03RekorV1AndTsa;
    let attestation = SIGSTORE.sign(&scene(shape).request());
    for (pointer, id) in [
        ("/certificateAuthorities/0/validFor", CHAIN),
        ("/ctlogs/0/publicKey/validFor", TRANSPARENCY),
        ("/tlogs/0/publicKey/validFor", LOG),
        ("/timestampAuthorities/0/validFor", TIME),
    ] {
        let windowed = |window: Value| {
            let mut root = SIGSTORE.trusted_root();
            *root.pointer_mut(pointer).unwrap() = window;
            decide(&root, &attestation, shape)
        };
        let start = "2020-01-01T00:00:00Z";
        assert_accepted(&windowed(json!({ "start": SIGNED_AT, "end": SIGNED_AT })));
        for window in [
            json!({ "start": start, "end": "2026-03-01T11:59:59Z" }),
            json!({ "start": "2026-03-01T12:00:01Z" }),
        ] {
            let decision = windowed(window);
            let (found, detail) = decision.rejection().unwrap();
            assert_eq!(found.as_str(), id, "{pointer}: {detail}");
        }
    }
}

#[test]
fn a_retired_timestamp_authority_beside_a_current_one() {
    let current = VirtualSigstore::new();
    let shape = BundleShape::V03Tsa;
    let attestation = SIGSTORE.sign(&scene(shape).request());
    let mut root = root_for(shape);
    let other = current.trusted_root()["timestampAuthorities"][0].clone();
    root["timestampAuthorities"].as_array_mut().unwrap().push(other);
    assert_accepted(&decide(&root, &attestation, shape));
    root["timestampAuthorities"][0]["validFor"]["end"] = json!("2025-01-01T00:00:00Z");
    let decision = decide(&root, &attestation, shape);
    assert_rejected(&decision, TIME, "", &layer_after(TIME));
}

#[test]
fn a_second_timestamp_outside_the_certificate() {
    let shape = BundleShape::V03RekorV1AndTsa;
    for time in ["2026-03-01T11:59:59Z", "2026-03-01T12:10:01Z"] {
        let late = judge_request(shape, |request| request.timestamped_at = Some(instant(time)));
        assert_rejected(&late, CHAIN, "", &AFTER_CHAIN);
        let request = scene(shape).request();
        let mut attestation = SIGSTORE.sign(&request);
        let second = SIGSTORE.timestamp(attestation.signature(), instant(time));
        attestation.timestamps.push(second);
        let decision = decide(&root_for(shape), &attestation, shape);
        assert_rejected(&decision, CHAIN, "", &AFTER_CHAIN);
    }
}

fn judge_instance(options: &InstanceOptions, shape: BundleShape) -> Decision {
    let sigstore = VirtualSigstore::with_options(options);
    let mut root = sigstore.trusted_root();
    if shape == BundleShape::V03Tsa {
        root["tlogs"] = json!([]);
        root["ctlogs"] = json!([]);
    }
    decide(&root, &sigstore.sign(&scene(shape).request()), shape)
}

#[test]
fn authorities_that_have_expired_before_the_signing() {
    let start = "2020-01-01T00:00:00Z";
    let ended = Validity::between(start, "2026-03-01T11:59:59Z");
    let just = Validity::between(start, SIGNED_AT);
    let not_yet = Validity::since("2026-03-01T12:00:01Z");
    let honest = InstanceOptions::default;
    for window in [ended, not_yet] {
        let intermediate = InstanceOptions { intermediate: window, ..honest() };
        let root = InstanceOptions { root: window, ..honest() };
        for shape in [BundleShape::V03RekorV1, BundleShape::V02Intoto, BundleShape::V03Tsa] {
            for options in [&intermediate, &root] {
                let decision = judge_instance(options, shape);
                assert_rejected(&decision, CHAIN, "", &AFTER_CHAIN);
            }
        }
        let leaf = InstanceOptions { timestamp_leaf: window, ..honest() };
        let root = InstanceOptions { timestamp_root: window, ..honest() };
        for options in [leaf, root] {
            let decision = judge_instance(&options, BundleShape::V03Tsa);
            assert_rejected(&decision, TIME, "", &layer_after(TIME));
        }
    }
    let in_time = InstanceOptions {
        intermediate: just,
        root: just,
        timestamp_leaf: just,
        timestamp_root: just,
        ..honest()
    };
    assert_accepted(&judge_instance(&in_time, BundleShape::V03RekorV1AndTsa));
}

#[test]
fn a_timestamp_by_a_certificate_for_another_purpose() {
    let options = InstanceOptions {
        timestamp_purposes: vec![KeyPurpose::CodeSigning],
        ..InstanceOptions::default()
    };
    let decision = judge_instance(&options, BundleShape::V03Tsa);
    assert_rejected(&decision, TIME, "", &layer_after(TIME));
}

#[test]
fn extensions_that_can_be_read_in_two_ways() {
    for arc in [1, 6, 8, 12, 14, 18, 21] {
        let doubled = judge_identity(|identity| identity.with_another(arc, "refs/heads/main"));
        assert_rejected(&doubled, CHAIN, "", &AFTER_CHAIN);
    }
    for (arc, value) in [
        (8, ExtensionValue::Bytes(vec![0x0c, 0x7f, b'x'])),
        (12, ExtensionValue::Bytes(b"https://github.com/example-org/artifact".to_vec())),
        (14, ExtensionValue::Bytes(vec![0x0c, 0x7f, b'x'])),
        (14, ExtensionValue::Bytes([&b"\x0c\x10refs/tags/v1.2.3"[..], b"\0"].concat())),
        (13, ExtensionValue::Bytes(vec![0x13, 0x01, b'x'])),
        (20, ExtensionValue::Bytes(vec![0x0c, 0x02, 0xff, 0xff])),
        (21, ExtensionValue::Bytes(Vec::new())),
        (6, ExtensionValue::Bytes(vec![0xff, 0xfe])),
    ] {
        let malformed = judge_identity(|identity| identity.with_value(arc, value.clone()));
        assert_rejected(&malformed, CHAIN, "", &AFTER_CHAIN);
    }
}

#[test]
fn a_certificate_names_exactly_one_uri() {
    let other = SubjectName::Uri("https://github.com/evil/x/.github/workflows/y.yml@a".into());
    let dns = SubjectName::Dns("github.com".into());
    let email = SubjectName::Email("a@virtual.example".into());
    let named = |edit: &dyn Fn(&mut Vec<SubjectName>)| {
        judge_identity(|mut identity| {
            edit(&mut identity.subject_names);
            identity
        })
    };
    assert_accepted(&named(&|_| {}));
    for second in [&other, &dns, &email] {
        for place in [0, 1] {
            let decision = named(&|names| names.insert(place, second.clone()));
            assert_rejected(&decision, CHAIN, "", &AFTER_CHAIN);
        }
        if second != &other {
            let decision = named(&|names| *names = vec![second.clone()]);
            assert_rejected(&decision, CHAIN, "", &AFTER_CHAIN);
        }
    }
    let decision = named(&|names| names.clear());
    assert_rejected(&decision, CHAIN, "", &AFTER_CHAIN);
}

#[test]
fn certificates_that_no_authority_would_issue() {
    for purposes in [vec![KeyPurpose::TimeStamping], vec![KeyPurpose::ServerAuth], vec![]] {
        let decision = judge_profile(|profile| profile.purposes = purposes);
        assert_rejected(&decision, CHAIN, "", &AFTER_CHAIN);
    }
    let unknown = |critical| CertificateExtension {
        oid: "1.2.3.4".into(),
        critical,
        value: vec![5, 0],
    };
    assert_accepted(&judge_profile(|profile| profile.extra_extensions = vec![unknown(false)]));
    let decision = judge_profile(|profile| profile.extra_extensions = vec![unknown(true)]);
    assert_rejected(&decision, CHAIN, "", &AFTER_CHAIN);
    for count in [0, 2] {
        let decision = judge_profile(|profile| profile.sct_count = count);
        assert_rejected(&decision, TRANSPARENCY, "", &[LOG, SIGNATURE]);
    }
}

#[test]
fn bytes_around_a_certificate() {
    for edit in [
        |der: &[u8]| [der, b"\0"].concat(),
        |der: &[u8]| [der, der].concat(),
        |der: &[u8]| der[..der.len() - 1].to_vec(),
        |_: &[u8]| b"-----BEGIN CERTIFICATE-----".to_vec(),
    ] {
        let mut attestation = SIGSTORE.sign(&scene(BundleShape::V03RekorV1).request());
        let edited = edit(&certificate(&attestation));
        attestation.key_material = with_certificate(&attestation.key_material, edited);
        let decision =
            decide(&SIGSTORE.trusted_root(), &attestation, BundleShape::V03RekorV1);
        let (id, detail) = decision.rejection().unwrap();
        assert!([CHAIN, FORMAT].contains(&id.as_str()), "{id}: {detail}");
    }
}

#[test]
fn the_clock_is_not_before_the_evidence() {
    for shape in BundleShape::ALL {
        let scene = scene(shape);
        let attestation = SIGSTORE.sign(&scene.request());
        let at = |now: Timestamp| {
            let verifier = verifier(&root_for(shape));
            judge_bytes(&verifier, attestation.bundle_json().as_bytes(), &scene.policy(), now)
        };
        let signed_at = instant(SIGNED_AT);
        assert_accepted(&at(signed_at));
        for early in [
            signed_at - SignedDuration::from_secs(1),
            signed_at - SignedDuration::from_hours(1),
            Timestamp::UNIX_EPOCH,
        ] {
            assert_rejected(&at(early), TIME, "the clock says", &layer_after(TIME));
        }
        // The certificate has expired long ago, the authorities some day too: no fault.
        for late in [
            now(),
            instant("2031-03-01T12:00:00Z"),
            instant("2038-01-19T03:14:08Z"),
            instant("2046-03-01T12:00:00Z"),
            instant("2106-02-07T06:28:16Z"),
        ] {
            let decision = at(late);
            assert_accepted(&decision);
            assert!(check(&decision, CHAIN).has_passed());
        }
    }
}

#[test]
fn times_at_the_edges_of_the_certificate() {
    let set = |request: &mut SigningRequest, time: &str| match request.shape {
        BundleShape::V03Tsa | BundleShape::V03RekorV2 => {
            request.timestamped_at = Some(instant(time));
        }
        _ => request.integrated_at = Some(instant(time)),
    };
    for shape in BundleShape::ALL {
        for time in ["2026-03-01T12:00:00Z", "2026-03-01T12:10:00Z"] {
            assert_accepted(&judge_request(shape, |request| set(request, time)));
        }
        for time in ["2026-03-01T11:59:59Z", "2026-03-01T12:10:01Z"] {
            let decision = judge_request(shape, |request| set(request, time));
            assert_rejected(&decision, CHAIN, "", &AFTER_CHAIN);
        }
    }
}
