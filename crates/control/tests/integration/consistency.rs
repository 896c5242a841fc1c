//! Certificate and predicate tell one story: each fact that both state, changed on one side alone.

use crate::world::{OTHER_COMMIT, Scene, assert_accepted, assert_refused, failed};
use provost_testkit::{WorkflowIdentity, statement};
use serde_json::{Value, json};

pub(crate) const CONSISTENCY: &[&str] = &["certificate-consistency"];
pub(crate) const REPOSITORY: &[&str] = &["source-repository", "certificate-consistency"];
const BUILDER: &[&str] = &["builder-id"];

const OTHER_SOURCE: &str = "git+https://github.com/evil/artifact@refs/tags/v1.2.3";
const OTHER_REF: &str = "git+https://github.com/example-org/artifact@refs/tags/v1.2.4";
pub(crate) const OTHER_RUN: &str =
    "https://github.com/example-org/artifact/actions/runs/14095611672/attempts/1";
pub(crate) const OTHER_ATTEMPT: &str =
    "https://github.com/example-org/artifact/actions/runs/14095611671/attempts/2";

/// One member of a predicate, another value, and the checks that refuse it.
type Row = (&'static str, Value, &'static [&'static str]);

#[track_caller]
fn assert_each_refused(scene: &Scene, rows: Vec<Row>) {
    assert_accepted(&scene.judge());
    for (pointer, value, checks) in rows {
        let pointer = format!("/predicate/{pointer}");
        assert!(scene.statement.pointer(&pointer).is_some(), "{pointer} is not stated");
        let decision = scene.clone().stating(&pointer, value.clone()).judge();
        assert!(!decision.is_accepted(), "{pointer} {value}");
        assert_eq!(failed(&decision), checks, "{pointer} {value}");
        assert_refused(&decision, checks);
    }
}

#[track_caller]
fn assert_each_may_be_absent(scene: &Scene, pointers: &[&str]) {
    for pointer in pointers {
        let decision = scene.clone().without(&format!("/predicate/{pointer}")).judge();
        assert!(decision.is_accepted(), "{pointer}: {:#?}", failed(&decision));
    }
}

#[track_caller]
fn assert_each_may_be(scene: &Scene, rows: &[(&str, Value)]) {
    for (pointer, value) in rows {
        let decision = scene.clone().stating(&format!("/predicate/{pointer}"), value.clone());
        let decision = decision.judge();
        assert!(decision.is_accepted(), "{pointer} {value}: {:#?}", failed(&decision));
    }
}

#[test]
fn generic_v0_2() {
    let scene = Scene::generic();
    let other_builder = "https://github.com/slsa-framework/slsa-github-generator/.github/\
        workflows/builder_go_slsa3.yml@refs/tags/v2.0.0";
    let rows: Vec<Row> = vec![
        ("builder/id", json!(other_builder), BUILDER),
        ("invocation/configSource/uri", json!(OTHER_SOURCE), REPOSITORY),
        ("invocation/configSource/uri", json!(OTHER_REF), CONSISTENCY),
        ("invocation/configSource/digest/sha1", json!(OTHER_COMMIT), CONSISTENCY),
        ("invocation/configSource/entryPoint", json!(".github/workflows/x.yml"), CONSISTENCY),
        ("materials/0/uri", json!(OTHER_SOURCE), REPOSITORY),
        ("materials/0/uri", json!(OTHER_REF), CONSISTENCY),
        ("materials/0/digest/sha1", json!(OTHER_COMMIT), CONSISTENCY),
        ("materials/0/digest", json!({ "gitCommit": OTHER_COMMIT }), CONSISTENCY),
        ("invocation/environment/github_event_name", json!("release"), CONSISTENCY),
        ("invocation/environment/github_ref", json!("refs/tags/v1.2.4"), CONSISTENCY),
        ("invocation/environment/github_sha1", json!(OTHER_COMMIT), CONSISTENCY),
        ("invocation/environment/github_repository_id", json!("486325810"), CONSISTENCY),
        ("invocation/environment/github_repository_owner_id", json!("80431188"), CONSISTENCY),
        ("invocation/environment/github_run_id", json!("14095611672"), CONSISTENCY),
        ("invocation/environment/github_run_id", json!("014095611671"), CONSISTENCY),
        ("invocation/environment/github_run_id", json!(14_095_611_672_u64), CONSISTENCY),
        ("invocation/environment/github_run_id", json!(14_095_611_671.5), CONSISTENCY),
        ("invocation/environment/github_run_attempt", json!("2"), CONSISTENCY),
        ("invocation/environment/github_run_attempt", json!(true), CONSISTENCY),
        ("metadata/buildInvocationID", json!("14095611672-1"), CONSISTENCY),
        ("metadata/buildInvocationID", json!("14095611671-2"), CONSISTENCY),
        ("metadata/buildInvocationID", json!("14095611671"), CONSISTENCY),
    ];
    assert_each_refused(&scene, rows);
    let environment = [
        "github_event_name",
        "github_ref",
        "github_sha1",
        "github_repository_id",
        "github_repository_owner_id",
        "github_run_id",
        "github_run_attempt",
    ];
    for name in environment {
        assert_each_may_be_absent(&scene, &[&format!("invocation/environment/{name}")]);
    }
    assert_each_may_be_absent(
        &scene,
        &[
            "invocation/environment",
            "invocation/configSource/entryPoint",
            "invocation/configSource/digest",
            "materials/0/digest",
            "metadata/buildInvocationID",
            "metadata",
        ],
    );
    assert_each_may_be(
        &scene,
        &[
            ("invocation/environment/github_run_id", json!(14_095_611_671_u64)),
            ("invocation/environment/github_run_attempt", json!(1)),
            ("invocation/environment/github_repository_id", json!(486_325_809)),
            ("invocation/environment/github_repository_owner_id", Value::Null),
        ],
    );
    let go_spelling = scene.clone().without("/predicate/metadata/buildInvocationID");
    let specified = "/predicate/metadata/buildInvocationId";
    assert_accepted(&go_spelling.clone().stating(specified, json!("14095611671-1")).judge());
    assert_refused(&go_spelling.stating(specified, json!("14095611671-9")).judge(), CONSISTENCY);
    let both = scene.stating(specified, json!("14095611671-1")).judge();
    assert!(failed(&both).contains(&"predicate-type"), "one member in two spellings");
}

#[test]
fn container_based_v1() {
    let scene = Scene::container_based();
    let source = "buildDefinition/externalParameters/source";
    let internal = "buildDefinition/internalParameters";
    let rows: Vec<(String, Value, &'static [&'static str])> = vec![
        ("runDetails/builder/id".into(), json!("https://github.com/x@refs/tags/v1.0.0"), BUILDER),
        ("buildDefinition/resolvedDependencies/0/uri".into(), json!(OTHER_SOURCE), REPOSITORY),
        ("buildDefinition/resolvedDependencies/0/uri".into(), json!(OTHER_REF), CONSISTENCY),
        (
            "buildDefinition/resolvedDependencies/0/digest/sha1".into(),
            json!(OTHER_COMMIT),
            CONSISTENCY,
        ),
        (format!("{source}/uri"), json!(OTHER_SOURCE), CONSISTENCY),
        (format!("{source}/uri"), json!(OTHER_REF), CONSISTENCY),
        (format!("{source}/digest/sha1"), json!(OTHER_COMMIT), CONSISTENCY),
        (format!("{internal}/GITHUB_EVENT_NAME"), json!("release"), CONSISTENCY),
        (format!("{internal}/GITHUB_REF"), json!("refs/tags/v1.2.4"), CONSISTENCY),
        (format!("{internal}/GITHUB_SHA"), json!(OTHER_COMMIT), CONSISTENCY),
        (format!("{internal}/GITHUB_REPOSITORY"), json!("evil/artifact"), CONSISTENCY),
        (format!("{internal}/GITHUB_REPOSITORY_ID"), json!("1"), CONSISTENCY),
        (format!("{internal}/GITHUB_REPOSITORY_OWNER_ID"), json!("1"), CONSISTENCY),
        (format!("{internal}/GITHUB_RUN_ID"), json!(14_095_611_672_u64), CONSISTENCY),
        (format!("{internal}/GITHUB_RUN_ID"), json!("14095611672"), CONSISTENCY),
        (format!("{internal}/GITHUB_RUN_ATTEMPT"), json!("2"), CONSISTENCY),
        (
            format!("{internal}/GITHUB_WORKFLOW_REF"),
            json!("example-org/artifact/.github/workflows/x.yml@refs/tags/v1.2.3"),
            CONSISTENCY,
        ),
        (
            format!("{internal}/GITHUB_WORKFLOW_REF"),
            json!("evil/artifact/.github/workflows/release.yml@refs/tags/v1.2.3"),
            REPOSITORY,
        ),
        (format!("{internal}/GITHUB_WORKFLOW_SHA"), json!(OTHER_COMMIT), CONSISTENCY),
        ("runDetails/metadata/invocationId".into(), json!(OTHER_RUN), CONSISTENCY),
        ("runDetails/metadata/invocationId".into(), json!(OTHER_ATTEMPT), CONSISTENCY),
    ];
    assert_each_refused(&scene, leaked(rows));
    for name in [
        "GITHUB_EVENT_NAME",
        "GITHUB_REF",
        "GITHUB_SHA",
        "GITHUB_REPOSITORY",
        "GITHUB_REPOSITORY_ID",
        "GITHUB_REPOSITORY_OWNER_ID",
        "GITHUB_RUN_ID",
        "GITHUB_RUN_ATTEMPT",
        "GITHUB_WORKFLOW_SHA",
    ] {
        assert_each_may_be_absent(&scene, &[&format!("{internal}/{name}")]);
    }
    assert_each_may_be_absent(&scene, &[source, "runDetails/metadata"]);
    assert_each_may_be(
        &scene,
        &[
            ("buildDefinition/internalParameters/GITHUB_RUN_ID", json!("14095611671")),
            ("buildDefinition/internalParameters/GITHUB_RUN_ATTEMPT", json!(1)),
            ("buildDefinition/internalParameters/GITHUB_REPOSITORY", json!("Example-Org/Artifact")),
        ],
    );
    // It names the triggering workflow: without it nothing says what was triggered.
    let untriggered = scene.without(&format!("/predicate/{internal}/GITHUB_WORKFLOW_REF")).judge();
    assert_refused(&untriggered, &["source-repository"]);
}

/// Rows with texts made at run time; a test's rows live as long as the test.
fn leaked(rows: Vec<(String, Value, &'static [&'static str])>) -> Vec<Row> {
    rows.into_iter().map(|(pointer, value, ids)| (&*pointer.leak(), value, ids)).collect()
}

