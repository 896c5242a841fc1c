//! Who signed, for which repository, at which ref: look-alikes are somebody else.

use crate::world::{
    BUILDER, BUILDER_COMMIT, GENERATOR, OTHER_COMMIT, SOURCE, Scene, assert_accepted,
    assert_refused, check, failed, identity, skipped,
};
use provost_control::config::Config;
use provost_control::{ControlError, Expectations};
use provost_policy::Decision;
use provost_testkit::{SubjectName, WorkflowIdentity, WorkflowRun, statement};
use provost_verify::check::Outcome;
use serde_json::json;

const COMMIT: &str = "693130cb6cb840a7bc9cb18c6510d536a95dc7e6";
const TENANT: &str = "https://token.actions.example.ghe.com";

fn run_at(git_ref: &str) -> WorkflowRun {
    WorkflowRun { git_ref: git_ref.into(), ..WorkflowRun::example() }
}

fn github(path: &str) -> String {
    format!("https://github.com/{path}")
}

/// A configuration that names the example's builder, with more lines in its builder section.
fn config(builder_lines: &str) -> String {
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
        (
            |_| {},
            |e| e.source_branch = Some("main".into()),
            &["source-ref"],
        ),
        (
            |_| {},
            |e| e.source_tag = Some(String::new()),
            &["source-ref"],
        ),
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
        (
            |_| {},
            |e| e.build_workflow_inputs = vec!["a=b".into()],
            &["build-input"],
        ),
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
        (
            |_| {},
            |e| e.builder_id = Some(String::new()),
            &["builder-id"],
        ),
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
        format!("{builder}-evil@refs/tags/v7.1.0"),
        format!("{}@refs/tags/v7.1.0", builder.to_uppercase()),
        String::new(),
    ] {
        let decision = Scene::attestation().stating(id, json!(other)).judge();
        assert_refused(&decision, &["builder-id"]);
    }
}

#[test]
fn the_built_in_list_names_whole_workflows_at_releases() {
    let file = "generator_generic_slsa3.yml";
    let of = |path: &str, git_ref: &str| {
        let identity = identity().reusable(path, git_ref, BUILDER_COMMIT);
        Scene::new(identity, statement::generic)
    };
    assert_accepted(&of(&format!("{GENERATOR}{file}"), "refs/tags/v2.0.0").judge());
    for git_ref in [
        "refs/heads/main",
        "refs/heads/v2.0.0",
        "refs/tags/v2",
        "refs/tags/v2.0",
        "refs/tags/2.0.0",
        "refs/tags/v2.0.0-rc.1",
        "refs/tags/v2.0.0+x",
        "refs/tags/v2.0.0/x",
        BUILDER_COMMIT,
    ] {
        let decision = of(&format!("{GENERATOR}{file}"), git_ref).judge();
        assert_refused(&decision, &["builder-ref"]);
        // Naming the builder does not excuse from its releases; naming another one less so.
        let id = github(&format!("{GENERATOR}{file}"));
        let named = of(&format!("{GENERATOR}{file}"), git_ref)
            .expecting(|e| e.builder_id = Some(format!("{id}@{git_ref}")));
        assert_refused(&named.judge(), &["builder-ref"]);
    }
    for path in [
        format!("{GENERATOR}{file}-evil"),
        format!("{GENERATOR}x/{file}"),
        format!("{GENERATOR}generator_generic_slsa4.yml"),
        format!("{GENERATOR}Generator_generic_slsa3.yml"),
        format!("evil/{}", GENERATOR.split_once('/').unwrap().1) + file,
        format!("slsa-framework-evil/slsa-github-generator/.github/workflows/{file}"),
    ] {
        let decision = of(&path, "refs/tags/v2.0.0").judge();
        assert!(!decision.is_accepted(), "{path}");
        assert!(failed(&decision).contains(&"builder-id"), "{path}");
    }
    // It is trusted for images, and not for artifacts, without being named.
    let decision = of(&format!("{GENERATOR}generator_container_slsa3.yml"), "refs/tags/v2.0.0");
    assert!(failed(&decision.judge()).contains(&"builder-id"));
}

