use super::world::{COMMIT, LATER, REPOSITORY, TAG, World};
use provost_testkit::github::{Release, RunHandle, Token};
use serde_json::Value;

/// An accepted release, recorded in manifest and log.
fn accepted() -> (World, RunHandle) {
    let world = World::new();
    world.configure("[reconcile]\ndeadline_minutes = 0");
    world.repository.release(world.release());
    let run = world.attested_run();
    world.gate().args(["--run", &run.id().to_string()]).report(0);
    (world, run)
}

fn reconcile(world: &World, flags: &[&str], code: i32) -> Value {
    let call = world.provost(["reconcile", "--format", "json"]).args(flags);
    call.run().expect(code).json()
}

fn kinds(result: &Value) -> Vec<&str> {
    let gaps = result["gaps"].as_array().unwrap().iter();
    gaps.map(|gap| gap["kind"].as_str().unwrap()).collect()
}

#[test]
fn what_fits_is_in_order() {
    let (world, _) = accepted();
    let result = reconcile(&world, &["--silent"], 0);
    assert_eq!(kinds(&result), [""; 0]);
    let looked = &result["looked_at"];
    assert_eq!(looked, &serde_json::json!({"releases": 1, "entries": 1, "rows": 1, "runs": 1}));
    let text = world.provost(["reconcile", "--silent"]).run().expect(0).stdout;
    assert!(text.starts_with("in order  compared: releases 1, entries 1"), "{text}");
}

#[test]
fn a_release_without_provenance() {
    let (world, _) = accepted();
    world.repository.tag("v1.5.0", LATER);
    world.repository.release(Release::new("v1.5.0").asset("app.txt", b"1.5"));
    let result = reconcile(&world, &["--silent"], 11);
    assert_eq!(kinds(&result), ["release-without-provenance"]);
    assert_eq!(result["gaps"][0]["tag"], "v1.5.0");
    // Before the deadline it may still come; a draft is nobody's release yet.
    world.configure("[reconcile]\ndeadline_minutes = 60");
    assert_eq!(kinds(&reconcile(&world, &["--silent"], 0)), [""; 0]);
    let (world, _) = accepted();
    world.repository.release(Release::new("v1.5.0").draft());
    reconcile(&world, &["--silent"], 0);
}

#[test]
fn a_tag_that_was_moved_or_deleted() {
    let (world, _) = accepted();
    world.repository.remove_ref("refs/tags/v1.4.0");
    assert_eq!(kinds(&reconcile(&world, &["--silent"], 11)), ["tag-gone"]);
    world.repository.tag(TAG, LATER);
    let result = reconcile(&world, &["--silent"], 11);
    assert_eq!(kinds(&result), ["tag-moved"]);
    let detail = result["gaps"][0]["detail"].as_str().unwrap();
    assert!(detail.contains(COMMIT) && detail.contains(LATER), "{detail}");
}

#[test]
fn a_run_that_failed_after_the_gate() {
    let (world, run) = accepted();
    run.complete("failure");
    assert_eq!(kinds(&reconcile(&world, &["--silent"], 11)), ["run-failed"]);
    run.start();
    assert_eq!(kinds(&reconcile(&world, &["--silent"], 11)), ["run-pending"]);
}

#[test]
fn a_bundle_that_is_missing_or_altered() {
    let (world, run) = accepted();
    let path = format!("artifacts/slsa/{TAG}/provenance-{TAG}.json");
    let bundle = world.read(&path);
    world.write(&path, bundle.replacen("\"sig\"", "\"sig \"", 1));
    assert_eq!(kinds(&reconcile(&world, &["--silent"], 11)), ["bundle-altered"]);
    // Well signed, and about other bytes.
    let other = super::world::attest(&world.sigstore, run.identity(), "app.txt", b"other bytes");
    world.write(&path, other);
    assert_eq!(kinds(&reconcile(&world, &["--silent"], 11)), ["bundle-altered"]);
    std::fs::remove_file(world.path(&path)).unwrap();
    assert_eq!(kinds(&reconcile(&world, &["--silent"], 11)), ["bundle-missing"]);
    world.write(&path, bundle);
    reconcile(&world, &["--silent"], 0);
}

