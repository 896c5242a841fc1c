//! In-toto statements as the builders of the field write them, consistent with the certificate.
//!
//! Each function gives JSON to edit: `statement["predicate"]["runDetails"]...`. The values come
//! from [`WorkflowIdentity::run`] and `signer_uri`, so make the statement first and change the
//! identity afterwards to let the two disagree.

use serde_json::{Map, Value, json};

use crate::identity::{WorkflowIdentity, WorkflowRun};
use crate::key::{sha256, sha512};

const STATEMENT_V0_1: &str = "https://in-toto.io/Statement/v0.1";
const STATEMENT_V1: &str = "https://in-toto.io/Statement/v1";
const PROVENANCE_V0_2: &str = "https://slsa.dev/provenance/v0.2";
const PROVENANCE_V1: &str = "https://slsa.dev/provenance/v1";
const GENERATOR: &str = "https://github.com/slsa-framework/slsa-github-generator";

/// A subject with the SHA-256 of `bytes`.
pub fn subject(name: &str, bytes: &[u8]) -> Value {
    json!({ "name": name, "digest": { "sha256": hex::encode(sha256(bytes)) } })
}

/// The subject of an npm package, `NAME@VERSION`, with the SHA-512 of the tarball's `bytes`.
pub fn npm_subject(name: &str, version: &str, bytes: &[u8]) -> Value {
    let url = format!("pkg:npm/{}@{version}", name.replacen('@', "%40", 1));
    json!({ "name": url, "digest": { "sha512": hex::encode(sha512(bytes)) } })
}

/// Provenance v1 by `actions/attest` and `actions/attest-build-provenance`.
pub fn actions_attest(identity: &WorkflowIdentity, subjects: &[Value]) -> Value {
    let mut predicate = workflow_predicate(
        &identity.run,
        "https://actions.github.io/buildtypes/workflow/v1",
        &identity.signer_uri,
    );
    predicate["buildDefinition"]["internalParameters"]["github"]["runner_environment"] =
        json!(identity.runner_environment);
    statement(STATEMENT_V1, PROVENANCE_V1, subjects, predicate)
}

/// Provenance v1 by the npm CLI; the subject is one of [`npm_subject`].
pub fn npm_cli(identity: &WorkflowIdentity, subjects: &[Value]) -> Value {
    let predicate = workflow_predicate(
        &identity.run,
        "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
        "https://github.com/actions/runner/github-hosted",
    );
    statement(STATEMENT_V1, PROVENANCE_V1, subjects, predicate)
}

/// The registry's own attestation of `NAME@VERSION`, signed with a managed key.
pub fn npm_publish(name: &str, version: &str, bytes: &[u8]) -> Value {
    statement(
        STATEMENT_V0_1,
        "https://github.com/npm/attestation/tree/main/specs/publish/v0.1",
        &[npm_subject(name, version, bytes)],
        json!({ "name": name, "version": version, "registry": "https://registry.example.org" }),
    )
}

/// Provenance v0.2 by the generic generator of slsa-github-generator.
pub fn generic(identity: &WorkflowIdentity, subjects: &[Value]) -> Value {
    let run = &identity.run;
    let source = json!({ "uri": run.source_uri(), "digest": { "sha1": run.commit } });
    let mut config_source = source.clone();
    config_source["entryPoint"] = json!(run.workflow_path);
    let predicate = json!({
        "builder": { "id": identity.signer_uri },
        "buildType": format!("{GENERATOR}/generic@v1"),
        "invocation": {
            "configSource": config_source,
            "parameters": {},
            "environment": lower_case_environment(run),
        },
        "metadata": {
            // The generator spells the member so; the specification writes buildInvocationId.
            "buildInvocationID": format!("{}-{}", run.run_id, run.attempt),
            "completeness": { "parameters": true, "environment": false, "materials": false },
            "reproducible": false,
        },
        "materials": [source],
    });
    statement(STATEMENT_V0_1, PROVENANCE_V0_2, subjects, predicate)
}

/// Provenance v1 by a delegator of slsa-github-generator for the builder `builder_id`
/// (`https://github.com/OWNER/NAME/PATH@REF`), which is not the certificate's workflow.
pub fn delegator(identity: &WorkflowIdentity, subjects: &[Value], builder_id: &str) -> Value {
    let run = &identity.run;
    let predicate = json!({
        "buildDefinition": {
            "buildType": format!("{GENERATOR}/delegator-generic@v0"),
            "externalParameters": { "inputs": { "rekor-log-public": false }, "vars": {} },
            "internalParameters": upper_case_environment(run),
            "resolvedDependencies": [
                { "uri": run.source_uri(), "digest": { "gitCommit": run.commit } },
            ],
        },
        "runDetails": run_details(run, builder_id),
    });
    statement(STATEMENT_V0_1, PROVENANCE_V1, subjects, predicate)
}

