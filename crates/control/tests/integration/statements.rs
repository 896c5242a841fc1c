//! What the envelope carries: an in-toto statement of SLSA provenance, read in one way.

use crate::shapes::{ENVELOPE, FORMAT, judge_edited, scene};
use crate::world::{
    SIGSTORE, Scene, assert_accepted, assert_refused, assert_rejected, failed, judge, layer_after,
    not_run, root_for,
};
use provost_policy::Decision;
use provost_testkit::{BundleShape, SigningRequest};
use serde_json::json;

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

#[test]
fn statement_and_predicate_are_of_known_types() {
    for other in ["https://in-toto.io/Statement/v0.2", "https://in-toto.io/statement/v1", ""] {
        let decision = Scene::attestation().stating("/_type", json!(other)).judge();
        assert_refused(&decision, &["statement-type"]);
    }
    let predicate = Scene::attestation().statement["predicate"].clone();
    for other in [
        "https://slsa.dev/provenance/v1.0?draft",
        "https://slsa.dev/provenance/v0.1",
        "https://slsa.dev/provenance/v1/",
        "https://slsa.dev/provenance/V1",
        "https://in-toto.io/attestation/vulns/v0.1",
        "https://spdx.dev/Document",
        "",
        // Known, and not what the predicate is.
        "https://slsa.dev/provenance/v0.2",
    ] {
        let scene = Scene::attestation().stating("/predicateType", json!(other));
        assert_eq!(scene.statement["predicate"], predicate);
        assert_unread(&scene.judge());
    }
}

/// Refused for its predicate, and every question that reads the predicate left open.
#[track_caller]
fn assert_unread(decision: &Decision) {
    assert!(!decision.is_accepted());
    assert_eq!(failed(decision), ["predicate-type"]);
    let open = [
        "builder-id",
        "builder-ref",
        "build-type",
        "signer-digest",
        "runner-environment",
        "source-repository",
        "source-ref",
        "source-digest",
        "certificate-consistency",
        "build-trigger",
        "build-input",
        "run-id",
        "package-name",
        "package-version",
    ];
    assert_eq!(not_run(decision), open);
    assert_eq!(decision.level(), 0);
}

#[test]
fn a_predicate_has_the_members_of_its_type_and_no_others() {
    for scene in [Scene::attestation(), Scene::generic(), Scene::delegator(), Scene::npm_cli()] {
        assert_accepted(&scene.judge());
        assert_unread(&scene.clone().stating("/predicate/note", json!("x")).judge());
        assert_unread(&scene.clone().stating("/predicate", json!(null)).judge());
        assert_unread(&scene.stating("/predicate", json!({})).judge());
    }
    for pointer in ["buildDefinition/buildType", "runDetails/builder", "runDetails/builder/id"] {
        let scene = Scene::attestation().without(&format!("/predicate/{pointer}"));
        assert_unread(&scene.judge());
    }
    for pointer in ["buildType", "builder", "builder/id"] {
        assert_unread(&Scene::generic().without(&format!("/predicate/{pointer}")).judge());
    }
}

#[test]
fn build_types_are_those_of_the_family() {
    let generator = "https://github.com/slsa-framework/slsa-github-generator";
    let generic = format!("{generator}/generic@v1");
    let v1 = "/predicate/buildDefinition/buildType";
    let v02 = "/predicate/buildType";
    let attest = "https://actions.github.io/buildtypes/workflow/v1";
    for other in [&format!("{generator}/generic@v2"), &format!("{generic}x"), attest, "", "x"] {
        let decision = Scene::generic().stating(v02, json!(other)).judge();
        assert_refused(&decision, &["build-type"]);
    }
    for scene in [Scene::attestation(), Scene::container_based(), Scene::delegator()] {
        for other in [generic.as_str(), "https://actions.github.io/buildtypes/workflow/v2", ""] {
            assert_refused(&scene.clone().stating(v1, json!(other)).judge(), &["build-type"]);
        }
    }
    // The old types of the npm CLI belong to its v0.2.
    let decision = Scene::npm_cli().stating(v1, json!("https://github.com/npm/cli/gha/v2"));
    assert_refused(&decision.judge(), &["build-type"]);
    // A policy may know a builder better.
    let own = "https://example.com/build/v1";
    let listing = |types: &str| {
        let toml = format!(
            "[source]\nrepository = \"github.com/example-org/artifact\"\n[[policy.builder]]\n\
             signer_workflow = \"{}\"\nbuild_types = [{types}]\n",
            crate::world::BUILDER
        );
        Scene::attestation().stating(v1, json!(own)).configured(&toml).judge()
    };
    assert_accepted(&listing(&format!("\"{own}\"")));
    assert_refused(&listing(""), &["build-type"]);
    assert_refused(&listing(&format!("\"{own}/x\"")), &["build-type"]);
}
