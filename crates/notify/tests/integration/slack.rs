use crate::memory::Memory;
use crate::world::{TOKEN, Waits, function, notice, webhook};
use provost_notify::{Announcement, Slack, SlackFunction, SlackWebhook, Told, Way, announce};
use provost_outbound::{Limits, Retry, Secret};
use provost_testkit::scripted_server::{Reply, ScriptedServer, answer};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

const WEBHOOK: &str = "/services/canary/webhook";

/// One announcement by a server with that script, with an issue to fall back to.
struct Run {
    announcement: Announcement,
    requests: Vec<String>,
    waits: Vec<Duration>,
}

fn run(way: Way, replies: Vec<Reply>) -> Run {
    let server = ScriptedServer::start(replies);
    let waits = Arc::new(Waits::default());
    let slack = match way {
        Way::SlackFunction => function(&server.url("/functions/v1/ops-slack-notify"), &waits),
        _ => webhook(&server.url(WEBHOOK), &waits),
    };
    let tracker = Memory::default();
    let tracker = Some((&tracker as &dyn provost_notify::IssueTracker, "ops-alert"));
    let announcement = announce(&notice(), Told::default(), Some(&slack), tracker);
    let shown = format!("{announcement:?} {slack:?}");
    assert!(!shown.contains("canary"), "{shown}");
    let waits = waits.0.lock().expect("lock").clone();
    Run { announcement, requests: server.requests(), waits }
}

fn body(request: &str) -> Value {
    let (_, body) = request.split_once("\r\n\r\n").expect("body");
    serde_json::from_str(body).expect(body)
}

#[track_caller]
fn is_delivered(run: &Run, way: Way) {
    assert_eq!(run.announcement.told, Told { slack: true, issue: None });
    assert!(run.announcement.is_delivered);
    assert_eq!(run.announcement.tries.len(), 1);
    assert_eq!((run.announcement.tries[0].way, &run.announcement.tries[0].failure), (way, &None));
}

/// The reason for which the issue was opened.
#[track_caller]
fn fell_back(run: &Run) -> String {
    assert_eq!(run.announcement.told, Told { slack: false, issue: Some(1) });
    assert!(run.announcement.is_delivered);
    assert_eq!(run.announcement.tries[1].failure, None);
    run.announcement.tries[0].failure.clone().expect("a reason")
}

