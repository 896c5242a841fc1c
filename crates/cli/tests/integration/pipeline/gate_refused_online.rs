//! The accepting gate with one thing changed.

use super::world::{BYTES, LATER, NAME, REPOSITORY, TAG, WORKFLOW, World, artifact, attest};
use crate::program::{failed, outcomes};
use provost_testkit::github::{Artifact, Asset, Fault, On, Release, Run, RunHandle, Token, zip};
use serde_json::Value;

/// A world that would be accepted, and its run.
fn accepted() -> (World, RunHandle) {
    let world = World::new();
    world.repository.release(world.release());
    let run = world.attested_run();
    (world, run)
}

fn gate(world: &World, run: &RunHandle, code: i32) -> Value {
    world.gate().args(["--run", &run.id().to_string()]).report(code)
}

/// The gate ends with an error that says these words, and never with a verdict.
#[track_caller]
fn undecided(world: &World, run: &RunHandle, code: i32, words: &str) {
    let id = run.id().to_string();
    let report = world.gate().args(["--run", &id]).report(code);
    let detail = report["error"]["detail"].as_str().unwrap();
    assert!(detail.contains(words), "{detail}");
    assert_eq!(outcomes(&report), [""; 0]);
    let entry = &world.manifest()[0];
    assert_eq!((&entry["status"], &entry["run"]), (&"failure".into(), &id.into()));
    assert!(entry["failure_reason"].as_str().unwrap().contains(words), "{entry}");
    assert_eq!(entry.get("decision"), None);
}

#[test]
fn a_run_that_did_not_succeed() {
    for conclusion in ["failure", "cancelled", "timed_out", "startup_failure", "neutral", "stale"] {
        let (world, run) = accepted();
        run.complete(conclusion);
        let report = gate(&world, &run, 10);
        assert_eq!(failed(&report), ["run-conclusion"], "{conclusion}");
        assert_eq!(world.manifest()[0]["checks_failed"], serde_json::json!(["run-conclusion"]));
    }
}

#[test]
fn an_earlier_attempt() {
    let (world, run) = accepted();
    run.change(|run| run.attempt = 2);
    assert_eq!(failed(&gate(&world, &run, 10)), ["run-attempt"]);
}

#[test]
fn the_head_of_a_fork() {
    let (world, run) = accepted();
    run.change(|run| run.head_repository = Some("stranger/app".into()));
    assert_eq!(failed(&gate(&world, &run, 10)), ["head-repository"]);
}

#[test]
fn a_tag_that_was_moved_or_deleted() {
    let (world, run) = accepted();
    world.repository.remove_ref("refs/tags/v1.4.0");
    world.repository.tag(TAG, LATER);
    assert_eq!(failed(&gate(&world, &run, 10)), ["tag-commit"]);
    let (world, run) = accepted();
    world.repository.remove_ref("refs/tags/v1.4.0");
    assert_eq!(failed(&gate(&world, &run, 10)), ["tag-commit"]);
}

#[test]
fn a_run_on_another_ref_than_the_tag() {
    let world = World::new();
    world.repository.release(world.release());
    let run = Run::new(WORKFLOW, "refs/heads/main", LATER).event("workflow_dispatch");
    let run = world.repository.run(run);
    run.artifact(artifact(&world.bundle(&run)));
    let mut checks = failed(&gate(&world, &run, 10));
    checks.sort();
    assert_eq!(checks, ["source-ref", "tag-commit"]);
}

#[test]
fn other_bytes_one_asset_more_and_one_less() {
    let (world, run) = accepted();
    world.repository.release(Release::new("v1.4.1").draft());
    let other = World::new();
    other.repository.release(Release::new(TAG).asset(NAME, b"app 1.4.1\n"));
    let run_of_other = other.attested_run();
    let checks = failed(&gate(&other, &run_of_other, 10));
    assert!(checks.contains(&"subject-digest".into()), "{checks:?}");
    assert!(checks.contains(&"unattested-asset".into()), "{checks:?}");
    drop((world, run));

    let world = World::new();
    world.repository.release(world.release().asset("more.txt", b"more"));
    let run = world.attested_run();
    let report = gate(&world, &run, 10);
    assert_eq!(outcomes(&report), ["refused", "refused"]);
    assert!(failed(&report).contains(&"unattested-asset".into()));

    let world = World::new();
    world.repository.release(world.release());
    let run = world.run();
    let both = provost_testkit::statement::actions_attest(
        &run.identity(),
        &[
            provost_testkit::statement::subject(NAME, BYTES),
            provost_testkit::statement::subject("more.txt", b"more"),
        ],
    );
    let request =
        provost_testkit::SigningRequest::new(&both, run.identity(), "2026-11-01T00:00:00Z");
    run.artifact(artifact(&world.sigstore.sign(&request).bundle_json()));
    assert!(failed(&gate(&world, &run, 10)).contains(&"subject-digest".into()));
}