#[test]
fn assets_that_are_others_now() {
    for (release, kind) in [
        (Release::new(TAG).asset("app.txt", b"app 6.6.6\n"), "asset-altered"),
        (
            Release::new(TAG).asset("app.txt", super::world::BYTES).asset("more.txt", b"more"),
            "asset-unattested",
        ),
    ] {
        let world = World::new();
        world.configure("[reconcile]\ndeadline_minutes = 0");
        let run = world.attested_run();
        world.write("dist/app.txt", super::world::BYTES);
        let local = world.gate().args(["--run", &run.id().to_string(), "--artifacts", "dist"]);
        local.report(0);
        world.repository.release(release);
        assert_eq!(kinds(&reconcile(&world, &["--silent"], 11)), [kind]);
    }
}

#[test]
fn rows_and_entries_are_compared_both_ways_and_mended_one_way() {
    let (world, _) = accepted();
    std::fs::remove_file(world.path(".provost/events.db")).unwrap();
    // Without any log there is nothing to compare with, and that is said.
    let result = reconcile(&world, &["--silent"], 0);
    assert!(result["unchecked"][0].as_str().unwrap().starts_with("the event log"), "{result}");
    world
        .provost(["manifest", "add", "--run", "5", "--tag", "v0.1.0", "--status", "failure"])
        .args(["--failure-reason", "it broke", "--repository", REPOSITORY])
        .run()
        .expect(0);
    let other = world.path("elsewhere");
    std::fs::create_dir(&other).unwrap();
    world
        .provost(["manifest", "add", "--run", "6", "--tag", "v0.2.0", "--status", "failure"])
        .args(["--failure-reason", "it broke", "--repository", REPOSITORY, "--root", "elsewhere"])
        .run()
        .expect(0);
    world.provost(["ingest", "elsewhere"]).run().expect(0);
    let result = reconcile(&world, &["--silent"], 11);
    assert_eq!(kinds(&result), ["entry-without-row", "row-without-entry", "entry-without-row"]);
    let result = reconcile(&world, &["--silent", "--fix"], 11);
    let mended: Vec<bool> =
        result["gaps"].as_array().unwrap().iter().map(|gap| gap["mended"].is_string()).collect();
    assert_eq!(mended, [true, false, true]);
    assert_eq!(kinds(&reconcile(&world, &["--silent"], 11)), ["row-without-entry"]);
}

#[test]
fn a_deferred_decision_is_made_with_fix() {
    let world = World::new();
    world.configure("[reconcile]\ndeadline_minutes = 0");
    world.repository.release(world.release());
    let id = world.attested_run().id().to_string();
    world
        .provost(["manifest", "add", "--run", &id, "--tag", TAG, "--status", "success"])
        .args(["--repository", REPOSITORY])
        .run()
        .expect(0);
    world.provost(["ingest", "."]).run().expect(0);
    assert_eq!(kinds(&reconcile(&world, &["--silent"], 11)), ["not-decided"]);
    let result = reconcile(&world, &["--silent", "--fix"], 0);
    assert_eq!(result["gaps"][0]["mended"], "decided: accepted");
    assert_eq!(world.manifest()[0]["decision"], "accepted");
    assert_eq!(kinds(&reconcile(&world, &["--silent"], 0)), [""; 0]);
}

#[test]
fn provenance_that_expired_before_anybody_decided() {
    let world = World::new();
    world.configure("[reconcile]\ndeadline_minutes = 0");
    let run = world.run();
    run.artifact(super::world::artifact(&world.bundle(&run)).expired());
    let id = run.id().to_string();
    world
        .provost(["manifest", "add", "--run", &id, "--tag", TAG, "--status", "success"])
        .args(["--repository", REPOSITORY])
        .run()
        .expect(0);
    world.provost(["ingest", "."]).run().expect(0);
    let result = reconcile(&world, &["--silent"], 11);
    assert_eq!(kinds(&result), ["not-decided", "artifact-expired"]);
    // It cannot be mended here, and says why.
    let result = reconcile(&world, &["--silent", "--fix"], 11);
    let detail = result["gaps"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("could not be mended"), "{detail}");
}

#[test]
fn a_dispatch_that_came_to_nothing() {
    for (conclusion, kind) in [("success", "run-without-entry"), ("failure", "run-without-entry")] {
        let world = World::ending(conclusion);
        world.configure("[reconcile]\ndeadline_minutes = 0");
        world.dispatch().run().expect(0);
        assert_eq!(kinds(&reconcile(&world, &["--silent"], 11)), [kind]);
    }
    let world = World::new();
    world.configure("[reconcile]\ndeadline_minutes = 0");
    world.dispatch().run().expect(0);
    world.repository.runs()[0].start();
    assert_eq!(kinds(&reconcile(&world, &["--silent"], 11)), ["run-pending"]);
}

