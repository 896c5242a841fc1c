//! Who signed: issuer and signer are named whole, and look-alikes are somebody else.

use crate::world::{
    BUILDER, BUILDER_COMMIT, SOURCE, Scene, assert_accepted, assert_refused, failed, identity,
    skipped,
};
use provost_testkit::{SubjectName, WorkflowIdentity, WorkflowRun, statement};
use serde_json::json;

pub(crate) const COMMIT: &str = "693130cb6cb840a7bc9cb18c6510d536a95dc7e6";
pub(crate) const TENANT: &str = "https://token.actions.example.ghe.com";

pub(crate) fn run_at(git_ref: &str) -> WorkflowRun {
    WorkflowRun { git_ref: git_ref.into(), ..WorkflowRun::example() }
}

pub(crate) fn github(path: &str) -> String {
    format!("https://github.com/{path}")
}

/// A configuration that names the example's builder, with more lines in its builder section.
pub(crate) fn config(builder_lines: &str) -> String {
    format!(
        "[source]\nrepository = \"{SOURCE}\"\n[[policy.builder]]\nid = \"{}\"\n{builder_lines}",
        github(BUILDER)
    )
}

#[test]
fn every_family_is_accepted_as_it_is_and_refused_for_another_source() {
    let families = [
        Scene::attestation(),
        Scene::own_workflow(WorkflowRun::example()),
        Scene::generic(),
        Scene::container_based(),
        Scene::delegator(),
        Scene::npm_cli(),
    ];
    for scene in families {
        assert_accepted(&scene.judge());
        for other in [
            "github.com/example-org/artifact-evil",
            "github.com/example-org/artifac",
            "github.com/example-org-evil/artifact",
            "github.com/evil/artifact",
        ] {
            let other = scene.clone().expecting(|e| e.source_uri = Some(other.into()));
            assert_refused(&other.judge(), &["source-repository"]);
        }
        let any = scene.expecting(|e| (e.source_uri, e.unsafe_any_source) = (None, true));
        let decision = any.judge();
        assert_accepted(&decision);
        assert!(skipped(&decision).contains(&"source-repository"));
    }
}

#[test]
fn the_issuer_is_the_one_expected_in_both_forms() {
    let with = |edit: fn(WorkflowIdentity) -> WorkflowIdentity| {
        Scene::attestation().certified(edit).judge()
    };
    assert_accepted(&with(|identity| identity.without(1)));
    assert_accepted(&with(|identity| identity.without(8)));
    assert_refused(&with(|identity| identity.without(1).without(8)), &["issuer"]);
    let others: [fn(WorkflowIdentity) -> WorkflowIdentity; 8] = [
        |identity| identity.with(8, "https://gitlab.com"),
        |identity| identity.with(1, "https://gitlab.com"),
        |identity| identity.without(8).with(1, "https://gitlab.com"),
        |identity| identity.without(1).with(8, "https://accounts.google.com"),
        |identity| identity.with(1, TENANT).with(8, TENANT),
        |identity| identity.with(8, "https://token.actions.githubusercontent.com/"),
        |identity| identity.with(8, "https://token.actions.githubusercontent.com.evil.example"),
        |identity| identity.with(8, "http://token.actions.githubusercontent.com"),
    ];
    for edit in others {
        assert_refused(&with(edit), &["issuer"]);
    }
}

/// The signer's name is `uri`, in certificate and statement alike.
fn signed_by(uri: &str) -> Scene {
    let mut identity = identity().reusable(BUILDER, "refs/tags/v7.1.0", BUILDER_COMMIT);
    identity.signer_uri = uri.into();
    identity.subject_names = vec![SubjectName::Uri(uri.into())];
    let mut scene = Scene::new(identity, statement::actions_attest);
    scene.expectations = Scene::attestation().expectations;
    scene
}

