//! The records after the gate: `manifest`, `ingest`, `kpi`.

use crate::event_rows::event_rows;
use crate::example::{Example, LEVEL3, NPM, files_below};
use crate::program::{Output, Provost};
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

struct Records {
    folder: TempDir,
}

impl Records {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn provost(&self, arguments: &[&str]) -> Provost {
        Provost::new(arguments).cwd(self.root())
    }

    fn add(&self, arguments: &[&str]) -> Output {
        self.provost(&["manifest", "add"]).args(arguments).run()
    }

    fn lint(&self) -> Output {
        self.provost(&["manifest", "lint", "--format", "json"]).run()
    }

    fn entries(&self) -> Vec<Value> {
        let shown = self.provost(&["manifest", "show", "--format", "json"]).run().expect(0);
        shown.json().as_array().unwrap().clone()
    }

    /// The only manifest's path, relative to the root.
    fn manifest(&self) -> String {
        let files = files_below(self.root());
        let mut paths = files.keys().filter(|path| path.ends_with("manifest.json"));
        let path = paths.next().unwrap().to_str().unwrap().to_owned();
        assert_eq!(paths.next(), None);
        path
    }
}

#[test]
fn entries_are_added_updated_and_shown() {
    let records = Records::new();
    let added = records.add(&["--run", "7", "--tag", "v1", "--status", "success"]).expect(0);
    let path = records.manifest();
    assert_eq!(added.stdout, format!("run 7, tag v1: success added to {path}\n"));
    let first = files_below(records.root());
    let again = records.add(&["--run", "7", "--tag", "v1", "--status", "success"]).expect(0);
    assert_eq!(again.stdout, format!("run 7, tag v1: success as before in {path}\n"));
    assert!(files_below(records.root()) == first, "a repeat changed a file");
    records.add(&["--run", "10", "--tag", "v2", "--status", "success"]).expect(0);
    let failed = ["--run", "9", "--tag", "v2", "--status", "failure"];
    records.add(&failed).expect(2);
    let reason = ["--failure-reason", "the build\nfailed", "--release-url", "https://x/v2"];
    let failed: Vec<&str> = failed.into_iter().chain(reason).collect();
    records.add(&failed).expect(0);
    let entries = records.entries();
    let runs: Vec<&Value> = entries.iter().map(|entry| &entry["run"]).collect();
    assert_eq!(runs, ["7", "9", "10"], "sorted by the run as a number");
    assert_eq!(entries[1]["failure_reason"], "the build\nfailed");
    assert_eq!(entries[1]["release_url"], "https://x/v2");
    for key in ["run", "tag", "status", "artifact", "release_url", "validated_at"] {
        assert!(entries.iter().all(|entry| entry.get(key).is_some()), "{key}");
    }
    let schema = jsonschema::validator_for(provost_manifest::schema().as_value()).unwrap();
    assert!(schema.is_valid(&json!(entries)));
    let shown = records.provost(&["manifest", "show", "--tag", "v2"]).run().expect(0).stdout;
    assert_eq!(shown.lines().count(), 3, "{shown}");
    assert!(shown.contains("the build\\u{a}failed"), "{shown}");
    let shown = records.provost(&["manifest", "show", "--run", "10"]).run().expect(0).stdout;
    assert_eq!(shown.lines().count(), 2, "{shown}");
    let none = records.provost(&["manifest", "show", "--run", "11"]).run().expect(0).stdout;
    assert_eq!(none, "no entry under .\n");
    assert_eq!(records.lint().expect(0).json()["problems"], json!([]));
}

#[test]
fn what_no_entry_can_be_is_refused() {
    let records = Records::new();
    for (arguments, code) in [
        (&["--run", "x", "--tag", "v1", "--status", "success"][..], 2),
        (&["--run", "-1", "--tag", "v1", "--status", "success"], 2),
        (&["--run", "1", "--tag", "../x", "--status", "success"], 2),
        (&["--run", "1", "--tag", "v1", "--status", "fine"], 2),
        (&["--run", "1", "--tag", "v1"], 2),
        (&["--run=1", "--tag=v1", "--status=success", "--artifact=/etc/passwd"], 1),
        (&["--run=1", "--tag=v1", "--status=success", "--artifact=artifacts/slsa/v2/x"], 1),
        (&["--run=1", "--tag=v1", "--status=success", "--root=none"], 1),
    ] {
        let output = records.add(arguments).expect(code);
        assert_eq!(output.stdout, "", "{arguments:?}");
    }
    assert!(!files_below(records.root()).keys().any(|path| path.ends_with("manifest.json")));
}