#[test]
fn the_function_is_asked_as_it_always_was() {
    let run = run(Way::SlackFunction, vec![answer(200, &[], r#"{"delivered":true,"ts":"1"}"#)]);
    is_delivered(&run, Way::SlackFunction);
    let head = run.requests[0].to_lowercase();
    let line = "post /functions/v1/ops-slack-notify?range=latest&source=slsa-provenance http/1.1";
    assert!(head.starts_with(line), "{head}");
    assert!(head.contains(&format!("authorization: bearer {TOKEN}")), "{head}");
    assert!(head.contains("content-type: application/json"), "{head}");
    let wanted = serde_json::json!({
        "run_id": "77",
        "tag": "v1.2.3",
        "release_url": "https://github.com/acme/app/releases/tag/v1.2.3",
        "failure_reason": "the build broke",
    });
    assert_eq!(body(&run.requests[0]), wanted);
}

#[test]
fn only_delivered_true_counts_as_delivered() {
    for (status, body) in [
        (200, r#"{"delivered":false}"#),
        (200, r#"{"delivered":"true"}"#),
        (200, r#"{"delivered":1}"#),
        (200, r#"{"delivered":null}"#),
        (200, r#"[{"delivered":true}]"#),
        (200, r#"{"ok":true}"#),
        (200, r#"{"delivered":true"#),
        (200, "<html>welcome</html>"),
        (200, "true"),
        (200, ""),
        (204, ""),
        (302, r#"{"delivered":true}"#),
        (400, r#"{"delivered":true}"#),
        (401, r#"{"delivered":true}"#),
        (403, "canary-token is wrong"),
        (404, ""),
        (410, ""),
        (500, r#"{"delivered":true}"#),
        (503, ""),
    ] {
        let run = run(Way::SlackFunction, vec![answer(status, &[], body)]);
        let why = fell_back(&run);
        assert!(why.contains(&format!("/ops-slack-notify answered {status}")), "{why}");
        assert!(!why.contains("may have arrived"), "{why}");
        assert_eq!(run.waits, [], "{status} is not repeated");
    }
}

#[test]
fn a_limit_is_waited_for_as_long_as_the_far_side_says() {
    let limit = || answer(429, &["retry-after: 7"], "");
    let fine = answer(200, &[], r#"{"delivered":true}"#);
    let waited = run(Way::SlackFunction, vec![limit(), fine]);
    is_delivered(&waited, Way::SlackFunction);
    assert_eq!(waited.waits, [Duration::from_secs(7)]);
    let why = fell_back(&run(Way::SlackFunction, vec![limit(), limit(), limit()]));
    assert!(why.contains("limits how often"), "{why}");
    let why = fell_back(&run(Way::SlackWebhook, vec![answer(429, &["retry-after: 999"], "")]));
    assert!(why.contains("the Slack webhook limits how often"), "{why}");
}

#[test]
fn an_unknown_outcome_counts_as_not_delivered() {
    let cut =
        Reply::Says("HTTP/1.1 200 X\r\ncontent-length: 99\r\n\r\n{\"delivered\":true}".into());
    for (reply, text) in [
        (Reply::Stalls, "did not answer in time"),
        (Reply::HangsUp, "broke before the answer"),
        (cut, "before the answer was complete"),
        (answer(200, &[], &"x".repeat(70_000)), "is larger than"),
    ] {
        for way in [Way::SlackFunction, Way::SlackWebhook] {
            let why = fell_back(&run(way, vec![reply.clone()]));
            assert!(why.contains(text) && why.ends_with("; it may have arrived"), "{why}");
        }
    }
}

#[test]
fn nobody_listening_leads_to_the_issue() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("listen");
    let address = listener.local_addr().expect("address");
    drop(listener);
    let waits = Arc::new(Waits::default());
    for slack in [
        function(&format!("http://{address}/f"), &waits),
        webhook(&format!("http://{address}{WEBHOOK}"), &waits),
    ] {
        let memory = Memory::default();
        let announcement =
            announce(&notice(), Told::default(), Some(&slack), Some((&memory, "ops-alert")));
        let why = announcement.tries[0].failure.clone().expect("why");
        assert!(why.contains("cannot connect to") && !why.contains("canary"), "{why}");
        assert_eq!(announcement.told.issue, Some(1));
    }
    assert_eq!(waits.0.lock().expect("lock").len(), 4, "a failed connection is tried again");
}

#[test]
fn the_webhook_delivered_only_when_it_says_ok() {
    let delivered = run(Way::SlackWebhook, vec![answer(200, &[], "ok")]);
    is_delivered(&delivered, Way::SlackWebhook);
    assert!(delivered.requests[0].starts_with(&format!("POST {WEBHOOK} ")));
    for (status, said, why) in [
        (200, "no_service", "the Slack webhook answered 200: no_service"),
        (404, "no_service", "the Slack webhook answered 404: no_service"),
        (403, "invalid_token", "the Slack webhook answered 403: invalid_token"),
        (200, "<html>ok</html>", "the Slack webhook answered 200 and not `ok`"),
        (200, "OK", "the Slack webhook answered 200 and not `ok`"),
        (200, "ok canary", "the Slack webhook answered 200 and not `ok`"),
        (200, "", "the Slack webhook answered 200 and not `ok`"),
        (201, "ok", "the Slack webhook answered 201 and not `ok`"),
        (404, "canary", "the Slack webhook answered 404"),
    ] {
        let run = run(Way::SlackWebhook, vec![answer(status, &[], said)]);
        assert_eq!(fell_back(&run), why);
        assert_eq!(run.waits, []);
    }
}

#[test]
fn the_webhook_is_sent_everything_a_person_needs() {
    let run = run(Way::SlackWebhook, vec![answer(200, &[], "ok")]);
    let body = body(&run.requests[0]);
    assert_eq!(body["unfurl_links"], false);
    assert_eq!(body["unfurl_media"], false);
    let blocks = body["blocks"].as_array().expect("blocks");
    assert_eq!(blocks[0]["text"]["text"], "Release provenance failed: v1.2.3");
    let facts = "Repository: acme/app\nTag: v1.2.3\nRun: 77\nReason: the build broke\n\
                 Failed checks: source-ref\n\
                 Release: https://github.com/acme/app/releases/tag/v1.2.3\nNext step: open the run";
    assert_eq!(blocks[1]["text"]["text"], facts);
    let links = "<https://github.com/acme/app/actions/runs/77|Run>  \
                 <https://github.com/acme/app/releases/tag/v1.2.3|Release>";
    assert_eq!(blocks[2]["text"]["text"], links);
    assert_eq!(blocks[2]["text"]["verbatim"], true);
    let event = blocks[3]["elements"][0]["text"].as_str().expect("event");
    assert!(event.starts_with("event ") && event.len() == 18, "{event}");
}

#[test]
fn a_release_address_elsewhere_is_no_link() {
    for address in [
        "https://evil.example/releases/tag/v1",
        "https://github.com/acme/app.evil/releases/tag/v1",
        "https://github.com/acme/app/releases/../../../evil",
        "https://github.com/acme/app/releases/|x",
        &format!("https://github.com/acme/app/releases/{}", "&".repeat(900)),
        "javascript:alert(1)",
    ] {
        let server = ScriptedServer::start(vec![answer(200, &[], "ok")]);
        let slack = webhook(&server.url(WEBHOOK), &Arc::new(Waits::default()));
        let mut notice = notice();
        notice.release_url = address.to_owned();
        assert!(announce(&notice, Told::default(), Some(&slack), None).is_delivered);
        let body = body(&server.requests()[0]);
        let links = body["blocks"][2]["text"]["text"].as_str().expect("links").to_owned();
        assert_eq!(links, "<https://github.com/acme/app/actions/runs/77|Run>");
    }
}

#[test]
fn a_webhook_goes_to_slack_or_to_a_named_host() {
    let make = |address: &str, hosts: &[&str]| {
        let secret = Secret::new(address.into(), "SLACK_WEBHOOK_URL").expect("secret");
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        SlackWebhook::new(secret, &hosts, Limits::default(), Retry::default())
    };
    for (good, hosts) in [
        ("https://hooks.slack.com/services/T/B/canary", &[][..]),
        ("https://hooks.slack-gov.com/services/T/B/canary", &[]),
        ("https://chat.acme.example/hooks/canary", &["chat.acme.example"]),
        ("http://127.0.0.1:1/canary", &["127.0.0.1"]),
    ] {
        assert!(make(good, hosts).is_ok(), "{good}");
    }
    for (bad, hosts) in [
        ("http://hooks.slack.com/services/T/B/canary", &[][..]),
        ("https://hooks.slack.com.evil.example/canary", &[]),
        ("https://evil.example/hooks.slack.com/canary", &[]),
        ("https://canary@hooks.slack.com/services", &[]),
        ("https://hooks.slack.com/services?canary", &[]),
        ("http://127.0.0.1:1/canary", &[]),
        ("http://chat.acme.example/canary", &["chat.acme.example"]),
        ("file:///canary", &[]),
        ("canary", &[]),
    ] {
        let error = make(bad, hosts).expect_err(bad).to_string();
        assert!(error.contains("SLACK_WEBHOOK_URL") && !error.contains("canary"), "{error}");
    }
}

#[test]
fn a_function_needs_https_and_takes_a_copied_query() {
    let make = |url: &str| {
        SlackFunction::new(
            url,
            "[notify].slack_function_url",
            None,
            Limits::default(),
            Retry::default(),
        )
    };
    let good = "https://x.supabase.co/functions/v1/ops-slack-notify";
    let copied = format!("{good}?range=latest&source=slsa-provenance");
    assert_eq!(format!("{:?}", make(&copied)), format!("{:?}", make(good)));
    assert!(make(good).is_ok());
    for bad in ["http://x.supabase.co/f", "https://u:p@h/f", "https://h/f?range=all", "f", ""] {
        let error = make(bad).expect_err(bad).to_string();
        assert!(error.contains("[notify].slack_function_url"), "{error}");
    }
}

#[test]
fn what_slack_took_is_not_sent_again() {
    let server = ScriptedServer::always(answer(200, &[], r#"{"delivered":true}"#));
    let slack = function(&server.url("/f"), &Arc::new(Waits::default()));
    let memory = Memory::default();
    let mut told = Told::default();
    for _ in 0..3 {
        let said = announce(&notice(), told, Some(&slack), Some((&memory, "ops-alert")));
        assert!(said.is_delivered);
        told = said.told;
    }
    assert_eq!(server.stop().len(), 1);
    assert_eq!(memory.states(), []);
}

#[test]
fn without_any_way_nothing_is_delivered() {
    let nothing = announce(&notice(), Told::default(), None, None);
    assert_eq!(nothing, Announcement::default());
    let slack = Slack::Unusable("SLACK_WEBHOOK_URL holds no usable secret".into());
    let said = announce(&notice(), Told::default(), Some(&slack), None);
    assert!(!said.is_delivered && said.tries.len() == 1);
    assert_eq!(said.tries[0].way, Way::Slack);
}

#[test]
fn who_was_told_in_an_issue_is_told_there_as_long_as_it_can_be_reached() {
    let server = ScriptedServer::always(answer(200, &[], r#"{"delivered":true}"#));
    let slack = function(&server.url("/f"), &Arc::new(Waits::default()));
    let memory = Memory::default();
    let told = announce(&notice(), Told::default(), None, Some((&memory, "ops-alert"))).told;
    let there = announce(&notice(), told, Some(&slack), Some((&memory, "ops-alert")));
    assert_eq!((there.told.slack, server.requests_so_far().len()), (false, 0));
    let elsewhere = announce(&notice(), told, Some(&slack), None);
    assert_eq!(elsewhere.told, Told { slack: true, issue: Some(1) });
    assert_eq!(server.stop().len(), 1);
}