#[test]
fn a_reusable_workflow_is_pinned() {
    let id = github(BUILDER);
    let moving = ["refs/heads/main", "refs/tags/v7", "refs/tags/nightly", BUILDER_COMMIT];
    for git_ref in moving {
        assert_refused(&Scene::attestation_by(git_ref).judge(), &["builder-ref"]);
        let by_workflow = Scene::attestation_by(git_ref)
            .expecting(|e| (e.builder_id, e.signer_workflow) = (None, Some(BUILDER.into())));
        assert_refused(&by_workflow.judge(), &["builder-ref"]);
        // Spelt out, or at a pinned commit, it is the caller's own decision.
        let spelt_out = Scene::attestation_by(git_ref)
            .expecting(|e| e.builder_id = Some(format!("{id}@{git_ref}")));
        assert_accepted(&spelt_out.judge());
        let by_commit = Scene::attestation_by(git_ref)
            .expecting(|e| e.signer_digest = Some(BUILDER_COMMIT.into()));
        assert_accepted(&by_commit.judge());
        let other_commit = Scene::attestation_by(git_ref)
            .expecting(|e| e.signer_digest = Some(OTHER_COMMIT.into()));
        assert_refused(&other_commit.judge(), &["builder-ref", "signer-digest"]);
        let unsaid = Scene::attestation_by(git_ref)
            .certified(|identity| identity.without(10))
            .expecting(|e| e.signer_digest = Some(BUILDER_COMMIT.into()));
        assert_refused(&unsaid.judge(), &["builder-ref", "signer-digest"]);
        let san = format!("{id}@{git_ref}");
        let whole_name =
            Scene::attestation_by(git_ref).expecting(|e| e.certificate_identity = Some(san));
        assert_accepted(&whole_name.judge());
    }
    for (expected, git_ref) in [
        ("v7.1.0", "refs/heads/v7.1.0"),
        ("refs/tags/v7.1.0", "refs/heads/v7.1.0"),
        ("refs/heads/v7.1.0", "refs/tags/v7.1.0"),
        ("v7", "refs/tags/v7.1.0"),
        ("refs/tags/v7.1", "refs/tags/v7.1.0"),
        (OTHER_COMMIT, BUILDER_COMMIT),
    ] {
        let decision = Scene::attestation_by(git_ref)
            .expecting(|e| e.builder_id = Some(format!("{id}@{expected}")))
            .judge();
        assert!(!decision.is_accepted(), "{expected} {git_ref}");
        assert!(failed(&decision).contains(&"builder-id"), "{expected} {git_ref}");
    }
    // What the called workflow signs itself is at the source's ref, which another check asks.
    let branch = Scene::own_workflow(run_at("refs/heads/main")).judge();
    assert_accepted(&branch);
    assert!(skipped(&branch).contains(&"builder-ref"));
}

