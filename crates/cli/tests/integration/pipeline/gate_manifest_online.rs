//! `gate --manifest --changed-since`, as the required check runs it, and `gate --all`.

use super::world::{REPOSITORY, TAG, World};
use crate::program::{failed, outcomes};
use provost_testkit::github::{Release, Ruleset, Run};
use std::path::Path;
use std::process::Command;

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=octocat", "-c", "user.email=octocat@example.org"])
        .args(["-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn commit(world: &World, message: &str) -> String {
    git(world.root(), &["add", "-A", "docs", "artifacts", "provost.toml"]);
    git(world.root(), &["commit", "-q", "--allow-empty", "-m", message]);
    git(world.root(), &["rev-parse", "HEAD"])
}

/// A clone in which the release is recorded; its base and its head.
fn recorded() -> (World, String, String) {
    let world = World::new();
    git(world.root(), &["init", "-q"]);
    std::fs::create_dir_all(world.path("docs")).unwrap();
    std::fs::create_dir_all(world.path("artifacts")).unwrap();
    let base = commit(&world, "begin");
    world.repository.remove_ref("refs/tags/v1.4.0");
    world.repository.tag(TAG, &base);
    world.repository.release(world.release());
    let run = Run::new(super::world::WORKFLOW, "refs/tags/v1.4.0", &base);
    let run = world.repository.run(run.event("workflow_dispatch"));
    run.artifact(super::world::artifact(&world.bundle(&run)));
    world.gate().args(["--run", &run.id().to_string()]).report(0);
    let head = commit(&world, "record");
    (world, base, head)
}

fn required(world: &World, base: &str) -> crate::program::Provost {
    world
        .provost(["gate", "--manifest", "docs/reports", "--online", "--allow-no-release"])
        .args(["--changed-since", base])
}

#[test]
fn gates_what_changed_and_the_newest_release() {
    let (world, base, head) = recorded();
    assert_eq!(outcomes(&required(&world, &base).report(0)), ["accepted"]);
    // Nothing changed since: the newest release is gated all the same.
    assert_eq!(outcomes(&required(&world, &head).report(0)), ["accepted"]);
    world.repository.runs()[0].complete("failure");
    let report = required(&world, &head).report(10);
    assert_eq!(failed(&report), ["run-conclusion"]);
}

#[test]
fn a_newest_release_without_an_entry_is_nothing_to_check() {
    let (world, _, head) = recorded();
    world.repository.tag("v1.5.0", &head);
    world.repository.release(Release::new("v1.5.0").asset("app.txt", b"1.5"));
    let output = required(&world, &head).run().expect(3);
    assert!(output.stderr.contains("release v1.5.0 is public"), "{}", output.stderr);
}

#[test]
fn a_manifest_that_was_changed_by_hand_is_refused() {
    let (world, base, _) = recorded();
    let day = std::fs::read_dir(world.path("docs/reports")).unwrap().next().unwrap().unwrap();
    let path = day.path().join("manifest.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let digest = provost_control::sha256_hex(super::world::BYTES);
    std::fs::write(&path, text.replace(&digest, &"0".repeat(64))).unwrap();
    let report = required(&world, &base).report(10);
    assert!(failed(&report).contains(&"subject-digest".into()), "{report:#}");
}

#[test]
fn a_revision_that_is_not_here_is_no_pass() {
    let (world, _, _) = recorded();
    for revision in ["0000000000000000000000000000000000000001", "no-branch", "--help", ""] {
        let output = required(&world, revision).run();
        assert!(matches!(output.code, Some(1 | 2)), "{revision}: {output:?}");
    }
}

#[test]
fn a_repository_without_a_release_is_not_applicable_only_where_that_is_allowed() {
    let world = World::new();
    git(world.root(), &["init", "-q"]);
    std::fs::create_dir_all(world.path("docs")).unwrap();
    std::fs::create_dir_all(world.path("artifacts")).unwrap();
    let base = commit(&world, "begin");
    std::fs::create_dir_all(world.path("docs/reports")).unwrap();
    let output = required(&world, &base).run().expect(0);
    assert!(output.stdout.starts_with("not applicable"), "{}", output.stdout);
    let report = required(&world, &base).args(["--format", "json"]).run().expect(0).json();
    assert_eq!(report["outcome"], "not-applicable");
    assert!(!report.to_string().contains("accepted"));
    let strict = world.provost(["gate", "--manifest", "docs/reports", "--online"]);
    assert!(strict.run().expect(3).stderr.contains("--allow-no-release"));
    // With a release that nobody recorded it is no way out.
    world.repository.remove_ref("refs/tags/v1.4.0");
    world.repository.tag(TAG, &base);
    world.repository.release(world.release());
    required(&world, &base).run().expect(3);
}

#[test]
fn says_when_the_check_is_not_required() {
    let (world, _, head) = recorded();
    let output = required(&world, &head).run().expect(0);
    assert!(output.stderr.contains("is no required check"), "{}", output.stderr);
    let rule = serde_json::json!({
        "type": "required_status_checks",
        "parameters": {
            "strict_required_status_checks_policy": false,
            "required_status_checks": [{ "context": "provenance-validate" }],
        },
    });
    world
        .repository
        .ruleset(Ruleset::for_branches("provenance").include(&["~DEFAULT_BRANCH"]).rule_json(rule));
    let output = required(&world, &head).run().expect(0);
    assert!(!output.stderr.contains("required check"), "{}", output.stderr);
}

#[test]
fn every_past_release_is_judged_by_today_s_policy() {
    let (world, _, _) = recorded();
    let all = |code| world.provost(["gate", "--all"]).run().expect(code);
    assert!(all(0).stdout.contains("all 1 releases would be accepted today"));
    let before = world.manifest();
    let config = world.read("provost.toml").replace("min_level = 2", "min_level = 3");
    world.write("provost.toml", config);
    let text = all(10).stdout;
    assert!(text.contains("1 of 1 releases would not be accepted today"), "{text}");
    assert!(text.contains("slsa-level"), "{text}");
    assert_eq!(world.manifest(), before);
    assert!(world.github.requests_to("GET", &format!("/repos/{REPOSITORY}/releases")).is_empty());
    let empty = World::new();
    empty.provost(["gate", "--all"]).run().expect(3);
}
