//! Instances with expired, retired and misused authorities.

use provost_testkit::{
    BundleShape, InstanceOptions, KeyMaterial, KeyPurpose, Validity, VirtualSigstore, instant,
};
use serde_json::json;
use sigstore_types::DerCertificate;
use sigstore_verify::VerificationResult;

use crate::world::{assert_refused, judge, request};

const BEFORE: &str = "2025-01-01T00:00:00Z";
const START: &str = "2020-01-01T00:00:00Z";

fn options() -> InstanceOptions {
    InstanceOptions::default()
}

#[test]
fn refuses_signatures_outside_the_windows_of_the_trusted_root() {
    let cases = [
        ("/certificateAuthorities/0/validFor", "no trusted certificate authority"),
        ("/ctlogs/0/publicKey/validFor", "SCT signature verification failed"),
        ("/tlogs/0/publicKey/validFor", "No log key valid"),
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
        assert!(judge(&trusted_root, &attestation, shape).is_ok(), "{pointer}");
    }
}

#[test]
fn refuses_a_timestamp_by_a_certificate_that_may_not_or_no_longer() {
    let shape = BundleShape::V03Tsa;
    let may_not = vec![KeyPurpose::CodeSigning];
    let no_longer = Validity::between(START, BEFORE);
    let cases = [
        (InstanceOptions { timestamp_purposes: may_not, ..options() }, "RequiredEkuNotFound"),
        (InstanceOptions { timestamp_leaf: no_longer, ..options() }, "CertExpired"),
        (InstanceOptions { timestamp_root: no_longer, ..options() }, ""),
    ];
    for (options, reason) in cases {
        let sigstore = VirtualSigstore::with_options(&options);
        let answer = judge(&sigstore.trusted_root(), &sigstore.sign(&request(shape)), shape);
        match reason {
            // The library takes the root for an anchor and does not read its dates.
            "" => assert!(answer.is_ok(), "{answer:?}"),
            _ => assert_refused(answer, reason),
        }
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
    trusted_root["timestampAuthorities"].as_array_mut().unwrap().push(other);
    assert_refused(judge(&trusted_root, &attestation, shape), "outside the validity");
}

#[test]
fn an_expired_intermediate_in_the_trusted_root_is_made_as_asked() {
    // The library takes the intermediate for an anchor and does not read its dates: refusing is
    // its caller's task, who sees the expired certificate in the trusted root.
    let shape = BundleShape::V03RekorV1;
    let sigstore = with_intermediate(Validity::between(START, BEFORE));
    let answer = judge(&sigstore.trusted_root(), &sigstore.sign(&request(shape)), shape);
    assert!(answer.is_ok(), "{answer:?}");
}

#[test]
fn an_intermediate_offered_by_the_bundle_must_be_valid() {
    let current = offered_by_bundle(&with_intermediate(Validity::since(START)));
    assert!(current.is_ok(), "{current:?}");
    let expired = offered_by_bundle(&with_intermediate(Validity::between(START, BEFORE)));
    assert_refused(expired, "CertExpired");
}

#[test]
fn an_instance_can_have_ended() {
    let options = InstanceOptions::valid(Validity::between(START, "2026-03-01T12:00:00Z"));
    let sigstore = VirtualSigstore::with_options(&options);
    let shape = BundleShape::V03RekorV1;
    let in_time = sigstore.sign(&request(shape));
    let answer = judge(&sigstore.trusted_root(), &in_time, shape);
    assert!(answer.is_ok(), "{answer:?}");

    let mut late = request(shape);
    late.signed_at = instant("2026-03-01T12:00:01Z");
    let answer = judge(&sigstore.trusted_root(), &sigstore.sign(&late), shape);
    assert_refused(answer, "No log key valid");
}

fn with_intermediate(intermediate: Validity) -> VirtualSigstore {
    VirtualSigstore::with_options(&InstanceOptions { intermediate, ..options() })
}

/// Judges under a trusted root without the intermediate, which the bundle's chain brings along.
fn offered_by_bundle(sigstore: &VirtualSigstore) -> Result<VerificationResult, String> {
    let [intermediate, root] = sigstore.authority_certificates();
    let shape = BundleShape::V02Intoto;
    let mut attestation = sigstore.sign(&request(shape));
    let KeyMaterial::Chain(chain) = &mut attestation.key_material else {
        panic!("v0.2 has a chain");
    };
    chain.push(intermediate);
    let mut trusted_root = sigstore.trusted_root();
    let root = json!({ "rawBytes": DerCertificate::new(root) });
    trusted_root["certificateAuthorities"][0]["certChain"]["certificates"] = json!([root]);
    judge(&trusted_root, &attestation, shape)
}
