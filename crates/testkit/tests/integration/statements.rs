//! The statements agree with the certificate and have the members of the field's builders.

use provost_testkit::{WorkflowIdentity, WorkflowRun, statement};
use serde_json::{Value, json};

use crate::world::{ARTIFACT, identity};

fn subject() -> Vec<Value> {
    vec![statement::subject("artifact.tar.gz", ARTIFACT)]
}

#[track_caller]
fn assert_says(statement: &Value, expected: &[(&str, &str)]) {
    for (pointer, text) in expected {
        let found = statement.pointer(pointer).and_then(Value::as_str);
        assert_eq!(found, Some(*text), "{pointer}");
    }
}

const SOURCE: &str = "git+https://github.com/example-org/artifact@refs/tags/v1.2.3";
const COMMIT: &str = "693130cb6cb840a7bc9cb18c6510d536a95dc7e6";
const SIGNER: &str =
    "https://github.com/example-org/workflows/.github/workflows/build.yml@refs/tags/v7.1.0";
const INVOCATION: &str =
    "https://github.com/example-org/artifact/actions/runs/14095611671/attempts/1";

#[test]
fn actions_attest_writes_the_workflow_build_type() {
    let statement = statement::actions_attest(&identity(), &subject());
    assert_says(
        &statement,
        &[
            ("/_type", "https://in-toto.io/Statement/v1"),
            ("/predicateType", "https://slsa.dev/provenance/v1"),
            (
                "/predicate/buildDefinition/buildType",
                "https://actions.github.io/buildtypes/workflow/v1",
            ),
            ("/predicate/buildDefinition/externalParameters/workflow/ref", "refs/tags/v1.2.3"),
            (
                "/predicate/buildDefinition/internalParameters/github/runner_environment",
                "github-hosted",
            ),
            ("/predicate/buildDefinition/resolvedDependencies/0/uri", SOURCE),
            ("/predicate/buildDefinition/resolvedDependencies/0/digest/gitCommit", COMMIT),
            ("/predicate/runDetails/builder/id", SIGNER),
            ("/predicate/runDetails/metadata/invocationId", INVOCATION),
        ],
    );
}

#[test]
fn the_npm_cli_names_its_own_builder() {
    let package = statement::npm_subject("@example/artifact", "1.2.3", ARTIFACT);
    assert_eq!(package["name"], "pkg:npm/%40example/artifact@1.2.3");
    assert_eq!(package["digest"]["sha512"].as_str().unwrap().len(), 128);
    let statement = statement::npm_cli(&identity(), &[package]);
    assert_says(
        &statement,
        &[
            (
                "/predicate/buildDefinition/buildType",
                "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
            ),
            ("/predicate/runDetails/builder/id", "https://github.com/actions/runner/github-hosted"),
        ],
    );
    let github = &statement["predicate"]["buildDefinition"]["internalParameters"]["github"];
    assert_eq!(github.get("runner_environment"), None);
}

#[test]
fn the_npm_registry_attests_a_publication() {
    let statement = statement::npm_publish("artifact", "1.2.3", ARTIFACT);
    let expected = json!({
        "name": "artifact", "version": "1.2.3", "registry": "https://registry.example.org",
    });
    assert_eq!(statement["predicate"], expected);
    assert_says(&statement, &[("/subject/0/name", "pkg:npm/artifact@1.2.3")]);
}

#[test]
fn the_generic_generator_writes_version_0_2() {
    let statement = statement::generic(&identity(), &subject());
    assert_says(
        &statement,
        &[
            ("/_type", "https://in-toto.io/Statement/v0.1"),
            ("/predicateType", "https://slsa.dev/provenance/v0.2"),
            ("/predicate/builder/id", SIGNER),
            ("/predicate/invocation/configSource/uri", SOURCE),
            ("/predicate/invocation/configSource/digest/sha1", COMMIT),
            ("/predicate/invocation/configSource/entryPoint", ".github/workflows/release.yml"),
            ("/predicate/invocation/environment/github_ref_type", "tag"),
            ("/predicate/invocation/environment/github_sha1", COMMIT),
            ("/predicate/invocation/environment/github_run_id", "14095611671"),
            ("/predicate/metadata/buildInvocationID", "14095611671-1"),
            ("/predicate/materials/0/uri", SOURCE),
        ],
    );
}

#[test]
fn the_delegator_names_the_builder_it_ran() {
    let builder = "https://github.com/example-org/trw/.github/workflows/b.yml@refs/tags/v1.0.0";
    let statement = statement::delegator(&identity(), &subject(), builder);
    assert_says(
        &statement,
        &[
            (
                "/predicate/buildDefinition/buildType",
                "https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0",
            ),
            ("/predicate/runDetails/builder/id", builder),
            ("/predicate/buildDefinition/internalParameters/GITHUB_RUN_ID", "14095611671"),
            ("/predicate/buildDefinition/internalParameters/GITHUB_SHA", COMMIT),
            (
                "/predicate/buildDefinition/internalParameters/GITHUB_WORKFLOW_REF",
                "example-org/artifact/.github/workflows/release.yml@refs/tags/v1.2.3",
            ),
        ],
    );
}

#[test]
fn the_container_based_builder_writes_the_run_as_a_number() {
    let statement = statement::container_based(&identity(), &subject());
    let definition = &statement["predicate"]["buildDefinition"];
    assert_eq!(definition["internalParameters"]["GITHUB_RUN_ID"], json!(14_095_611_671_u64));
    assert_says(
        &statement,
        &[
            ("/predicate/buildDefinition/externalParameters/source/uri", SOURCE),
            ("/predicate/buildDefinition/resolvedDependencies/0/digest/sha1", COMMIT),
            ("/predicate/runDetails/builder/id", SIGNER),
        ],
    );
}

#[test]
fn the_event_payload_follows_the_event() {
    let payload = |event: &str| {
        let run = WorkflowRun { event: event.into(), ..WorkflowRun::example() };
        let statement = statement::generic(&WorkflowIdentity::github_actions(run), &subject());
        statement["predicate"]["invocation"]["environment"]["github_event_payload"].clone()
    };
    assert_eq!(payload("push")["base_ref"], Value::Null);
    assert_eq!(payload("push")["ref"], "refs/tags/v1.2.3");
    assert_eq!(payload("release")["release"]["target_commitish"], "main");
    assert_eq!(payload("workflow_dispatch")["inputs"], json!({}));
    assert_eq!(payload("schedule")["repository"]["id"], json!(486_325_809));
}
