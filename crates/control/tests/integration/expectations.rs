//! What the caller asks for: each question counts, and none that cannot be met.

use crate::identity::{COMMIT, TENANT, github};
use crate::world::{BUILDER, BUILDER_COMMIT, OTHER_COMMIT, Scene, assert_accepted, assert_refused};
use provost_control::{ControlError, Expectations};

/// Each expectation, set to what nothing here is, turns an acceptance into a refusal by its own
/// check; set to what is true, it is met.
#[test]
fn every_expectation_counts() {
    type Edit = fn(&mut Expectations);
    let rows: [(Edit, Edit, &[&str]); 13] = [
        (
            |e| e.source_tag = Some("v1.2.3".into()),
            |e| e.source_tag = Some("v1.2.4".into()),
            &["source-ref"],
        ),
        (
            |e| e.source_versioned_tag = Some("v1.2".into()),
            |e| e.source_versioned_tag = Some("v1.3".into()),
            &["source-ref"],
        ),
        (|_| {}, |e| e.source_branch = Some("main".into()), &["source-ref"]),
        (|_| {}, |e| e.source_tag = Some(String::new()), &["source-ref"]),
        (
            |e| e.source_digest = Some(COMMIT.into()),
            |e| e.source_digest = Some(OTHER_COMMIT.into()),
            &["source-digest"],
        ),
        (
            |e| e.builder_id = Some(format!("{}@refs/tags/v7.1.0", github(BUILDER))),
            |e| e.builder_id = Some(format!("{}@refs/tags/v7.1.1", github(BUILDER))),
            &["builder-id"],
        ),
        (
            |e| e.signer_workflow = Some(BUILDER.into()),
            |e| e.signer_workflow = Some(BUILDER.replace("build", "other")),
            &["builder-id"],
        ),
        (
            |e| e.signer_digest = Some(BUILDER_COMMIT.into()),
            |e| e.signer_digest = Some(OTHER_COMMIT.into()),
            &["signer-digest"],
        ),
        (|_| {}, |e| e.build_workflow_inputs = vec!["a=b".into()], &["build-input"]),
        (
            |e| e.predicate_types = vec!["https://slsa.dev/provenance/v1".into()],
            |e| e.predicate_types = vec!["https://slsa.dev/provenance/v0.2".into()],
            &["predicate-type"],
        ),
        (
            |e| e.certificate_identity = Some(format!("{}@refs/tags/v7.1.0", github(BUILDER))),
            |e| e.certificate_identity = Some(format!("{}@refs/tags/v7.1", github(BUILDER))),
            &["builder-id"],
        ),
        (
            |e| {
                let issuer = "https://token.actions.githubusercontent.com";
                e.certificate_oidc_issuer = Some(issuer.into());
            },
            |e| e.certificate_oidc_issuer = Some(TENANT.into()),
            &["issuer"],
        ),
        (|_| {}, |e| e.builder_id = Some(String::new()), &["builder-id"]),
    ];
    for (met, unmet, checks) in rows {
        let met = Scene::attestation().expecting(met);
        assert_accepted(&met.judge());
        assert_refused(&met.expecting(unmet).judge(), checks);
    }
}

#[test]
fn an_expectation_that_nothing_could_meet_is_an_error_and_no_verdict() {
    type Edit = fn(&mut Expectations);
    let rows: [(Edit, &str); 19] = [
        (|e| e.source_uri = None, "which source"),
        (|e| e.unsafe_any_source = true, "exclude"),
        (|e| e.source_uri = Some("example-org/artifact".into()), "--source-uri"),
        (|e| e.source_uri = Some("github.com/example-org/artifact.git".into()), "--source-uri"),
        (|e| e.source_uri = Some("github.com/example-org/artifact/".into()), "--source-uri"),
        (|e| e.source_uri = Some("github.com/example-org//artifact".into()), "--source-uri"),
        (|e| e.source_uri = Some("github.com/example-org/x/../artifact".into()), "--source-uri"),
        (|e| e.source_uri = Some("github.com/example-org%2Fartifact".into()), "--source-uri"),
        (|e| e.source_uri = Some("github.com/example-org/\u{212a}elvin".into()), "--source-uri"),
        (|e| e.source_uri = Some("github.com./example-org/artifact".into()), "--source-uri"),
        (|e| e.source_uri = Some("https://example.ghe.com/o/r".into()), "--source-uri"),
        (|e| e.source_uri = Some(String::new()), "--source-uri"),
        (|e| e.source_digest = Some("693130cb".into()), "--source-digest"),
        (|e| e.signer_digest = Some(BUILDER_COMMIT.to_uppercase()), "--signer-digest"),
        (|e| e.builder_id = Some("https://github.com/o/r@".into()), "--builder-id"),
        (|e| e.signer_workflow = Some("build.yml".into()), "--signer-workflow"),
        (|e| e.source_versioned_tag = Some("1.2".into()), "--source-versioned-tag"),
        (
            |e| {
                e.source_tag = Some("v1".into());
                e.source_versioned_tag = Some("v1".into());
            },
            "exclude",
        ),
        (|e| e.build_workflow_inputs = vec!["key".into()], "--build-workflow-input"),
    ];
    for (edit, words) in rows {
        let scene = Scene::attestation().expecting(edit);
        let error = scene.expectations.policy(None).unwrap_err();
        assert!(matches!(error, ControlError::Configuration(_)), "{error:?}");
        assert!(error.to_string().contains(words), "{words}: {error}");
        assert_eq!(error.exit_code(), 2);
    }
    let scene = Scene::attestation()
        .expecting(|e| e.predicate_types = vec!["https://spdx.dev/Document".into()]);
    let error = scene.expectations.policy(None).unwrap_err();
    assert!(matches!(error, ControlError::NotSupported(_)), "{error:?}");
}
