//! `provost ingest`: sources, outcomes, exit codes.

use super::Folder;
use crate::event_rows::event_rows;
use provost_testkit::scripted_server::{ScriptedServer, answer};
use serde_json::{Value, json};

const LOG: &str = "sqlite:events.db";

fn failure(changes: &[(&str, Value)]) -> Value {
    let mut failure = json!({
        "run": "8",
        "tag": "v2",
        "repository": "acme/app",
        "workflow": null,
        "status": "failure",
        "failure_reason": "no bundle",
        "artifact_present": false,
        "checks_failed": [],
        "run_url": null,
        "release_url": "",
        "occurred_at": "2026-11-23T12:00:00Z",
        "notified": {},
    });
    for (member, value) in changes {
        failure[*member] = value.clone();
    }
    failure
}

fn counts(output: &crate::program::Output) -> (u64, u64, usize) {
    let json = output.json();
    let number = |name: &str| json[name].as_u64().unwrap();
    (number("inserted"), number("duplicates"), json["rejected"].as_array().unwrap().len())
}

#[test]
fn a_failure_is_one_event_with_its_entry() {
    let folder = Folder::with_entries();
    let entries: Value =
        serde_json::from_slice(&std::fs::read(folder.manifest()).unwrap()).unwrap();
    let at = entries[1]["validated_at"].clone();
    let document = failure(&[("occurred_at", at)]);
    std::fs::write(folder.path("failure.json"), document.to_string()).unwrap();
    let ingest = |what: &str| {
        folder.provost(&["ingest", what, "--store", LOG, "--format", "json"]).run().expect(0)
    };
    assert_eq!(counts(&ingest("failure.json")), (1, 0, 0));
    assert_eq!(counts(&ingest("failure.json")), (0, 1, 0));
    assert_eq!(counts(&ingest(".")), (1, 1, 0), "its entry is there already");
    assert_eq!(event_rows(&folder.path("events.db")).len(), 2);
}

#[test]
fn a_failure_with_checks_is_a_decision_and_one_without_is_none() {
    let folder = Folder::with_entries();
    for (checks, event) in [(json!([]), "provenance"), (json!(["signature"]), "validated")] {
        let log = format!("{event}.db");
        let document = failure(&[("checks_failed", checks)]);
        std::fs::write(folder.path("failure.json"), document.to_string()).unwrap();
        let store = format!("sqlite:{log}");
        folder.provost(&["ingest", "failure.json", "--store", &store]).run().expect(0);
        let rows = event_rows(&folder.path(&log));
        assert_eq!((rows[0].event.as_str(), rows[0].status.as_str()), (event, "failure"));
    }
}

#[test]
fn a_document_that_is_none_is_refused_by_name() {
    let folder = Folder::with_entries();
    for (text, code) in [
        ("{}".to_owned(), "invalid-document"),
        (failure(&[("status", json!("success"))]).to_string(), "invalid-document"),
        (failure(&[("tag", json!("v..1"))]).to_string(), "invalid-document"),
        (failure(&[("run", json!(8))]).to_string(), "invalid-document"),
        ("[{}]".to_owned(), "manifest"),
        ("no json".to_owned(), "manifest"),
    ] {
        std::fs::write(folder.path("document"), &text).unwrap();
        let report = folder.provost(&["ingest", "document", "--store", LOG]).report(1);
        assert_eq!(report["error"]["code"], code, "{text}");
        let detail = report["error"]["detail"].as_str().unwrap();
        assert!(detail.contains("document"), "{detail}");
    }
    assert!(!folder.path("events.db").exists());
    folder.provost(&["ingest", "--store", LOG]).run().expect(2);
}

#[test]
fn what_contradicts_the_log_is_rejected_with_its_place_and_the_rest_is_taken() {
    let folder = Folder::with_entries();
    folder.provost(&["ingest", ".", "--store", LOG]).run().expect(0);
    let path = folder.manifest();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("no bundle", "another reason")).unwrap();
    folder.add(&["--run=9", "--tag=v3", "--status=success"]);
    let output = folder.provost(&["ingest", ".", "--store", LOG]).run().expect(11);
    assert!(output.stdout.starts_with("1 entry inserted, 1 there already, 1 rejected\n"));
    assert!(output.stdout.contains("rejected  entry 1 (run 8, tag v2): "), "{}", output.stdout);
    assert!(output.stdout.contains("failure_reason"), "{}", output.stdout);
    let json = folder.provost(&["ingest", ".", "--store", LOG, "--format", "json"]);
    let json = json.run().expect(11).json();
    assert_eq!((&json["inserted"], &json["duplicates"]), (&json!(0), &json!(2)));
    assert_eq!(json["rejected"][0]["index"], 1);
    assert!(json["rejected"][0]["problem"].is_string());
    let github = folder.provost(&["ingest", ".", "--store", LOG, "--format", "github"]);
    assert!(github.run().expect(11).stdout.contains("::error title=rejected by the event log::"));
}

#[test]
fn a_document_is_fetched_from_where_the_command_line_says() {
    let folder = Folder::with_entries();
    let manifest = std::fs::read_to_string(folder.manifest()).unwrap();
    let document = failure(&[]).to_string();
    let server = ScriptedServer::start(vec![
        answer(200, &[], &manifest),
        answer(503, &[], ""),
        answer(200, &[], &document),
    ]);
    let ingest = |path: &str| {
        let call = folder.provost(&["ingest", &server.url(path), "--store", LOG]);
        counts(&call.args(["--format", "json"]).env("GITHUB_TOKEN", "canary-1234").run().expect(0))
    };
    assert_eq!(ingest("/docs/manifest.json?sig=canary-sig"), (2, 0, 0));
    assert_eq!(ingest("/docs/failure.json"), (1, 0, 0));
    for request in server.requests() {
        assert!(!request.contains("canary-1234"), "{request}");
    }
}

#[test]
fn a_url_that_gives_no_document_is_an_error_without_its_query() {
    let folder = Folder::with_entries();
    for (reply, code) in [
        (answer(404, &[], "no"), "not-fetched"),
        (answer(302, &["location: {self}/other"], ""), "not-fetched"),
        (answer(200, &[], "<html>"), "manifest"),
        (answer(200, &[], &" ".repeat(17 * 1024 * 1024)), "not-fetched"),
    ] {
        let server = ScriptedServer::start(vec![reply]);
        let url = server.url("/manifest.json?sig=canary-sig");
        let report = folder.provost(&["ingest", &url, "--store", LOG]).report(1);
        assert_eq!(report["error"]["code"], code, "{report}");
        assert!(!report.to_string().contains("canary-sig"), "{report}");
    }
    for url in
        ["http://docs.example.com/manifest.json", "https://me:canary@h.example/x", "https://"]
    {
        let report = folder.provost(&["ingest", url, "--store", LOG, "--format", "json"]).run();
        assert!(matches!(report.code, Some(1 | 2)), "{url}: {report:?}");
        assert!(!format!("{report:?}").contains("canary"), "{url}");
    }
}
