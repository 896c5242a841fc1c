use super::world::{COMMIT, LATER, REPOSITORY, TAG, World};
use crate::event_rows::event_rows;
use provost_testkit::github::{Fault, On, Token};

const DISPATCHES: &str = "/repos/example-org/app/actions/workflows/slsa-provenance.yml/dispatches";

#[test]
fn starts_the_workflow_on_the_tag_and_says_which_run_it_became() {
    let world = World::new();
    let outputs = world.path("outputs");
    let summary = world.path("summary");
    let url = "https://github.com/example-org/app/releases/tag/v1.4.0";
    let output = world
        .dispatch()
        .args(["--release-url", url, "--format", "github"])
        .env("GITHUB_OUTPUT", &outputs)
        .env("GITHUB_STEP_SUMMARY", &summary)
        .run()
        .expect(0);
    let run = world.repository.runs()[0].get();
    assert_eq!((run.git_ref.as_str(), run.commit.as_str()), ("refs/tags/v1.4.0", COMMIT));
    assert_eq!(run.inputs["tag"], TAG);
    assert_eq!(run.inputs["dispatched_by_run"], "4711");
    assert_eq!(run.inputs["release_url"], url);
    let outputs = world.read("outputs");
    let run_url = format!("https://github.com/{REPOSITORY}/actions/runs/{}", run.id);
    for (name, value) in [
        ("dispatch_tag", TAG),
        ("run_id", &run.id.to_string()),
        ("run_url", &run_url),
        ("release_url", url),
    ] {
        let is_there = outputs
            .split('\n')
            .zip(outputs.split('\n').skip(1))
            .any(|(head, line)| head.starts_with(&format!("{name}<<")) && line == value);
        assert!(is_there, "{name}: {outputs}");
        assert!(world.read("summary").contains(value), "{name}");
    }
    assert!(output.stdout.contains(&run_url), "{}", output.stdout);
    let rows = event_rows(&world.path(".provost/events.db"));
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].event.as_str(), rows[0].status.as_str()), ("dispatched", "pending"));
    assert_eq!(rows[0].run_id, i64::try_from(run.id).unwrap());
}

#[test]
fn only_the_dispatch_token_dispatches_and_only_it() {
    let world = World::new();
    world.dispatch().run().expect(0);
    let bearer = |token: &str| format!("Bearer {token}");
    for request in world.github.requests() {
        let authorization = request.header("authorization").unwrap_or_default().to_owned();
        let is_dispatch = request.path == DISPATCHES || request.path == "/user";
        let wanted = if is_dispatch { &world.dispatcher } else { &world.reader };
        assert_eq!(authorization, bearer(wanted), "{} {}", request.method, request.path);
    }
}

#[test]
fn finds_the_run_that_an_older_server_does_not_name() {
    let world = World::new();
    world.github.become_older_server();
    // Runs of before, and one of somebody else at the same time.
    world.run();
    let output = world.dispatch().args(["--format", "json"]).run().expect(0);
    let newest = world.repository.runs().iter().map(|run| run.id()).max().unwrap();
    assert_eq!(output.json()["run_id"], newest.to_string());
}

#[test]
fn both_versions_of_the_api_are_spoken() {
    for version in ["2022-11-28", "2026-03-10"] {
        let world = World::new();
        world.configure(&format!("api_version = \"{version}\""));
        world.dispatch().run().expect(0);
        let request = &world.github.requests_to("POST", DISPATCHES)[0];
        assert_eq!(request.header("x-github-api-version"), Some(version));
        assert_eq!(world.repository.runs().len(), 1);
    }
    let world = World::new();
    world.configure("api_version = \"2019-01-01\"");
    assert!(world.dispatch().run().expect(2).stderr.contains("2019-01-01"));
}

