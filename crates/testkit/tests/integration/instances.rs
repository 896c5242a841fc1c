//! Instances with expired, retired and misused authorities.

use provost_testkit::{
    BundleShape, InstanceOptions, KeyPurpose, Validity, VirtualSigstore, instant,
};
use serde_json::json;
use sigstore_types::DerCertificate;

use crate::world::{assert_refused, judge, request};

const BEFORE: &str = "2025-01-01T00:00:00Z";
const START: &str = "2020-01-01T00:00:00Z";

fn options() -> InstanceOptions {
    InstanceOptions::default()
}

#[test]
fn refuses_signatures_outside_the_windows_of_the_trusted_root() {
    let cases = [
        ("/certificateAuthorities/0/validFor", "certificate"),
        ("/ctlogs/0/publicKey/validFor", "SCT"),
        ("/tlogs/0/publicKey/validFor", "log key"),
        ("/timestampAuthorities/0/validFor", "outside the validity"),
    ];
    let sigstore = VirtualSigstore::new();
    let shape = BundleShape::V03RekorV1AndTsa;
    let attestation = sigstore.sign(&request(shape));
    for (pointer, reason) in cases {
        for window in [
            json!({ "start": START, "end": "2026-03-01T11:59:59Z" }),
            json!({ "start": "2026-03-01T12:00:01Z" }),
        ] {
            let mut trusted_root = sigstore.trusted_root();
            *trusted_root.pointer_mut(pointer).unwrap() = window;
            assert_refused(judge(&trusted_root, &attestation, shape), reason);
        }
        let mut trusted_root = sigstore.trusted_root();
        let one_second = json!({ "start": "2026-03-01T12:00:00Z", "end": "2026-03-01T12:00:00Z" });
        *trusted_root.pointer_mut(pointer).unwrap() = one_second;
        assert!(
            judge(&trusted_root, &attestation, shape).is_ok(),
            "{pointer}"
        );
    }
}

#[test]
fn refuses_a_timestamp_by_a_certificate_that_may_not_or_no_longer() {
    let shape = BundleShape::V03Tsa;
    let cases = [
        InstanceOptions {
            timestamp_purposes: vec![KeyPurpose::CodeSigning],
            ..options()
        },
        InstanceOptions {
            timestamp_leaf: Validity::between(START, BEFORE),
            ..options()
        },
    ];
    for options in cases {
        let sigstore = VirtualSigstore::with_options(&options);
        let answer = judge(
            &sigstore.trusted_root(),
            &sigstore.sign(&request(shape)),
            shape,
        );
        assert_refused(answer, "TSA timestamp verification failed");
    }
}

#[test]
fn refuses_a_retired_timestamp_authority_beside_a_current_one() {
    let (retired, current) = (VirtualSigstore::new(), VirtualSigstore::new());
    let shape = BundleShape::V03Tsa;
    let attestation = retired.sign(&request(shape));
    let mut trusted_root = retired.trusted_root();
    trusted_root["timestampAuthorities"][0]["validFor"]["end"] = json!(BEFORE);
    let other = current.trusted_root()["timestampAuthorities"][0].clone();
    trusted_root["timestampAuthorities"]
        .as_array_mut()
        .unwrap()
        .push(other);
    assert_refused(
        judge(&trusted_root, &attestation, shape),
        "outside the validity",
    );
}

#[test]
fn an_expired_intermediate_is_made_as_asked() {
    // The library takes the intermediate for an anchor and does not read its dates: refusing is
    // its caller's task, for which the expired certificate is visible in the trusted root.
    let expired = Validity::between(START, BEFORE);
    let sigstore = VirtualSigstore::with_options(&InstanceOptions {
        intermediate: expired,
        ..options()
    });
    let [intermediate, root] = sigstore.authority_certificates();
    let shape = BundleShape::V03RekorV1;
    let attestation = sigstore.sign(&request(shape));
    assert!(judge(&sigstore.trusted_root(), &attestation, shape).is_ok());

    // As an intermediate proper, offered by a bundle under a trusted root without it, it counts.
    let shape = BundleShape::V02Intoto;
    let mut attestation = sigstore.sign(&request(shape));
    let provost_testkit::KeyMaterial::Chain(chain) = &mut attestation.key_material else {
        panic!("v0.2 has a chain");
    };
    chain.push(intermediate);
    let mut trusted_root = sigstore.trusted_root();
    let root = json!({ "rawBytes": DerCertificate::new(root) });
    trusted_root["certificateAuthorities"][0]["certChain"]["certificates"] = json!([root]);
    assert_refused(
        judge(&trusted_root, &attestation, shape),
        "certificate chain",
    );
}

#[test]
fn an_unexpired_intermediate_offered_by_the_bundle_is_accepted() {
    let sigstore = VirtualSigstore::new();
    let [intermediate, root] = sigstore.authority_certificates();
    let shape = BundleShape::V02Intoto;
    let mut attestation = sigstore.sign(&request(shape));
    let provost_testkit::KeyMaterial::Chain(chain) = &mut attestation.key_material else {
        panic!("v0.2 has a chain");
    };
    chain.push(intermediate);
    let mut trusted_root = sigstore.trusted_root();
    let root = json!({ "rawBytes": DerCertificate::new(root) });
    trusted_root["certificateAuthorities"][0]["certChain"]["certificates"] = json!([root]);
    let answer = judge(&trusted_root, &attestation, shape);
    assert!(answer.is_ok(), "{answer:?}");
}

#[test]
fn an_instance_can_have_ended() {
    let options = InstanceOptions::valid(Validity::between(START, "2026-03-01T12:00:00Z"));
    let sigstore = VirtualSigstore::with_options(&options);
    let shape = BundleShape::V03RekorV1AndTsa;
    let in_time = sigstore.sign(&request(shape));
    let answer = judge(&sigstore.trusted_root(), &in_time, shape);
    assert!(answer.is_ok(), "{answer:?}");

    let mut late = request(shape);
    late.signed_at = instant("2026-03-01T12:00:01Z");
    assert!(judge(&sigstore.trusted_root(), &sigstore.sign(&late), shape).is_err());
}
