//! The run that built: its runner, its trigger, its inputs, its number.

use crate::identity::{config, github};
use crate::world::{BUILDER, SOURCE, Scene, assert_accepted, assert_refused, skipped};
use provost_policy::Decision;
use provost_testkit::{WorkflowIdentity, WorkflowRun, statement};
use serde_json::json;

#[test]
fn the_certificate_says_which_runner_it_was() {
    let denied = |scene: Scene| scene.expecting(|e| e.deny_self_hosted_runners = true);
    let self_hosted = |scene: Scene| {
        scene.certified(|mut identity| {
            identity.runner_environment = "self-hosted".into();
            identity
        })
    };
    for scene in [Scene::generic(), Scene::container_based(), Scene::delegator()] {
        assert_accepted(&denied(scene.clone()).judge());
        assert_accepted(&self_hosted(scene.clone()).judge());
        assert_refused(&denied(self_hosted(scene.clone())).judge(), &["runner-environment"]);
        let unsaid = denied(scene).certified(|identity| identity.without(11));
        assert_refused(&unsaid.judge(), &["runner-environment"]);
    }
    let stated = "/predicate/buildDefinition/internalParameters/github/runner_environment";
    let honest = self_hosted(Scene::attestation()).stating(stated, json!("self-hosted"));
    assert_accepted(&honest.judge());
    assert_refused(&denied(honest).judge(), &["runner-environment"]);
    // The provenance says hosted, the certificate does not: the certificate wins.
    assert_refused(&self_hosted(Scene::attestation()).judge(), &["certificate-consistency"]);
    assert_refused(&self_hosted(Scene::npm_cli()).judge(), &["runner-environment"]);
    let unsaid = Scene::npm_cli().certified(|identity| identity.without(11));
    assert_refused(&unsaid.judge(), &["runner-environment"]);
    for other in ["GitHub-hosted", "github-hosted ", "", "other"] {
        let scene = denied(Scene::generic()).certified(|identity| identity.with(11, other));
        assert_refused(&scene.judge(), &["runner-environment"]);
    }
}

#[test]
fn a_configuration_names_the_events_that_may_build() {
    let by = |event: &str| {
        let run = WorkflowRun { event: event.into(), ..WorkflowRun::example() };
        let identity =
            WorkflowIdentity::github_actions(run).reusable(BUILDER, "refs/tags/v7.1.0", "x");
        Scene::new(identity, statement::actions_attest)
    };
    for event in ["push", "release", "workflow_dispatch"] {
        assert_accepted(&by(event).configured(&config("")).judge());
    }
    for event in [
        "pull_request",
        "pull_request_target",
        "workflow_run",
        "issue_comment",
        "schedule",
        "repository_dispatch",
        "PUSH",
        "push ",
        "",
    ] {
        assert_refused(&by(event).configured(&config("")).judge(), &["build-trigger"]);
    }
    let only_schedule = format!(
        "[source]\nrepository = \"{SOURCE}\"\n[policy]\ntriggers = [\"schedule\"]\n\
         [[policy.builder]]\nid = \"{}\"\n",
        github(BUILDER)
    );
    assert_accepted(&by("schedule").configured(&only_schedule).judge());
    assert_refused(&by("push").configured(&only_schedule).judge(), &["build-trigger"]);
    // Without a policy nothing is asked, and the report says so.
    let unasked = by("issue_comment").expecting(|e| e.builder_id = Some(github(BUILDER))).judge();
    assert_accepted(&unasked);
    assert!(skipped(&unasked).contains(&"build-trigger"));
}

#[test]
fn inputs_are_those_of_the_signed_event() {
    let inputs = "/predicate/invocation/environment/github_event_payload/inputs";
    let dispatched = |event: &str| {
        let run = WorkflowRun { event: event.into(), ..WorkflowRun::example() };
        Scene::generic_of(run)
    };
    let wanting = |scene: Scene, wanted: &[&str]| -> Decision {
        let wanted = wanted.iter().map(|text| (*text).to_owned()).collect();
        scene.expecting(|e| e.build_workflow_inputs = wanted).judge()
    };
    let given = json!({ "version": "1.2.3", "dry": "false", "flag": true, "n": 3 });
    let scene = dispatched("workflow_dispatch").stating(inputs, given.clone());
    assert_accepted(&wanting(scene.clone(), &["version=1.2.3"]));
    assert_accepted(&wanting(scene.clone(), &["version=1.2.3", "dry=false"]));
    for wrong in ["version=1.2.4", "version=", "Version=1.2.3", "none=x", "flag=true", "n=3"] {
        assert_refused(&wanting(scene.clone(), &["dry=false", wrong]), &["build-input"]);
    }
    for event in ["push", "release", "schedule"] {
        let run = dispatched(event).stating(inputs, given.clone());
        assert_refused(&wanting(run, &["version=1.2.3"]), &["build-input"]);
    }
    let nothing = dispatched("workflow_dispatch").stating(inputs, json!(null));
    assert_refused(&wanting(nothing, &["version=1.2.3"]), &["build-input"]);
}

#[test]
fn the_run_is_one_of_the_source_repository() {
    let scene = Scene::attestation();
    let mut policy = scene.policy();
    policy.run_id = Some(14_095_611_671);
    assert_accepted(&scene.judge_under(&policy));
    policy.run_id = Some(14_095_611_672);
    assert_refused(&scene.judge_under(&policy), &["run-id"]);
    for url in [
        "https://github.com/example-org/artifact-evil/actions/runs/14095611671/attempts/1",
        "https://github.com/evil/artifact/actions/runs/14095611671/attempts/1",
        "https://github.com/example-org/artifact/actions/runs/14095611671",
        "https://github.com/example-org/artifact/actions/runs/014095611671/attempts/1",
        "https://github.com/example-org/artifact/actions/runs/14095611671/attempts/1/x",
        "",
    ] {
        let decision = Scene::attestation()
            .without("/predicate/runDetails/metadata/invocationId")
            .certified(|identity| identity.with(21, url))
            .judge();
        assert_refused(&decision, &["run-id"]);
    }
}