/// Provenance v1 by the container-based builder of slsa-github-generator.
pub fn container_based(identity: &WorkflowIdentity, subjects: &[Value]) -> Value {
    let run = &identity.run;
    let source = json!({ "uri": run.source_uri(), "digest": { "sha1": run.commit } });
    let image = hex::encode(sha256(b"builder image"));
    let builder = hex::encode(sha256(b"builder binary"));
    let mut parameters = upper_case_environment(run);
    // This builder alone writes two numbers as numbers.
    parameters["GITHUB_RUN_ID"] = number(&run.run_id);
    parameters["GITHUB_RUN_NUMBER"] = json!(99);
    parameters["GITHUB_WORKFLOW"] = json!(run.workflow_path);
    let predicate = json!({
        "buildDefinition": {
            "buildType": "https://slsa.dev/container-based-build/v0.1?draft",
            "externalParameters": {
                "source": source,
                "builderImage": {
                    "uri": format!("bash@sha256:{image}"),
                    "digest": { "sha256": image },
                },
                "configPath": ".github/configs-docker/config.toml",
                "buildConfig": { "ArtifactPath": "artifact", "Command": ["touch", "artifact"] },
            },
            "internalParameters": parameters,
            "resolvedDependencies": [
                source,
                {
                    "uri": format!("git+{GENERATOR}@refs/tags/v2.0.0"),
                    "digest": { "sha256": builder },
                },
            ],
        },
        "runDetails": run_details(run, &identity.signer_uri),
    });
    statement(STATEMENT_V0_1, PROVENANCE_V1, subjects, predicate)
}

/// A statement of any type, for predicates that the kit has no builder for.
pub fn statement(kind: &str, predicate_type: &str, subjects: &[Value], predicate: Value) -> Value {
    json!({
        "_type": kind,
        "subject": subjects,
        "predicateType": predicate_type,
        "predicate": predicate,
    })
}

/// The webhook's payload as GitHub gives it to the run, with the members that verifiers read.
pub fn event_payload(run: &WorkflowRun) -> Value {
    let mut payload = json!({
        "repository": {
            "id": number(&run.repository_id),
            "full_name": run.repository,
            "html_url": run.repository_uri(),
            "default_branch": "main",
            "owner": { "id": number(&run.owner_id), "login": run.owner() },
        },
    });
    match run.event.as_str() {
        "push" => {
            payload["ref"] = json!(run.git_ref);
            payload["before"] = json!("0".repeat(40));
            payload["after"] = json!(run.commit);
            payload["base_ref"] = Value::Null;
        }
        "release" => {
            let tag = run.git_ref.trim_start_matches("refs/tags/");
            payload["action"] = json!("published");
            payload["release"] = json!({ "tag_name": tag, "target_commitish": "main" });
        }
        "workflow_dispatch" => {
            payload["inputs"] = json!({});
            payload["ref"] = json!(run.git_ref);
            payload["workflow"] = json!(run.workflow_path);
        }
        _ => {}
    }
    payload
}

/// Build type `workflow/v1`, which `actions/attest` and the npm CLI share.
fn workflow_predicate(run: &WorkflowRun, build_type: &str, builder_id: &str) -> Value {
    json!({
        "buildDefinition": {
            "buildType": build_type,
            "externalParameters": { "workflow": {
                "ref": run.git_ref,
                "repository": run.repository_uri(),
                "path": run.workflow_path,
            } },
            "internalParameters": { "github": {
                "event_name": run.event,
                "repository_id": run.repository_id,
                "repository_owner_id": run.owner_id,
            } },
            "resolvedDependencies": [
                { "uri": run.source_uri(), "digest": { "gitCommit": run.commit } },
            ],
        },
        "runDetails": run_details(run, builder_id),
    })
}

fn run_details(run: &WorkflowRun, builder_id: &str) -> Value {
    json!({
        "builder": { "id": builder_id },
        "metadata": { "invocationId": run.invocation_uri() },
    })
}

/// The variables that every generator of slsa-github-generator copies, without their prefix.
fn environment(run: &WorkflowRun) -> [(&'static str, Value); 10] {
    [
        ("actor_id", json!("41898282")),
        ("base_ref", json!("")),
        ("event_name", json!(run.event)),
        ("event_payload", event_payload(run)),
        ("ref", json!(run.git_ref)),
        ("ref_type", json!(ref_type(run))),
        ("repository_id", json!(run.repository_id)),
        ("repository_owner_id", json!(run.owner_id)),
        ("run_attempt", json!(run.attempt)),
        ("run_number", json!("99")),
    ]
}

/// `invocation.environment` of provenance v0.2.
fn lower_case_environment(run: &WorkflowRun) -> Value {
    let own = [
        ("actor", json!("github-actions[bot]")),
        ("head_ref", json!("")),
        ("repository_owner", json!(run.owner())),
        ("run_id", json!(run.run_id)),
        ("sha1", json!(run.commit)),
    ];
    let members = environment(run).into_iter().chain(own);
    members.map(|(name, value)| (format!("github_{name}"), value)).collect::<Map<_, _>>().into()
}

/// `internalParameters` of provenance v1 by a delegator or the container-based builder.
fn upper_case_environment(run: &WorkflowRun) -> Value {
    let own = [
        ("repository", json!(run.repository)),
        ("run_id", json!(run.run_id)),
        ("sha", json!(run.commit)),
        ("triggering_actor_id", json!("41898282")),
        ("workflow_ref", json!(run.workflow_ref())),
        ("workflow_sha", json!(run.commit)),
    ];
    let members = environment(run).into_iter().chain(own);
    let name = |name: &str| format!("GITHUB_{}", name.to_ascii_uppercase());
    members.map(|(short, value)| (name(short), value)).collect::<Map<_, _>>().into()
}

fn ref_type(run: &WorkflowRun) -> &'static str {
    if run.git_ref.starts_with("refs/tags/") { "tag" } else { "branch" }
}

/// Digits as a JSON number; anything else stays text, for tests with odd ids.
fn number(digits: &str) -> Value {
    digits.parse::<u64>().map_or_else(|_| json!(digits), Value::from)
}
