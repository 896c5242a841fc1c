//! Certificates that no authority would issue, and bytes that are none.

use crate::splices::{
    AFTER_CHAIN, CHAIN, FORMAT, LOG, SIGNATURE, TRANSPARENCY, certificate, decide, judge_request,
    scene, with_certificate,
};
use crate::world::{SIGSTORE, assert_accepted, assert_rejected};
use provost_policy::Decision;
use provost_testkit::{
    BundleShape, CertificateExtension, CertificateProfile, ExtensionValue, KeyPurpose, SubjectName,
    WorkflowIdentity,
};

fn judge_identity(edit: impl FnOnce(WorkflowIdentity) -> WorkflowIdentity) -> Decision {
    judge_request(BundleShape::V03RekorV1, |request| {
        request.identity = edit(request.identity.clone());
    })
}

fn judge_profile(edit: impl FnOnce(&mut CertificateProfile)) -> Decision {
    judge_request(BundleShape::V03RekorV1, |request| edit(&mut request.certificate))
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
    let unknown =
        |critical| CertificateExtension { oid: "1.2.3.4".into(), critical, value: vec![5, 0] };
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
        let decision = decide(&SIGSTORE.trusted_root(), &attestation, BundleShape::V03RekorV1);
        let (id, detail) = decision.rejection().unwrap();
        assert!([CHAIN, FORMAT].contains(&id.as_str()), "{id}: {detail}");
    }
}
