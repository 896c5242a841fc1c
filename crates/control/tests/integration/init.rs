//! The policy that *init* writes, against releases as its workflows make them.

use crate::world::{
    BUILDER_COMMIT, GENERATOR, SIGSTORE, SOURCE, Scene, assert_accepted, assert_refused, now,
    root_for,
};
use provost_control::config::Config;
use provost_control::init::{InitError, InitRequest, init};
use provost_testkit::{WorkflowIdentity, WorkflowRun, statement};
use std::process::Command;

const OWN_BUILDER: &str = "example-org/artifact/.github/workflows/slsa-builder.yml";

/// The `provost.toml` of a fresh repository of the example.
fn policy() -> String {
    policy_from(None).unwrap()
}

/// The same, read off a release when one is given.
fn policy_from(known: Option<&Scene>) -> Result<String, InitError> {
    let folder = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let status = Command::new("git").arg("-C").arg(folder.path()).args(arguments).status();
        assert!(status.unwrap().success(), "{arguments:?}");
    };
    git(&["init", "--quiet"]);
    git(&["remote", "add", "origin", &format!("https://{SOURCE}.git")]);
    let outside = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = outside.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let request = InitRequest {
        folder: folder.path().to_owned(),
        build: None,
        artifacts: None,
        runners: None,
        action: None,
        from_bundle: known
            .map(|scene| file("known.json", SIGSTORE.sign(&scene.request()).bundle_json())),
        trusted_root: known.map(|scene| file("root.json", root_for(scene.shape).to_string())),
        force: false,
        patch: false,
        supabase: false,
        dry_run: false,
    };
    let report = init(&request, now())?;
    let notes = report.notes.join("\n");
    assert_eq!(notes.contains("the trusted root lies outside"), known.is_some(), "{notes}");
    Ok(std::fs::read_to_string(folder.path().join("provost.toml")).unwrap())
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

#[test]
fn a_release_by_the_own_builder_makes_the_policy_of_that_builder_alone() {
    let known = released(OWN_BUILDER, "refs/tags/v1.2.3", |_| {});
    let config = Config::parse(&policy_from(Some(&known)).unwrap()).unwrap();
    let [builder] = config.policy.builders.as_slice() else { panic!("{config:?}") };
    assert_eq!(builder.signer_workflow.as_deref(), Some(OWN_BUILDER));
    assert_eq!(builder.refs, ["refs/tags/v*"]);
    assert_eq!(config.source.repository_id, Some(486_325_809));
    assert_eq!(config.source.owner_id, Some(80_431_187));
    assert_eq!(config.policy.min_level, Some(3));
}

#[test]
fn a_release_by_another_builder_makes_a_policy_that_accepts_it() {
    let generic = Scene::generic();
    for (known, workflow, refs) in [
        (
            Scene::attestation(),
            "example-org/workflows/.github/workflows/build.yml",
            "refs/tags/v7.*",
        ),
        (generic, &*format!("{GENERATOR}generator_generic_slsa3.yml"), "refs/tags/v2.*"),
    ] {
        let toml = policy_from(Some(&known)).unwrap();
        let config = Config::parse(&toml).unwrap();
        let [own, builder] = config.policy.builders.as_slice() else { panic!("{toml}") };
        assert_eq!(own.signer_workflow.as_deref(), Some(OWN_BUILDER));
        assert_eq!(builder.signer_workflow.as_deref(), Some(workflow));
        assert_eq!(builder.refs, [refs]);
        assert!(config.policy.triggers.iter().any(|trigger| trigger == "push"));
        assert_accepted(&known.configured(&toml).judge());
    }
}

#[test]
fn a_release_that_pins_nothing_makes_no_policy() {
    let on_branch = Scene::attestation_by("refs/heads/main");
    assert!(matches!(policy_from(Some(&on_branch)), Err(InitError::Unfit { .. })));
    let of_branch = released(OWN_BUILDER, "refs/tags/v1.2.3", |run| {
        run.git_ref = "refs/heads/main".into();
    });
    assert!(matches!(policy_from(Some(&of_branch)), Err(InitError::Unfit { .. })));
    let other =
        Scene::own_workflow(WorkflowRun { repository: "o/r".into(), ..WorkflowRun::example() });
    assert!(matches!(policy_from(Some(&other)), Err(InitError::Unfit { .. })));
}

#[test]
fn a_release_whose_certificate_and_statement_disagree_makes_no_policy() {
    let known = Scene::attestation()
        .stating("/predicate/runDetails/builder/id", "https://github.com/o/r/x.yml".into());
    assert!(matches!(policy_from(Some(&known)), Err(InitError::NotAccepted { .. })));
}