#[test]
fn each_gap_is_told_once_and_a_later_success_closes_its_issue() {
    let (world, _) = accepted();
    world.configure("[reconcile]\ndeadline_minutes = 0");
    let writer = world
        .github
        .token(Token::of_job(REPOSITORY, &["contents:read", "actions:read", "issues:write"]));
    let reconcile = |code: i32| {
        let call = world.provost(["reconcile", "--format", "json"]).env("GITHUB_TOKEN", &writer);
        call.run().expect(code).json()
    };
    world.repository.tag("v1.5.0", LATER);
    world.repository.release(Release::new("v1.5.0").asset("app.txt", b"1.5"));
    world.repository.remove_ref("refs/tags/v1.4.0");
    world.repository.tag(TAG, LATER);
    let result = reconcile(11);
    assert_eq!(kinds(&result), ["tag-moved", "release-without-provenance"]);
    assert!(result["gaps"].as_array().unwrap().iter().all(|gap| gap["told"] == true), "{result}");
    let issues = world.repository.issues();
    assert_eq!(issues.len(), 2);
    assert!(issues.iter().all(|issue| issue.labels == ["ops-alert"]));
    // The accepted entry stays what it is, and remembers what was told.
    let entry = &world.manifest()[1];
    assert_eq!((&entry["status"], &entry["decision"]), (&"success".into(), &"accepted".into()));
    assert_eq!(entry["notified"]["gaps"], serde_json::json!(["tag-moved"]));
    // The release without provenance is a failure of its own.
    let missing = &world.manifest()[0];
    assert_eq!((&missing["tag"], &missing["run"]), (&"v1.5.0".into(), &"0".into()));
    assert_eq!(missing["status"], "failure");
    reconcile(11);
    reconcile(11);
    let issues = world.repository.issues();
    assert_eq!(issues.len(), 2);
    assert!(issues.iter().all(|issue| issue.comments.is_empty()), "{:?}", issues[0].comments.len());
    // Another gap of the same release is one comment more.
    world.repository.remove_ref("refs/tags/v1.4.0");
    reconcile(11);
    reconcile(11);
    let comments: usize = world.repository.issues().iter().map(|issue| issue.comments.len()).sum();
    assert_eq!(comments, 1);
    world.provost(["manifest", "lint"]).run().expect(0);
}

#[test]
fn a_gap_about_the_log_is_told_once_and_changes_no_entry() {
    let (world, _) = accepted();
    let other = world.path("elsewhere");
    std::fs::create_dir(&other).unwrap();
    world
        .provost(["manifest", "add", "--run", "6", "--tag", "v0.2.0", "--status", "failure"])
        .args(["--failure-reason", "it broke", "--repository", REPOSITORY, "--root", "elsewhere"])
        .run()
        .expect(0);
    world.provost(["ingest", "elsewhere"]).run().expect(0);
    let permissions = ["contents:read", "actions:read", "issues:write"];
    let writer = world.github.token(Token::of_job(REPOSITORY, &permissions));
    let before = world.manifest();
    for _ in 0..3 {
        let call = world.provost(["reconcile", "--format", "json"]).env("GITHUB_TOKEN", &writer);
        let result = call.run().expect(11).json();
        assert_eq!(kinds(&result), ["row-without-entry"]);
        assert_eq!(result["gaps"][0]["told"], true, "{result}");
        let issues = world.repository.issues();
        assert_eq!(issues.len(), 1);
        assert!(issues[0].comments.is_empty());
        let body = issues[0].body.clone().unwrap_or_default();
        assert!(body.contains("row-without-entry"), "{body}");
    }
    assert_eq!(world.manifest(), before);
    // Who may not open issues has told nobody, and is heard when he may.
    let (world, _) = accepted();
    world.provost(["ingest", other.to_str().unwrap()]).run().expect(0);
    let result = reconcile(&world, &[], 11);
    assert_eq!(result["gaps"][0]["told"], false, "{result}");
}

#[test]
fn what_cannot_be_asked_is_no_agreement() {
    let (world, _) = accepted();
    let weak = world.github.token(Token::of_job(REPOSITORY, &["contents:read"]));
    let output = world.provost(["reconcile", "--silent"]).env("GITHUB_TOKEN", &weak).run();
    assert!(output.expect(1).stderr.contains("actions=read"));
    world.provost(["reconcile", "--since", "soon"]).run().expect(2);
}
