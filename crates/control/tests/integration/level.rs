//! The SLSA Build level that a release has, and the one that is asked for.

use crate::world::{
    BUILDER, BUILDER_COMMIT, GENERATOR, SIGSTORE, SOURCE, Scene, assert_accepted, assert_refused,
    failed, judge_bytes, now, verifier,
};
use provost_testkit::{ManagedKey, SignatureAlgorithm, WorkflowRun};
use serde_json::json;

fn configured(git_ref: &str, lines: &str) -> Scene {
    let toml = format!(
        "[source]\nrepository = \"{SOURCE}\"\n\
         [[policy.builder]]\nid = \"https://github.com/{BUILDER}\"\n{lines}"
    );
    Scene::attestation_by(git_ref).configured(&toml)
}

fn self_hosted(scene: Scene) -> Scene {
    scene.certified(|mut identity| {
        identity.runner_environment = "self-hosted".into();
        identity
    })
}

/// What is accepted without a minimum, and at which level.
fn accepted() -> Vec<(&'static str, Scene, u8)> {
    let branch = "refs/heads/main";
    let third = "https://github.com/example-org/trw/.github/workflows/builder.yml";
    let id = format!("https://github.com/{BUILDER}");
    let stated = "/predicate/buildDefinition/internalParameters/github/runner_environment";
    vec![
        ("the npm CLI", Scene::npm_cli(), 2),
        ("the called workflow itself", Scene::own_workflow(WorkflowRun::example()), 2),
        ("a reusable workflow at a release tag", Scene::attestation(), 3),
        ("one at a listed tag", configured("refs/tags/v7", "refs = [\"refs/tags/v*\"]"), 3),
        (
            "one at a listed commit",
            configured(BUILDER_COMMIT, &format!("refs = [\"{BUILDER_COMMIT}\"]")),
            3,
        ),
        (
            "one at a branch, at a pinned commit",
            Scene::attestation_by(branch)
                .expecting(|e| e.signer_digest = Some(BUILDER_COMMIT.into())),
            3,
        ),
        (
            "one named with its commit",
            Scene::attestation_by(BUILDER_COMMIT)
                .expecting(|e| e.builder_id = Some(format!("{id}@{BUILDER_COMMIT}"))),
            3,
        ),
        ("one at a listed branch", configured(branch, "refs = [\"refs/heads/main\"]"), 2),
        (
            "one named with a branch",
            Scene::attestation_by(branch)
                .expecting(|e| e.builder_id = Some(format!("{id}@{branch}"))),
            2,
        ),
        ("one trusted for less", configured("refs/tags/v7.1.0", "level = 2"), 2),
        ("one trusted for least", configured("refs/tags/v7.1.0", "level = 1"), 1),
        ("the generic generator", Scene::generic(), 3),
        ("the container-based builder", Scene::container_based(), 3),
        ("the generator's builder behind a delegator", Scene::delegator(), 3),
        (
            "a listed builder behind a delegator",
            Scene::delegator_for(&format!("{third}@refs/tags/v1.0.0"))
                .expecting(|e| e.builder_id = Some(third.into())),
            3,
        ),
        ("a generator on a self-hosted runner", self_hosted(Scene::generic()), 1),
        (
            "a reusable workflow on a self-hosted runner",
            self_hosted(Scene::attestation()).stating(stated, json!("self-hosted")),
            1,
        ),
    ]
}

#[test]
fn a_minimum_is_met_up_to_the_level_there_is() {
    for (what, scene, level) in accepted() {
        let decision = scene.judge();
        assert!(decision.is_accepted(), "{what}: {:?}", failed(&decision));
        assert_eq!(decision.level(), level, "{what}");
        for minimum in 1..=3 {
            let asking = scene.clone().expecting(|e| e.min_level = Some(minimum)).judge();
            assert_eq!(asking.level(), level, "{what}");
            if minimum <= level {
                assert_accepted(&asking);
            } else {
                assert_refused(&asking, &["slsa-level"]);
            }
        }
    }
}

