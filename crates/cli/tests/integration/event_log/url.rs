//! Which event log a verb uses, and where its password may stand.

use super::Folder;
use crate::event_rows::event_rows;
use serde_json::json;

const PASSWORD: &str = "canary-password-77aa";

fn kept(folder: &Folder) -> Vec<&'static str> {
    let logs = ["flag.db", "variable.db", "named.db", "file.db", ".provost/events.db"];
    logs.into_iter().filter(|log| folder.path(log).exists()).collect()
}

#[test]
fn the_flag_wins_over_the_variable_that_over_the_file_and_that_over_the_default() {
    let configuration =
        "[source]\nrepository = \"github.com/acme/app\"\n[store]\nurl = \"sqlite:file.db\"\n";
    for (flag, variable, named, file, used) in [
        (true, true, true, true, "flag.db"),
        (false, true, true, true, "variable.db"),
        (false, false, true, true, "named.db"),
        (false, false, false, true, "file.db"),
        (false, false, false, false, ".provost/events.db"),
    ] {
        let folder = Folder::with_entries();
        std::fs::write(folder.path("url"), "sqlite:named.db\n").unwrap();
        if file {
            std::fs::write(folder.path("provost.toml"), configuration).unwrap();
        }
        let mut call = folder.provost(&["ingest", "."]);
        if flag {
            call = call.args(["--store", "sqlite:flag.db"]);
        }
        call = call.env("PROVOST_STORE_URL", if variable { "sqlite:variable.db" } else { "" });
        if named {
            call = call.env("PROVOST_STORE_URL_FILE", "url");
        }
        call.run().expect(0);
        assert_eq!(kept(&folder), [used]);
        assert_eq!(event_rows(&folder.path(used)).len(), 2);
    }
}

#[test]
fn a_password_belongs_into_the_environment_alone() {
    let folder = Folder::with_entries();
    let url = format!("postgres://me:{PASSWORD}@127.0.0.1:1/events");
    let configuration =
        format!("[source]\nrepository = \"github.com/acme/app\"\n[store]\nurl = \"{url}\"\n");
    std::fs::write(folder.path("with-password.toml"), configuration).unwrap();
    std::fs::write(folder.path("url"), format!("{url}\n")).unwrap();
    let ingest = || folder.provost(&["ingest", ".", "--format", "json"]);
    for call in [
        ingest().args(["--store", &url]),
        ingest().args(["--config", "with-password.toml"]),
        ingest().args(["--rebuild", "--into", &url]),
    ] {
        let output = call.run().expect(2);
        assert_eq!(output.report()["error"]["code"], "event-log-url");
        let all = format!("{}{}", output.stdout, output.stderr);
        assert!(!all.contains(PASSWORD) && all.contains("PROVOST_STORE_PASSWORD_FILE"), "{all}");
    }
    // Here it is taken, and nobody listens there.
    for call in
        [ingest().env("PROVOST_STORE_URL", &url), ingest().env("PROVOST_STORE_URL_FILE", "url")]
    {
        let output = call.run().expect(1);
        assert_eq!(output.report()["error"]["code"], "event-log");
        let all = format!("{}{}", output.stdout, output.stderr);
        assert!(!all.contains(PASSWORD) && all.contains("127.0.0.1"), "{all}");
    }
}

#[test]
fn a_url_that_is_none_is_a_bad_argument() {
    let folder = Folder::with_entries();
    for url in ["mysql://h", "http://h.example/functions/v1", "sqlite::memory:", "", "x"] {
        let report = folder.provost(&["ingest", ".", "--store", url]).report(2);
        assert_eq!(report["error"]["code"], "event-log-url", "{url}");
    }
}

#[test]
fn secrets_of_the_event_log_are_masked_in_a_job_and_nowhere_else() {
    let folder = Folder::with_entries();
    let secrets = [
        ("PROVOST_STORE_PASSWORD", "canary-password-1"),
        ("PROVOST_STORE_TOKEN", "canary-token-2"),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "canary-request-3"),
    ];
    let url = format!("postgres://me:{PASSWORD}@127.0.0.1:1/events");
    for inside in [true, false] {
        let mut call = folder.provost(&["kpi"]).env("PROVOST_STORE_URL", &url);
        call = call.env("ACTIONS_ID_TOKEN_REQUEST_URL", "http://127.0.0.1:1/");
        for (name, value) in secrets {
            call = call.env(name, value);
        }
        let output = call.env("GITHUB_ACTIONS", if inside { "true" } else { "" }).run().expect(1);
        for secret in secrets.iter().map(|(_, value)| *value).chain([PASSWORD]) {
            let mask = format!("::add-mask::{secret}\n");
            assert_eq!(output.stderr.contains(&mask), inside, "{secret}: {}", output.stderr);
            let elsewhere = output.stderr.replace(&mask, "");
            assert!(!elsewhere.contains(secret) && !output.stdout.contains(secret));
        }
    }
}

#[test]
fn the_default_is_called_ephemeral_in_a_job_and_no_other_is() {
    let folder = Folder::with_entries();
    let warned = |call: crate::program::Provost, inside: &str| {
        let output = call.env("GITHUB_ACTIONS", inside).run().expect(0);
        format!("{}{}", output.stdout, output.stderr).contains("is ephemeral")
    };
    let ingest = || folder.provost(&["ingest", "."]);
    assert!(warned(ingest(), "true"));
    assert!(warned(ingest().args(["--format", "json"]), "true"));
    assert!(!warned(ingest(), ""));
    assert!(!warned(ingest().args(["--store", "sqlite:.provost/events.db"]), "true"));
    assert!(!warned(ingest().env("PROVOST_STORE_URL", "sqlite:other.db"), "true"));
}

#[test]
fn a_log_that_is_not_there_is_not_made_by_asking() {
    let folder = Folder::with_entries();
    let report = folder.provost(&["kpi", "--store", "sqlite:none.db"]).report(3);
    assert_eq!(report["error"]["code"], json!("nothing-to-check"));
    assert!(!folder.path("none.db").exists());
}

#[test]
fn a_path_may_hold_spaces_wherever_it_stands() {
    let url = "sqlite:my logs/\u{e4} #1.db";
    let configuration =
        format!("[source]\nrepository = \"github.com/acme/app\"\n[store]\nurl = \"{url}\"\n");
    let folder = || {
        let folder = Folder::with_entries();
        std::fs::write(folder.path("url"), format!("{url}\n")).unwrap();
        folder
    };
    let ingest = ["ingest", "."];
    for (number, folder) in std::iter::repeat_with(folder).take(4).enumerate() {
        let call = folder.provost(&ingest);
        let call = match number {
            0 => call.args(["--store", url]),
            1 => call.env("PROVOST_STORE_URL", url),
            2 => call.env("PROVOST_STORE_URL_FILE", "url"),
            _ => {
                std::fs::write(folder.path("provost.toml"), &configuration).unwrap();
                call
            }
        };
        call.run().expect(0);
        assert_eq!(event_rows(&folder.path("my logs/\u{e4} #1.db")).len(), 2, "{number}");
    }
    for wrong in ["sqlite:my\tlog.db", "sqlite:my\nlog.db", "my log.db"] {
        let folder = Folder::with_entries();
        for call in [
            folder.provost(&ingest).args(["--store", wrong]),
            folder.provost(&ingest).env("PROVOST_STORE_URL", wrong),
        ] {
            let error = call.args(["--format", "json"]).run().expect(2).report()["error"].clone();
            assert_eq!(error["code"], "event-log-url", "{wrong:?}");
        }
    }
}