#[test]
fn provenance_of_another_run() {
    let (world, run) = accepted();
    let other = world.run();
    let id = other.id().to_string();
    other.artifact(artifact(&world.bundle(&run)));
    assert_eq!(failed(&world.gate().args(["--run", &id]).report(10)), ["run-id"]);
}

#[test]
fn an_expired_artifact_is_no_verdict_and_says_what_to_do() {
    let world = World::new();
    world.repository.release(world.release());
    let run = world.run();
    run.artifact(artifact(&world.bundle(&run)).expired());
    undecided(&world, &run, 1, "provost recover --tag v1.4.0");
}

#[test]
fn a_run_without_provenance_is_nothing_to_check() {
    let world = World::new();
    world.repository.release(world.release());
    let run = world.run();
    undecided(&world, &run, 3, "there is no provenance of v1.4.0");
    run.artifact(Artifact::of("provenance", &[("readme.txt", b"no attestation")]));
    undecided(&world, &run, 3, "there is no provenance of v1.4.0");
}

#[test]
fn a_missing_release_and_an_empty_one_are_nothing_to_check() {
    let world = World::new();
    let run = world.attested_run();
    undecided(&world, &run, 3, "has no release of tag v1.4.0");
    world.repository.release(Release::new(TAG));
    undecided(&world, &run, 3, "has no asset to check");
}

#[test]
fn an_upload_that_is_not_complete() {
    let world = World::new();
    let release = Release::new(TAG);
    world.repository.release(release.with_asset(Asset::new(NAME, BYTES).unfinished()));
    let run = world.attested_run();
    undecided(&world, &run, 1, "is not uploaded completely");
}

#[test]
fn a_run_that_is_gone_is_no_verdict() {
    let (world, run) = accepted();
    let id = run.id();
    world.github.fault(
        On::new("GET", &format!("/repos/{REPOSITORY}/actions/runs/{id}")).always(),
        Fault::Status(404),
    );
    undecided(&world, &run, 1, "is not there, or the token may not see it");
}

#[test]
fn a_permission_that_is_missing_is_named() {
    let (world, run) = accepted();
    let weak = world.github.token(Token::of_job(REPOSITORY, &["contents:read"]));
    let id = run.id().to_string();
    let report = world.gate().args(["--run", &id]).env("GITHUB_TOKEN", &weak).report(1);
    let detail = report["error"]["detail"].as_str().unwrap();
    assert!(detail.contains("actions=read"), "{detail}");
}

#[test]
fn a_rate_limit_is_told_with_its_end() {
    let (world, run) = accepted();
    let path = format!("/repos/{REPOSITORY}/releases/tags/{TAG}");
    let reset = jiff::Timestamp::now().as_second() + 3_600;
    world.github.fault(On::new("GET", &path).always(), Fault::PrimaryRateLimit(reset));
    undecided(&world, &run, 1, "limits how often it may be called, until 20");
}

#[test]
fn answers_that_are_none_are_no_verdict() {
    let path = format!("/repos/{REPOSITORY}/actions/runs/*/artifacts");
    for (fault, words) in [
        (Fault::Html, "instead of JSON"),
        (Fault::Body(200, "application/json", b"[]".to_vec()), "cannot be used"),
        (Fault::Status(418), "HTTP 418"),
    ] {
        let (world, run) = accepted();
        world.github.fault(On::new("GET", &path).always(), fault);
        undecided(&world, &run, 1, words);
    }
}

#[test]
fn an_archive_that_is_not_harmless_is_refused_whole() {
    type Archive = fn(&str) -> Vec<u8>;
    let hostile: [(&str, Archive); 3] = [
        ("is no plain relative path", |bundle| {
            zip(&[("provenance.json", bundle.as_bytes()), ("../x", b"x")])
        }),
        ("twice", |bundle| zip(&[("a.json", bundle.as_bytes()), ("A.json", b"{}")])),
        ("no sound zip", |bundle| bundle.as_bytes().to_vec()),
    ];
    for (words, archive) in hostile {
        let world = World::new();
        world.repository.release(world.release());
        let run = world.run();
        let bytes = archive(&world.bundle(&run));
        run.artifact(Artifact::raw("provenance", bytes));
        undecided(&world, &run, 1, words);
    }
    let world = World::new();
    world.repository.release(world.release());
    let run = world.run();
    let digest = format!("sha256:{}", "0".repeat(64));
    run.artifact(artifact(&world.bundle(&run)).with_digest(&digest));
    undecided(&world, &run, 1, "not the digest");
}

#[test]
fn a_signature_of_nobody() {
    let world = World::new();
    world.repository.release(world.release());
    let run = world.run();
    let stranger = provost_testkit::VirtualSigstore::new();
    run.artifact(artifact(&attest(&stranger, run.identity(), NAME, BYTES)));
    let report = gate(&world, &run, 10);
    assert_eq!(outcomes(&report), ["refused"]);
    assert!(report["decisions"][0]["rejection"].is_object(), "{report:#}");
}
