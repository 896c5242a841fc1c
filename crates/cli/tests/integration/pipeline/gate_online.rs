use super::world::{BYTES, COMMIT, LATER, NAME, REPOSITORY, TAG, World};
use crate::program::{checks_with, outcomes};
use provost_testkit::github::{Asset, Attestation, Fault, Gate, Host, Job, On, Token};

const ONLINE: [&str; 5] =
    ["run-conclusion", "run-attempt", "head-repository", "tag-commit", "unattested-asset"];

#[test]
fn finds_the_release_and_the_run_s_provenance_and_accepts() {
    let world = World::new();
    world.repository.release(world.release());
    let run = world.attested_run();
    let id = run.id().to_string();
    let report = world.gate().args(["--run", &id]).report(0);
    assert_eq!(outcomes(&report), ["accepted"]);
    let decision = &report["decisions"][0];
    let passed = checks_with(decision, "passed");
    for check in ONLINE.iter().chain(&["tag-reuse", "source-ref"]) {
        assert!(passed.contains(&(*check).to_owned()), "{check}: {decision:#}");
    }
    let entry = &world.manifest()[0];
    assert_eq!((&entry["run"], &entry["status"]), (&id.as_str().into(), &"success".into()));
    assert_eq!((&entry["commit"], &entry["decision"]), (&COMMIT.into(), &"accepted".into()));
    let url = format!("https://github.com/{REPOSITORY}/releases/tag/{TAG}");
    assert_eq!(entry["release_url"], url);
    // The token stayed with the API: the zip came from elsewhere without it.
    let elsewhere = world.github.requests_on(Host::Blob);
    assert_eq!(elsewhere.len(), 1);
    assert_eq!(elsewhere[0].header("authorization"), None);
    // Again: nothing doubles.
    let before = world.manifest();
    world.gate().args(["--run", &id]).report(0);
    assert_eq!(world.manifest(), before);
}

#[test]
fn finds_provenance_among_the_assets_and_with_github() {
    let world = World::new();
    let run = world.run();
    let bundle = world.bundle(&run);
    world.repository.release(world.release().asset("app.sigstore.json", bundle.as_bytes()));
    assert_eq!(outcomes(&world.gate().report(0)), ["accepted"]);

    for (version, snappy) in [("2022-11-28", false), ("2026-03-10", false), ("2026-03-10", true)] {
        let world = World::new();
        world.configure(&format!("api_version = \"{version}\""));
        let run = world.run();
        let digest = sha256(BYTES);
        let attestation = Attestation::new(&digest, &world.bundle(&run));
        for number in 0..40 {
            world.repository.attestation(Attestation::decoy(&digest, number));
        }
        world.repository.attestation(if snappy { attestation.snappy() } else { attestation });
        world.repository.release(world.release());
        assert_eq!(outcomes(&world.gate().report(0)), ["accepted"], "{version} {snappy}");
        let elsewhere = world.github.requests_on(Host::Blob);
        assert!(elsewhere.iter().all(|request| request.header("authorization").is_none()));
    }
}

fn sha256(bytes: &[u8]) -> String {
    let digest = provost_control::sha256_hex(bytes);
    format!("sha256:{digest}")
}

#[test]
fn an_asset_without_digest_is_downloaded_and_hashed() {
    let world = World::new();
    let release = provost_testkit::github::Release::new(TAG);
    world.repository.release(release.with_asset(Asset::new(NAME, BYTES).without_digest()));
    let id = world.attested_run().id().to_string();
    assert_eq!(outcomes(&world.gate().args(["--run", &id]).report(0)), ["accepted"]);
}

#[test]
fn publishes_the_draft_once_it_is_accepted_and_not_before() {
    let world = World::new();
    world.repository.release(world.release().draft());
    let id = world.attested_run().id().to_string();
    let writer = world.github.token(Token::of_job(REPOSITORY, &["contents:write", "actions:read"]));
    let gate = || world.gate().args(["--run", &id, "--publish"]).env("GITHUB_TOKEN", &writer);
    // The tag is wrong for this policy: refused, and still a draft.
    gate().args(["--source-digest", &"0".repeat(40)]).report(10);
    assert!(world.repository.releases()[0].draft);
    let output = gate().run().expect(0);
    assert!(output.stderr.contains("published"), "{}", output.stderr);
    assert!(!world.repository.releases()[0].draft);
    let output = gate().run().expect(0);
    assert!(output.stderr.contains("public already"), "{}", output.stderr);
}

#[test]
fn a_draft_is_recorded_under_the_address_that_it_will_have() {
    let world = World::new();
    world.repository.release(world.release().draft());
    let id = world.attested_run().id().to_string();
    let writer = world.github.token(Token::of_job(REPOSITORY, &["contents:write", "actions:read"]));
    world.gate().args(["--run", &id]).env("GITHUB_TOKEN", &writer).report(0);
    let url = "https://github.com/example-org/app/releases/tag/v1.4.0";
    assert_eq!(world.manifest()[0]["release_url"], url);
}

#[test]
fn a_draft_that_may_not_be_seen_is_nothing_to_check() {
    let world = World::new();
    world.repository.release(world.release().draft());
    let id = world.attested_run().id().to_string();
    let output = world.gate().args(["--run", &id, "--publish"]).run().expect(3);
    assert!(output.stderr.contains("drafts need `contents: write`"), "{}", output.stderr);
    assert!(world.repository.releases()[0].draft);
}