#[test]
fn delegator_v1() {
    let scene = Scene::delegator();
    let internal = "buildDefinition/internalParameters";
    let dependency = "buildDefinition/resolvedDependencies/0";
    let rows = vec![
        (format!("{dependency}/uri"), json!(OTHER_SOURCE), REPOSITORY),
        (format!("{dependency}/uri"), json!(OTHER_REF), CONSISTENCY),
        (format!("{dependency}/digest/gitCommit"), json!(OTHER_COMMIT), CONSISTENCY),
        (format!("{internal}/GITHUB_EVENT_NAME"), json!("release"), CONSISTENCY),
        (format!("{internal}/GITHUB_REF"), json!("refs/tags/v1.2.4"), CONSISTENCY),
        (format!("{internal}/GITHUB_SHA"), json!(OTHER_COMMIT), CONSISTENCY),
        (format!("{internal}/GITHUB_REPOSITORY"), json!("evil/artifact"), CONSISTENCY),
        (format!("{internal}/GITHUB_REPOSITORY_ID"), json!("1"), CONSISTENCY),
        (format!("{internal}/GITHUB_REPOSITORY_OWNER_ID"), json!("1"), CONSISTENCY),
        (format!("{internal}/GITHUB_RUN_ID"), json!("14095611672"), CONSISTENCY),
        (format!("{internal}/GITHUB_RUN_ATTEMPT"), json!("2"), CONSISTENCY),
        (
            format!("{internal}/GITHUB_WORKFLOW_REF"),
            json!("example-org/artifact/.github/workflows/x.yml@refs/tags/v1.2.3"),
            CONSISTENCY,
        ),
        (format!("{internal}/GITHUB_WORKFLOW_SHA"), json!(OTHER_COMMIT), CONSISTENCY),
        ("runDetails/metadata/invocationId".into(), json!(OTHER_RUN), CONSISTENCY),
    ];
    assert_each_refused(&scene, leaked(rows));
    // The builder behind the delegator is never the certificate's name.
    assert_ne!(
        scene.statement.pointer("/predicate/runDetails/builder/id").unwrap(),
        scene.identity.san()
    );
    // Without a ref the builder checked out something else: its commit is not the trigger's.
    let bare = json!({
        "uri": "git+https://github.com/example-org/artifact",
        "digest": { "gitCommit": OTHER_COMMIT },
    });
    let first = format!("/predicate/{dependency}");
    assert_accepted(&scene.clone().stating(&first, bare).judge());
    let other = json!({
        "uri": "git+https://github.com/evil/artifact",
        "digest": { "gitCommit": OTHER_COMMIT },
    });
    assert_refused(&scene.clone().stating(&first, other).judge(), REPOSITORY);
    for name in ["GITHUB_EVENT_NAME", "GITHUB_REF", "GITHUB_SHA", "GITHUB_REPOSITORY"] {
        assert_each_may_be_absent(&scene, &[&format!("{internal}/{name}")]);
    }
    assert_each_may_be_absent(&scene, &[&format!("{dependency}/digest"), "runDetails/metadata"]);
}

