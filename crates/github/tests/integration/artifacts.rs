use crate::world::{BELOW, COMMIT, WORKFLOW, World, of};
use crate::zip_bytes::{Item, zip_of};
use provost_github::{Artifact as Found, GitHub, GithubError};
use provost_testkit::github::{Artifact, Fault, Host, On, Run};

fn run(world: &World) -> provost_testkit::github::RunHandle {
    world.repository.run(Run::new(WORKFLOW, "refs/tags/v1", COMMIT))
}

fn only(client: &GitHub, run: u64) -> Found {
    let mut found = of(client).artifacts(run).expect("artifacts");
    assert_eq!(found.len(), 1);
    found.remove(0)
}

#[test]
fn an_artifact_is_read_whole_and_the_store_gets_no_token() {
    let world = World::new();
    let client = world.client();
    let run = run(&world);
    run.artifact(Artifact::of("provenance", &[("a.json", b"{}"), ("b/c.json", b"[]")]));
    let artifact = only(&client, run.id());
    assert!(!artifact.is_of_fork() && !artifact.expired && artifact.digest.is_some());
    assert_eq!(artifact.origin(), (Some(run.id()), Some(world.repository.id())));
    let files = of(&client).artifact_files(&artifact).expect("files");
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["a.json", "b/c.json"]);
    let asked = world.fake.requests_on(Host::Blob);
    assert!(asked.len() == 1 && asked[0].header("authorization").is_none());
    assert!(asked[0].header("x-github-api-version").is_none());
}

#[test]
fn artifacts_are_found_on_later_pages_and_are_those_of_their_run() {
    let world = World::new();
    let client = world.client();
    let (own, other) = (run(&world), run(&world));
    for number in 0..150 {
        own.artifact(Artifact::of(&format!("a{number}"), &[]));
    }
    other.artifact(Artifact::of("provenance", &[]));
    let found = of(&client).artifacts(own.id()).expect("artifacts");
    assert_eq!(found.len(), 150);
    assert!(found.iter().all(|one| one.name != "provenance"));
    assert!(of(&client).artifacts(1).expect_err("no such run").is_not_found());

    // A server that answers with another run's artifacts.
    let url = format!("https://api.github.com{BELOW}/actions/artifacts/1");
    let answer = |run: &str| {
        let body = format!(
            r#"{{"total_count":1,"artifacts":[{{"id":1,"name":"provenance","expired":false,
                "expires_at":null,"size_in_bytes":1,"digest":null,"url":"{url}",
                "workflow_run":{run}}}]}}"#
        );
        let on = On::new("GET", &format!("{BELOW}/actions/runs/*/artifacts"));
        world.fake.fault(on, Fault::Body(200, "application/json", body.into_bytes()));
        of(&client).artifacts(own.id())
    };
    let ids = |run: u64, head: &str| {
        format!(r#"{{"id":{run},"repository_id":7,"head_repository_id":{head}}}"#)
    };
    assert!(!answer(&ids(own.id(), "7")).expect("own")[0].is_of_fork());
    assert!(answer(&ids(own.id(), "8")).expect("a fork's")[0].is_of_fork());
    assert!(answer(&ids(own.id(), "null")).expect("a deleted fork's")[0].is_of_fork());
    assert!(answer("null").expect("nobody knows whose")[0].is_of_fork());
    let error = answer(&ids(other.id(), "7")).expect_err("another run's");
    assert!(error.to_string().contains("of another run"), "{error}");
}

