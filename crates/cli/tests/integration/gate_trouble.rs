//! `gate` when something is wrong around it: configuration, folders, files, event log.

use crate::example::{Example, NPM};
use crate::program::{failed, outcomes};
use serde_json::Value;

#[test]
fn a_gate_without_a_builder_is_a_bad_configuration() {
    let example = Example::copy(NPM);
    let text = std::fs::read_to_string(example.path("provost.toml")).unwrap();
    let start = text.find("[[policy.builder]]").unwrap();
    let end = text.find("[gate]").unwrap();
    let without = format!("{}{}", &text[..start], &text[end..]);
    std::fs::write(example.path("provost.toml"), without).unwrap();
    let report = example.gate().report(2);
    assert_eq!(report["error"]["code"], "configuration");
    assert!(report["error"]["detail"].as_str().unwrap().contains("[[policy.builder]]"));
    let named = ["--builder-id", "https://github.com/actions/runner/github-hosted"];
    example.gate().args(named).run().expect(0);
}

#[test]
fn what_the_configuration_cannot_mean_is_refused_with_its_line() {
    for (from, to, place) in [
        ("min_level = 2", "min_levl = 2", "line 15"),
        ("min_level = 2", "min_level = 4", "min_level"),
        ("triggers = [\"push\"]", "triggers = [\"Push!\"]", "triggers"),
        ("[gate]", "[gates]", "line 24"),
        ("tag_binding = \"package-version\"", "tag_binding = \"input\"", "line 11"),
        ("[\"refs/heads/main\"]", "[\"*\"]", "ref pattern"),
        ("github.com/sigstore/sigstore-js\"\n#", "github.com/sigstore\"\n#", "repository"),
        ("sqlite:out/.provost/events.db", "postgres://localhost/x", "postgres"),
        ("tag = \"v2.0.0\"", "tag = \"a..b\"", "a..b"),
        ("[store]", "[store", "line"),
    ] {
        let example = Example::copy(NPM);
        example.configure(from, to);
        let output = example.gate().args(["--format", "json"]).run();
        let report = output.expect(2).report();
        let code = if place == "postgres" { "event-log-url" } else { "configuration" };
        assert_eq!(report["error"]["code"], code, "{to}");
        let detail = report["error"]["detail"].as_str().unwrap();
        assert!(detail.contains(place), "{to}: {detail}");
        assert!(!example.path("out").exists(), "{to}");
    }
}

#[test]
fn no_artifact_and_no_bundle_are_never_a_pass() {
    let example = Example::copy(NPM);
    std::fs::remove_file(example.path("artifacts/sigstore-2.0.0.tgz")).unwrap();
    assert_eq!(example.gate().report(3)["error"]["code"], "nothing-to-check");
    std::fs::remove_dir(example.path("artifacts")).unwrap();
    assert_eq!(example.gate().report(1)["error"]["code"], "unreadable");

    let example = Example::copy(NPM);
    std::fs::write(example.bundle(), "").unwrap();
    assert_eq!(example.gate().report(3)["error"]["code"], "nothing-to-check");
    std::fs::remove_file(example.bundle()).unwrap();
    assert_eq!(example.gate().report(1)["error"]["code"], "unreadable");
    assert!(!example.path("out/docs").exists(), "nothing was decided, so nothing is recorded");
}

#[test]
fn a_decision_that_cannot_be_recorded_is_shown_and_is_no_pass() {
    let example = Example::copy(NPM);
    std::fs::create_dir(example.path("out")).unwrap();
    // A file where a folder must be: no user may write below it, root neither.
    std::fs::write(example.path("out/artifacts"), "").unwrap();
    is_decided_and_not_recorded(&example, 1, "accepted");
    std::fs::remove_file(example.path("out/artifacts")).unwrap();
    std::fs::write(example.path("out/docs"), "").unwrap();
    let report = example.gate().report(1);
    assert_eq!(report["error"]["code"], "manifest");
    std::fs::remove_file(example.path("out/docs")).unwrap();
    example.gate().run().expect(0);
    assert_eq!(example.events().len(), 1);
}

#[test]
fn a_refusal_that_cannot_be_recorded_stays_a_refusal() {
    let example = Example::copy(NPM);
    example.configure("[\"push\"]", "[\"release\"]");
    std::fs::create_dir(example.path("out")).unwrap();
    std::fs::write(example.path("out/artifacts"), "").unwrap();
    is_decided_and_not_recorded(&example, 10, "refused");
}