#[test]
fn an_answer_that_does_not_come_starts_no_second_run() {
    for fault in [Fault::ExecuteThenCut, Fault::CutBeforeAnswer, Fault::CutAfter(5)] {
        let world = World::new();
        world.github.fault(On::new("POST", DISPATCHES), fault);
        let output = world.dispatch().args(["--format", "json"]).run();
        let runs = world.repository.runs();
        match runs.len() {
            // It was started: it is found.
            1 => assert_eq!(output.expect(0).json()["run_id"], runs[0].id().to_string()),
            // It was not: that is said, and nothing is tried behind the user's back.
            0 => assert_eq!(output.code, Some(1)),
            more => panic!("{more} runs"),
        }
        assert_eq!(world.github.requests_to("POST", DISPATCHES).len(), 1);
    }
}

#[test]
fn follows_the_run_and_ends_as_it_does() {
    for (conclusion, code) in [("success", 0), ("failure", 1), ("cancelled", 1), ("timed_out", 1)] {
        let world = World::ending(conclusion);
        let output = world.dispatch().args(["--wait", "--format", "json"]).run().expect(code);
        assert_eq!(output.json()["conclusion"], conclusion);
    }
}

#[test]
fn refuses_what_can_never_work_before_anything_is_started() {
    let world = World::new();
    let refused = |arguments: &[&str], word: &str| {
        let output = world.dispatch().args(arguments).run().expect(2);
        assert!(output.stderr.contains(word), "{arguments:?}: {}", output.stderr);
    };
    refused(&["--ref", "refs/heads/main"], "tag_binding");
    refused(&["--ref", "main"], "full ref");
    refused(&["--ref", "refs/tags/v1.3.0"], "tag_binding");
    refused(&["--input", "tag=v9"], "set by the dispatch");
    refused(&["--input", "nothing"], "KEY=VALUE");
    let output = world.provost(["dispatch", "--tag", "v9.9.9"]);
    let output = output.env("PROVENANCE_DISPATCH_TOKEN", &world.dispatcher).run().expect(2);
    assert!(output.stderr.contains("no tag v9.9.9"), "{}", output.stderr);
    for tag in ["", "a..b", "-rf", "a b", "x\ny"] {
        let output = world.provost(["dispatch"]).arg(format!("--tag={tag}"));
        output.env("PROVENANCE_DISPATCH_TOKEN", &world.dispatcher).run().expect(2);
    }
    assert!(world.github.requests_to("POST", DISPATCHES).is_empty());
}

#[test]
fn another_ref_is_for_other_bindings() {
    let world = World::new();
    world.configure_with("tag_binding = \"commit\"", "");
    world.dispatch().args(["--ref", "refs/heads/main"]).run().expect(0);
    assert_eq!(world.repository.runs()[0].get().commit, LATER);
}

#[test]
fn a_workflow_that_is_not_at_the_tag_is_said_so() {
    let world = World::new();
    world.repository.tag("v1.3.0", &"1".repeat(40));
    let dispatch = world.provost(["dispatch", "--tag", "v1.3.0"]);
    let dispatch = dispatch.env("PROVENANCE_DISPATCH_TOKEN", &world.dispatcher);
    let output = dispatch.run().expect(2);
    assert!(output.stderr.contains("is not there at refs/tags/v1.3.0"), "{}", output.stderr);
    assert!(world.github.requests_to("POST", DISPATCHES).is_empty());
}

