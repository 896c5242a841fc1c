//! The event log behind HTTPS: the program as client of itself.

use super::Folder;
use super::serve::{configured, started};
use crate::event_rows::EventRow;
use crate::event_rows::event_rows;
use crate::program::{Provost, Running};
use serde_json::json;

const TOKEN: &str = "canary-endpoint-token-5f2a";

/// A server that knows the token for these scopes, and its store URL.
fn served(scopes: &str) -> (Folder, Running, String) {
    let digest = provost_control::sha256_hex(TOKEN.as_bytes());
    let folder = configured(&format!(
        "[server]\nprotect_reads = true\nnotify = false\n[[server.token]]\nname = \"test\"\n\
         sha256 = \"{digest}\"\nscopes = {scopes}\n"
    ));
    let call = folder.provost(&["serve", "--store", "sqlite:served.db", "--listen", "127.0.0.1:0"]);
    let (running, address) = started(call);
    (folder, running, format!("http://{address}/functions/v1"))
}

/// What the log holds, once the server that has it open is gone.
fn rows_after(running: Running, folder: &Folder) -> Vec<EventRow> {
    running.signal("TERM");
    let (ended, log) = running.end();
    assert_eq!(ended.code(), Some(0), "{log}");
    assert!(!log.contains(TOKEN), "{log}");
    event_rows(&folder.path("served.db"))
}

fn with_token(folder: &Folder, arguments: &[&str], url: &str) -> Provost {
    let call = folder.provost(arguments).args(["--store", url]);
    call.env("PROVOST_STORE_TOKEN", TOKEN)
}

#[test]
fn what_is_sent_is_there_once_and_can_be_asked_for() {
    let (folder, running, url) = served("[\"ingest\", \"read\"]");
    let ingest = || {
        let call = with_token(&folder, &["ingest", "."], &url).args(["--format", "json"]);
        let json = call.run().expect(0).json();
        (json["inserted"].clone(), json["duplicates"].clone())
    };
    assert_eq!(ingest(), (json!(2), json!(0)));
    assert_eq!(ingest(), (json!(0), json!(2)));
    let kpi = |store: &str| {
        let call = with_token(&folder, &["kpi"], store).args(["--format", "json"]);
        call.run().expect(0).json()
    };
    assert_eq!(kpi(&url), kpi("sqlite:served.db"), "the same figures on both ways");
    let export = with_token(&folder, &["store", "export", "events"], &url).run().expect(0);
    assert!(export.stdout.starts_with("2 events exported"), "{}", export.stdout);
    let import = folder.provost(&["store", "import", "events", "--store", "sqlite:copy.db"]);
    import.run().expect(0);
    assert_eq!(event_rows(&folder.path("copy.db")).len(), 2);
    for verb in ["migrate", "seal", "verify"] {
        let report = with_token(&folder, &["store", verb], &url).report(1);
        let detail = report["error"]["detail"].as_str().unwrap();
        assert!(detail.contains("name the database behind it"), "{detail}");
    }
    assert_eq!(rows_after(running, &folder).len(), 2);
}

#[test]
fn whoever_may_not_is_told_what_to_set_and_no_token_is_shown() {
    let (folder, running, url) = served("[\"read\"]");
    let nobody = folder.provost(&["ingest", ".", "--store", &url]);
    let detail = nobody.report(1)["error"]["detail"].to_string();
    assert!(detail.contains("PROVOST_STORE_TOKEN") && detail.contains("id-token"), "{detail}");
    let wrong = folder.provost(&["ingest", ".", "--store", &url]);
    let report = wrong.env("PROVOST_STORE_TOKEN", "canary-wrong-token").report(1);
    assert!(!report.to_string().contains("canary"), "{report}");
    let report = with_token(&folder, &["ingest", "."], &url).report(1);
    assert!(!report.to_string().contains("canary"), "{report}");
    assert_eq!(rows_after(running, &folder), []);
}

#[test]
fn an_endpoint_that_is_down_leaves_the_decision_and_fails_the_figures() {
    let example = crate::example::Example::copy(crate::example::NPM);
    let down = "http://127.0.0.1:1/functions/v1";
    let gate = example.gate().args(["--store", down]).env("PROVOST_STORE_TOKEN", TOKEN);
    let gate = gate.env("PROVOST_TEST_NO_PAUSE", "1").run().expect(0);
    assert!(gate.stdout.starts_with("accepted"), "{}", gate.stdout);
    assert!(gate.stderr.contains("the event log does not: "), "{}", gate.stderr);
    assert!(!gate.stderr.contains(TOKEN));
    let kpi = example.provost(["kpi", "--store", down]).env("PROVOST_STORE_TOKEN", TOKEN);
    assert_eq!(kpi.report(1)["error"]["code"], "event-log");
}

#[test]
fn a_decision_reaches_the_log_through_its_own_function() {
    let (folder, running, url) = served("[\"ingest\", \"read\"]");
    let example = crate::example::Example::copy(crate::example::NPM);
    for _ in 0..2 {
        let gate = example.gate().args(["--store", &url]).env("PROVOST_STORE_TOKEN", TOKEN);
        let gate = gate.run().expect(0);
        assert_eq!(gate.stderr, "");
        assert!(gate.stdout.contains("event log"), "{}", gate.stdout);
    }
    let rows = rows_after(running, &folder);
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].event.as_str(), rows[0].status.as_str()), ("validated", "success"));
    assert!(rows[0].decision.is_some() && rows[0].manifest_sha256.is_some());
}
