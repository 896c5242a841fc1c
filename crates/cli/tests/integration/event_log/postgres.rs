//! The verbs with a real PostgreSQL.

use super::Folder;
use super::serve::{configured, started};
use crate::example::{Example, NPM};
use crate::program::Provost;
use provost_testkit::postgres::{Database, Flavour, PASSWORD, database, empty_database};
use serde_json::json;

/// A database, or a word on why there is none.
#[allow(clippy::print_stdout, reason = "what this machine cannot check is collected from stdout")]
fn available(
    found: Result<Database, provost_testkit::postgres::Unavailable>,
    test: &str,
) -> Option<Database> {
    match found {
        Ok(database) => Some(database),
        Err(why) => {
            println!("not checked here: {test}: {why}");
            None
        }
    }
}

fn with_password(call: Provost) -> Provost {
    call.env("PROVOST_STORE_PASSWORD", PASSWORD)
}

#[test]
fn every_verb_about_the_log_works_with_postgresql() {
    let name = "every_verb_about_the_log_works_with_postgresql";
    let Some(database) = available(empty_database(Flavour::Plain), name) else { return };
    let (folder, url) = (Folder::with_entries(), database.url(false));
    let call = |arguments: &[&str]| {
        let call = folder.provost(arguments).args(["--store", &url, "--format", "json"]);
        let output = with_password(call).run().expect(0);
        assert!(!format!("{output:?}").contains(PASSWORD));
        output.json()
    };
    let migrated = call(&["store", "migrate"]);
    assert_eq!(migrated["version"], migrated["supported"]);
    assert_eq!(call(&["ingest", "."])["inserted"], 2);
    assert_eq!(call(&["ingest", "."])["duplicates"], 2);
    let kpi = call(&["kpi"]);
    assert_eq!((&kpi["releases"], &kpi["kpi"][0]["tag"]), (&json!(2), &json!("v2")));
    assert_eq!(call(&["store", "seal"])["rows"], 2);
    assert_eq!(call(&["store", "verify"])["outcome"], "sound");
    assert_eq!(call(&["store", "export", "events"])["events"], 2);
    let copy = ["store", "import", "events", "--store", "sqlite:copy.db", "--format", "json"];
    assert_eq!(folder.provost(&copy).run().expect(0).json()["inserted"], 2);
    let rebuild = ["ingest", "--rebuild", "--into", "sqlite:rebuilt.db"];
    assert_eq!(call(&rebuild)["compared"]["same"], 2);
}

#[test]
fn an_altered_row_of_postgresql_is_named() {
    let name = "an_altered_row_of_postgresql_is_named";
    let Some(database) = available(database(Flavour::Plain), name) else { return };
    let (folder, url) = (Folder::with_entries(), database.url(false));
    let call = |arguments: &[&str]| {
        with_password(folder.provost(arguments).args(["--store", &url, "--format", "json"]))
    };
    call(&["ingest", "."]).run().expect(0);
    call(&["store", "seal"]).run().expect(0);
    // Put back, since a log without its guards is refused as such.
    let tamper = "alter table provenance_audit_log disable trigger user; \
                  update provenance_audit_log set tag = 'v9' where run_id = 7; \
                  alter table provenance_audit_log enable always trigger \
                  provenance_audit_log_append_only";
    database.superuser().execute(tamper).unwrap();
    let fault = call(&["store", "verify"]).run().expect(11).json()["fault"].clone();
    assert_eq!((&fault["kind"], &fault["fault"]), (&json!("row"), &json!("altered")));
}

#[test]
fn a_password_is_needed_and_comes_from_the_environment_or_a_file() {
    let name = "a_password_is_needed_and_comes_from_the_environment_or_a_file";
    let Some(database) = available(database(Flavour::Plain), name) else { return };
    let (folder, url) = (Folder::with_entries(), database.url(false));
    let report = folder.provost(&["kpi", "--store", &url]).report(1);
    let detail = report["error"]["detail"].to_string();
    assert!(detail.contains("PROVOST_STORE_PASSWORD"), "{detail}");
    let wrong = folder.provost(&["kpi", "--store", &url]);
    let report = wrong.env("PROVOST_STORE_PASSWORD", "canary-wrong-password").report(1);
    assert!(!report.to_string().contains("canary"), "{report}");
    std::fs::write(folder.path("password"), format!("{PASSWORD}\n")).unwrap();
    let call = folder.provost(&["kpi", "--store", &url]);
    call.env("PROVOST_STORE_PASSWORD_FILE", folder.path("password")).run().expect(0);
    let call = folder.provost(&["kpi"]);
    call.env("PROVOST_STORE_URL", database.url(true)).run().expect(0);
}

#[test]
fn a_gate_decides_with_postgresql_and_without_it() {
    let name = "a_gate_decides_with_postgresql_and_without_it";
    let Some(database) = available(database(Flavour::Plain), name) else { return };
    let example = Example::copy(NPM);
    let gate = || with_password(example.gate().args(["--store", &database.url(false)]));
    let first = gate().run().expect(0);
    assert_eq!(first.stderr, "");
    let count = "select count(*) from provenance_audit_log where event = 'validated'";
    gate().run().expect(0);
    assert_eq!(database.owner().execute(count).unwrap(), "1");
    let without = example.gate().args(["--store", "postgres://me@127.0.0.1:1/events"]);
    let without = without.run().expect(0);
    assert!(without.stdout.starts_with("accepted"));
    assert!(without.stderr.contains("the event log does not: "), "{}", without.stderr);
}

#[test]
fn two_servers_share_one_database() {
    let name = "two_servers_share_one_database";
    let Some(database) = available(database(Flavour::Plain), name) else { return };
    let token = "canary-endpoint-token-5f2a";
    let digest = provost_control::sha256_hex(token.as_bytes());
    let folder = configured(&format!(
        "[server]\nnotify = false\n[[server.token]]\nname = \"test\"\nsha256 = \"{digest}\"\n\
         scopes = [\"ingest\", \"read\"]\n"
    ));
    let serve = || {
        let call = folder.provost(&["serve", "--listen", "127.0.0.1:0"]);
        started(with_password(call.args(["--store", &database.url(false)])))
    };
    let (one, two) = (serve(), serve());
    let ingest = |address: &str| {
        let url = format!("http://{address}/functions/v1");
        let call = folder.provost(&["ingest", ".", "--store", &url, "--format", "json"]);
        call.env("PROVOST_STORE_TOKEN", token).run().expect(0).json()["inserted"].clone()
    };
    assert_eq!([ingest(&one.1), ingest(&two.1)], [json!(2), json!(0)]);
    for (running, _) in [one, two] {
        running.signal("TERM");
        let (ended, log) = running.end();
        assert_eq!(ended.code(), Some(0), "{log}");
        assert!(!log.contains(PASSWORD) && !log.contains(token));
    }
}
