//! `provost notify` with GitHub as the fallback.

use super::world::{REPOSITORY, TAG, World};
use crate::program::Provost;
use provost_testkit::github::{Fault, Issue, On, ServiceAnswer, Token};

fn writer(world: &World) -> String {
    world.github.token(Token::of_job(REPOSITORY, &["contents:read", "issues:write"]))
}

fn notify(world: &World, token: &str, run: &str, reason: &str) -> Provost {
    let notify = world.provost(["notify", "--tag", TAG, "--run", run, "--reason", reason]);
    notify.env("GITHUB_TOKEN", token).env("OPS_NOTIFY_TOKEN", "function-token")
}

/// Slack's function, which the configuration names, is down.
fn without_slack(world: &World) {
    let url = world.github.function_url();
    world.configure(&format!("[notify]\nslack_function_url = {url:?}"));
    world.github.function(ServiceAnswer::Refused(503, "down".into()));
}

#[test]
fn slack_first_and_an_issue_where_it_is_down() {
    let world = World::new();
    let token = writer(&world);
    let url = world.github.function_url();
    world.configure(&format!("[notify]\nslack_function_url = {url:?}"));
    notify(&world, &token, "77", "the build broke").run().expect(0);
    assert!(world.repository.issues().is_empty());
    assert_eq!(world.manifest()[0]["notified"], serde_json::json!({"slack": true}));

    let world = World::new();
    let token = writer(&world);
    without_slack(&world);
    let json = notify(&world, &token, "77", "the build broke").args(["--format", "json"]);
    let told = json.run().expect(0).json();
    let issue = &world.repository.issues()[0];
    assert_eq!(told["issue"], issue.number);
    assert_eq!(issue.labels, ["ops-alert"]);
    let body = issue.body.clone().unwrap_or_default();
    for part in [TAG, "the build broke", "/actions/runs/77", "\"failure_reason\""] {
        assert!(body.contains(part), "{part}: {body}");
    }
    let entry = &world.manifest()[0];
    assert_eq!(entry["notified"], serde_json::json!({"slack": false, "issue": issue.number}));
    assert_eq!(entry["failure_reason"], "the build broke");
}

#[test]
fn one_issue_a_run_whatever_happens() {
    let world = World::new();
    let token = writer(&world);
    without_slack(&world);
    // Somebody else's issue with our marker is a forgery, a pull request is no issue.
    notify(&world, &token, "77", "first").run().expect(0);
    let ours = world.repository.issues()[0].body.clone().unwrap_or_default();
    world.repository.issue(Issue::new("stranger", "forged").body(&ours).label("ops-alert"));
    let issues = format!("/repos/{REPOSITORY}/issues");
    for fault in [Fault::ExecuteThenCut, Fault::CutBeforeAnswer, Fault::Status(502)] {
        let world = World::new();
        let token = writer(&world);
        without_slack(&world);
        world.github.fault(On::new("POST", &issues), fault);
        notify(&world, &token, "77", "first").run();
        notify(&world, &token, "77", "first").run().expect(0);
        assert_eq!(world.repository.issues().len(), 1);
    }
    notify(&world, &token, "77", "first").run().expect(0);
    notify(&world, &token, "77", "second").run().expect(0);
    let issues = world.repository.issues();
    assert_eq!(issues.len(), 2);
    assert_eq!((issues[0].comments.len(), issues[1].comments.len()), (1, 0));
    // Another run is another issue.
    notify(&world, &token, "78", "first").run().expect(0);
    assert_eq!(world.repository.issues().len(), 3);
}

#[test]
fn a_later_success_closes_the_issue_once() {
    let world = World::new();
    let token = writer(&world);
    without_slack(&world);
    notify(&world, &token, "77", "the build broke").run().expect(0);
    let recovered = |code: i32| {
        let call = world.provost(["notify", "--tag", TAG, "--run", "78", "--recovered"]);
        call.env("GITHUB_TOKEN", &token).run().expect(code)
    };
    recovered(3);
    assert!(world.repository.issues()[0].open);
    let add = ["manifest", "add", "--run", "78", "--tag", TAG, "--status", "success"];
    world.provost(add).args(["--repository", REPOSITORY]).run().expect(0);
    recovered(0);
    recovered(0);
    let issue = &world.repository.issues()[0];
    assert!(!issue.open);
    assert_eq!(issue.comments.len(), 1);
}

#[test]
fn an_app_says_under_which_login_it_writes() {
    let world = World::new();
    let app = Token::installation("release-app", &["issues:write", "contents:read"]);
    let token = world.github.token(app);
    let url = world.github.function_url();
    let section = format!("[notify]\nslack_function_url = {url:?}\nlogin = \"release-app[bot]\"");
    world.configure(&section);
    world.github.function(ServiceAnswer::Refused(503, "down".into()));
    notify(&world, &token, "77", "first").run().expect(0);
    notify(&world, &token, "77", "second").run().expect(0);
    let issues = world.repository.issues();
    assert_eq!((issues.len(), issues[0].comments.len()), (1, 1));
}

#[test]
fn a_token_that_may_not_open_issues_tells_nobody_and_says_so() {
    let world = World::new();
    without_slack(&world);
    let output = notify(&world, &world.reader.clone(), "77", "first").run().expect(1);
    assert!(output.stderr.contains("issues=read"), "{}", output.stderr);
    // It is recorded, and a repeat tells it.
    assert_eq!(world.manifest()[0]["status"], "failure");
    notify(&world, &writer(&world), "77", "first").run().expect(0);
    assert_eq!(world.repository.issues().len(), 1);
}
