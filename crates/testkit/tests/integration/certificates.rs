//! Certificates with one thing wrong are made as asked and refused.

use provost_testkit::{
    BundleShape, CertificateExtension, CertificateProfile, ExtensionValue, KeyPurpose,
    SigningRequest, SubjectName, Validity, instant,
};

use crate::world::{assert_refused, identity, judge_edited};

const SHAPE: BundleShape = BundleShape::V03RekorV1;

#[track_caller]
fn assert_profile_refused(reason: &str, edit: impl FnOnce(&mut CertificateProfile)) {
    let answer = judge_edited(SHAPE, |request| edit(&mut request.certificate));
    assert_refused(answer, reason);
}

#[track_caller]
fn assert_request_refused(reason: &str, edit: impl FnOnce(&mut SigningRequest)) {
    assert_refused(judge_edited(SHAPE, edit), reason);
}

#[test]
fn refuses_other_key_purposes() {
    for purposes in [vec![KeyPurpose::TimeStamping], vec![KeyPurpose::ServerAuth], vec![]] {
        assert_profile_refused("RequiredEkuNotFound", |profile| profile.purposes = purposes);
    }
}

#[test]
fn refuses_none_and_two_certificate_timestamps() {
    assert_profile_refused("missing SCT", |profile| profile.sct_count = 0);
    assert_profile_refused("multiple SCTs", |profile| profile.sct_count = 2);
}

#[test]
fn refuses_a_certificate_of_another_time() {
    let later = Validity::between("2026-03-01T12:00:01Z", "2026-03-01T12:10:00Z");
    assert_profile_refused("CertNotValidYet", |profile| profile.validity = Some(later));
    let earlier = Validity::between("2026-03-01T11:50:00Z", "2026-03-01T11:59:59Z");
    assert_profile_refused("CertExpired", |profile| profile.validity = Some(earlier));
    let accepted = Validity::between("2026-03-01T11:50:00Z", "2026-03-01T12:00:00Z");
    let answer = judge_edited(SHAPE, |request| request.certificate.validity = Some(accepted));
    assert!(answer.is_ok(), "{answer:?}");
}

#[test]
fn refuses_a_critical_extension_that_nobody_knows() {
    let extension =
        |critical| CertificateExtension { oid: "1.2.3.4".into(), critical, value: vec![5, 0] };
    assert_profile_refused("UnsupportedCriticalExtension", |profile| {
        profile.extra_extensions = vec![extension(true)];
    });
    let answer = judge_edited(SHAPE, |request| {
        request.certificate.extra_extensions = vec![extension(false)];
    });
    assert!(answer.is_ok(), "{answer:?}");
}

#[test]
fn refuses_times_outside_the_certificate() {
    let refused =
        [("2026-03-01T11:59:59Z", "CertNotValidYet"), ("2026-03-01T12:10:01Z", "CertExpired")];
    for (time, reason) in refused {
        assert_request_refused(reason, |request| {
            request.integrated_at = Some(instant(time));
        });
        let answer = judge_edited(BundleShape::V03RekorV1AndTsa, |request| {
            request.timestamped_at = Some(instant(time));
        });
        assert_refused(answer, reason);
    }
    for time in ["2026-03-01T12:00:00Z", "2026-03-01T12:10:00Z"] {
        let answer = judge_edited(BundleShape::V03RekorV1AndTsa, |request| {
            request.integrated_at = Some(instant(time));
            request.timestamped_at = Some(instant(time));
        });
        assert!(answer.is_ok(), "{time}: {answer:?}");
    }
}

#[test]
fn refuses_an_integrated_time_to_come() {
    assert_request_refused("in the future", |request| {
        request.signed_at = instant("2120-01-01T00:00:00Z");
    });
}

#[test]
fn refuses_other_identities_and_issuers() {
    assert_request_refused("identity mismatch", |request| {
        let name = SubjectName::Uri("https://github.com/example-org/evil".into());
        request.identity.subject_names = vec![name];
    });
    assert_request_refused("identity mismatch", |request| {
        request.identity.subject_names.insert(0, SubjectName::Email("a@virtual.example".into()));
    });
    assert_request_refused("issuer mismatch", |request| {
        request.identity.issuer = "https://gitlab.com".into();
    });
    assert_request_refused("identity mismatch", |request| {
        request.identity.subject_names.clear();
    });
    // The newer extension decides alone; the older one counts only without it.
    assert_request_refused("issuer mismatch", |request| {
        request.identity = identity().with(8, "https://gitlab.com");
    });
}

#[test]
fn single_extensions_can_be_omitted_replaced_doubled_and_broken() {
    let claims = |identity| {
        let answer = judge_edited(SHAPE, |request| request.identity = identity);
        answer.unwrap().certificate().unwrap().ci_claims.clone()
    };
    let honest = claims(identity());

    let omitted = claims(identity().without(14));
    assert_eq!(omitted.source_repository_ref, None);
    assert_eq!(omitted.deprecated_github, honest.deprecated_github);

    let replaced = claims(identity().with(6, "refs/heads/main"));
    assert_eq!(replaced.deprecated_github.workflow_ref.as_deref(), Some("refs/heads/main"));
    assert_eq!(replaced.source_repository_ref, honest.source_repository_ref);

    // Without the newer issuer the older one counts; without both there is none.
    let answer = judge_edited(SHAPE, |request| request.identity = identity().without(8));
    assert!(answer.is_ok(), "{answer:?}");
    assert_request_refused("issuer mismatch", |request| {
        request.identity = identity().without(8).without(1);
    });

    let truncated = ExtensionValue::Bytes(vec![0x0c, 0x7f, b'x']);
    assert_request_refused("malformed Fulcio issuer v2", |request| {
        request.identity = identity().with_value(8, truncated);
    });
}

#[test]
fn a_doubled_extension_is_made_as_asked() {
    // The library reads one of the two: refusing the pair is left to its caller.
    let result = judge_edited(SHAPE, |request| {
        request.identity = identity().with_another(14, "refs/heads/main");
    });
    let claims = result.unwrap().certificate().unwrap().ci_claims.clone();
    assert!(claims.source_repository_ref.is_some());
}
