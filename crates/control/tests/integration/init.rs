//! The policy that *init* writes, against releases as its workflows make them.

use crate::world::{BUILDER_COMMIT, SOURCE, Scene, assert_accepted, assert_refused, now};
use provost_control::init::{InitRequest, init};
use provost_testkit::{WorkflowIdentity, WorkflowRun, statement};
use std::process::Command;

const OWN_BUILDER: &str = "example-org/artifact/.github/workflows/slsa-builder.yml";

/// The `provost.toml` of a fresh repository of the example.
fn policy() -> String {
    let folder = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let status = Command::new("git").arg("-C").arg(folder.path()).args(arguments).status();
        assert!(status.unwrap().success(), "{arguments:?}");
    };
    git(&["init", "--quiet"]);
    git(&["remote", "add", "origin", &format!("https://{SOURCE}.git")]);
    let request = InitRequest {
        folder: folder.path().to_owned(),
        build: None,
        artifacts: None,
        runners: None,
        action: None,
        from_bundle: None,
        trusted_root: None,
        force: false,
        patch: false,
        dry_run: false,
    };
    init(&request, now()).unwrap();
    std::fs::read_to_string(folder.path().join("provost.toml")).unwrap()
}

/// A release as slsa-provenance.yml makes it: dispatched on the tag, signed by the builder that
/// lies at the same tag.
fn released(builder: &str, builder_ref: &str, edit: impl FnOnce(&mut WorkflowRun)) -> Scene {
    let mut run = WorkflowRun::example();
    run.event = "workflow_dispatch".into();
    run.workflow_path = ".github/workflows/slsa-provenance.yml".into();
    edit(&mut run);
    let identity =
        WorkflowIdentity::github_actions(run).reusable(builder, builder_ref, BUILDER_COMMIT);
    let mut scene = Scene::new(identity, statement::actions_attest).configured(&policy());
    scene.expectations.source_tag = Some("v1.2.3".into());
    scene
}

#[test]
fn a_release_by_the_written_workflows_is_accepted_at_level_3() {
    for event in ["workflow_dispatch", "release"] {
        let decision =
            released(OWN_BUILDER, "refs/tags/v1.2.3", |run| run.event = event.into()).judge();
        assert_accepted(&decision);
        assert_eq!(decision.level(), 3);
    }
}

#[test]
fn anything_else_is_refused() {
    let tag = "refs/tags/v1.2.3";
    let other = "example-org/other/.github/workflows/slsa-builder.yml";
    let decision = released(other, tag, |_| {}).judge();
    assert!(!decision.is_accepted());
    assert!(decision.failed_checks().any(|check| check.id().as_str() == "builder-id"));
    let decision = released(OWN_BUILDER, "refs/heads/main", |_| {}).judge();
    assert!(!decision.is_accepted());
    assert!(decision.failed_checks().any(|check| check.id().as_str() == "builder-ref"));
    let decision = released(OWN_BUILDER, tag, |run| run.git_ref = "refs/heads/main".into()).judge();
    assert_refused(&decision, &["source-ref"]);
    let decision = released(OWN_BUILDER, tag, |run| run.event = "pull_request_target".into());
    let decision = decision.judge();
    assert!(decision.failed_checks().any(|check| check.id().as_str() == "build-trigger"));
}
