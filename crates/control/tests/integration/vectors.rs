//! Table rows of slsa-verifier's own tests, read from the corpus beside the checkout.

use crate::world::{BUILDER_COMMIT, GENERATOR, Scene, check};
use provost_attestation::builder_id::{BuilderId, is_jreleaser_ref, is_release_ref};
use provost_attestation::digest::{ArtifactDigest, ArtifactDigests, DigestAlgorithm};
use provost_attestation::git_ref::{GitRef, RefKind};
use provost_attestation::repository::SourceUri;
use provost_attestation::subject::Subject;
use provost_control::Expectations;
use provost_policy::builders;
use provost_testkit::{WorkflowIdentity, WorkflowRun, statement};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A row where ours differs on purpose: its name, and why.
type Difference = (&'static str, &'static str);

fn corpus() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let folder = std::env::var_os("PROVOST_CORPUS").map_or(beside, PathBuf::from);
    // Relative to the workspace, where a person types it.
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Some(workspace.join(folder).join("vectors.jsonl")).filter(|file| file.is_file())
}

/// The rows of one upstream test; `None` when the corpus is not there, which is said loudly.
fn rows(test: &str) -> Option<Vec<Value>> {
    let Some(file) = corpus() else {
        eprintln!("SKIPPED: {test}: no corpus (../shared/corpus, or set PROVOST_CORPUS)");
        return None;
    };
    let text = std::fs::read_to_string(&file).unwrap();
    let suffix = format!("::{test}");
    let rows: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|row| row["test"].as_str().is_some_and(|name| name.ends_with(&suffix)))
        .map(|row| row["vector"].clone())
        .collect();
    assert!(!rows.is_empty(), "no rows of {test} in {}", file.display());
    Some(rows)
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_default()
}

fn flag(row: &Value, name: &str) -> bool {
    row[name].as_bool().unwrap_or_default()
}

/// Whether upstream accepts the row: it expects no error, under either name.
fn wanted(row: &Value) -> bool {
    row.get("err").is_none() && row.get("expected").is_none()
}

/// Runs every row that `accepts` has an answer for, prints how many, and holds the answers
/// against upstream's. The list of differences is strict in both directions.
#[track_caller]
fn run(test: &str, differences: &[Difference], accepts: impl Fn(&Value) -> Option<bool>) {
    let Some(rows) = rows(test) else { return };
    let mut ran = 0;
    for row in &rows {
        let Some(accepted) = accepts(row) else { continue };
        ran += 1;
        let name = text(row, "name");
        let difference = differences.iter().find(|(listed, _)| *listed == name);
        match difference {
            None => assert_eq!(accepted, wanted(row), "{test}: {row}"),
            Some((_, reason)) => {
                assert_ne!(accepted, wanted(row), "{test}: no longer differs ({reason}): {row}");
            }
        }
    }
    for (listed, _) in differences {
        assert!(rows.iter().any(|row| text(row, "name") == *listed), "{test}: no row {listed}");
    }
    eprintln!("{test}: {ran} of {} rows, {} listed differences", rows.len(), differences.len());
    assert!(ran > 0, "{test}: no row ran");
}

const SECOND_AT: &str = "the cut is at the first `@`, so that a tag may contain one (17.3)";

#[test]
fn builder_ids_are_parsed() {
    let differences =
        [("too many '@' - need version", SECOND_AT), ("too many '@' - no need version", SECOND_AT)];
    for test in ["Test_ParseBuilderID", "Test_BuilderIDNew"] {
        let id = |row: &Value| match row.get("trustedBuilderID") {
            Some(id) => id.as_str().unwrap().to_owned(),
            None => text(row, "builderID").to_owned(),
        };
        let Some(rows) = rows(test) else { return };
        let listed: Vec<Difference> = differences
            .into_iter()
            .filter(|(name, _)| rows.iter().any(|row| text(row, "name") == *name))
            .collect();
        run(test, &listed, |row| {
            let parsed = BuilderId::parse(&id(row)).ok();
            // A version that must be there is `builder-id`'s question, not the parser's.
            let parsed = parsed.filter(|id| !flag(row, "needVersion") || id.git_ref().is_some());
            if let (Some(parsed), true) = (&parsed, wanted(row)) {
                assert_eq!(parsed.name(), text(row, "builderName"), "{row}");
                let version = parsed.git_ref().unwrap_or_default();
                assert_eq!(version, text(row, "builderVersion"), "{row}");
            }
            Some(parsed.is_some())
        });
    }
}

#[test]
fn builder_ids_match_loosely() {
    run("Test_MatchesLoose", &[], |row| {
        // Short names of tags match everywhere here: rows that forbid them are Google's.
        let short = text(row, "trustedBuilderID").contains("@refs/tags/")
            && !text(row, "match").contains("@refs/tags/");
        if short && !flag(row, "allowRef") {
            return None;
        }
        let found = BuilderId::parse(text(row, "trustedBuilderID")).unwrap();
        let expected = BuilderId::parse(text(row, "match"));
        Some(expected.is_ok_and(|expected| found.satisfies(&expected)))
    });
}