#[test]
fn refs_of_a_builder_follow_the_patterns_given() {
    for (refs, git_ref, accepted) in [
        ("[]", "refs/tags/v7.1.0", true),
        ("[]", "refs/tags/v7", false),
        ("[\"refs/tags/v*\"]", "refs/tags/v7", true),
        ("[\"refs/tags/v*\"]", "refs/tags/v7/evil", false),
        ("[\"refs/tags/v*\"]", "refs/heads/v7", false),
        ("[\"refs/tags/v7.*.0\"]", "refs/tags/v7.1.0", true),
        ("[\"refs/tags/v7.*.0\"]", "refs/tags/v7x1.0", false),
        ("[\"v7.1.0\"]", "refs/tags/v7.1.0", true),
        ("[\"v7.1.0\"]", "refs/heads/v7.1.0", false),
        ("[\"v7.1.0\"]", "refs/tags/v7.1.00", false),
        ("[\"refs/heads/main\"]", "refs/heads/main", true),
        ("[\"refs/heads/main\"]", "refs/heads/main2", false),
        ("[\"refs/heads/main\"]", "refs/tags/v7.1.0", false),
        ("[\"eeb03fb7518fb0036e4bb0713134c3b6531c68ba\"]", BUILDER_COMMIT, true),
        ("[\"0dfcd24824432c4ce587f79c918eef8fc2c44d7b\"]", BUILDER_COMMIT, false),
        ("[\"v6.0.0\", \"refs/tags/v7.*\"]", "refs/tags/v7.1.0", true),
    ] {
        let decision = Scene::attestation_by(git_ref)
            .configured(&config(&format!("refs = {refs}")))
            .judge();
        if accepted {
            assert_accepted(&decision);
        } else {
            assert_refused(&decision, &["builder-ref"]);
        }
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

#[test]
fn npm_provenance_comes_from_the_source_repository_or_a_named_workflow() {
    let workflow = "evil-org/tools/.github/workflows/publish.yml";
    let elsewhere = || {
        Scene::npm_cli().certified(|identity| {
            identity.reusable(workflow, "refs/tags/v1.0.0", BUILDER_COMMIT)
        })
    };
    assert_accepted(&Scene::npm_cli().judge());
    assert_refused(&elsewhere().judge(), &["builder-id"]);
    let named = elsewhere().expecting(|e| e.signer_workflow = Some(workflow.into()));
    assert_accepted(&named.judge());
    let other = elsewhere().expecting(|e| e.signer_workflow = Some(BUILDER.into()));
    assert_refused(&other.judge(), &["builder-id"]);
    for look_alike in ["example-org/artifact-evil", "example-org/artifactx", "evil/artifact"] {
        let scene = Scene::npm_cli().certified(|identity| {
            let path = format!("{look_alike}/.github/workflows/release.yml");
            identity.reusable(&path, "refs/tags/v1.2.3", BUILDER_COMMIT)
        });
        assert_refused(&scene.judge(), &["builder-id"]);
    }
    let id = "/predicate/runDetails/builder/id";
    let runner = "https://github.com/actions/runner";
    for other in ["/self-hosted", "/github-hosted-evil", "-evil", "/github-hosted@v1"] {
        let decision = Scene::npm_cli().stating(id, json!(format!("{runner}{other}"))).judge();
        assert!(failed(&decision).contains(&"builder-id"), "{other}");
    }
    // The runner's id is public knowledge: named alone it vouches for nothing built elsewhere.
    let unnamed = Scene::npm_cli().expecting(|e| e.builder_id = None);
    assert_refused(&unnamed.judge(), &["builder-id"]);
    for spelling in [runner.to_owned(), format!("{runner}/github-hosted")] {
        let scene = Scene::npm_cli().expecting(|e| e.builder_id = Some(spelling));
        assert_accepted(&scene.judge());
    }
}

#[test]
fn builders_behind_a_delegator_are_named_by_the_provenance() {
    let third = "https://github.com/example-org/trw/.github/workflows/builder.yml";
    let release = format!("{third}@refs/tags/v1.0.0");
    assert_accepted(&Scene::delegator().judge());
    assert_refused(&Scene::delegator_for(&release).judge(), &["builder-id"]);
    let naming = |builder: &str, expected: &str| {
        let expected = expected.to_owned();
        Scene::delegator_for(builder).expecting(|e| e.builder_id = Some(expected)).judge()
    };
    assert_accepted(&naming(&release, third));
    assert_accepted(&naming(&release, &release));
    assert_accepted(&naming(&release, &format!("{third}@v1.0.0")));
    for other in [
        format!("{third}-evil"),
        third.replace("trw", "trw2"),
        format!("{third}@v1.0.1"),
        format!("{third}@refs/heads/v1.0.0"),
        // The delegator signed, and is not the builder.
        github(&format!("{GENERATOR}delegator_generic_slsa3.yml")),
    ] {
        assert_refused(&naming(&release, &other), &["builder-id"]);
    }
    let unpinned = naming(third, third);
    assert!(failed(&unpinned).contains(&"builder-id"));
    for git_ref in ["refs/heads/main", "refs/tags/v1", "refs/tags/v1.0.0-rc.1", OTHER_COMMIT] {
        let builder = format!("{third}@{git_ref}");
        assert_refused(&naming(&builder, third), &["builder-ref"]);
        assert_refused(&naming(&builder, &builder), &["builder-ref"]);
    }
    let empty = Scene::delegator().expecting(|e| e.builder_id = Some(String::new()));
    assert_refused(&empty.judge(), &["builder-id"]);
    for look_alike in [
        github("slsa-framework/slsa-github-generator/.github/workflows/x/y.yml"),
        github("slsa-framework/slsa-github-generator/.github/workflows-evil/y.yml"),
        github("slsa-framework/slsa-github-generator-evil/.github/workflows/y.yml"),
        github(GENERATOR),
    ] {
        let scene = Scene::delegator_for(&format!("{look_alike}@refs/tags/v1.0.0"));
        assert_refused(&scene.judge(), &["builder-id"]);
    }
    let old_delegator = Scene::delegator().certified(|identity| {
        let path = format!("{GENERATOR}delegator_generic_slsa3.yml");
        identity.reusable(&path, "refs/heads/main", BUILDER_COMMIT)
    });
    assert_refused(&old_delegator.judge(), &["builder-ref"]);
}

#[test]
fn jreleaser_alone_releases_under_a_language() {
    let name = "https://github.com/jreleaser/release-action/.github/workflows/builder_slsa3.yml";
    let at = |name: &str, git_ref: &str| {
        let expected = name.to_owned();
        Scene::delegator_for(&format!("{name}@{git_ref}"))
            .expecting(|e| e.builder_id = Some(expected))
            .judge()
    };
    assert_accepted(&at(name, "refs/tags/v1.0.0-java"));
    for git_ref in [
        "refs/tags/v1.0.0",
        "refs/tags/v1.0.0-python",
        "refs/tags/v1.0.0-java.1",
        "refs/tags/v1.0.0-java+x",
        "refs/tags/v1.0-java",
        "refs/heads/v1.0.0-java",
    ] {
        assert_refused(&at(name, git_ref), &["builder-ref"]);
    }
    let look_alike = name.replace("release-action", "release-action-evil");
    assert_refused(&at(&look_alike, "refs/tags/v1.0.0-java"), &["builder-ref"]);
}

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
    let unasked = by("issue_comment")
        .expecting(|e| e.builder_id = Some(github(BUILDER)))
        .judge();
    assert_accepted(&unasked);
    assert!(skipped(&unasked).contains(&"build-trigger"));
}

#[test]
fn numeric_ids_decide_where_they_are_given() {
    let expecting = |lines: &str| {
        let toml = config("").replace("[[policy", &format!("{lines}\n[[policy"));
        Scene::attestation().configured(&toml)
    };
    assert_accepted(&expecting("repository_id = 486325809\nowner_id = 80431187").judge());
    for lines in [
        "repository_id = 486325810",
        "owner_id = 80431188",
        "repository_id = 80431187\nowner_id = 486325809",
    ] {
        assert_refused(&expecting(lines).judge(), &["source-repository"]);
    }
    for (arc, lines) in [(15, "repository_id = 486325809"), (17, "owner_id = 80431187")] {
        assert_accepted(&expecting(lines).judge());
        let unsaid = expecting(lines).certified(|identity| identity.without(arc));
        assert_refused(&unsaid.judge(), &["source-repository"]);
        // Re-created under its old name: certificate and provenance agree on the new id.
        let mut recreated = expecting(lines);
        recreated.identity.run.repository_id = "999999999".into();
        recreated.identity.run.owner_id = "888888888".into();
        recreated.statement =
            statement::actions_attest(&recreated.identity, &[crate::world::subject()]);
        assert_refused(&recreated.judge(), &["source-repository"]);
    }
}

#[test]
fn names_are_equal_in_any_case_and_never_with_odd_bytes() {
    for same in [
        "github.com/Example-Org/ARTIFACT",
        "https://github.com/example-org/artifact",
        "git+https://github.com/EXAMPLE-ORG/artifact",
    ] {
        let scene = Scene::attestation().expecting(|e| e.source_uri = Some(same.into()));
        assert_accepted(&scene.judge());
    }
    // The workflow wrote its name in another case than GitHub: the same repository.
    let source = "/predicate/buildDefinition/externalParameters/workflow/repository";
    let dependency = "/predicate/buildDefinition/resolvedDependencies/0/uri";
    let upper = "https://github.com/Example-Org/Artifact";
    let scene = Scene::attestation()
        .stating(source, json!(upper))
        .stating(dependency, json!(format!("git+{upper}@refs/tags/v1.2.3")));
    assert_accepted(&scene.judge());
    for odd in [
        "example-org/artifact.git",
        "example-org/artifact/",
        "example-org/artifact/x",
        "example-org//artifact",
        "example-org/x/../artifact",
        "example-org%2Fartifact",
        "example-org/artifact%00",
        "example-org/artifact ",
        "example-org/\u{ff41}rtifact",
        "example-org/art\u{131}fact",
        "example-org/artifact\u{200b}",
        "example-org/artifact.",
    ] {
        let run = WorkflowRun { repository: odd.into(), ..WorkflowRun::example() };
        let mut identity = WorkflowIdentity::github_actions(run);
        identity = identity.reusable(BUILDER, "refs/tags/v7.1.0", BUILDER_COMMIT);
        let mut scene = Scene::new(identity, statement::actions_attest);
        scene.expectations = Scene::attestation().expectations;
        let decision = scene.judge();
        assert!(!decision.is_accepted(), "{odd:?}");
        assert!(failed(&decision).contains(&"source-repository"), "{odd:?}");
    }
}

#[test]
fn a_tag_is_the_whole_ref() {
    let of = |git_ref: &str, tag: &str| {
        let tag = tag.to_owned();
        Scene::own_workflow(run_at(git_ref)).expecting(|e| e.source_tag = Some(tag)).judge()
    };
    for (git_ref, tag) in [
        ("refs/tags/v1.2.3", "v1.2.3"),
        ("refs/tags/main", "main"),
        ("refs/tags/a/b", "a/b"),
        ("refs/tags/pkg@1.2.3", "pkg@1.2.3"),
        ("refs/tags/refs/heads/main", "refs/heads/main"),
    ] {
        assert_accepted(&of(git_ref, tag));
    }
    for (git_ref, tag) in [
        ("refs/heads/v1.2.3", "v1.2.3"),
        ("refs/heads/refs/tags/v1.2.3", "v1.2.3"),
        ("refs/heads/main", "main"),
        ("refs/tags/v1.2.3", "V1.2.3"),
        ("refs/tags/v1.2.3", "v1.2"),
        ("refs/tags/v1.2.3", "v1.2.3 "),
        ("refs/tags/v1.2.3", "refs/tags/v1.2.3"),
        ("refs/tags/v1.2.3", ""),
        ("refs/tags/", ""),
        ("refs/pull/1/merge", "v1.2.3"),
        ("refs/tags/pkg@1.2.3", "pkg"),
        ("refs/tags/evil/v1.2.3", "v1.2.3"),
    ] {
        assert_refused(&of(git_ref, tag), &["source-ref"]);
    }
    let branch = |git_ref: &str, branch: &str| {
        let branch = branch.to_owned();
        Scene::own_workflow(run_at(git_ref)).expecting(|e| e.source_branch = Some(branch)).judge()
    };
    assert_accepted(&branch("refs/heads/main", "main"));
    for (git_ref, name) in [
        ("refs/tags/main", "main"),
        ("refs/heads/main2", "main"),
        ("refs/heads/Main", "main"),
        ("refs/heads/", ""),
    ] {
        assert_refused(&branch(git_ref, name), &["source-ref"]);
    }
}

#[test]
fn a_tag_behind_a_delegator_needs_a_ref_of_the_resolved_source() {
    let dependency = "/predicate/buildDefinition/resolvedDependencies/0/uri";
    let tagged = || Scene::delegator().expecting(|e| e.source_tag = Some("v1.2.3".into()));
    assert_accepted(&tagged().judge());
    let bare = json!("git+https://github.com/example-org/artifact");
    let without_ref = tagged().stating(dependency, bare.clone());
    assert_refused(&without_ref.judge(), &["source-ref"]);
    assert_accepted(&Scene::delegator().stating(dependency, bare).judge());
}

#[test]
fn the_branch_of_a_tag_build_is_read_from_the_signed_event() {
    let payload = "/predicate/invocation/environment/github_event_payload";
    let on = |event: &str| {
        let run = WorkflowRun { event: event.into(), ..WorkflowRun::example() };
        Scene::generic_of(run).expecting(|e| e.source_branch = Some("main".into()))
    };
    let release = on("release").judge();
    assert_accepted(&release);
    let Outcome::Passed { found, .. } = check(&release, "source-ref").outcome() else {
        panic!("passed");
    };
    assert!(found.contains("target_commitish"), "{found}");
    assert_refused(&on("push").judge(), &["source-ref"]);
    let pushed = on("push").stating(&format!("{payload}/base_ref"), json!("refs/heads/main"));
    assert_accepted(&pushed.judge());
    let other = on("push").stating(&format!("{payload}/base_ref"), json!("refs/heads/main2"));
    assert_refused(&other.judge(), &["source-ref"]);
    assert_refused(&on("workflow_dispatch").judge(), &["source-ref"]);
    // Elsewhere the workflow writes its predicate itself: nothing there says where a tag is from.
    let own = Scene::attestation()
        .stating("/predicate/buildDefinition/internalParameters/GITHUB_BASE_REF", json!("refs/heads/main"))
        .expecting(|e| e.source_branch = Some("main".into()));
    assert_refused(&own.judge(), &["source-ref"]);
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
fn the_commit_is_that_of_certificate_and_provenance() {
    let wanted = |scene: Scene| scene.expecting(|e| e.source_digest = Some(COMMIT.into()));
    let dependency = "/predicate/buildDefinition/resolvedDependencies/0/digest";
    for scene in [
        Scene::attestation(),
        Scene::generic(),
        Scene::container_based(),
        Scene::delegator(),
        Scene::npm_cli(),
    ] {
        assert_accepted(&wanted(scene).judge());
    }
    let other = wanted(Scene::attestation())
        .stating(dependency, json!({ "gitCommit": OTHER_COMMIT }))
        .judge();
    assert_refused(&other, &["source-digest", "certificate-consistency"]);
    let unsaid = wanted(Scene::attestation()).stating(dependency, json!({})).judge();
    assert_refused(&unsaid, &["source-digest"]);
    // Behind a delegator that resolved something without ref, this check alone stands guard.
    let bare = json!({
        "uri": "git+https://github.com/example-org/artifact",
        "digest": { "gitCommit": OTHER_COMMIT },
    });
    let first = "/predicate/buildDefinition/resolvedDependencies/0";
    assert_accepted(&Scene::delegator().stating(first, bare.clone()).judge());
    assert_refused(&wanted(Scene::delegator()).stating(first, bare).judge(), &["source-digest"]);
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

#[test]
fn packages_have_name_and_version() {
    let toml = format!(
        "[source]\nrepository = \"{SOURCE}\"\ntag_binding = \"package-version\"\n\
         [policy]\npackage_name = \"@example/artifact\"\n\
         [[policy.builder]]\nid = \"https://github.com/actions/runner\"\n"
    );
    let scene = Scene::npm_cli().configured(&toml);
    let config = Config::parse(&toml).unwrap();
    let policy = |tag: &str| config.policy(Some(&tag.parse().unwrap()), None).unwrap();
    assert_accepted(&scene.judge_under(&policy("v1.2.3")));
    assert_accepted(&scene.judge_under(&policy("1.2.3")));
    for tag in ["v1.2.4", "v1.2", "v1.2.3-rc.1", "vv1.2.3", "artifact@1.2.3"] {
        let decision = scene.judge_under(&policy(tag));
        assert_refused(&decision, &["source-ref", "package-version"]);
    }
    for (name, failing) in [
        ("pkg:npm/artifact@1.2.3", &["package-name"][..]),
        ("pkg:npm/%40example/artifact-evil@1.2.3", &["package-name"]),
        ("pkg:npm/%40Example/artifact@1.2.3", &["package-name"]),
        ("pkg:npm/%40example/artifact@1.2.4", &["source-ref", "package-version"]),
        ("pkg:npm/%40example/artifact@1.2.3?x=y", &["source-ref", "package-name", "package-version"]),
        ("artifact.tar.gz", &["source-ref", "package-name", "package-version"]),
    ] {
        let renamed = scene.clone().stating("/subject/0/name", json!(name));
        assert_refused(&renamed.judge_under(&policy("v1.2.3")), failing);
    }
}
