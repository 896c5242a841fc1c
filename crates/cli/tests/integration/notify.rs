//! `provost notify`: exit codes, screens, and what is never seen.

use crate::example::{Example, NPM};
use crate::program::{Output, Provost};
use crate::sisters::NPM_SISTERS;
use provost_testkit::scripted_server::{ScriptedServer, answer};
use serde_json::json;
use std::path::Path;

const CANARY: &str = "canary-token";

fn folder(server: Option<&ScriptedServer>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let notify = match server {
        Some(server) => format!("slack_function_url = {:?}", server.url("/f")),
        None => String::new(),
    };
    let text = format!("[source]\nrepository = \"github.com/acme/app\"\n[notify]\n{notify}\n");
    std::fs::write(folder.path().join("provost.toml"), text).unwrap();
    folder
}

fn notify(folder: &Path) -> Provost {
    let arguments = ["notify", "--tag", "v1", "--run", "77", "--reason", "the build broke"];
    Provost::new(arguments).cwd(folder).env("OPS_NOTIFY_TOKEN", CANARY)
}

fn delivering() -> ScriptedServer {
    ScriptedServer::always(answer(200, &[], r#"{"delivered":true}"#))
}

#[test]
fn a_failure_is_told_once() {
    let server = delivering();
    let folder = folder(Some(&server));
    let output = notify(folder.path()).run().expect(0);
    assert!(output.stdout.starts_with("told\n  release         run 77, tag v1\n"), "{output:?}");
    assert!(output.stdout.contains("slack-function  delivered\n"), "{output:?}");
    let told = notify(folder.path()).args(["--format", "json"]).run().expect(0).json();
    let manifest = told["manifest"].clone();
    let wanted = json!({
        "outcome": "told-before", "delivered": true, "recorded": true, "run": "77", "tag": "v1",
        "slack": true, "issue": null, "tried": [], "manifest": manifest,
        "failure": "artifacts/slsa/v1/failure.json",
    });
    assert_eq!(told, wanted);
    assert_eq!(server.stop().len(), 1);
    Provost::new(["manifest", "lint"]).cwd(folder.path()).run().expect(0);
    let ingest = Provost::new(["ingest", ".", "--format", "json"]).cwd(folder.path()).run();
    assert_eq!(ingest.expect(0).json()["inserted"], 0);
}

#[test]
fn when_nobody_can_be_told_the_exit_code_says_so() {
    let server = ScriptedServer::always(answer(500, &[], CANARY));
    let folder = folder(Some(&server));
    for format in ["text", "github"] {
        let output = notify(folder.path()).args(["--format", format]).run().expect(1);
        assert!(output.stdout.starts_with("told nobody\n"), "{output:?}");
        assert_eq!(output.stdout.contains("::error"), format == "github", "{output:?}");
        assert!(output.stderr.contains("GitHub issues are not reachable: "), "{output:?}");
        assert!(output.stderr.contains("nobody was told of the failure"), "{output:?}");
        assert!(!format!("{output:?}").contains("canary"), "{output:?}");
    }
    let told = notify(folder.path()).args(["--format", "json"]).run().expect(1).json();
    assert_eq!((&told["outcome"], &told["recorded"]), (&json!("not-told"), &json!(true)));
    assert_eq!(told["tried"][0]["delivered"], false);
    assert_eq!(server.stop().len(), 3);
}

#[test]
fn in_a_job_the_secrets_are_hidden_first() {
    let server = delivering();
    let folder = folder(Some(&server));
    let job = || notify(folder.path()).env("GITHUB_ACTIONS", "true");
    let webhook = "https://hooks.slack.com/services/canary%25";
    let output = job().env("SLACK_WEBHOOK_URL", webhook).run().expect(0);
    let masks = "::add-mask::canary-token\n\
                 ::add-mask::https://hooks.slack.com/services/canary%2525\n";
    let is_masked = |output: &Output, masks: &str| {
        assert!(output.stderr.starts_with(masks), "{output:?}");
        let rest = output.stderr.replacen(masks, "", 1) + &output.stdout;
        assert!(!rest.contains("canary"), "{rest}");
    };
    is_masked(&output, masks);
    let failure = "::error title=release provenance failed::run 77, tag v1: the build broke\n";
    assert!(output.stdout.contains(failure), "{output:?}");
    for format in ["text", "json"] {
        let output = job().args(["--format", format]).run().expect(0);
        is_masked(&output, "::add-mask::canary-token\n");
    }
    let elsewhere = notify(folder.path()).args(["--format", "github"]).run().expect(0);
    assert!(!format!("{elsewhere:?}").contains("canary"), "{elsewhere:?}");
    drop(server.stop());
}

#[test]
fn a_run_that_never_started_has_no_id() {
    let folder = folder(None);
    let call = ["notify", "--tag", "v1", "--run", "", "--reason", "", "--format", "json"];
    let told = Provost::new(call).cwd(folder.path()).run().expect(1).json();
    assert_eq!((&told["run"], &told["recorded"]), (&json!("0"), &json!(true)));
}

#[test]
fn bad_arguments_and_bad_configurations_tell_nobody() {
    let folder = folder(None);
    for arguments in [
        &["notify", "--tag", "v1", "--run", "77"][..],
        &["notify", "--tag", "v1", "--reason", "x"],
        &["notify", "--run", "77", "--reason", "x"],
        &["notify", "--tag", "v1..2", "--run", "77", "--reason", "x"],
        &["notify", "--tag", "v1", "--run", "x", "--reason", "x"],
        &["notify", "--tag", "v1", "--run", "77", "--recovered", "--reason", "x"],
        &["notify", "--tag", "v1", "--run", "77", "--reason", "x", "--store", "mysql://h"],
    ] {
        Provost::new(arguments).cwd(folder.path()).run().expect(2);
    }
    let text = "[source]\nrepository = \"github.com/acme/app\"\n[notify]\nslack_token = \"x\"\n";
    std::fs::write(folder.path().join("provost.toml"), text).unwrap();
    let output = notify(folder.path()).run().expect(2);
    assert!(output.stderr.contains("line 4"), "{output:?}");
    assert!(!folder.path().join("docs").exists());
}

#[test]
fn a_recovery_needs_a_success_in_the_manifest() {
    let folder = folder(None);
    let recovered =
        || Provost::new(["notify", "--tag", "v1", "--run", "77", "--recovered"]).cwd(folder.path());
    recovered().run().expect(3);
    let add = ["manifest", "add", "--run", "77", "--tag", "v1", "--status", "success"];
    Provost::new(add).cwd(folder.path()).run().expect(0);
    assert_eq!(recovered().run().expect(0).stdout, "no open issue\n");
}

#[test]
fn a_refusal_of_the_gate_keeps_its_own_words() {
    let server = delivering();
    let example = Example::copy(NPM);
    let arguments = (NPM_SISTERS[0].change)(&example);
    let gate = || example.gate().args(&arguments).run().expect(10);
    gate();
    let entry = example.entries().remove(0);
    let (run, tag) = (entry["run"].as_str().unwrap(), entry["tag"].as_str().unwrap());
    let path = format!("artifacts/slsa/{tag}/failure.json");
    let before = example.written(&path);
    let notify = ["notify", "--run", run, "--tag", tag, "--reason", "the job failed"];
    let url = "https://github.com/sigstore/sigstore-js/releases/tag/x";
    let config = std::fs::read_to_string(example.path("provost.toml")).unwrap();
    let config = format!("{config}\n[notify]\nslack_function_url = {:?}\n", server.url("/f"));
    std::fs::write(example.path("provost.toml"), config).unwrap();
    let told = example.provost(notify).args(["--release-url", url, "--root", "out"]).run();
    assert!(told.expect(0).stdout.starts_with("told\n"));
    let after = example.written(&path);
    for kept in ["failure_reason", "checks_failed", "workflow", "artifact_present", "run"] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    let reason = entry["failure_reason"].as_str().unwrap();
    assert!(server.stop()[0].contains(reason));
    // The gate again: what was told stays, and nothing contradicts the log.
    let output = gate();
    assert!(!output.stderr.contains("event log"), "{output:?}");
    assert_eq!(example.written(&path)["notified"]["slack"], true);
}