#[test]
fn actions_attest_v1() {
    let scene = Scene::attestation();
    let workflow = "buildDefinition/externalParameters/workflow";
    let github = "buildDefinition/internalParameters/github";
    let dependency = "buildDefinition/resolvedDependencies/0";
    let own = "https://github.com/example-org/artifact/.github/workflows/release.yml@\
        refs/tags/v1.2.3";
    let rows = vec![
        ("runDetails/builder/id".into(), json!(own), BUILDER),
        (format!("{workflow}/repository"), json!("https://github.com/evil/artifact"), REPOSITORY),
        (format!("{workflow}/ref"), json!("refs/tags/v1.2.4"), CONSISTENCY),
        (format!("{workflow}/ref"), json!("refs/heads/v1.2.3"), CONSISTENCY),
        (format!("{workflow}/path"), json!(".github/workflows/x.yml"), CONSISTENCY),
        (format!("{workflow}/path"), json!(7), CONSISTENCY),
        (format!("{dependency}/uri"), json!(OTHER_SOURCE), REPOSITORY),
        (format!("{dependency}/uri"), json!(OTHER_REF), CONSISTENCY),
        (format!("{dependency}/digest/gitCommit"), json!(OTHER_COMMIT), CONSISTENCY),
        (format!("{dependency}/digest"), json!({ "sha1": OTHER_COMMIT }), CONSISTENCY),
        (format!("{github}/event_name"), json!("release"), CONSISTENCY),
        (format!("{github}/repository_id"), json!("486325810"), CONSISTENCY),
        (format!("{github}/repository_owner_id"), json!("80431188"), CONSISTENCY),
        (format!("{github}/runner_environment"), json!("self-hosted"), CONSISTENCY),
        ("runDetails/metadata/invocationId".into(), json!(OTHER_RUN), CONSISTENCY),
        ("runDetails/metadata/invocationId".into(), json!(OTHER_ATTEMPT), CONSISTENCY),
    ];
    assert_each_refused(&scene, leaked(rows));
    for pointer in [
        format!("{workflow}/path"),
        format!("{dependency}/digest"),
        format!("{github}/event_name"),
        format!("{github}/repository_id"),
        format!("{github}/repository_owner_id"),
        format!("{github}/runner_environment"),
        github.to_owned(),
        "runDetails/metadata".to_owned(),
    ] {
        assert_each_may_be_absent(&scene, &[&pointer]);
    }
    assert_each_may_be(
        &scene,
        &[
            ("buildDefinition/internalParameters/github/repository_id", json!(486_325_809)),
            ("buildDefinition/internalParameters/github/repository_owner_id", json!(80_431_187)),
        ],
    );
    for pointer in [format!("{workflow}/repository"), format!("{workflow}/ref"), workflow.into()] {
        let untriggered = scene.clone().without(&format!("/predicate/{pointer}")).judge();
        assert_refused(&untriggered, &["source-repository"]);
    }
}