#[test]
fn inside_the_run_the_jobs_that_ended_count() {
    let world = World::new();
    world.repository.release(world.release());
    let run = world.attested_run();
    run.start();
    let id = run.id().to_string();
    let gate = || world.gate().args(["--run", &id]).env("GITHUB_RUN_ID", &id);
    // No job ended yet: not decided, and nobody is told that it was refused.
    let report = gate().report(1);
    assert_eq!(outcomes(&report), ["deferred"]);
    assert_eq!(checks_with(&report["decisions"][0], "deferred"), ["run-conclusion"]);
    assert!(!world.has_manifest());
    run.job(Job::new("provenance / build"));
    run.job(Job::new("provenance / attest"));
    assert_eq!(outcomes(&gate().report(0)), ["accepted"]);
    // From outside the run is still going on.
    let report = world.gate().args(["--run", &id]).report(1);
    assert_eq!(outcomes(&report), ["deferred"]);
    run.job(Job::new("test").conclusion("failure"));
    let report = gate().report(10);
    assert_eq!(checks_with(&report["decisions"][0], "failed"), ["run-conclusion"]);
}

#[test]
fn a_tag_bound_by_commit_is_peeled() {
    let world = World::new();
    world.configure_with("tag_binding = \"commit\"", "");
    world.repository.release(world.release());
    let id = world.attested_run().id().to_string();
    assert_eq!(outcomes(&world.gate().args(["--run", &id]).report(0)), ["accepted"]);
}

#[test]
fn assets_may_be_excepted_by_name() {
    let world = World::new();
    world.repository.release(world.release().asset("SHA256SUMS", b"sums"));
    let id = world.attested_run().id().to_string();
    world.gate().args(["--run", &id]).report(10);
    let config = world.read("provost.toml");
    let config = config.replace("[policy]", "[policy]\nunattested_assets = [\"SHA256*\"]");
    world.write("provost.toml", config);
    assert_eq!(outcomes(&world.gate().args(["--run", &id]).report(0)), ["accepted"]);
}

#[test]
fn files_at_hand_are_gated_with_what_github_knows() {
    let world = World::new();
    let run = world.run();
    world.write("dist/app.txt", BYTES);
    world.write("bundle.json", world.bundle(&run));
    let local = || world.gate().args(["--bundle", "bundle.json", "--artifacts", "dist"]);
    let offline = local().args(["--offline"]).report(0);
    assert!(!checks_with(&offline["decisions"][0], "passed").contains(&"tag-commit".into()));
    assert!(world.github.requests().is_empty());
    let online = local().args(["--online"]).report(0);
    let decision = &online["decisions"][0];
    assert!(checks_with(decision, "passed").contains(&"tag-commit".into()), "{decision:#}");
    assert!(checks_with(decision, "skipped").contains(&"unattested-asset".into()));
    // Inside a job with a token GitHub is asked without a flag.
    let in_job = local().env("GITHUB_ACTIONS", "true").report(0);
    assert!(checks_with(&in_job["decisions"][0], "passed").contains(&"tag-commit".into()));
}

#[test]
fn what_changes_between_decision_and_publication_is_not_published() {
    let world = World::new();
    world.repository.release(world.release().draft());
    let id = world.attested_run().id().to_string();
    let writer = world.github.token(Token::of_job(REPOSITORY, &["contents:write", "actions:read"]));
    // The second listing of the assets is the one before the publication.
    let gate = Gate::new();
    let assets = format!("/repos/{REPOSITORY}/releases/*/assets");
    world.github.fault(On::new("GET", &assets).after(1), Fault::Hold(gate.clone()));
    let call = world.gate().args(["--run", &id, "--publish"]).env("GITHUB_TOKEN", &writer);
    let output = std::thread::scope(|scope| {
        let running = scope.spawn(|| call.run());
        gate.wait_for_arrivals(1);
        world.repository.remove_ref("refs/tags/v1.4.0");
        world.repository.tag(TAG, LATER);
        gate.open();
        running.join().unwrap()
    });
    let output = output.expect(1);
    assert!(output.stderr.contains("the tag of release v1.4.0 changed"), "{}", output.stderr);
    assert!(world.repository.releases()[0].draft);
}

#[test]
fn failed_jobs_that_were_repeated_leave_the_attestation_as_it_is() {
    let world = World::new();
    world.repository.release(world.release());
    let run = world.attested_run();
    run.job(Job::new("provenance / attest"));
    run.job(Job::new("manifest-sync").conclusion("failure"));
    run.complete("failure");
    let id = run.id().to_string();
    let gate = || world.gate().args(["--run", &id]);
    gate().report(10);
    // "Re-run failed jobs": the second attempt has the job that failed, and the one that was kept.
    run.change(|run| run.attempt = 2);
    run.job(Job::new("manifest-sync").attempt(2));
    run.complete("success");
    let report = gate().report(0);
    assert!(checks_with(&report["decisions"][0], "passed").contains(&"run-attempt".into()));
    // Inside the second attempt what succeeded before counts with what ended since.
    run.start();
    gate().env("GITHUB_RUN_ID", &id).report(0);
    assert_eq!(outcomes(&gate().report(1)), ["deferred"]);
    // Everything was repeated, the attesting job too: other bytes may have been made.
    run.job(Job::new("provenance / attest").attempt(2));
    run.complete("success");
    let report = gate().report(10);
    let failed = checks_with(&report["decisions"][0], "failed");
    assert_eq!(failed, ["run-conclusion", "run-attempt"]);
}
