//! `init --ruleset`

use super::world::{REPOSITORY, World};
use crate::program::{Output, Provost};
use provost_testkit::github::{Fault, On, Ruleset, Token};
use serde_json::{Value, json};

const RULESETS: &str = "/repos/example-org/app/rulesets";

fn administrator(world: &World) -> String {
    world.github.token(Token::fine_grained("octocat", &["administration:write"]).only(REPOSITORY))
}

fn apply(world: &World) -> Provost {
    let call = world.provost(["init", "--ruleset", "--apply"]);
    call.env("GITHUB_TOKEN", "").env("GH_TOKEN", administrator(world))
}

fn state(output: &Output) -> Value {
    output.json()["state"].clone()
}

fn orders(world: &World) -> usize {
    world.github.requests_to("POST", RULESETS).len()
}

#[test]
fn the_ruleset_alone_is_printed_without_a_repository_or_a_network() {
    let folder = tempfile::tempdir().unwrap();
    let output = Provost::new(["init", "--ruleset"]).cwd(folder.path()).run().expect(0);
    let body = output.json();
    assert_eq!((&body["target"], &body["enforcement"]), (&json!("branch"), &json!("active")));
    let branches = json!(["~DEFAULT_BRANCH", "refs/heads/release/**"]);
    assert_eq!(body["conditions"]["ref_name"]["include"], branches);
    let checks = &body["rules"][0]["parameters"]["required_status_checks"];
    assert_eq!(checks, &json!([{ "context": "provenance-validate" }]));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    for with in ["--force", "--patch", "--build=make"] {
        let output = Provost::new(["init", "--ruleset", with]).cwd(folder.path()).run();
        assert!(output.expect(2).stderr.contains("cannot be used with"));
    }
    Provost::new(["init", "--apply"]).cwd(folder.path()).run().expect(2);
}

#[test]
fn it_is_created_once_and_the_gate_finds_it() {
    let world = World::new();
    let dry = apply(&world).args(["--dry-run"]).run().expect(0);
    assert_eq!(dry.stdout, "would add    ruleset provenance-validate of example-org/app\n");
    assert_eq!(orders(&world), 0);
    let output = apply(&world).run().expect(0);
    assert_eq!(output.stdout, "added        ruleset provenance-validate of example-org/app\n");
    for _ in 0..2 {
        let output = apply(&world).run().expect(0);
        assert_eq!(output.stdout, "up to date   ruleset provenance-validate of example-org/app\n");
        assert_eq!(output.stderr, "");
    }
    assert_eq!(orders(&world), 1);
    world.write("docs/reports/.keep", "");
    let gate = ["gate", "--manifest", "docs/reports", "--online", "--allow-no-release"];
    let output = world.provost(gate).run();
    assert!(!output.stderr.contains("required check"), "{}", output.stderr);
}

#[test]
fn one_that_says_something_else_is_shown_and_left_alone() {
    let world = World::new();
    let other = Ruleset::for_branches("provenance-validate").disabled().rule("deletion");
    world.repository.ruleset(other.bypassed_by_team(7));
    let output = apply(&world).run().expect(11);
    for line in [
        "differs      ruleset provenance-validate of example-org/app",
        "-enforcement: disabled",
        "+enforcement: active",
        "-rule: deletion",
        "+branches: refs/heads/release/**",
        "+required check: provenance-validate",
    ] {
        assert!(output.stdout.lines().any(|own| own == line), "{line}: {}", output.stdout);
    }
    assert!(output.stderr.contains("1 of the people, teams or apps"), "{}", output.stderr);
    let report = apply(&world).args(["--format", "json"]).run().expect(11).json();
    assert_eq!((&report["state"], &report["bypass_actors"]), (&json!("differs"), &json!(1)));
    assert_eq!(orders(&world), 0);
}