#[test]
fn npm_cli_v1() {
    let scene = Scene::npm_cli();
    let workflow = "buildDefinition/externalParameters/workflow";
    let github = "buildDefinition/internalParameters/github";
    let dependency = "buildDefinition/resolvedDependencies/0";
    let rows = vec![
        // The runner, never the certificate's name.
        (
            "runDetails/builder/id".into(),
            json!(scene.identity.san()),
            &["builder-id", "build-type"][..],
        ),
        (format!("{workflow}/repository"), json!("https://github.com/evil/artifact"), REPOSITORY),
        (format!("{workflow}/ref"), json!("refs/tags/v1.2.4"), CONSISTENCY),
        (format!("{workflow}/path"), json!(".github/workflows/x.yml"), CONSISTENCY),
        (format!("{dependency}/uri"), json!(OTHER_SOURCE), REPOSITORY),
        (format!("{dependency}/uri"), json!(OTHER_REF), CONSISTENCY),
        (format!("{dependency}/digest/gitCommit"), json!(OTHER_COMMIT), CONSISTENCY),
        (format!("{github}/event_name"), json!("release"), CONSISTENCY),
        (format!("{github}/repository_id"), json!("486325810"), CONSISTENCY),
        (format!("{github}/repository_owner_id"), json!("80431188"), CONSISTENCY),
        ("runDetails/metadata/invocationId".into(), json!(OTHER_RUN), CONSISTENCY),
    ];
    assert_each_refused(&scene, leaked(rows));
    for pointer in [
        format!("{workflow}/path"),
        format!("{dependency}/digest"),
        format!("{github}/event_name"),
        github.to_owned(),
        "runDetails/metadata".to_owned(),
    ] {
        assert_each_may_be_absent(&scene, &[&pointer]);
    }
    // What nothing vouches for may not be stated at all.
    let unknown = format!("/predicate/{github}/runner_environment");
    let decision = scene.clone().stating(&unknown, json!("github-hosted")).judge();
    assert_refused(&decision, CONSISTENCY);
    let mut two = scene.clone();
    let dependencies = "/predicate/buildDefinition/resolvedDependencies";
    let list = two.statement.pointer_mut(dependencies).and_then(Value::as_array_mut).unwrap();
    list.push(list[0].clone());
    assert_refused(&two.judge(), CONSISTENCY);
}

