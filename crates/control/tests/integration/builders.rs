//! Which builders are trusted, and at which of their refs.

use crate::identity::{config, github, run_at};
use crate::world::{
    BUILDER, BUILDER_COMMIT, GENERATOR, OTHER_COMMIT, Scene, assert_accepted, assert_refused,
    failed, identity, skipped,
};
use provost_testkit::statement;
use serde_json::json;

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
        let decision =
            Scene::attestation_by(git_ref).configured(&config(&format!("refs = {refs}"))).judge();
        if accepted {
            assert_accepted(&decision);
        } else {
            assert_refused(&decision, &["builder-ref"]);
        }
    }
}

#[test]
fn npm_provenance_comes_from_the_source_repository_or_a_named_workflow() {
    let workflow = "evil-org/tools/.github/workflows/publish.yml";
    let elsewhere = || {
        Scene::npm_cli()
            .certified(|identity| identity.reusable(workflow, "refs/tags/v1.0.0", BUILDER_COMMIT))
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
