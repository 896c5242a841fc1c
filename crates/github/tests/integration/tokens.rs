use crate::world::{World, of};
use provost_github::{GithubError, TokenKind};
use provost_testkit::github::{Fault, On, Repository, Token};

#[test]
fn a_token_is_told_by_kind_owner_scopes_and_expiry() {
    let world = World::new();
    let facts = |token: Token| {
        let secret = world.fake.token(token);
        world.client_with(Some(&secret), |_| {}).token_facts().expect("facts")
    };
    let expiring = |token: Token| token.expires("2026-12-01 00:00:00 UTC");
    let expiry = "2026-12-01T00:00:00Z".parse().ok();
    let classic = facts(expiring(Token::classic("bot", &["repo", "workflow"])));
    assert_eq!((classic.kind, classic.login.as_deref()), (TokenKind::Classic, Some("bot")));
    assert_eq!(classic.scopes, Some(vec!["repo".to_owned(), "workflow".to_owned()]));
    assert_eq!(classic.expires_at, expiry);
    let bare = facts(Token::classic("bot", &[]));
    assert_eq!((bare.scopes, bare.expires_at), (Some(Vec::new()), None));
    let fine = facts(expiring(Token::fine_grained("bot", &["actions:write"])));
    assert_eq!((fine.kind, fine.scopes), (TokenKind::FineGrained, None));
    assert_eq!((fine.login.as_deref(), fine.expires_at), (Some("bot"), expiry));
    let app = facts(Token::installation("releaser", &["actions:write"]));
    assert_eq!((app.kind, app.login, app.scopes), (TokenKind::Installation, None, None));
}

#[test]
fn the_login_of_a_jobs_token_is_the_actions_bot() {
    let world = World::new();
    let login = |token: Token| {
        let secret = world.fake.token(token);
        world.client_with(Some(&secret), |_| {}).own_login().expect("login")
    };
    assert_eq!(login(Token::of_job("example-org/artifact", &[])), "github-actions[bot]");
    assert_eq!(login(Token::fine_grained("release-bot", &[])), "release-bot");
}

#[test]
fn an_unknown_token_is_an_error_and_is_not_shown() {
    let world = World::new();
    for secret in ["ghp_canary", "github_pat_canary", "ghs_canary", "canary"] {
        let client = world.client_with(Some(secret), |_| {});
        for error in
            [client.token_facts().expect_err(secret), of(&client).tags().expect_err(secret)]
        {
            assert!(matches!(error, GithubError::Unauthorized { .. }), "{error}");
            assert!(!format!("{error} {error:?} {client:?}").contains("canary"));
        }
    }
    let none = world.client_with(None, |_| {});
    assert!(matches!(none.token_facts(), Err(GithubError::Unauthorized { .. })));
    // A personal token that may not even see its owner is no job's token.
    let secret = world.fake.token(Token::classic("bot", &[]));
    world.fake.fault(On::new("GET", "/user"), Fault::Status(403));
    let client = world.client_with(Some(&secret), |_| {});
    assert!(matches!(client.token_facts(), Err(GithubError::Forbidden { .. })));
}

#[test]
fn what_a_token_may_not_see_is_named_and_no_empty_list() {
    let world = World::with(Repository::new("example-org/artifact").private());
    let reader = world.fake.token(Token::fine_grained("bot", &["contents:read"]));
    let client = world.client_with(Some(&reader), |_| {});
    assert!(of(&client).releases().expect("allowed").is_empty());
    let error = of(&client).issues("x").expect_err("not allowed");
    assert!(error.to_string().contains("it needs issues=read"), "{error}");
    let stranger = world.fake.token(Token::fine_grained("bot", &["contents:read"]).only("a/b"));
    for secret in [Some(stranger.as_str()), None] {
        let client = world.client_with(secret, |_| {});
        let error = of(&client).releases().expect_err("not seen");
        assert!(matches!(error, GithubError::NotFound { .. }), "{error}");
        assert!(error.to_string().contains("or the token may not see it"));
    }
}