#[test]
fn a_refusal_has_the_level_that_is_left() {
    let branch = "refs/heads/main";
    let any = |scene: Scene| scene.expecting(|e| e.builder_id = None);
    let id = "/predicate/runDetails/builder/id";
    let other_artifact = json!("a".repeat(64));
    let rows: Vec<(&str, Scene, &[&str], u8)> = vec![
        ("an unlisted branch", Scene::attestation_by(branch), &["builder-ref"], 1),
        (
            "a branch beside a listed one",
            configured("refs/heads/dev", "refs = [\"refs/heads/main\"]"),
            &["builder-ref"],
            1,
        ),
        ("an unknown signer", any(Scene::attestation()), &["builder-id"], 1),
        (
            "another builder in the provenance",
            Scene::attestation().stating(id, json!("https://github.com/x@refs/tags/v1.0.0")),
            &["builder-id"],
            1,
        ),
        (
            "another source",
            Scene::generic().expecting(|e| e.source_uri = Some("github.com/o/r".into())),
            &["source-repository"],
            1,
        ),
        (
            "another story",
            Scene::generic().certified(|identity| identity.with(13, BUILDER_COMMIT)),
            &["certificate-consistency"],
            1,
        ),
        (
            "another build type",
            Scene::generic().stating("/predicate/buildType", json!("https://example.com/x")),
            &["build-type"],
            1,
        ),
        (
            "npm on a self-hosted runner, which it does not say",
            self_hosted(Scene::npm_cli()),
            &["runner-environment"],
            1,
        ),
        (
            "another artifact",
            Scene::generic().stating("/subject/0/digest/sha256", other_artifact),
            &["subject-digest"],
            0,
        ),
    ];
    for (what, scene, checks, level) in rows {
        let decision = scene.judge();
        assert_eq!(failed(&decision), checks, "{what}");
        assert_refused(&decision, checks);
        assert_eq!(decision.level(), level, "{what}");
        let least = scene.expecting(|e| e.min_level = Some(1)).judge();
        assert_eq!(failed(&least).contains(&"slsa-level"), level < 1, "{what}");
    }
    let commented = Scene::attestation_of_event("issue_comment").judge();
    assert_refused(&commented, &["build-trigger"]);
    assert_eq!(commented.level(), 2, "the trigger is no fault of the builder");
}

impl Scene {
    /// A reusable workflow that this event started, under a configuration that names it.
    fn attestation_of_event(event: &str) -> Self {
        let run = WorkflowRun { event: event.into(), ..WorkflowRun::example() };
        let identity = provost_testkit::WorkflowIdentity::github_actions(run).reusable(
            BUILDER,
            "refs/tags/v7.1.0",
            BUILDER_COMMIT,
        );
        let scene = Self::new(identity, provost_testkit::statement::actions_attest);
        Self { config: configured("refs/tags/v7.1.0", "").config, ..scene }
    }
}

#[test]
fn a_managed_key_vouches_for_no_hosted_builder() {
    let key = ManagedKey::generate(SignatureAlgorithm::EcdsaP256Sha256, "release");
    let scene = Scene::attestation();
    let attestation = SIGSTORE.sign_with_key(&scene.request(), &key);
    let trusted = provost_verify::ManagedKey::from_pem(&key.public_key_pem()).unwrap();
    for (minimum, accepted) in [(None, true), (Some(1), true), (Some(2), false)] {
        let verifier = verifier(&SIGSTORE.trusted_root()).with_key(trusted.clone());
        let policy = scene.clone().expecting(|e| e.min_level = minimum).policy();
        let bundle = attestation.bundle_json();
        let decision = judge_bytes(&verifier, bundle.as_bytes(), &policy, now());
        assert_eq!(decision.level(), 1);
        if accepted {
            assert_accepted(&decision);
        } else {
            assert_refused(&decision, &["slsa-level"]);
        }
    }
}

#[test]
fn the_generator_s_own_files_are_no_level_by_their_place() {
    let path = format!("{GENERATOR}pre-submit.yml");
    let scene = Scene::attestation()
        .certified(|identity| identity.reusable(&path, "refs/tags/v2.0.0", BUILDER_COMMIT));
    let decision = scene.judge();
    assert_refused(&decision, &["builder-id"]);
    assert_eq!(decision.level(), 1);
}
