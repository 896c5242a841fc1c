//! A failure is recorded and told, once.

use crate::notify_world::{Issues, NOON, ONE, Repo, TOKEN, WEBHOOK_PATH, at, secrets, tell};
use provost_control::{IngestSource, IssueState, NotifyRequest, Runner, ingest, notify_failure};
use provost_record::Status;
use provost_store::{EventLog, StoreError, StoreUrl};
use provost_testkit::scripted_server::{ScriptedServer, answer};

fn delivered() -> ScriptedServer {
    ScriptedServer::always(answer(200, &[], r#"{"delivered":true}"#))
}

fn function(server: &ScriptedServer) -> String {
    format!("slack_function_url = {:?}", server.url("/functions/v1/ops-slack-notify"))
}

#[test]
fn a_failure_is_recorded_told_and_remembered() {
    let (repo, issues, server) = (Repo::new(), Issues::default(), delivered());
    let mut request = repo.request(&function(&server), "the build broke");
    request.secrets = secrets("http://127.0.0.1:1");
    let outcome = tell(&request, &issues, NOON);
    assert!(outcome.is_complete() && outcome.event.is_none(), "{outcome:?}");
    let entry = repo.entry();
    assert_eq!(
        (entry.status, entry.failure_reason.as_deref()),
        (Status::Failure, Some("the build broke"))
    );
    assert_eq!(entry.repository.as_deref(), Some("acme/app"));
    assert!(entry.notified.as_ref().unwrap().slack);
    assert_eq!(entry.attempt, None, "the attempt is that of another run");
    let failure = repo.failure();
    let wanted = serde_json::json!({
        "run": "77",
        "tag": "v1.2.3",
        "repository": "acme/app",
        "workflow": "provenance",
        "status": "failure",
        "failure_reason": "the build broke",
        "artifact_present": false,
        "checks_failed": [],
        "run_url": "https://github.com/acme/app/actions/runs/77",
        "release_url": "https://github.com/acme/app/releases/tag/v1.2.3",
        "occurred_at": NOON,
        "notified": {"slack": true, "tried": ["slack-function: delivered"]},
    });
    assert_eq!(failure, wanted);
    let schema = jsonschema::validator_for(&provost_wire::v1::Failure::json_schema()).unwrap();
    assert!(schema.is_valid(&failure));
    assert!(server.requests_so_far()[0].contains(TOKEN));
    assert!(repo.manifests().lint().unwrap().is_empty());

    // The repeat changes no byte and tells nobody.
    let before = repo.bytes();
    let again = tell(&request, &issues, ONE);
    assert!(again.is_complete() && again.announcement.tries.is_empty(), "{again:?}");
    assert_eq!(repo.failure(), wanted);
    assert!(!before.contains("canary") && !repo.bytes().contains("canary"));
    assert!(!format!("{request:?} {outcome:?}").contains("canary"));
    assert_eq!(server.stop().len(), 1);
    assert!(issues.issues.borrow().is_empty());
    // The log is what the manifest says, announcement included.
    let store = StoreUrl::parse("sqlite:.provost/events.db", repo.root()).unwrap();
    let root = IngestSource::Path(repo.root().to_owned());
    let ingested = ingest(&root, &store).unwrap();
    assert_eq!((ingested.inserted(), ingested.duplicates()), (0, 1));
    assert_eq!(events_in(&store), 2);
    let rebuilt = StoreUrl::parse("sqlite:rebuilt.db", repo.root()).unwrap();
    assert_eq!(ingest(&root, &rebuilt).unwrap().inserted(), 1);
    assert_eq!(events_in(&rebuilt), 2);
}

/// How many events a log has.
pub(crate) fn events_in(store: &StoreUrl) -> usize {
    let mut count = 0;
    let counted = EventLog::open(store).unwrap().each_event(|_| {
        count += 1;
        Ok::<(), StoreError>(())
    });
    counted.unwrap();
    count
}

#[test]
fn where_slack_fails_an_issue_is_opened() {
    let (repo, issues) = (Repo::new(), Issues::default());
    let server = ScriptedServer::start(vec![answer(404, &[], "no_service")]);
    let mut request = repo.request("slack_hosts = [\"127.0.0.1\"]", "the build broke");
    request.secrets = secrets(server.url("").trim_end_matches('/'));
    let outcome = tell(&request, &issues, NOON);
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(repo.entry().notified.unwrap().issue, Some(1));
    assert!(issues.issues.borrow()[0].body.contains("\"failure_reason\": \"the build broke\""));
    let tried = serde_json::json!([
        "slack-webhook: the Slack webhook answered 404: no_service",
        "issue: delivered"
    ]);
    assert_eq!(repo.failure()["notified"]["tried"], tried);
    assert!(server.requests()[0].starts_with(&format!("POST {WEBHOOK_PATH} ")));
    assert!(!repo.bytes().contains("canary"));
    assert!(!format!("{request:?} {outcome:?}").contains("canary"));
    // The repeat asks the issues alone, and so does one without them.
    assert!(tell(&request, &issues, ONE).is_complete());
    assert!(
        notify_failure(&repo.request("", "the build broke"), None, at(ONE)).unwrap().is_complete()
    );
    assert_eq!((issues.issues.borrow().len(), issues.comments.borrow().len()), (1, 0));
    // A later reason is a comment.
    tell(&repo.request("", "the upload broke"), &issues, ONE);
    assert_eq!((issues.issues.borrow().len(), issues.comments.borrow().len()), (1, 1));
}

#[test]
fn when_nobody_can_be_told_the_repeat_tells() {
    let (repo, issues) = (Repo::new(), Issues::default());
    issues.is_down.set(true);
    let request = repo.request("", "the build broke");
    let outcome = tell(&request, &issues, NOON);
    assert!(!outcome.is_delivered() && outcome.problems.is_empty(), "{outcome:?}");
    assert_eq!(repo.entry().notified, None);
    let tried = serde_json::json!({"slack": false, "tried": ["issue: the issues are down"]});
    assert_eq!(repo.failure()["notified"], tried);
    issues.is_down.set(false);
    assert!(tell(&request, &issues, ONE).is_complete());
    assert_eq!(issues.issues.borrow().len(), 1);
    assert_eq!(repo.failure()["occurred_at"], NOON);
}

#[test]
fn issues_that_are_not_wanted_are_not_opened() {
    let (repo, issues) = (Repo::new(), Issues::default());
    let outcome = tell(&repo.request("issues = false", "x"), &issues, NOON);
    assert!(!outcome.is_delivered() && outcome.announcement.tries.is_empty());
    assert!(issues.issues.borrow().is_empty());
}

#[test]
fn an_alarm_goes_out_although_it_cannot_be_recorded() {
    let (repo, issues) = (Repo::new(), Issues::default());
    let file = repo.root().join("docs");
    std::fs::write(&file, "in the way").unwrap();
    let outcome = tell(&repo.request("", "the build broke"), &issues, NOON);
    assert!(outcome.is_delivered() && !outcome.is_complete(), "{outcome:?}");
    assert!(outcome.settled.is_none() && !outcome.problems.is_empty());
    assert_eq!(issues.issues.borrow().len(), 1);
    std::fs::remove_file(&file).unwrap();
    assert!(tell(&repo.request("", "the build broke"), &issues, NOON).is_complete());
    assert_eq!((issues.issues.borrow().len(), issues.comments.borrow().len()), (1, 0));
}

#[test]
fn an_event_log_that_is_down_is_no_reason_to_stay_silent() {
    let (repo, issues) = (Repo::new(), Issues::default());
    std::fs::write(repo.root().join(".provost"), "in the way").unwrap();
    let outcome = tell(&repo.request("", "the build broke"), &issues, NOON);
    assert!(outcome.is_complete() && outcome.event.is_some(), "{outcome:?}");
    assert_eq!(issues.issues.borrow().len(), 1);
}

#[test]
fn a_secret_that_cannot_be_used_leads_to_the_issue() {
    let (repo, issues) = (Repo::new(), Issues::default());
    let mut request = repo.request("", "x");
    request.secrets = provost_control::NotifySecrets::from_environment(|name| {
        (name == "SLACK_WEBHOOK_URL").then(|| "https://evil.example/canary address".to_owned())
    });
    let outcome = tell(&request, &issues, NOON);
    let why = outcome.announcement.tries[0].failure.clone().unwrap();
    assert!(why.contains("SLACK_WEBHOOK_URL") && !why.contains("canary"), "{why}");
    assert!(outcome.is_complete());
}

#[test]
fn a_report_of_an_earlier_attempt_says_nothing_after_a_success() {
    let (repo, issues) = (Repo::new(), Issues::default());
    repo.record(77, Status::Success, NOON);
    let mut success = repo.entry();
    success.attempt = Some(3);
    repo.manifests().record(success, at(NOON)).unwrap();
    let mut request = repo.request("", "x");
    request.runner.run = Some(77);
    let outcome = tell(&request, &issues, ONE);
    assert!(outcome.is_superseded && outcome.is_complete(), "{outcome:?}");
    assert_eq!(repo.entry().status, Status::Success);
    assert!(issues.issues.borrow().is_empty());
    // One of a later attempt is told.
    request.runner.attempt = Some(4);
    assert!(!tell(&request, &issues, ONE).is_superseded);
    assert_eq!(issues.issues.borrow().len(), 1);
}

#[test]
fn a_failure_without_configuration_run_or_reason_is_told_too() {
    let (repo, issues) = (Repo::new(), Issues::default());
    let mut request = NotifyRequest::new(None, "v1.2.3", 0, "  \n", "").unwrap();
    request.root = Some(repo.root().to_owned());
    request.store = Some(StoreUrl::parse("sqlite:e.db", repo.root()).unwrap());
    request.runner = Runner { run: Some(80), ..repo.request("", "x").runner };
    assert!(tell(&request, &issues, NOON).is_complete());
    let failure = repo.failure();
    assert_eq!(failure["failure_reason"], "it failed, and no reason was given");
    assert_eq!(failure["run_url"], "https://github.com/acme/app/actions/runs/80");
    assert_eq!((&failure["run"], &failure["repository"]), (&"0".into(), &"acme/app".into()));
    assert_eq!(issues.issues.borrow()[0].state, IssueState::Open);
}

#[test]
fn refuses_what_is_no_tag_no_run_and_no_address() {
    let make = |tag: &str, run, url: &str| NotifyRequest::new(None, tag, run, "x", url);
    assert!(make("v1", 1, "").is_ok());
    assert!(make("v1..2", 1, "").unwrap_err().to_string().starts_with("--tag: "));
    assert!(make("v1", u64::MAX, "").unwrap_err().to_string().starts_with("--run: "));
    let long = "x".repeat(2049);
    assert!(make("v1", 1, &long).unwrap_err().to_string().starts_with("--release-url: "));
}

#[test]
fn an_environment_that_lies_is_not_believed() {
    for (name, value) in [
        ("GITHUB_REPOSITORY", "../../x"),
        ("GITHUB_REPOSITORY", "a/b/c"),
        ("GITHUB_REPOSITORY", "a/b|<x>"),
        ("GITHUB_SERVER_URL", "javascript:alert(1)"),
        ("GITHUB_SERVER_URL", "http://evil.example"),
        ("GITHUB_SERVER_URL", "https://u:p@github.com"),
    ] {
        let runner = Runner::from_environment(|asked| match asked {
            asked if asked == name => Some(value.to_owned()),
            "GITHUB_REPOSITORY" => Some("acme/app".to_owned()),
            _ => None,
        });
        assert!(runner.repository.is_none(), "{name}={value}");
    }
    let empty = Runner::from_environment(|_| Some(String::new()));
    assert!(empty.workflow.is_none() && empty.run.is_none() && empty.attempt.is_none());
}
