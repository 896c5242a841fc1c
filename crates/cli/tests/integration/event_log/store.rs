//! `provost store` on an SQLite log.

use super::Folder;
use crate::screens::is_screen;
use serde_json::json;

const LOG: &str = "sqlite:events.db";

fn ingested() -> Folder {
    let folder = Folder::with_entries();
    folder.provost(&["ingest", ".", "--store", LOG]).run().expect(0);
    folder
}

#[test]
fn a_sealed_log_is_sound_and_an_altered_row_is_named() {
    let folder = ingested();
    let unsealed = folder.provost(&["store", "verify", "--store", LOG]).run().expect(0);
    assert!(unsealed.stderr.contains("no row is under a seal"), "{}", unsealed.stderr);
    let sealed = folder.provost(&["store", "seal", "--store", LOG]).run().expect(0).stdout;
    assert!(sealed.contains("2 rows under 1 new seal"), "{sealed}");
    let again = folder.provost(&["store", "seal", "--store", LOG]).run().expect(0).stdout;
    assert!(again.contains("every row is under a seal already"), "{again}");
    let sound = folder.provost(&["store", "verify", "--store", LOG]).run().expect(0);
    assert_eq!(sound.stderr, "");
    is_screen("store-verify", &hashes_masked(&sound.stdout));

    folder
        .tamper("events.db", "update provenance_audit_log set status = 'success' where run_id = 8");
    let altered = folder.provost(&["store", "verify", "--store", LOG]).run().expect(11);
    is_screen("store-verify-altered", &hashes_masked(&altered.stdout));
    let json = folder.provost(&["store", "verify", "--store", LOG, "--format", "json"]);
    let json = json.run().expect(11).json();
    assert_eq!(json["schema"], "https://provost.dev/store-verify/v1");
    assert_eq!(json["outcome"], "altered");
    let fault = &json["fault"];
    assert_eq!((&fault["kind"], &fault["fault"]), (&json!("row"), &json!("altered")));
    assert_eq!((&fault["seal"], &fault["seq"]), (&json!(1), &json!(2)));
}

/// Digests differ from call to call.
fn hashes_masked(text: &str) -> String {
    let words = text.split_inclusive([' ', '\n']).map(|word| {
        let trimmed = word.trim_end();
        match trimmed.strip_prefix("sha256:") {
            Some(hex) if hex.len() == 64 => {
                format!("sha256:{}{}", "0".repeat(64), &word[trimmed.len()..])
            }
            _ => word.to_owned(),
        }
    });
    words.collect()
}

#[test]
fn every_way_to_alter_a_sealed_row_is_found_and_has_its_word() {
    for (statement, fault) in [
        ("update provenance_audit_log set tag = 'v9' where run_id = 7", "altered"),
        ("delete from provenance_audit_log where run_id = 7", "missing"),
    ] {
        let folder = ingested();
        folder.provost(&["store", "seal", "--store", LOG]).run().expect(0);
        folder.tamper("events.db", statement);
        let json = folder.provost(&["store", "verify", "--store", LOG, "--format", "json"]);
        assert_eq!(json.run().expect(11).json()["fault"]["fault"], fault, "{statement}");
    }
}

#[test]
fn an_anchor_must_be_there_and_must_be_one() {
    let folder = ingested();
    let sealed = folder.provost(&["store", "seal", "--store", LOG, "--format", "json"]);
    let newest = sealed.run().expect(0).json()["newest"].as_str().unwrap().to_owned();
    let anchor = newest.replace(" sha256:", ":");
    let verify = |anchor: &str| {
        folder.provost(&["store", "verify", "--store", LOG, "--format", "json", "--anchor", anchor])
    };
    assert_eq!(verify(&anchor).run().expect(0).json()["anchors"], json!([newest]));
    assert_eq!(verify(&newest).run().expect(0).json()["outcome"], "sound");
    let other = format!("1:{}", "ab".repeat(32));
    let fault = &verify(&other).run().expect(11).json()["fault"];
    assert_eq!((&fault["kind"], &fault["fault"]), (&json!("seal"), &json!("anchor")));
    let later = anchor.replacen("1:", "2:", 1);
    let fault = &verify(&later).run().expect(11).json()["fault"];
    assert_eq!((&fault["kind"], &fault["seal"]), (&json!("seal"), &json!(2)));
    for wrong in ["", "1", "1:ab", "x:ab", &anchor[1..]] {
        verify(wrong).run().expect(2);
    }
}

#[test]
fn the_schema_is_brought_up_to_date() {
    let folder = ingested();
    let json = folder.provost(&["store", "migrate", "--store", LOG, "--format", "json"]);
    let json = json.run().expect(0).json();
    assert_eq!(json["version"], json["supported"]);
    let text = folder.provost(&["store", "migrate", "--store", LOG]).run().expect(0).stdout;
    assert!(text.contains("as before"), "{text}");
    std::fs::write(folder.path("other.db"), "no database").unwrap();
    folder.provost(&["store", "migrate", "--store", "sqlite:other.db"]).report(1);
}

#[test]
fn an_export_is_imported_elsewhere_each_event_once() {
    let folder = ingested();
    let export = ["store", "export", "events.ndjson", "--store", LOG];
    let text = folder.provost(&export).run().expect(0).stdout;
    assert!(text.starts_with("2 events exported from ./events.db"), "{text}");
    let lines = std::fs::read_to_string(folder.path("events.ndjson")).unwrap();
    assert_eq!(lines.lines().count(), 4, "a header, two events and a trailer");
    let to_stdout = folder.provost(&["store", "export", "--store", LOG]).run().expect(0);
    assert_eq!(to_stdout.stdout, lines);
    assert!(to_stdout.stderr.starts_with("2 events exported"), "{}", to_stdout.stderr);
    let import = ["store", "import", "events.ndjson", "--store", "sqlite:copy.db"];
    for (inserted, duplicates) in [(2, 0), (0, 2)] {
        let json = folder.provost(&import).args(["--format", "json"]).run().expect(0).json();
        assert_eq!(
            (&json["inserted"], &json["duplicates"]),
            (&json!(inserted), &json!(duplicates))
        );
    }
    let again = folder.provost(&["store", "export", "--store", "sqlite:copy.db"]).run().expect(0);
    assert_eq!(again.stdout, lines);
}

#[test]
fn an_export_that_was_cut_off_or_altered_is_not_taken_for_whole() {
    let folder = ingested();
    folder.provost(&["store", "export", "whole", "--store", LOG]).run().expect(0);
    let whole = std::fs::read_to_string(folder.path("whole")).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    for (part, words) in [
        (lines[..3].join("\n"), "cut off"),
        (lines[1..].join("\n"), "line 1"),
        (whole.replacen("\"event\":\"", "\"event\":\"x", 1), "line 2"),
        (whole.replace("\"events\":2", "\"events\":3"), "line 4"),
        (String::new(), "line 1"),
    ] {
        std::fs::write(folder.path("part"), part).unwrap();
        let import = ["store", "import", "part", "--store", "sqlite:copy.db"];
        let report = folder.provost(&import).report(1);
        assert_eq!(report["error"]["code"], "transfer");
        let detail = report["error"]["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{words}: {detail}");
    }
    folder.provost(&["store", "import", "none", "--store", LOG]).report(1);
    folder.provost(&["store", "export", "no/such/folder", "--store", LOG]).report(1);
}
