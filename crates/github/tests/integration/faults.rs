use crate::world::{BELOW, COMMIT, WORKFLOW, World, of};
use provost_github::GithubError;
use provost_testkit::github::{Fault, On, Run};

#[test]
fn a_read_is_repeated_and_gives_the_same_answer() {
    let world = World::new();
    let client = world.client();
    let run = world.repository.run(Run::new(WORKFLOW, "refs/tags/v1", COMMIT));
    let on = On::new("GET", &format!("{BELOW}/actions/runs/{}", run.id()));
    for passing in [
        Fault::Status(500),
        Fault::Status(502),
        Fault::Status(503),
        Fault::Status(504),
        Fault::CutBeforeAnswer,
        Fault::CutAfter(10),
        Fault::SecondaryRateLimit(1),
        Fault::TooManyRequests(None),
        Fault::PrimaryRateLimit(jiff::Timestamp::now().as_second() + 5),
    ] {
        world.fake.fault(on.clone().times(2), passing);
        assert_eq!(of(&client).run(run.id()).expect("third try").id, run.id());
        assert_eq!(world.waits(), 2);
    }
}

#[test]
fn what_does_not_pass_is_an_error_and_never_an_answer() {
    let world = World::new();
    let client = world.client();
    let run = world.repository.run(Run::new(WORKFLOW, "refs/tags/v1", COMMIT));
    let path = format!("{BELOW}/actions/runs/{}", run.id());
    let fails = |fault: Fault| {
        world.fake.fault(On::new("GET", &path).always(), fault);
        let error = of(&client).run(run.id()).expect_err("no answer");
        world.fake.clear_faults();
        (error, world.waits())
    };
    for status in [500, 502, 503, 504] {
        let (error, waits) = fails(Fault::Status(status));
        assert!(matches!(error, GithubError::Status { .. }) && waits == 2, "{error}");
    }
    for fault in [Fault::CutBeforeAnswer, Fault::CutAfter(10), Fault::SecondaryRateLimit(1)] {
        let (error, waits) = fails(fault);
        assert!(matches!(error, GithubError::Outbound(_)) && waits == 2, "{error}");
    }
    let (error, waits) = fails(Fault::PrimaryRateLimit(4_000_000_000));
    assert!(matches!(error, GithubError::Outbound(_)) && waits == 0, "{error}");
    let (error, _) = fails(Fault::Html);
    assert!(error.to_string().contains("does something stand in between"), "{error}");
    let json = |text: &str| Fault::Body(200, "application/json", text.into());
    for fault in [Fault::Truncate(10), Fault::Truncate(0), json("null"), json("[]"), json("{}")] {
        let (error, _) = fails(fault);
        assert!(matches!(error, GithubError::InvalidAnswer { .. }), "{error}");
    }
    let (error, _) = fails(json(&"[".repeat(100_000)));
    assert!(matches!(error, GithubError::InvalidAnswer { .. }), "{error}");
    let (error, _) = fails(Fault::Status(404));
    assert!(error.is_not_found());
    let hostile = r#"{"message":"no\n::error::x","errors":["a",{"code":"c","field":"f"},7]}"#;
    let (error, _) = fails(Fault::Body(422, "application/json", hostile.into()));
    assert!(error.to_string().ends_with("; a; f c;  "), "{error:?}");
    let long = format!(r#"{{"message":"{}"}}"#, "x".repeat(100_000));
    let (error, _) = fails(Fault::Body(422, "application/json", long.into_bytes()));
    assert!(error.to_string().len() < 1_000);
}

#[test]
fn a_repository_that_has_moved_is_an_error_that_says_so() {
    let world = World::new();
    let client = world.client();
    let elsewhere = format!("{}/repositories/7/releases", world.fake.api_url());
    for status in [301, 302, 307, 308] {
        let on = On::new("GET", &format!("{BELOW}/**"));
        world.fake.fault(on, Fault::Redirect(status, elsewhere.clone()));
        let error = of(&client).releases().expect_err("moved");
        assert!(error.to_string().contains("renamed or transferred"), "{error}");
    }
    let on = On::new("POST", &format!("{BELOW}/issues/1/comments"));
    world.fake.fault(on, Fault::Redirect(307, elsewhere));
    assert!(matches!(of(&client).comment(1, "x"), Err(GithubError::Moved { .. })));
    assert!(world.fake.requests().iter().all(|request| request.path.starts_with(BELOW)));
}

#[test]
fn nobody_there_is_an_error() {
    let world = World::new();
    let client = world.client_with(None, |settings| {
        settings.api =
            provost_outbound::Origin::parse("http://127.0.0.1:1", "api").expect("origin");
    });
    let error = of(&client).releases().expect_err("nobody");
    assert!(matches!(error, GithubError::Outbound(_)) && !error.is_ambiguous(), "{error}");
    assert_eq!(world.waits(), 2);
}
