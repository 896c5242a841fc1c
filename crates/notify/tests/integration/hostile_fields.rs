//! Every hostile value through every field and every sink.

use crate::memory::Memory;
use crate::world::{Waits, at, function, notice, webhook};
use provost_notify::{FailureNotice, Slack, Told, announce};
use provost_testkit::hostile;
use provost_testkit::scripted_server::{ScriptedServer, answer};
use serde_json::Value;
use std::sync::Arc;

/// The notice with the value in every field that may hold somebody's text.
fn hostile_notice(value: &str) -> FailureNotice {
    let mut notice = notice();
    notice.incident.repository = value.to_owned();
    notice.incident.tag = value.to_owned();
    notice.reason = value.to_owned();
    notice.checks_failed = vec![value.to_owned(); 3];
    notice.workflow = Some(value.to_owned());
    notice.release_url = value.to_owned();
    notice.next_step = value.to_owned();
    notice.runbook_url = Some(value.to_owned());
    notice.failure_json = format!("{:#}\n", serde_json::json!({ "failure_reason": value }));
    notice
}

/// What the far side was sent.
fn sent(slack: &Slack, server: ScriptedServer, notice: &FailureNotice) -> Value {
    assert!(announce(notice, Told::default(), Some(slack), None).is_delivered);
    let request = server.requests().remove(0);
    let (_, body) = request.split_once("\r\n\r\n").expect("body");
    serde_json::from_str(body).expect("json")
}

/// Every text in a JSON value.
fn texts<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}

#[test]
fn a_webhook_message_holds_no_order() {
    let waits = Arc::new(Waits::default());
    for (name, value) in hostile::values() {
        let server = ScriptedServer::start(vec![answer(200, &[], "ok")]);
        let slack = webhook(&server.url("/services/x"), &waits);
        let body = sent(&slack, server, &hostile_notice(&value));
        let mut found = Vec::new();
        texts(&body, &mut found);
        for text in found {
            assert!(text.chars().count() <= 3000, "{name}: {}", text.len());
            assert_eq!(hostile::order_in(&text.replace('\n', "")), None, "{name}: {text:?}");
            let ours = "<https://github.com/acme/app/actions/runs/77|Run>";
            let text = text.replace(ours, "");
            let is_runbook = text.starts_with("  <https://") && text.ends_with("|Runbook>");
            assert!(is_runbook || !text.contains(['<', '>']), "{name}: {text:?}");
            for (start, _) in text.match_indices('&') {
                let entity = ["&amp;", "&lt;", "&gt;"].iter().any(|e| text[start..].starts_with(e));
                assert!(is_runbook || entity, "{name}: {text:?}");
            }
        }
        for block in body["blocks"].as_array().expect("blocks") {
            let header = block["type"] != "header";
            let text = block["text"]["text"].as_str().unwrap_or_default();
            assert!(header || text.chars().count() <= 150, "{name}");
        }
    }
}

#[test]
fn a_function_is_sent_data_that_begins_no_mention() {
    let waits = Arc::new(Waits::default());
    for (name, value) in hostile::values() {
        let server = ScriptedServer::start(vec![answer(200, &[], r#"{"delivered":true}"#)]);
        let slack = function(&server.url("/f"), &waits);
        let body = sent(&slack, server, &hostile_notice(&value));
        let mut found = Vec::new();
        texts(&body, &mut found);
        for text in found {
            let text = text.replace("<\u{2060}", "");
            assert!(!text.contains('<'), "{name}: {text:?}");
            assert_eq!(hostile::order_in(&text), None, "{name}: {text:?}");
        }
        if hostile::ORDINARY.contains(&value.as_str()) {
            assert_eq!(body["tag"], value);
        }
    }
    for value in hostile::ORDINARY {
        let server = ScriptedServer::start(vec![answer(200, &[], r#"{"delivered":true}"#)]);
        let slack = function(&server.url("/f"), &waits);
        assert_eq!(sent(&slack, server, &hostile_notice(value))["tag"], value);
    }
}

#[test]
fn an_issue_and_its_comments_hold_no_order() {
    for (name, value) in hostile::values() {
        let memory = Memory::default();
        let mut notice = hostile_notice(&value);
        let told = announce(&notice, Told::default(), None, Some((&memory, "ops-alert"))).told;
        notice.occurred_at = at(7);
        announce(&notice, told, None, Some((&memory, "ops-alert")));
        let title = memory.title(1);
        let length = title.chars().count();
        assert!(length <= 256, "{name}");
        assert_eq!(hostile::order_in(&title.replace('\u{2060}', "")), None, "{name}: {title:?}");
        let comments = memory.comments_on(1);
        assert_eq!(comments.len(), 1, "{name}");
        for text in [memory.body(1), comments[0].clone()] {
            assert!(text.chars().count() < 65_536, "{name}: {}", text.len());
            assert_is_ours(name, &text);
        }
    }
}

/// Every line is one of the lines that a notice has, and none holds markup of somebody's.
fn assert_is_ours(name: &str, text: &str) {
    let (facts, payload) = text.split_once("```json\n").expect(name);
    let (_, after) = payload.split_once("\n```\n").expect(name);
    assert!(!after.contains('`') && !after.contains('<'), "{name}: {after:?}");
    let lines: Vec<&str> = facts.lines().skip_while(|line| line.starts_with("<!-- ")).collect();
    let known = [
        "The provenance of a release failed.",
        "The release failed again, or for another reason.",
        "",
    ];
    for line in lines {
        let is_fact = line.strip_prefix("- ").is_some_and(|fact| fact.contains(": "));
        assert!(is_fact || known.contains(&line), "{name}: {line:?}");
        assert_eq!(hostile::order_in(&line.replace('\u{2060}', "")), None, "{name}: {line:?}");
        let Some((field, value)) = line.split_once(": ") else { continue };
        // Where code stands the fence outgrows it; elsewhere nothing is markup.
        let is_link = value.starts_with('<') && value.ends_with('>') && !value.contains(' ');
        let is_code = value.starts_with('`') && value.ends_with('`');
        let is_inert = !value.contains(['<', '`', '[', '*']);
        let is_run = field == "- Run";
        assert!(is_link || is_code || is_inert || is_run, "{name}: {line:?}");
    }
}
