use crate::world::{BELOW, COMMIT, World, of};
use provost_github::GithubError;
use provost_testkit::github::{Asset, Fault, Host, On, Release};

#[test]
fn the_published_release_counts_before_drafts_and_the_newest_draft_before_older_ones() {
    let world = World::new();
    let client = world.client();
    assert!(of(&client).release_of("v1").expect("asked").is_none());
    world.repository.release(Release::new("v1").draft());
    let newer = world.repository.release(Release::new("v1").draft());
    world.repository.release(Release::new("v1.1").draft());
    let found = of(&client).release_of("v1").expect("asked").expect("a draft");
    assert_eq!((found.id, found.draft), (newer.id(), true));
    let published = world.repository.release(Release::new("v1").immutable());
    world.repository.release(Release::new("v1").draft());
    let found = of(&client).release_of("v1").expect("asked").expect("published");
    assert_eq!((found.id, found.draft, found.immutable), (published.id(), false, true));
    assert!(found.published_at.is_some());
    for other in ["V1", "v", "v1 "] {
        assert!(of(&client).release_of(other).expect("asked").is_none(), "{other:?}");
    }
}

#[test]
fn a_tag_with_slashes_finds_its_release() {
    let world = World::new();
    let client = world.client();
    for tag in ["release/v1", "a%2Fb", "v1?x", "v1#x", "100%", "a+b"] {
        let release = world.repository.release(Release::new(tag));
        let found = of(&client).release_of(tag).expect(tag).expect(tag);
        assert_eq!((found.id, found.tag_name.as_str()), (release.id(), tag));
    }
}

#[test]
fn a_release_of_another_tag_is_no_answer() {
    let world = World::new();
    let client = world.client();
    let release = Release::new("v2");
    world.repository.release(release);
    let other = of(&client).release_of("v2").expect("asked").expect("there");
    let body = format!(
        r#"{{"id":{},"tag_name":"v2","html_url":"https://github.com/x","draft":false,"created_at":"2026-01-01T00:00:00Z",
            "published_at":null,"url":"https://api.github.com{BELOW}/releases/1"}}"#,
        other.id
    );
    let on = On::new("GET", &format!("{BELOW}/releases/tags/v1"));
    world.fake.fault(on, Fault::Body(200, "application/json", body.into_bytes()));
    let error = of(&client).release_of("v1").expect_err("another tag's");
    assert!(error.to_string().contains("it is about tag v2"), "{error}");
}

#[test]
fn assets_are_listed_whole_and_downloaded_without_the_token_elsewhere() {
    let world = World::new();
    let mut release = Release::new("v1").with_asset(Asset::new("old", b"old").without_digest());
    for number in 0..120 {
        release = release.asset(&format!("a{number}"), format!("bytes {number}").as_bytes());
    }
    world.repository.release(release);
    let client = world.client();
    let release = of(&client).release_of("v1").expect("asked").expect("there");
    let assets = of(&client).assets(&release).expect("assets");
    assert_eq!(assets.len(), 121);
    assert_eq!((assets[0].digest.as_deref(), assets[0].state.as_str()), (None, "uploaded"));
    let stream = of(&client).download_asset(&assets[120]).expect("download");
    assert_eq!(stream.read().expect("bytes").body, b"bytes 119");
    assert!(
        world.fake.requests_on(Host::Blob).iter().all(|one| one.header("authorization").is_none())
    );
}

#[test]
fn a_draft_is_published_once_and_said_to_be_so() {
    let world = World::new();
    let client = world.client();
    world.repository.tag("v1", COMMIT);
    let handle = world.repository.release(Release::new("v1").draft());
    let draft = of(&client).release_of("v1").expect("asked").expect("draft");
    let published = of(&client).publish(&draft).expect("published");
    assert!(!published.draft && !handle.get().expect("there").draft);

    let path = format!("{BELOW}/releases/{}", draft.id);
    for fault in [Fault::Status(502), Fault::ExecuteThenCut, Fault::Html, Fault::Truncate(20)] {
        let before = world.requests("PATCH").len();
        world.fake.fault(On::new("PATCH", &path), fault);
        let error = of(&client).publish(&draft).expect_err("not known");
        assert!(error.is_ambiguous(), "{error}");
        assert_eq!(world.requests("PATCH").len(), before + 1);
    }
    let token =
        world.fake.token(provost_testkit::github::Token::fine_grained("bot", &["contents:read"]));
    let error = of(&world.client_with(Some(&token), |_| {})).publish(&draft).expect_err("reader");
    assert!(error.to_string().contains("contents=write"), "{error}");
    assert!(matches!(error, GithubError::Forbidden { .. }) && !error.is_ambiguous());
}
