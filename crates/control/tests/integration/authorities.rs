//! Other authorities, and authorities that may not, no longer or not yet.

use crate::splices::{
    AFTER_CHAIN, ALL_BUT_LOG, CHAIN, LOG, LOGGED, SIGNATURE, TIME, TRANSPARENCY, decide, scene,
};
use crate::world::{SIGNED_AT, SIGSTORE, assert_accepted, assert_rejected, layer_after, root_for};
use provost_policy::Decision;
use provost_testkit::{
    BundleShape, InstanceOptions, KeyPurpose, Validity, VirtualSigstore, instant,
};
use serde_json::{Value, json};

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
