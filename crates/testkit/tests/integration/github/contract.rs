//! What departs from GitHub's description is answered with 500 and collected.

use provost_testkit::github::{FakeGithub, Issue, Side, Workflow};
use serde_json::json;

use super::client::{REPOSITORY, World};

/// The one violation of a call that was answered with 500.
fn violation(world: &World, method: &str, path: &str, body: Option<serde_json::Value>) -> String {
    let reply = world.call(method, path, body.as_ref());
    assert_eq!(reply.status, 500, "{}", reply.message());
    let violations = world.github.violations();
    assert_eq!(violations.len(), 1, "{violations:?}");
    assert_eq!(violations[0].side, Side::Request);
    assert!(violations[0].call.starts_with(method));
    violations[0].problem.clone()
}

#[test]
fn a_call_as_described_violates_nothing() {
    let world = World::new();
    let path = format!("{REPOSITORY}/issues?per_page=5&state=all");
    assert_eq!(world.get(&path).status, 200);
    assert_eq!(world.post(&format!("{REPOSITORY}/issues"), &json!({ "title": "x" })).status, 201);
    assert_eq!(world.github.violations(), []);
}

#[test]
fn a_path_that_does_not_exist_is_a_violation() {
    let world = World::new();
    assert!(violation(&world, "GET", "/repos/example-org/artifact/issue", None).contains("path"));
    assert!(violation(&world, "GET", "//user", None).contains("path"));
    assert!(violation(&world, "GET", "/user/", None).contains("path"));
}

#[test]
fn a_method_that_does_not_exist_is_a_violation() {
    let world = World::new();
    let path = format!("{REPOSITORY}/issues");
    assert!(violation(&world, "DELETE", &path, None).contains("no such method"));
}

#[test]
fn a_query_outside_of_the_description_is_a_violation() {
    let world = World::new();
    let issues = |query: &str| format!("{REPOSITORY}/issues?{query}");
    assert!(violation(&world, "GET", &issues("label=x"), None).contains("\"label\""));
    assert!(violation(&world, "GET", &issues("per_page=many"), None).contains("per_page"));
    assert!(violation(&world, "GET", &issues("state=shut"), None).contains("state"));
    let since = issues("since=yesterday");
    assert!(violation(&world, "GET", &since, None).contains("since"));
}

#[test]
fn a_missing_query_parameter_is_a_violation() {
    let world = World::new();
    let path = format!("{REPOSITORY}/releases/1/assets");
    assert!(violation(&world, "POST", &path, None).contains("missing query parameter \"name\""));
}

#[test]
fn a_path_parameter_of_another_type_is_a_violation() {
    let world = World::new();
    let path = format!("{REPOSITORY}/issues/first");
    assert!(violation(&world, "GET", &path, None).contains("issue_number"));
}

#[test]
fn a_body_outside_of_the_description_is_a_violation() {
    let world = World::new();
    let path = format!("{REPOSITORY}/issues");
    let problem = |body| violation(&world, "POST", &path, Some(body));
    assert!(problem(json!({ "body": "no title" })).contains("title"));
    assert!(problem(json!({ "title": "x", "labels": "bug" })).contains("labels"));
    assert!(problem(json!({ "title": "x", "label": ["bug"] })).contains("unknown key \"label\""));
    assert!(problem(json!(["x"])).contains("object"));
    assert!(violation(&world, "POST", &path, None).contains("the body is missing"));
}

#[test]
fn a_body_where_there_is_none_is_a_violation() {
    let world = World::new();
    let path = format!("{REPOSITORY}/issues");
    assert!(violation(&world, "GET", &path, Some(json!({}))).contains("no body"));
}

#[test]
fn a_key_that_the_newer_version_removed_is_a_violation_there_alone() {
    let world = World::new();
    let path = format!("{REPOSITORY}/issues");
    let body = json!({ "title": "x", "assignee": "somebody" });
    assert_eq!(world.post(&path, &body).status, 201);
    let newer = [("x-github-api-version", "2026-03-10")];
    assert_eq!(world.send("POST", &path, Some(&body), &newer).unwrap().status, 500);
    assert!(world.github.violations()[0].problem.contains("assignee"));
}

#[test]
fn an_answer_that_the_description_refuses_is_a_violation_of_the_fake() {
    let world = World::new();
    let mut issue = Issue::new("somebody", "title");
    issue.closed_as("because");
    world.repository.issue(issue);
    assert_eq!(world.get(&format!("{REPOSITORY}/issues?state=all")).status, 500);
    let violations = world.github.violations();
    assert!(violations.iter().all(|violation| violation.side == Side::Answer));
    assert!(violations[0].problem.contains("because"), "{violations:?}");
}

#[test]
fn a_search_by_time_is_allowed_where_the_description_says_date_time() {
    let world = World::new();
    let runs =
        |created: &str| world.get(&format!("{REPOSITORY}/actions/runs?created={created}")).status;
    for created in
        ["%3E%3D2026-01-01T00:00:00Z", "2026-01-01", "2026-01-01..2026-01-31", "*..2026-01-01"]
    {
        assert_eq!(runs(created), 200, "{created}");
    }
    assert_eq!(runs("%3E%3Dlately"), 500);
    assert_eq!(world.github.violations().len(), 1);
}

#[test]
fn an_unknown_version_and_a_nameless_client_are_refused_as_github_does() {
    let world = World::new();
    let version = |version: &str| {
        world.send("GET", "/rate_limit", None, &[("x-github-api-version", version)]).unwrap().status
    };
    assert_eq!(version("2022-11-28"), 200);
    assert_eq!(version("2026-03-10"), 200);
    assert_eq!(version("2099-01-01"), 400);
    let nameless = world.send("GET", "/rate_limit", None, &[("user-agent", "")]).unwrap();
    assert_eq!(nameless.status, 403);
    assert_eq!(world.github.violations(), []);
}

#[test]
#[should_panic(expected = "description was violated")]
fn a_violation_that_no_test_took_ends_it() {
    let github = FakeGithub::start();
    let url = format!("{}/nowhere", github.api_url());
    let client = reqwest::blocking::Client::builder().no_proxy().user_agent("test");
    client.build().unwrap().get(url).send().unwrap();
}

#[test]
fn an_operation_that_the_fake_does_not_know_is_no_success() {
    let world = World::new();
    assert_eq!(world.call("DELETE", REPOSITORY, None).status, 500);
    assert!(world.github.violations()[0].problem.contains("not built"));
    assert_eq!(world.get(REPOSITORY).status, 200);
}

#[test]
fn a_panic_of_a_test_inside_the_fake_is_seen_outside() {
    let world = World::new();
    let workflow = Workflow::new(".github/workflows/w.yml").on_run(|_| panic!("on purpose"));
    world.repository.workflow(workflow);
    let path = format!("{REPOSITORY}/actions/workflows/w.yml/dispatches");
    assert_eq!(world.post(&path, &json!({ "ref": "v1" })).status, 500);
    assert!(world.github.violations()[0].problem.contains("panicked"));
    assert_eq!(world.get(REPOSITORY).status, 200);
}