/// Provenance v0.2 as npm CLI 9 wrote it.
pub(crate) fn npm_v02() -> Scene {
    Scene::npm_cli().restated(|identity| {
        let run = &identity.run;
        let source = json!({ "uri": run.source_uri(), "digest": { "sha1": run.commit } });
        let mut config_source = source.clone();
        config_source["entryPoint"] = json!(run.workflow_ref());
        json!({
            "builder": { "id": "https://github.com/actions/runner" },
            "buildType": "https://github.com/npm/cli/gha/v2",
            "invocation": {
                "configSource": {
                    "uri": run.source_uri(),
                    "digest": { "sha1": run.commit },
                    "entryPoint": run.workflow_path,
                },
                "parameters": {},
                "environment": {
                    "GITHUB_EVENT_NAME": run.event,
                    "GITHUB_REF": run.git_ref,
                    "GITHUB_REPOSITORY": run.repository,
                    "GITHUB_REPOSITORY_ID": run.repository_id,
                    "GITHUB_REPOSITORY_OWNER_ID": run.owner_id,
                    "GITHUB_RUN_ATTEMPT": run.attempt,
                    "GITHUB_RUN_ID": run.run_id,
                    "GITHUB_SHA": run.commit,
                    "GITHUB_WORKFLOW_REF": run.workflow_ref(),
                    "GITHUB_WORKFLOW_SHA": run.commit,
                },
            },
            "metadata": {
                "buildInvocationId": format!("{}-{}", run.run_id, run.attempt),
                "completeness": { "parameters": false, "environment": false, "materials": false },
                "reproducible": false,
            },
            "materials": [source],
        })
    })
}