#[test]
fn a_zip_that_is_not_the_one_github_names_is_refused() {
    let world = World::new();
    let client = world.client();
    let zip = zip_of(&[Item::stored("a.json", b"{}")]);
    let read = |artifact: Artifact| {
        let run = run(&world);
        run.artifact(artifact);
        of(&client).artifact_files(&only(&client, run.id()))
    };
    let good = Artifact::raw("provenance", zip.clone());
    assert_eq!(read(good.clone()).expect("good").len(), 1);
    assert_eq!(read(good.clone().without_digest()).expect("old").len(), 1);
    for digest in [&format!("sha256:{}", "0".repeat(64)), "sha512:00", "", "sha256:"] {
        let error = read(good.clone().with_digest(digest)).expect_err("another zip");
        assert!(matches!(error, GithubError::InvalidAnswer { .. }), "{digest}: {error}");
    }
    let error = read(good.expired()).expect_err("gone");
    assert!(matches!(error, GithubError::Expired { .. }), "{error}");
    for (what, bytes) in [
        ("..", zip_of(&[Item::stored("../x", b"")])),
        ("no zip", b"<html></html>".to_vec()),
        ("empty", Vec::new()),
        ("cut", zip[..zip.len() - 1].to_vec()),
    ] {
        let error = read(Artifact::raw(what, bytes)).expect_err(what);
        assert!(matches!(error, GithubError::Archive { .. }), "{what}: {error}");
    }
}

#[test]
fn the_name_of_an_artifact_is_no_path() {
    let world = World::new();
    let client = world.client();
    for name in ["..", "../x", "a/b", "x\n::error::y"] {
        let run = run(&world);
        run.artifact(Artifact::of(name, &[("a", b"")]));
        let artifact = only(&client, run.id());
        assert_eq!(artifact.name, name);
        assert_eq!(of(&client).artifact_files(&artifact).expect(name)[0].name, "a");
    }
}

#[test]
fn a_download_that_fails_is_an_error_and_a_passing_one_is_tried_again() {
    let world = World::new();
    let client = world.client();
    let run = run(&world);
    run.artifact(Artifact::of("provenance", &[("a.json", &[7; 5_000])]));
    let artifact = only(&client, run.id());
    let zip = format!("{BELOW}/actions/artifacts/{}/zip", artifact.id);
    let (api, blob) = (|| On::new("GET", &zip), || On::new("GET", "/**").host(Host::Blob));
    for on in [api(), blob()] {
        for passing in [Fault::Status(502), Fault::TooManyRequests(Some(1)), Fault::CutBeforeAnswer]
        {
            world.fake.fault(on.clone(), passing);
            assert_eq!(of(&client).artifact_files(&artifact).expect("second try").len(), 1);
            assert_eq!(world.waits(), 1);
        }
        for lasting in [Fault::Status(503), Fault::CutBeforeAnswer, Fault::SecondaryRateLimit(1)] {
            world.fake.fault(on.clone().times(3), lasting);
            of(&client).artifact_files(&artifact).expect_err("three times");
            assert_eq!(world.waits(), 2);
        }
        for fault in [Fault::Status(403), Fault::Status(404), Fault::Html] {
            world.fake.fault(on.clone(), fault);
            of(&client).artifact_files(&artifact).expect_err("no zip");
        }
    }
    for fault in [Fault::CutAfter(20), Fault::Truncate(20)] {
        world.fake.fault(blob(), fault);
        of(&client).artifact_files(&artifact).expect_err("half a zip");
    }
    let limited = world.client_with(None, |_| {});
    world.fake.fault(api(), Fault::PrimaryRateLimit(4_000_000_000));
    let error = of(&limited).artifact_files(&artifact).expect_err("limit");
    let GithubError::Outbound(error) = error else { panic!("{error}") };
    assert!(error.to_string().contains("until 2096"), "{error}");
}

#[test]
fn a_download_is_followed_to_its_stores_alone() {
    let world = World::new();
    let client = world.client();
    let run = run(&world);
    run.artifact(Artifact::of("provenance", &[("a.json", b"{}")]));
    let artifact = only(&client, run.id());
    let zip = format!("{BELOW}/actions/artifacts/{}/zip", artifact.id);
    for target in [
        "https://evil.example/x",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "https://blob.core.windows.net.evil.example/x",
        "https://[::ffff:127.0.0.1]/x",
        "http://localhost:1/x",
    ] {
        world.fake.fault(On::new("GET", &zip), Fault::Redirect(302, target.into()));
        let error = of(&client).artifact_files(&artifact).expect_err(target);
        assert!(matches!(error, GithubError::Outbound(_)), "{target}: {error}");
    }
    world.waits();
}
