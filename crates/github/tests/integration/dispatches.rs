use crate::world::{BELOW, COMMIT, WORKFLOW, World, of};
use provost_github::{ApiVersion, Dispatched, GithubError, Inputs};
use provost_testkit::github::{Fault, On, Token, Workflow};

const FILE: &str = "provenance.yml";

fn world() -> World {
    let world = World::new();
    world.repository.tag("v1", COMMIT);
    world.repository.branch("main", COMMIT);
    world.repository.workflow(Workflow::new(WORKFLOW).input("tag", true));
    world
}

fn inputs() -> Inputs {
    Inputs::from([("tag".to_owned(), "v1".to_owned())])
}

fn path() -> String {
    format!("{BELOW}/actions/workflows/{FILE}/dispatches")
}

#[test]
fn a_dispatch_answers_in_each_of_its_three_forms() {
    let world = world();
    let token = world.fake.token(Token::fine_grained("bot", &["actions:write"]));
    let dispatch = |version| {
        let client = world.client_with(Some(&token), |settings| settings.api_version = version);
        of(&client).dispatch(FILE, "refs/tags/v1", &inputs()).expect("dispatched")
    };
    for version in [ApiVersion::V20221128, ApiVersion::V20260310] {
        let Dispatched::Run { id, html_url } = dispatch(version) else { panic!("named") };
        let run = world.repository.runs().pop().expect("run");
        assert_eq!(id, run.id());
        assert!(html_url.ends_with(&format!("/actions/runs/{id}")), "{html_url}");
        assert_eq!(run.get().git_ref, "refs/tags/v1");
    }
    let bodies: Vec<_> = world.fake.requests_to("POST", &path());
    assert_eq!(bodies[0].json()["return_run_details"], true);
    assert!(bodies[1].json().get("return_run_details").is_none());
    world.fake.become_older_server();
    assert_eq!(dispatch(ApiVersion::V20221128), Dispatched::Unnamed);
    assert_eq!(world.repository.runs().len(), 3);
}

#[test]
fn what_github_refuses_is_told_in_its_words_and_starts_nothing() {
    let world = world();
    let client = world.client();
    world.repository.workflow(Workflow::new(".github/workflows/off.yml").disabled());
    for (file, git_ref, inputs, words) in [
        (FILE, "refs/tags/v2", inputs(), "No ref found"),
        (FILE, "refs/tags/v1", Inputs::new(), "'tag' not provided"),
        (FILE, "refs/tags/v1", Inputs::from([("x".into(), "y".into())]), "Unexpected inputs"),
        ("off.yml", "refs/tags/v1", Inputs::new(), "disabled workflow"),
    ] {
        let error = of(&client).dispatch(file, git_ref, &inputs).expect_err(words);
        assert!(matches!(error, GithubError::Refused { .. }), "{error}");
        assert!(error.to_string().contains(words) && !error.is_ambiguous(), "{error}");
    }
    let error = of(&client).dispatch("other.yml", "refs/tags/v1", &inputs()).expect_err("none");
    assert!(error.is_not_found());
    assert!(world.repository.runs().is_empty());
}

#[test]
fn a_dispatch_that_may_have_happened_is_not_ordered_again() {
    let world = world();
    let client = world.client();
    for (fault, runs) in [
        (Fault::CutBeforeAnswer, 0),
        (Fault::ExecuteThenCut, 1),
        (Fault::CutAfter(3), 1),
        (Fault::Truncate(3), 1),
        (Fault::OtherRepository, 1),
        (Fault::Html, 0),
        (Fault::Status(500), 0),
        (Fault::Status(502), 0),
        (Fault::Status(503), 0),
        (Fault::Status(504), 0),
    ] {
        let before = world.repository.runs().len();
        let asked = world.fake.requests_to("POST", &path()).len();
        world.fake.fault(On::new("POST", &path()), fault);
        let error = of(&client).dispatch(FILE, "refs/tags/v1", &inputs()).expect_err("unknown");
        assert!(error.is_ambiguous(), "{error}");
        assert_eq!(world.fake.requests_to("POST", &path()).len(), asked + 1, "{error}");
        assert_eq!(world.repository.runs().len(), before + runs, "{error}");
        assert_eq!(world.waits(), 0);
    }
}

#[test]
fn a_dispatch_that_surely_did_not_happen_is_ordered_again() {
    let world = world();
    let client = world.client();
    for limit in [
        Fault::SecondaryRateLimit(1),
        Fault::TooManyRequests(None),
        Fault::PrimaryRateLimit(jiff::Timestamp::now().as_second() + 5),
    ] {
        world.fake.fault(On::new("POST", &path()).times(2), limit);
        of(&client).dispatch(FILE, "refs/tags/v1", &inputs()).expect("third try");
        assert_eq!(world.waits(), 2);
    }
    assert_eq!(world.repository.runs().len(), 3);
    world.fake.fault(On::new("POST", &path()), Fault::PrimaryRateLimit(4_000_000_000));
    let error = of(&client).dispatch(FILE, "refs/tags/v1", &inputs()).expect_err("too long");
    assert!(!error.is_ambiguous(), "{error}");
    assert_eq!((world.waits(), world.repository.runs().len()), (0, 3));
}