#[test]
fn builder_tags_have_the_shape_of_a_release() {
    // What slsa-verifier lets through for its own tests, nothing here does.
    let without_testing = |row: &Value| !flag(row, "testing") && !flag(row, "testingEnabled");
    run("Test_IsValidBuilderTag", &[], |row| {
        without_testing(row).then(|| is_release_ref(text(row, "ref")))
    });
    run("Test_verifyTrustedBuilderRef", &[], |row| {
        without_testing(row).then(|| is_release_ref(text(row, "builderRef")))
    });
    run("Test_IsValidJreleaserBuilderTag", &[], |row| Some(is_jreleaser_ref(text(row, "ref"))));
}

#[test]
fn builders_behind_a_delegator_carry_a_release() {
    run("Test_isValidDelegatorBuilderID", &[], |row| {
        if flag(row, "testingEnabled") {
            return None;
        }
        let id = BuilderId::parse(text(row, "builderID")).ok()?;
        Some(id.git_ref().is_some_and(is_release_ref))
    });
}

#[test]
fn trusted_builders_are_named_whole() {
    run("Test_verifyTrustedBuilderID", &[], |row| {
        let path = text(row, "path")
            .replace("$generatorGenericSlsa3", "/.github/workflows/generator_generic_slsa3.yml")
            .replace("$delegatorGenericSlsa3", "/.github/workflows/delegator_generic_slsa3.yml");
        if text(row, "defaults") == "$defaultContainerTrustedReusableWorkflows" {
            return None;
        }
        let signer = format!("https://github.com/{path}@{}", text(row, "tag"));
        let signer = BuilderId::parse(&signer).unwrap();
        Some(match row.get("id").and_then(Value::as_str) {
            // Behind a delegator the caller's id is compared with the real builder, later.
            _ if flag(row, "byob") => builders::is_built_in(signer.name()),
            Some(id) => signer.satisfies(&BuilderId::parse(id).unwrap()),
            None => builders::is_built_in(signer.name()),
        })
    });
}

#[test]
fn git_uris_are_cut_at_the_first_at_sign() {
    run("Test_ParseGitURIAndRef", &[], |row| {
        let parsed = SourceUri::parse(text(row, "uri"));
        if let (Some(parsed), true) = (&parsed, wanted(row)) {
            assert_eq!(parsed.uri, text(row, "expectedURI"), "{row}");
            assert_eq!(parsed.git_ref.unwrap_or_default(), text(row, "expectedRef"), "{row}");
        }
        Some(parsed.is_some())
    });
}

#[test]
fn git_refs_are_what_their_prefix_says() {
    // Only tags and branches have a name here; upstream's table uses a type of its own.
    let kind = |git_ref: &str, kind: &str| match (kind, GitRef::new(git_ref).kind()) {
        ("tags", RefKind::Tag(name)) | ("heads", RefKind::Branch(name)) => Some(name.to_owned()),
        _ => None,
    };
    let typed = |row: &Value, name: &str, as_type: &str| {
        let git_ref = text(row, name).replace("refs/mytype/", &format!("refs/{as_type}/"));
        (kind(&git_ref, as_type), git_ref)
    };
    let Some(rows) = rows("Test_ParseGitRef") else { return };
    for row in &rows {
        for as_type in ["tags", "heads"] {
            let (found, git_ref) = typed(row, "ref", as_type);
            let expected =
                (text(row, "expectedType") == "mytype").then(|| text(row, "expectedRef"));
            assert_eq!(found.as_deref(), expected, "{git_ref}");
        }
    }
    eprintln!("Test_ParseGitRef: {} of {} rows", rows.len(), rows.len());
    run("Test_ValidateGitRef", &[], |row| match text(row, "typ") {
        "mytype" => Some(typed(row, "ref", "heads").0.as_deref() == Some(text(row, "expectedRef"))),
        // Asked for a tag where there is a branch.
        "tags" => {
            let git_ref = text(row, "ref").replace("refs/mytype/", "refs/heads/");
            Some(kind(&git_ref, "tags").is_some())
        }
        _ => None,
    });
}

/// Whether `source-ref` passes for an attestation of a run at that ref.
fn ref_passes(git_ref: &str, edit: impl FnOnce(&mut Expectations)) -> bool {
    let run = WorkflowRun { git_ref: git_ref.into(), ..WorkflowRun::example() };
    let scene = Scene::own_workflow(run).expecting(edit);
    // An expectation that is none is refused before any bundle is looked at.
    let Ok(policy) = scene.expectations.policy(None) else { return false };
    check(&scene.judge_under(&policy), "source-ref").has_passed()
}

#[test]
fn tags_are_equal() {
    run("Test_VerifyTag", &[], |row| {
        let tag = text(row, "tag").to_owned();
        Some(ref_passes(text(&row["prov"], "tag"), |e| e.source_tag = Some(tag)))
    });
}

