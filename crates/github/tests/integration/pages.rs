use crate::world::{BELOW, World, of};
use provost_github::{GitHub, GithubError};
use provost_outbound::Origin;
use provost_testkit::github::{Fault, On, Release};
use provost_testkit::scripted_server::{Reply, ScriptedServer as Server, answer};

#[test]
fn what_stands_on_the_third_page_is_found() {
    let world = World::new();
    for number in 0..250 {
        world.repository.release(Release::new(&format!("v{number}")).draft());
    }
    let client = world.client();
    // Newest first: the oldest draft is the last of the third page.
    let found = of(&client).release_of("v0").expect("found").expect("there");
    assert_eq!((found.tag_name.as_str(), found.draft), ("v0", true));
    let pages = world.fake.requests_to("GET", &format!("{BELOW}/releases"));
    assert_eq!(pages.len(), 3);
    assert!(pages.iter().all(|page| page.query("per_page") == Some("100")));
    assert!(of(&client).release_of("v250").expect("asked").is_none());
    // One page that fails is no end of the list.
    let third = On::new("GET", &format!("{BELOW}/releases")).after(2).times(3);
    world.fake.fault(third, Fault::Status(502));
    let error = of(&client).release_of("v0").expect_err("half a list");
    assert!(matches!(error, GithubError::Status { status: 502, .. }), "{error}");
}

/// A list of so many issues, with a link to the next page.
fn page(count: usize, next: &str) -> Reply {
    let issue = format!(
        r#"{{"number":1,"user":null,"state":"open","body":null,"html_url":"https://github.com/x",
            "repository_url":"https://api.github.com{BELOW}"}}"#
    );
    let body = format!("[{}]", vec![issue; count].join(","));
    let link = format!("link: <{next}>; rel=\"next\"");
    answer(200, &["content-type: application/json", &link], &body)
}

fn client_of(world: &World, api: &Server) -> GitHub {
    world.client_with(Some("ghp_canary"), |settings| {
        settings.api = Origin::parse(&api.url(""), "api").expect("origin");
    })
}

#[test]
fn a_next_page_elsewhere_is_an_error_and_gets_no_token() {
    let world = World::new();
    let elsewhere = Server::always(answer(200, &[], "[]"));
    for next in [
        elsewhere.url("/x").as_str(),
        "https://evil.example/x",
        "http://127.0.0.1.evil.example/x",
        "//evil.example/x",
        "/repos/x/y",
        "no URL",
    ] {
        let api = Server::start(vec![page(1, next)]);
        let client = client_of(&world, &api);
        let error = of(&client).issues("x").expect_err(next);
        assert!(matches!(error, GithubError::InvalidAnswer { .. }), "{error}");
        assert!(!error.to_string().contains("canary"));
        assert_eq!(api.requests().len(), 1);
    }
    assert!(elsewhere.stop().is_empty());
}

#[test]
fn a_list_without_end_is_a_limit_and_never_a_list() {
    let world = World::new();
    for (count, pages) in [(0, 510), (1, 510), (100, 51)] {
        let api = Server::always(page(count, "{self}/next?page=2,3"));
        let client = client_of(&world, &api);
        let error = of(&client).issues("x").expect_err("endless");
        assert!(matches!(error, GithubError::LimitReached { .. }), "{error}");
        assert_eq!(api.stop().len(), pages, "{count} a page");
    }
}