#[test]
fn the_token_is_its_own_and_can_do_no_more_than_it_may() {
    let world = World::new();
    let without = world.provost(["dispatch", "--tag", TAG]).run().expect(2);
    assert!(without.stderr.contains("gh secret set"), "{}", without.stderr);
    let own = world.provost(["dispatch", "--tag", TAG]);
    let own = own.env("PROVENANCE_DISPATCH_TOKEN", &world.reader).run().expect(2);
    assert!(own.stderr.contains("the job's own"), "{}", own.stderr);

    let powerful = Token::classic("release-bot", &["repo", "workflow", "admin:org"]);
    let powerful = world.github.token(powerful);
    let output = world.dispatch().env("PROVENANCE_DISPATCH_TOKEN", &powerful).run().expect(2);
    assert!(output.stderr.contains("admin:org"), "{}", output.stderr);
    let classic = world.github.token(Token::classic("release-bot", &["repo", "workflow"]));
    world.dispatch().env("PROVENANCE_DISPATCH_TOKEN", &classic).run().expect(0);

    let weak = world.github.token(Token::fine_grained("release-bot", &["contents:read"]));
    let output = world.dispatch().env("PROVENANCE_DISPATCH_TOKEN", &weak).run().expect(1);
    assert!(output.stderr.contains("actions=write"), "{}", output.stderr);
    let output = world.dispatch().env("PROVENANCE_DISPATCH_TOKEN", "ghp_unknown").run().expect(1);
    assert!(output.stderr.contains("wrong, revoked or expired"), "{}", output.stderr);
    assert_eq!(world.repository.runs().len(), 1);
}

#[test]
fn the_job_s_token_is_used_where_that_is_allowed() {
    let world = World::new();
    let own = world.github.token(Token::of_job(REPOSITORY, &["contents:read", "actions:write"]));
    let dispatch = || world.provost(["dispatch", "--tag", TAG]).env("GITHUB_TOKEN", &own);
    dispatch().run().expect(2);
    world.configure("[dispatch]\nallow_github_token = true");
    dispatch().run().expect(0);
}

#[test]
fn a_token_in_a_file_is_read() {
    let world = World::new();
    world.write("token", format!("{}\n", world.dispatcher));
    let dispatch = world.provost(["dispatch", "--tag", TAG]);
    dispatch.env("PROVENANCE_DISPATCH_TOKEN_FILE", world.path("token")).run().expect(0);
    let dispatch = world.provost(["dispatch", "--tag", TAG]);
    dispatch.env("PROVENANCE_DISPATCH_TOKEN_FILE", world.path("missing")).run().expect(2);
}

#[test]
fn no_token_is_ever_seen_but_by_the_runner_that_hides_it() {
    let world = World::new();
    world.github.fault(On::new("POST", DISPATCHES), Fault::Status(500));
    let dispatch = || world.dispatch().env("GITHUB_ACTIONS", "true");
    for output in [dispatch().run(), dispatch().run(), dispatch().args(["-v"]).run()] {
        let is_mask = |line: &&str| line.starts_with("::add-mask::");
        let masked: Vec<&str> = output.stderr.lines().filter(is_mask).collect();
        assert_eq!(masked.len(), 2, "{}", output.stderr);
        // They stand before anything else.
        assert!(output.stderr.starts_with("::add-mask::"), "{}", output.stderr);
        for token in [&world.reader, &world.dispatcher] {
            assert!(!output.stdout.contains(token.as_str()), "{}", output.stdout);
            let shown = output.stderr.lines().filter(|line| !is_mask(line));
            assert!(shown.clone().all(|line| !line.contains(token.as_str())));
        }
    }
    // Nobody swallows the line outside of a runner.
    let output = world.dispatch().run().expect(0);
    assert!(!output.stderr.contains("add-mask"), "{}", output.stderr);
    let database = std::fs::read(world.path(".provost/events.db")).unwrap();
    for token in [&world.reader, &world.dispatcher] {
        let needle = token.as_bytes();
        assert!(!database.windows(needle.len()).any(|window| window == needle));
    }
}

#[test]
fn without_an_identity_the_event_log_behind_https_is_named_in_a_warning_and_the_run_is_started() {
    let world = World::new();
    let output = world
        .dispatch()
        .args(["--format", "github"])
        .env("PROVOST_STORE_URL", "https://provost.example.com/functions/v1")
        .run()
        .expect(0);
    let run = world.repository.runs()[0].get().id;
    let warning = output.stderr.lines().find(|line| line.contains("warning"));
    let warning = warning.unwrap_or_else(|| panic!("{}", output.stderr));
    for named in [&format!("run {run} was started"), "PROVOST_STORE_TOKEN", "id-token: write"] {
        assert!(warning.contains(named), "{named}: {warning}");
    }
}