fn is_decided_and_not_recorded(example: &Example, code: i32, outcome: &str) {
    let report = example.gate().report(code);
    assert_eq!(outcomes(&report), [outcome]);
    assert_eq!(report["decisions"][0]["recorded"], false);
    assert_eq!(report["error"]["code"], "manifest");
    let detail = report["error"]["detail"].as_str().unwrap();
    assert!(detail.starts_with("decided, but not recorded: "), "{detail}");
    let output = example.gate().run().expect(code);
    assert!(output.stdout.starts_with(outcome), "{}", output.stdout);
    assert!(!output.stdout.contains("\nrecorded"), "{}", output.stdout);
    assert!(output.stderr.contains("error: decided, but not recorded: "), "{}", output.stderr);
    assert!(!example.path("out/.provost").exists(), "the event comes after the manifest");
}

/// What was released before cannot be known, so neither can whether a tag is used twice.
#[test]
fn a_manifest_that_does_not_parse_keeps_the_gate_from_deciding() {
    let example = Example::copy(NPM);
    let day = example.path("out/docs/reports/2026-01-01");
    std::fs::create_dir_all(&day).unwrap();
    std::fs::write(day.join("manifest.json"), "[{]").unwrap();
    let report = example.gate().report(1);
    assert_eq!(outcomes(&report), Vec::<&str>::new());
    assert_eq!(report["error"]["code"], "manifest");
    let detail = report["error"]["detail"].as_str().unwrap();
    assert!(detail.contains("docs/reports/2026-01-01/manifest.json"), "{detail}");
    assert_eq!(std::fs::read_to_string(day.join("manifest.json")).unwrap(), "[{]");
}

#[test]
fn a_manifest_folder_without_permission_is_no_pass() {
    use std::os::unix::fs::PermissionsExt;
    let example = Example::copy(NPM);
    let out = example.path("out");
    std::fs::create_dir(&out).unwrap();
    std::fs::set_permissions(&out, std::fs::Permissions::from_mode(0o555)).unwrap();
    if std::fs::write(out.join("probe"), "").is_ok() {
        eprintln!("SKIPPED: this user may write everywhere, so a permission refuses nothing");
        return;
    }
    is_decided_and_not_recorded(&example, 1, "accepted");
}

#[test]
fn an_event_log_that_fails_is_a_warning_and_is_completed_later() {
    let example = Example::copy(NPM);
    let log = example.path("out/.provost/events.db");
    std::fs::create_dir_all(&log).unwrap();
    let report = example.gate().report(0);
    assert_eq!(outcomes(&report), ["accepted"]);
    assert_eq!(report["decisions"][0]["recorded"], true);
    assert_eq!(report["error"], Value::Null);
    let output = example.gate().run().expect(0);
    let warning = "warning: the manifest holds the decision, the event log does not: ";
    assert!(output.stderr.contains(warning), "{}", output.stderr);
    assert!(output.stderr.contains("provost ingest"), "{}", output.stderr);
    assert!(!output.stdout.contains("event log"), "{}", output.stdout);
    std::fs::remove_dir(&log).unwrap();
    let output = example.gate().run().expect(0);
    assert_eq!(output.stderr, "");
    assert_eq!(example.events().len(), 1);
    assert_eq!(example.entries().len(), 1);
}

#[test]
fn an_event_log_that_fails_makes_no_refusal_milder() {
    let example = Example::copy(NPM);
    std::fs::create_dir_all(example.path("out/.provost/events.db")).unwrap();
    let report = example.gate().args(["--tag", "v9.9.9"]).report(10);
    assert_eq!(failed(&report), ["source-ref", "package-version"]);
    assert_eq!(example.entries()[0]["decision"], "refused");
}

#[test]
fn another_event_log_takes_the_place_of_the_configured_one() {
    let example = Example::copy(NPM);
    example.gate().args(["--store", "sqlite:flag.db"]).run().expect(0);
    example.gate().env("PROVOST_STORE_URL", "sqlite:variable.db").run().expect(0);
    for log in ["flag.db", "variable.db"] {
        assert_eq!(crate::event_rows::event_rows(&example.path(log)).len(), 1, "{log}");
    }
    assert!(!example.path("out/.provost").exists());
}
