//! Tokens and permissions.

use provost_testkit::github::{Artifact, Repository, Run, Token};
use serde_json::json;

use super::client::{COMMIT, REPOSITORY, Reply, World};

fn post_issue(world: &World, token: &str) -> Reply {
    let authorization = format!("Bearer {token}");
    let headers = [("authorization", authorization.as_str())];
    let body = json!({ "title": "x" });
    world.send("POST", &format!("{REPOSITORY}/issues"), Some(&body), &headers).unwrap()
}

#[test]
fn a_token_with_the_permission_may_and_its_sisters_may_not() {
    let world = World::new();
    let with = |permissions: &[&str]| {
        let token = world.github.token(Token::fine_grained("bot", permissions));
        post_issue(&world, &token)
    };
    assert_eq!(with(&["issues:write"]).status, 201);
    for permissions in [&["issues:read"][..], &["contents:write"], &[]] {
        let refused = with(permissions);
        assert_eq!(refused.status, 403);
        assert_eq!(refused.message(), "Resource not accessible by personal access token");
        assert_eq!(refused.header("x-accepted-github-permissions"), Some("issues=write"));
    }
    assert_eq!(world.repository.issues().len(), 1);
}

#[test]
fn an_unknown_or_revoked_token_is_no_token() {
    let world = World::new();
    let token = world.github.token(Token::classic("bot", &["repo"]));
    assert_eq!(world.with_token(&token, "GET", "/user").status, 200);
    world.github.revoke(&token);
    for secret in [token.as_str(), "made-up", ""] {
        let refused = world.with_token(secret, "GET", "/user");
        assert_eq!((refused.status, refused.message().as_str()), (401, "Bad credentials"));
    }
    assert_eq!(world.anonymously("GET", "/user", None).status, 401);
}

#[test]
fn a_classic_token_tells_its_scopes_and_its_end() {
    let world = World::new();
    let classic = Token::classic("bot", &["repo", "workflow"]).expires("2026-12-01 00:00:00 UTC");
    let classic = world.github.token(classic);
    let told = world.with_token(&classic, "GET", "/user");
    assert_eq!(told.header("x-oauth-scopes"), Some("repo, workflow"));
    let end = told.header("github-authentication-token-expiration");
    assert_eq!(end, Some("2026-12-01 00:00:00 UTC"));
    let fine = world.github.token(Token::fine_grained("bot", &[]));
    let told = world.with_token(&fine, "GET", "/user");
    assert_eq!(told.header("x-oauth-scopes"), None);
    assert_eq!(told.header("github-authentication-token-expiration"), None);
}

#[test]
fn a_classic_token_needs_its_scope_to_write() {
    let world = World::new();
    let with = |scopes: &[&str]| {
        post_issue(&world, &world.github.token(Token::classic("bot", scopes))).status
    };
    assert_eq!(with(&["repo"]), 201);
    assert_eq!(with(&["public_repo"]), 201);
    assert_eq!(with(&["gist"]), 404);
}

#[test]
fn a_job_token_is_bound_to_its_repository_and_has_no_user() {
    let world = World::new();
    world.github.add(Repository::new("example-org/other"));
    let own = world.github.token(Token::of_job("example-org/artifact", &["issues:write"]));
    assert_eq!(post_issue(&world, &own).status, 201);
    assert_eq!(world.repository.issues()[0].author, "github-actions[bot]");
    let other = world.github.token(Token::of_job("example-org/other", &["issues:write"]));
    let refused = post_issue(&world, &other);
    assert_eq!(refused.status, 403);
    assert_eq!(refused.message(), "Resource not accessible by integration");
    assert_eq!(world.with_token(&own, "GET", "/user").status, 403);
}

#[test]
fn a_private_repository_does_not_exist_for_strangers() {
    let world = World::of(Repository::new("example-org/artifact").private());
    assert_eq!(world.get(REPOSITORY).status, 200);
    assert_eq!(world.anonymously("GET", REPOSITORY, None).status, 404);
    let elsewhere = Token::fine_grained("bot", &["issues:write"]).only("example-org/other");
    let elsewhere = world.github.token(elsewhere);
    assert_eq!(world.with_token(&elsewhere, "GET", REPOSITORY).status, 404);
    assert_eq!(post_issue(&world, &elsewhere).status, 404);
}

#[test]
fn a_public_repository_is_read_without_a_token_and_not_written() {
    let world = World::new();
    let run = world.repository.run(Run::new("w.yml", "refs/tags/v1", COMMIT));
    let artifact = run.artifact(Artifact::of("a", &[]));
    let path = |rest: &str| format!("{REPOSITORY}{rest}");
    assert_eq!(world.anonymously("GET", &path("/actions/runs"), None).status, 200);
    let zip = path(&format!("/actions/artifacts/{artifact}/zip"));
    assert_eq!(world.anonymously("GET", &zip, None).status, 401);
    assert_eq!(world.get(&zip).status, 302);
    let body = json!({ "title": "x" });
    assert_eq!(world.anonymously("POST", &path("/issues"), Some(&body)).status, 401);
}

#[test]
fn each_endpoint_names_the_permission_that_it_needs() {
    let world = World::new();
    let nothing = world.github.token(Token::fine_grained("bot", &[]));
    for (path, needed) in [
        ("/releases", "contents=read"),
        ("/git/ref/tags/v1", "contents=read"),
        ("/actions/runs", "actions=read"),
        ("/attestations/sha256:aa", "attestations=read"),
        ("/issues", "issues=read"),
    ] {
        let refused = world.with_token(&nothing, "GET", &format!("{REPOSITORY}{path}"));
        assert_eq!(refused.status, 403, "{path}");
        assert_eq!(refused.header("x-accepted-github-permissions"), Some(needed));
    }
    for path in ["", "/rulesets", "/rules/branches/main"] {
        let reply = world.with_token(&nothing, "GET", &format!("{REPOSITORY}{path}"));
        assert_eq!(reply.status, 200, "{path}");
    }
}