#[test]
fn branches_are_equal() {
    run("Test_VerifyBranch", &[], |row| {
        let branch = text(row, "branch").to_owned();
        Some(ref_passes(text(&row["prov"], "branch"), |e| e.source_branch = Some(branch)))
    });
}

#[test]
fn versioned_tags_compare_what_is_asked() {
    // Prereleases compare whole (17.2.7); no row of this table depends on it.
    run("Test_VerifyVersionedTag", &[], |row| {
        let tag = text(row, "tag").to_owned();
        Some(ref_passes(text(&row["prov"], "tag"), |e| e.source_versioned_tag = Some(tag)))
    });
    let of = |found: &str, asked: &str| {
        let asked = asked.to_owned();
        ref_passes(&format!("refs/tags/{found}"), |e| e.source_versioned_tag = Some(asked))
    };
    assert!(of("v1.2.3-rc.1", "v1.2.3-rc.1"));
    assert!(!of("v1.2.3-rc.1", "v1.2.3-rc.2"));
}

#[test]
fn sources_are_expected_in_three_spellings() {
    const WHOLE: &str = "a trigger at another ref of the same repository is \
        `certificate-consistency`'s question";
    let differences = [
        ("mismatch materials configSource tag", WHOLE),
        ("mismatch source material ref (byob)", WHOLE),
    ];
    run("Test_verifySourceURI", &differences, |row| {
        let build_type = match text(row, "provBuildType") {
            "" => "https://github.com/slsa-framework/slsa-github-generator/generic@v1",
            "$common.BYOBBuildTypeV0" => {
                "https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0"
            }
            // The npm CLI's own sources stand in `consistency`; its v0.2 has more rules.
            _ => return None,
        };
        let file = match text(row, "provBuildType") {
            "" => "generator_generic_slsa3.yml",
            _ => "delegator_generic_slsa3.yml",
        };
        let run = WorkflowRun { repository: "some/repo".into(), ..WorkflowRun::example() };
        let identity = WorkflowIdentity::github_actions(run).reusable(
            &format!("{GENERATOR}{file}"),
            "refs/tags/v2.0.0",
            BUILDER_COMMIT,
        );
        let expected = text(row, "expectedSourceURI").to_owned();
        let scene = Scene::new(identity, statement::generic)
            .stating("/predicate/buildType", json!(build_type))
            .stating("/predicate/materials/0/uri", json!(text(row, "provMaterialsURI")))
            .stating("/predicate/invocation/configSource/uri", json!(text(row, "provTriggerURI")))
            .expecting(|e| e.source_uri = Some(expected));
        let Ok(policy) = scene.expectations.policy(None) else { return Some(false) };
        Some(check(&scene.judge_under(&policy), "source-repository").has_passed())
    });
}

#[test]
fn the_certificate_s_repository_is_the_one_expected() {
    run("Test_VerifyCertficateSourceRepository", &[], |row| {
        let run = WorkflowRun {
            repository: text(&row["workflow"], "SourceRepository").into(),
            ..WorkflowRun::example()
        };
        let source = text(row, "source").to_owned();
        let scene = Scene::generic_of(run).expecting(|e| e.source_uri = Some(source));
        let Ok(policy) = scene.expectations.policy(None) else { return Some(false) };
        Some(check(&scene.judge_under(&policy), "source-repository").has_passed())
    });
}

#[test]
fn subjects_match_by_strong_digests() {
    run("Test_VerifyDigest", &[], |row| {
        let hex = text(row, "artifactHash");
        let Some(digest) = ArtifactDigest::from_hex(DigestAlgorithm::Sha256, hex) else {
            return Some(false);
        };
        let artifact = ArtifactDigests::new(digest);
        let subjects = row["prov"]["subjects"].as_array().cloned().unwrap_or_default();
        Some(subjects.iter().any(|subject| {
            let set: BTreeMap<String, String> =
                serde_json::from_value(subject["Digest"].clone()).unwrap();
            Subject::new(None, set).is(&artifact)
        }))
    });
}

#[test]
fn inputs_are_equal() {
    run("Test_VerifyWorkflowInputs", &[], |row| {
        let run = WorkflowRun { event: "workflow_dispatch".into(), ..WorkflowRun::example() };
        let given = match &row["prov"]["workflowInputs"] {
            inputs @ Value::Object(_) => inputs.clone(),
            _ => json!({}),
        };
        let asked = row["inputs"].as_object().unwrap();
        let asked = asked.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap()));
        let asked: Vec<String> = asked.collect();
        let inputs = "/predicate/invocation/environment/github_event_payload/inputs";
        let scene = Scene::generic_of(run)
            .stating(inputs, given)
            .expecting(|e| e.build_workflow_inputs = asked);
        Some(check(&scene.judge(), "build-input").has_passed())
    });
}
