//! What was built: repository, tag, branch, commit, package.

use crate::identity::{COMMIT, config, run_at};
use crate::world::{
    BUILDER, BUILDER_COMMIT, OTHER_COMMIT, SOURCE, Scene, assert_accepted, assert_refused, check,
    failed, subject,
};
use provost_control::config::Config;
use provost_testkit::{WorkflowIdentity, WorkflowRun, statement};
use provost_verify::check::Outcome;
use serde_json::json;

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
        recreated.statement = statement::actions_attest(&recreated.identity, &[subject()]);
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
        .stating(
            "/predicate/buildDefinition/internalParameters/GITHUB_BASE_REF",
            json!("refs/heads/main"),
        )
        .expecting(|e| e.source_branch = Some("main".into()));
    assert_refused(&own.judge(), &["source-ref"]);
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
fn packages_have_name_and_version() {
    let toml = format!(
        "[source]\nrepository = \"{SOURCE}\"\ntag_binding = \"package-version\"\n\
         [policy]\npackage_name = \"@example/artifact\"\n\
         [[policy.builder]]\nid = \"https://github.com/actions/runner\"\n"
    );
    let scene = Scene::npm_cli().configured(&toml);
    let config = Config::parse(&toml).unwrap();
    let policy = |tag: &str| config.policy(Some(&tag.parse().unwrap())).unwrap();
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
        (
            "pkg:npm/%40example/artifact@1.2.3?x=y",
            &["source-ref", "package-name", "package-version"],
        ),
        ("artifact.tar.gz", &["source-ref", "package-name", "package-version"]),
    ] {
        let renamed = scene.clone().stating("/subject/0/name", json!(name));
        assert_refused(&renamed.judge_under(&policy("v1.2.3")), failing);
    }
}