#[test]
fn lint_names_file_line_and_column() {
    let records = Records::new();
    records.add(&["--run", "7", "--tag", "v1", "--status", "success"]).expect(0);
    let path = records.manifest();
    let good = std::fs::read_to_string(records.root().join(&path)).unwrap();
    for (from, to, code, line) in [
        ("\"run\": \"7\"", "\"run\": \"07\"", "invalid-run", 3),
        ("\"tag\": \"v1\"", "\"tag\": \"v..1\"", "invalid-tag", 4),
        ("\"status\": \"success\"", "\"status\": \"fine\"", "invalid-value", 5),
        ("\"artifact\": \"\"", "\"artifact\": \"../x\"", "artifact-path", 6),
        ("    \"tag\": \"v1\",\n", "", "missing-key", 2),
        ("  }\n]", "  }\n", "malformed-json", 0),
        ("  {", "   {", "not-canonical", 0),
    ] {
        std::fs::write(records.root().join(&path), good.replacen(from, to, 1)).unwrap();
        let output = records.lint().expect(11);
        let problem = &output.json()["problems"][0];
        assert_eq!(problem["code"], code, "{to}: {problem}");
        assert_eq!(problem["file"], path, "{to}");
        if line > 0 {
            assert_eq!(problem["line"], line, "{to}");
        }
        assert!(problem["column"].as_u64().unwrap() > 0, "{to}");
        let text = records.provost(&["manifest", "lint", &path]).run().expect(11).stdout;
        assert!(text.contains(&format!(": {code}: ")) && text.contains("  help: "), "{text}");
        let github = records.provost(&["manifest", "lint", "--format", "github"]).run().expect(11);
        assert!(github.stdout.starts_with(&format!("::error file={path},line=")), "{github:?}");
    }
    std::fs::write(records.root().join(&path), good).unwrap();
    assert_eq!(records.provost(&["manifest", "lint"]).run().expect(0).stdout, "no problems\n");
    records.provost(&["manifest", "lint", "none"]).run().expect(1);
}

#[test]
fn what_the_gate_writes_has_no_problems() {
    for name in [NPM, LEVEL3] {
        let example = Example::copy(name);
        example.gate().args(["--tag", "v9.9.9"]).run().expect(10);
        example.gate().run().expect(0);
        let output = example.provost(["manifest", "lint", "out"]).run().expect(0);
        assert_eq!(output.stdout, "no problems\n");
        let schema = jsonschema::validator_for(provost_manifest::schema().as_value()).unwrap();
        assert!(schema.is_valid(&json!(example.entries())));
    }
}

#[test]
fn what_is_ingested_twice_is_there_once() {
    let records = Records::new();
    records.add(&["--run", "7", "--tag", "v1", "--status", "success"]).expect(0);
    let failed = ["--run=8", "--tag=v2", "--status=failure", "--failure-reason=no bundle"];
    records.add(&failed).expect(0);
    let ingest = |path: &str| {
        let call = records.provost(&["ingest", path, "--store", "sqlite:events.db"]);
        let counts = call.args(["--format", "json"]).run().expect(0).json();
        (counts["inserted"].as_u64().unwrap(), counts["duplicates"].as_u64().unwrap())
    };
    assert_eq!(ingest(&records.manifest()), (2, 0));
    assert_eq!(ingest(&records.manifest()), (0, 2));
    assert_eq!(ingest("."), (0, 2));
    let rows = event_rows(&records.root().join("events.db"));
    let words: Vec<(&str, &str, &str)> = rows
        .iter()
        .map(|row| (row.event.as_str(), row.status.as_str(), row.tag.as_str()))
        .collect();
    let mut sorted = words.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, [("provenance", "failure", "v2"), ("provenance", "success", "v1")]);
    let text = records.provost(&["ingest", ".", "--store", "sqlite:events.db"]).run().expect(0);
    assert_eq!(text.stdout, "0 entries inserted, 2 there already\n");
    std::fs::create_dir(records.root().join("empty")).unwrap();
    let nothing = records.provost(&["ingest", "empty", "--store", "sqlite:events.db"]).report(3);
    assert_eq!(nothing["error"]["code"], "nothing-to-check");
}