#[test]
fn one_that_names_the_caller_s_job_says_the_same() {
    let world = World::new();
    let rule = json!({
        "type": "required_status_checks",
        "parameters": {
            "strict_required_status_checks_policy": false,
            "required_status_checks": [{ "context": "security-audit / provenance-validate" }],
        },
    });
    let branches = ["~DEFAULT_BRANCH", "refs/heads/release/**"];
    let called = Ruleset::for_branches("provenance-validate").include(&branches).rule_json(rule);
    world.repository.ruleset(called);
    let output = apply(&world).args(["--format", "json"]).run().expect(0);
    assert_eq!(state(&output), "unchanged");
}

#[test]
fn the_permission_is_named_and_that_a_job_cannot_have_it() {
    let world = World::new();
    let call = || world.provost(["init", "--ruleset", "--apply"]);
    // The token of a job, which the world's calls carry.
    let output = call().run().expect(1);
    for words in ["`administration: write`", "GITHUB_TOKEN of a job can never have"] {
        assert!(output.stderr.contains(words), "{}", output.stderr);
    }
    // GitHub hides it from a classic token instead of refusing.
    let weak = world.github.token(Token::classic("octocat", &["workflow"]));
    let output = call().env("GITHUB_TOKEN", &weak).run().expect(1);
    assert!(output.stderr.contains("`administration: write`"), "{}", output.stderr);
    let none = call().env("GITHUB_TOKEN", "").run().expect(2);
    assert!(none.stderr.contains("neither GITHUB_TOKEN nor GH_TOKEN is set"), "{}", none.stderr);
    assert_eq!(world.github.requests_to("POST", RULESETS).len(), 2);
    let classic = world.github.token(Token::classic("octocat", &["public_repo"]));
    call().env("GITHUB_TOKEN", &classic).run().expect(0);
    std::fs::remove_file(world.path("provost.toml")).unwrap();
    apply(&world).run().expect(2);
}

#[test]
fn an_answer_that_does_not_come_is_looked_after_before_it_is_tried_again() {
    // It was created: it is found, and not ordered again.
    for fault in [Fault::ExecuteThenCut, Fault::CutAfter(9)] {
        let world = World::new();
        world.github.fault(On::new("POST", RULESETS), fault);
        assert_eq!(state(&apply(&world).args(["--format", "json"]).run().expect(0)), "added");
        assert_eq!(orders(&world), 1);
    }
    // It was not: it is ordered once more, after a look.
    for fault in [Fault::CutBeforeAnswer, Fault::Status(502), Fault::Html] {
        let world = World::new();
        world.github.fault(On::new("POST", RULESETS), fault);
        assert_eq!(state(&apply(&world).args(["--format", "json"]).run().expect(0)), "added");
        let calls = world.github.requests();
        let methods: Vec<&str> = calls.iter().map(|call| call.method.as_str()).collect();
        assert_eq!(methods, ["GET", "POST", "GET", "POST"]);
    }
    // Nor later: nothing is claimed.
    let world = World::new();
    world.github.fault(On::new("POST", RULESETS).always(), Fault::Status(500));
    let output = apply(&world).run().expect(1);
    assert!(output.stderr.contains("HTTP 500"), "{}", output.stderr);
    assert_eq!(orders(&world), 2);
}

#[test]
fn a_refusal_is_told_in_github_s_words_and_a_look_that_fails_creates_nothing() {
    let world = World::new();
    let refusal = br#"{"message":"Upgrade to GitHub Pro\n::error::x","documentation_url":""}"#;
    let fault = Fault::Body(422, "application/json", refusal.to_vec());
    world.github.fault(On::new("POST", RULESETS).always(), fault);
    let output = apply(&world).run().expect(1);
    assert!(output.stderr.contains("Upgrade to GitHub Pro"), "{}", output.stderr);
    assert!(!output.stderr.contains("\n::"), "{}", output.stderr);
    assert_eq!(orders(&world), 1);
    let world = World::new();
    world.github.fault(On::new("GET", RULESETS).always(), Fault::Status(500));
    apply(&world).run().expect(1);
    assert_eq!(orders(&world), 0);
}
