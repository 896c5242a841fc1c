//! `provost ingest --rebuild`: a new log out of git, and how the present one differs.

use super::Folder;
use crate::screens::is_screen;
use serde_json::{Value, json};

const LOG: &str = "sqlite:events.db";
const NEW: &str = "sqlite:rebuilt.db";

fn ingested() -> Folder {
    let folder = Folder::with_entries();
    folder.provost(&["ingest", ".", "--store", LOG]).run().expect(0);
    folder
}

fn rebuild(folder: &Folder, code: i32) -> Value {
    let call = folder.provost(&["ingest", "--rebuild", "--into", NEW, "--store", LOG]);
    call.args(["--format", "json"]).run().expect(code).json()
}

#[test]
fn a_log_that_agrees_is_no_finding_and_a_repeat_adds_nothing() {
    let folder = ingested();
    let first = rebuild(&folder, 0);
    assert_eq!((&first["inserted"], &first["compared"]["same"]), (&json!(2), &json!(2)));
    let again = rebuild(&folder, 0);
    assert_eq!((&again["inserted"], &again["duplicates"]), (&json!(0), &json!(2)));
}

#[test]
fn every_difference_is_shown_and_what_git_does_not_keep_is_none() {
    let folder = ingested();
    let dispatched = "insert into provenance_audit_log (id, run_id, tag, status, event, event_key, \
                      occurred_at) select '0190c0de-0000-7000-8000-00000000000' || n, 90 + n, 'v9', \
                      s, e, e || ':k' || n, '2026-11-23T12:00:00.000000Z' from (select 1 as n, \
                      'pending' as s, 'dispatched' as e union all select 2, 'success', \
                      'provenance')";
    folder.raw("events.db", async |connection| super::execute(connection, dispatched).await);
    let change = "update provenance_audit_log set failure_reason = 'other' where run_id = 8";
    folder.tamper("events.db", change);
    folder.add(&["--run=10", "--tag=v3", "--status=success"]);
    let found = rebuild(&folder, 11)["compared"].clone();
    assert_eq!((&found["same"], &found["operational"]), (&json!(1), &json!(1)));
    assert_eq!(found["only_there"][0]["run"], "92");
    assert_eq!(found["only_here"][0]["run"], "10");
    let differing = &found["differing"][0];
    assert_eq!((&differing["run"], &differing["column"]), (&json!("8"), &json!("failure_reason")));
    assert_eq!((&differing["there"], &differing["here"]), (&json!("other"), &json!("no bundle")));
    let call = folder.provost(&["ingest", "--rebuild", "--into", NEW, "--store", LOG]);
    is_screen("rebuild", &call.run().expect(11).stdout);
}

#[test]
fn a_log_with_a_history_of_its_own_is_left_as_it_is() {
    let folder = ingested();
    let other = Folder::with_entries();
    other.add(&["--run=11", "--tag=v4", "--status=success"]);
    let into = format!("sqlite:{}", other.path("other.db").display());
    other.provost(&["ingest", ".", "--store", &into]).run().expect(0);
    let before = std::fs::read(other.path("other.db")).unwrap();
    let call = folder.provost(&["ingest", "--rebuild", "--into", &into, "--store", LOG]);
    let report = call.report(1);
    assert_eq!(report["error"]["code"], "not-empty");
    assert!(std::fs::read(other.path("other.db")).unwrap() == before);
}

#[test]
fn a_present_log_that_cannot_be_read_is_named_and_holds_up_nothing() {
    let folder = Folder::with_entries();
    let missing = rebuild(&folder, 0);
    assert_eq!((&missing["inserted"], &missing["compared"]), (&json!(2), &Value::Null));
    assert!(missing["not_compared"].as_str().unwrap().contains("no event log at"), "{missing}");
    std::fs::write(folder.path("events.db"), "no database").unwrap();
    let damaged = rebuild(&folder, 0);
    assert!(damaged["not_compared"].as_str().unwrap().contains("not an SQLite"), "{damaged}");
}

#[test]
fn rebuilding_needs_a_target_and_entries() {
    let folder = Folder::with_entries();
    folder.provost(&["ingest", "--rebuild"]).run().expect(2);
    folder.provost(&["ingest", ".", "--into", NEW]).run().expect(2);
    std::fs::create_dir(folder.path("empty")).unwrap();
    folder.provost(&["ingest", "empty", "--rebuild", "--into", NEW]).report(3);
    assert!(!folder.path("rebuilt.db").exists());
}