impl Scene {
    /// The same subject with another predicate of provenance v0.2.
    fn restated(mut self, predicate: impl FnOnce(&WorkflowIdentity) -> Value) -> Self {
        self.statement = statement::statement(
            "https://in-toto.io/Statement/v0.1",
            "https://slsa.dev/provenance/v0.2",
            &[self.statement["subject"][0].clone()],
            predicate(&self.identity),
        );
        self
    }
}

#[test]
fn npm_cli_v0_2() {
    let scene = npm_v02();
    let environment = "invocation/environment";
    let mut rows: Vec<(String, Value, &'static [&'static str])> = vec![
        ("invocation/configSource/uri".into(), json!(OTHER_SOURCE), REPOSITORY),
        ("invocation/configSource/uri".into(), json!(OTHER_REF), CONSISTENCY),
        ("invocation/configSource/digest/sha1".into(), json!(OTHER_COMMIT), CONSISTENCY),
        ("invocation/configSource/entryPoint".into(), json!("x.yml"), CONSISTENCY),
        ("materials/0/uri".into(), json!(OTHER_SOURCE), REPOSITORY),
        ("materials/0/uri".into(), json!(OTHER_REF), CONSISTENCY),
        ("materials/0/digest/sha1".into(), json!(OTHER_COMMIT), CONSISTENCY),
        ("metadata/buildInvocationId".into(), json!("14095611672-1"), CONSISTENCY),
        ("metadata/reproducible".into(), json!(true), CONSISTENCY),
        ("metadata/completeness/materials".into(), json!(true), CONSISTENCY),
        ("invocation/parameters".into(), json!({ "x": 1 }), CONSISTENCY),
    ];
    for (name, value) in [
        ("GITHUB_EVENT_NAME", "release"),
        ("GITHUB_REF", "refs/tags/v1.2.4"),
        ("GITHUB_REPOSITORY", "evil/artifact"),
        ("GITHUB_REPOSITORY_ID", "1"),
        ("GITHUB_REPOSITORY_OWNER_ID", "1"),
        ("GITHUB_RUN_ATTEMPT", "2"),
        ("GITHUB_RUN_ID", "14095611672"),
        ("GITHUB_SHA", OTHER_COMMIT),
        ("GITHUB_WORKFLOW_REF", "example-org/artifact/.github/workflows/x.yml@refs/tags/v1.2.3"),
        ("GITHUB_WORKFLOW_SHA", OTHER_COMMIT),
    ] {
        rows.push((format!("{environment}/{name}"), json!(value), CONSISTENCY));
        assert_each_may_be_absent(&scene, &[&format!("{environment}/{name}")]);
    }
    assert_each_refused(&scene, leaked(rows));
    for (pointer, value) in [
        ("invocation/environment/GITHUB_ACTOR", json!("somebody")),
        ("metadata/buildStartedOn", json!("2026-03-01T12:00:00Z")),
        ("metadata/buildFinishedOn", json!("2026-03-01T12:00:00Z")),
        ("buildConfig", json!({ "steps": [] })),
    ] {
        let decision = scene.clone().stating(&format!("/predicate/{pointer}"), value).judge();
        assert_refused(&decision, CONSISTENCY);
    }
    let mut two = scene.clone();
    let second = two.statement["subject"][0].clone();
    two.statement["subject"].as_array_mut().unwrap().push(second);
    assert_refused(&two.judge(), CONSISTENCY);
}