#[test]
fn a_lost_event_log_is_rebuilt_from_the_manifests() {
    let example = Example::copy(NPM);
    example.gate().args(["--tag", "v9.9.9"]).run().expect(10);
    example.gate().run().expect(0);
    let ingest = || {
        let call = example.provost(["ingest", "out", "--config", "provost.toml"]);
        call.args(["--format", "json"]).run().expect(0).json()
    };
    let figures = || {
        let call = example.provost(["kpi", "--config", "provost.toml", "--format", "json"]);
        let mut figures = call.run().expect(0).json();
        // When a row was written is the one thing that a rebuilt log tells anew.
        for list in ["kpi", "open_incidents"] {
            for row in figures[list].as_array_mut().unwrap() {
                assert!(row["created_at"].take().is_string());
            }
            figures[list].as_array_mut().unwrap().sort_by_key(|row| row["tag"].to_string());
        }
        figures
    };
    assert_eq!(ingest(), json!({"inserted": 0, "duplicates": 2, "rejected": []}));
    let before = figures();
    assert_eq!(before["accepted"], 1);
    assert_eq!(before["open_incidents"][0]["tag"], "v9.9.9");
    std::fs::remove_dir_all(example.path("out/.provost")).unwrap();
    assert_eq!(ingest(), json!({"inserted": 2, "duplicates": 0, "rejected": []}));
    assert_eq!(figures(), before);
    assert_eq!(ingest(), json!({"inserted": 0, "duplicates": 2, "rejected": []}));
    example.gate().run().expect(0);
    assert_eq!(example.events().len(), 2, "the gate knows the rebuilt event");
}

#[test]
fn an_admission_closes_the_incident_of_its_tag() {
    let example = Example::copy(NPM);
    let bundle = std::fs::read(example.bundle()).unwrap();
    // Nothing that a broken signature says is known, the run neither.
    example.edit_bundle(|bundle| bundle["dsseEnvelope"]["payloadType"] = "x".into());
    example.gate().run().expect(10);
    let figures = || {
        let call = example.provost(["kpi", "--config", "provost.toml", "--format", "json"]);
        call.run().expect(0).json()
    };
    let open = figures();
    assert_eq!(open["open_incidents"][0]["run_id"], 0);
    assert_eq!((&open["releases"], &open["accepted"]), (&json!(1), &json!(0)));
    std::fs::write(example.bundle(), bundle).unwrap();
    example.gate().run().expect(0);
    let closed = figures();
    assert_eq!(closed["open_incidents"], json!([]));
    assert_eq!((&closed["releases"], &closed["accepted"]), (&json!(1), &json!(1)));
}

#[test]
fn figures_are_of_the_period_and_the_repository() {
    let example = Example::copy(NPM);
    example.gate().run().expect(0);
    let kpi = |arguments: &[&str]| {
        let call = example.provost(["kpi", "--config", "provost.toml"]).args(arguments);
        call.args(["--format", "json"]).run().expect(0).json()
    };
    let all = kpi(&[]);
    assert_eq!(all["schema"], "https://provost.dev/kpi/v1");
    assert_eq!((&all["releases"], &all["accepted"]), (&json!(1), &json!(1)));
    assert_eq!(all["coverage"], 1.0);
    let row = &all["kpi"][0];
    assert_eq!((&row["tag"], &row["run_id"]), (&json!("v2.0.0"), &json!(5_904_696_764_u64)));
    assert_eq!((&row["status"], &row["slsa_build_level"]), (&json!("success"), &json!(2)));
    assert_eq!(kpi(&["--since", "90d"])["releases"], 1);
    assert_eq!(kpi(&["--repository", "sigstore/sigstore-js"])["releases"], 1);
    let other = kpi(&["--repository", "sigstore/other"]);
    assert_eq!((&other["releases"], &other["coverage"]), (&json!(0), &Value::Null));
    assert_eq!(kpi(&["--limit", "0"])["kpi"], json!([]));
    for wrong in ["0d", "x", "-1", "99999999d"] {
        let call = example.provost(["kpi", "--config", "provost.toml"]);
        call.arg(format!("--since={wrong}")).run().expect(2);
    }
}

#[test]
fn no_event_log_has_no_figures() {
    let records = Records::new();
    let report = records.provost(&["kpi"]).report(3);
    assert_eq!(report["error"]["code"], "nothing-to-check");
    assert_eq!(std::fs::read_dir(records.root()).unwrap().count(), 0, "none is made by asking");
    std::fs::write(records.root().join("events.db"), "no database").unwrap();
    let report = records.provost(&["kpi", "--store", "sqlite:events.db"]).report(1);
    assert_eq!(report["error"]["code"], "event-log");
    let text = std::fs::read_to_string(records.root().join("events.db")).unwrap();
    assert_eq!(text, "no database", "what is no event log is left as it is");
}