#[test]
fn a_signer_is_named_whole() {
    let builder = github(BUILDER);
    let tag = "refs/tags/v7.1.0";
    assert_accepted(&signed_by(&format!("{builder}@{tag}")).judge());
    for other in [
        format!("{builder}-evil@{tag}"),
        format!("{builder}.evil.yml@{tag}"),
        format!("{}@{tag}", builder.replace(".yml", ".ym")),
        format!("{}@{tag}", builder.replace(".yml", ".yaml")),
        format!("{}@{tag}", builder.replace("build.yml", "Build.yml")),
        format!("{}@{tag}", builder.replace("workflows/build", "workflows/x/build")),
        format!("{}@{tag}", builder.replace("example-org/workflows", "example-org/workflows-evil")),
        format!("{}@{tag}", builder.replace("example-org", "evil-org")),
        format!("{}@{tag}", builder.replace("example-org", "examp1e-org")),
        format!("https://github.com/evil/x?{builder}@{tag}"),
        format!("https://github.com/{builder}@{tag}"),
        format!("{builder}%40{tag}@{tag}"),
        format!("{}@{tag}", builder.replace("build.yml", "build%2Eyml")),
    ] {
        let decision = signed_by(&other).judge();
        assert_eq!(failed(&decision), ["builder-id"], "{other}");
        assert!(!decision.is_accepted(), "{other}");
    }
    // On another server it is not even the issuer's to name.
    for other in [
        format!("https://evil.example/{BUILDER}@{tag}"),
        format!("https://github.com.evil.example/{BUILDER}@{tag}"),
        format!("https://evil.example/{builder}@{tag}"),
        format!("http://github.com/{BUILDER}@{tag}"),
    ] {
        let decision = signed_by(&other).judge();
        assert!(!decision.is_accepted(), "{other}");
        assert!(failed(&decision).starts_with(&["issuer", "builder-id"]), "{other}");
    }
    for nameless in [format!("{builder}@"), builder.clone(), "https://github.com/@x".into()] {
        let decision = signed_by(&nameless).judge();
        assert!(!decision.is_accepted(), "{nameless}");
        assert!(failed(&decision).contains(&"builder-id"), "{nameless}");
    }
}

#[test]
fn the_provenance_names_the_builder_that_signed() {
    let id = "/predicate/runDetails/builder/id";
    let builder = github(BUILDER);
    assert_accepted(&Scene::attestation().judge());
    // The tag's short name is the same builder.
    assert_accepted(&Scene::attestation().stating(id, json!(format!("{builder}@v7.1.0"))).judge());
    for other in [
        builder.clone(),
        format!("{builder}@"),
        format!("{builder}@refs/tags/v7.1.1"),
        format!("{builder}@refs/heads/v7.1.0"),
        format!("{builder}@7.1.0"),
        format!("{builder}@x/refs/tags/v7.1.0"),
        format!("{builder}@refs/tags/v7.1.0@refs/tags/v7.1.0"),
        format!("{builder}-evil@refs/tags/v7.1.0"),
        format!("{}@refs/tags/v7.1.0", builder.to_uppercase()),
        String::new(),
    ] {
        let decision = Scene::attestation().stating(id, json!(other)).judge();
        assert_refused(&decision, &["builder-id"]);
    }
}

#[test]
fn signer_workflows_ignore_the_case_of_owner_and_repository_only() {
    let named = |workflow: &str| {
        let workflow = workflow.to_owned();
        Scene::attestation()
            .expecting(|e| (e.builder_id, e.signer_workflow) = (None, Some(workflow)))
            .judge()
    };
    for same in [
        BUILDER.to_owned(),
        github(BUILDER),
        BUILDER.replace("example-org/workflows", "Example-Org/WORKFLOWS"),
    ] {
        assert_accepted(&named(&same));
    }
    for other in [
        BUILDER.replace("build.yml", "BUILD.yml"),
        BUILDER.replace("build.yml", "build.yaml"),
        BUILDER.replace("example-org", "example-org2"),
        BUILDER.replace("/workflows/.github", "/workflow/.github"),
    ] {
        assert_refused(&named(&other), &["builder-id"]);
    }
}
