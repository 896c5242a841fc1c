//! `--format json` and `-o`: one valid document on every outcome, and no success without a reader.

use crate::attested::Attested;
use crate::example::{Example, NPM};
use crate::program::{Provost, failed, json_of, outcomes, valid_report};
use serde_json::Value;
use std::fs::File;
use std::path::Path;

/// A call by its arguments, its exit code, and the code of its error.
type Call = (&'static [&'static str], i32, Option<&'static str>);

const CALLS: [Call; 18] = [
    (&["verify", "app.txt", "--bundle", "app.json", "--config", "good.toml"], 0, None),
    (&["verify", "other.txt", "--bundle", "app.json", "--config", "good.toml"], 10, None),
    (
        &["verify", "app.txt", "none.txt", "--bundle", "app.json", "--config", "good.toml"],
        1,
        Some("unreadable"),
    ),
    (&["verify", "app.txt", "--config", "good.toml"], 3, Some("nothing-to-check")),
    (&["verify", "app.txt", "--bundle", "app.json"], 2, Some("configuration")),
    (&["verify", "app.txt", "--config", "bad.toml"], 2, Some("configuration")),
    (&["verify", "app.txt", "--config", "none.toml"], 2, Some("configuration")),
    (
        &["verify", "app.txt", "--bundle", "app.json", "--config", "lost.toml"],
        1,
        Some("trusted-root"),
    ),
    (&["verify", "oci:x", "--config", "good.toml"], 2, Some("not-supported")),
    (&["verify", "--no-such-flag"], 2, Some("arguments")),
    (&["verify", "--min-level", "9"], 2, Some("arguments")),
    (&["no-such-verb"], 2, Some("arguments")),
    (&["gate", "--config", "none.toml"], 2, Some("configuration")),
    (&["gate", "--config", "good.toml"], 2, Some("configuration")),
    (&["ingest", "none"], 1, Some("unreadable")),
    (&["kpi", "--store", "sqlite:none.db"], 3, Some("nothing-to-check")),
    (&["kpi", "--store", "mysql:x"], 2, Some("event-log-url")),
    (&["explain", "nothing-of-this-name"], 2, Some("unknown-code")),
];

fn folder() -> Attested {
    let attested = Attested::new();
    attested.write("other.txt", "other");
    let good = "[source]\nrepository = \"github.com/example-org/artifact\"\n\
                [policy]\ntrusted_root = \"root.json\"\n[[policy.builder]]\n\
                signer_workflow = \"example-org/builders/.github/workflows/build.yml\"\n";
    attested.write("good.toml", good);
    attested.write("bad.toml", format!("{good}surprise = 1\n"));
    attested.write("lost.toml", good.replace("root.json", "none.json"));
    attested
}

#[test]
fn every_outcome_is_one_valid_report_on_stdout_and_in_the_file() {
    let attested = folder();
    for (arguments, code, error) in CALLS {
        for format in [&["--format", "json"][..], &["--format=json"]] {
            let provost = Provost::new(arguments).args(format).cwd(attested.root());
            let report = provost.run().expect(code).report();
            assert_eq!(report["error"]["code"].as_str(), error, "{arguments:?}");
            if error.is_some() {
                assert_ne!(report["error"]["detail"], "", "{arguments:?}");
            }
        }
        for file in [&["-o", "report.json"][..], &["--output=report.json"]] {
            attested.write("report.json", "of an earlier call");
            let provost = Provost::new(arguments).args(file).cwd(attested.root());
            let output = provost.run().expect(code);
            assert!(!output.stdout.starts_with('{'), "{arguments:?}: {}", output.stdout);
            let report = report_in(&attested.path("report.json"));
            assert_eq!(report["error"]["code"].as_str(), error, "{arguments:?}");
        }
    }
}

fn report_in(path: &Path) -> Value {
    valid_report(json_of(&std::fs::read_to_string(path).unwrap()))
}

#[test]
fn a_report_says_fail_and_so_does_the_exit_code() {
    let attested = folder();
    for quiet in [&[][..], &["--quiet"], &["--verbose"]] {
        let verify = |artifact| {
            let config = ["--bundle", "app.json", "--config", "good.toml"];
            Provost::new(["verify", artifact]).args(config).args(quiet).cwd(attested.root())
        };
        assert_eq!(outcomes(&verify("app.txt").report(0)), ["accepted"]);
        let report = verify("other.txt").report(10);
        assert_eq!(outcomes(&report), ["refused"]);
        assert_eq!(failed(&report), ["subject-digest"]);
    }
}

#[test]
fn the_documents_of_the_other_verbs_are_json_too() {
    let example = Example::copy(NPM);
    example.gate().run().expect(0);
    for (arguments, key) in [
        (&["kpi", "--config", "provost.toml"][..], "kpi"),
        (&["ingest", "out", "--config", "provost.toml"], "duplicates"),
        (&["manifest", "lint", "out"], "problems"),
        (&["manifest", "show", "--root", "out"], "0"),
        (&["manifest", "add", "--root", "out", "--run=1", "--tag=v1", "--status=success"], "path"),
        (&["explain", "source-ref"], "mend"),
        (&["explain"], "0"),
    ] {
        let call = || Provost::new(arguments).cwd(&example.root());
        let document = call().args(["--format", "json"]).run().expect(0).json();
        let index = key.parse::<usize>();
        let member = index.map_or_else(|_| document.get(key), |index| document.get(index));
        assert!(member.is_some(), "{arguments:?}: {document}");
        let text = call().args(["-o", "document.json"]).run().expect(0).stdout;
        assert!(!text.starts_with(['{', '[']), "{arguments:?}: {text}");
        let file = std::fs::read_to_string(example.path("document.json")).unwrap();
        assert!(json_of(&file).get(0).is_some() || json_of(&file).is_object(), "{arguments:?}");
    }
}

/// A pipe whose reader is gone.
fn closed_pipe() -> std::io::PipeWriter {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer
}

fn full_disk() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

#[test]
fn what_nobody_can_read_is_no_success() {
    let example = Example::copy(NPM);
    for arguments in [
        &["gate", "--config", "provost.toml"][..],
        &["gate", "--config", "provost.toml", "--format", "json"],
        &["gate", "--config", "provost.toml", "--format", "github"],
        &["gate", "--config", "provost.toml", "--print-provenance"],
        &["kpi", "--config", "provost.toml"],
        &["kpi", "--config", "provost.toml", "--format", "json"],
        &["manifest", "show", "--root", "out"],
        &["manifest", "lint", "out"],
        &["ingest", "out", "--config", "provost.toml"],
        &["explain", "signature"],
        &["completions", "bash"],
        &["--help"],
        &["--version"],
        &[],
    ] {
        let call = || Provost::new(arguments).cwd(&example.root());
        let output = call().stdout(closed_pipe()).run();
        assert_eq!(output.code, Some(1), "{arguments:?}: {}", output.stderr);
        let output = call().stdout(full_disk()).run();
        assert_eq!(output.code, Some(1), "{arguments:?}: {}", output.stderr);
        call().run().expect(0);
    }
    assert_eq!(example.events().len(), 1, "what could not be shown was recorded all the same");
}

#[test]
fn a_report_file_on_a_full_disk_is_no_success() {
    let example = Example::copy(NPM);
    let output = example.gate().args(["-o", "/dev/full"]).run().expect(1);
    assert!(output.stderr.contains("error: cannot write /dev/full: "), "{}", output.stderr);
    assert!(output.stdout.contains("accepted  sigstore-2.0.0.tgz"), "{}", output.stdout);
    // Who reads stdout has the whole report.
    let output = example.gate().args(["-o", "/dev/full", "--format", "json"]).run().expect(1);
    assert_eq!(outcomes(&output.report()), ["accepted"]);
    example.gate().args(["-o", "none/report.json"]).run().expect(1);
    let output = example.gate().args(["-o", "report.json"]).stdout(full_disk()).run().expect(1);
    assert!(output.stderr.contains("error: cannot write stdout: "), "{}", output.stderr);
    assert_eq!(outcomes(&report_in(&example.path("report.json"))), ["accepted"]);
}

#[test]
fn a_summary_that_cannot_be_written_is_no_success_and_in_the_report() {
    let attested = folder();
    let example = Example::copy(NPM);
    let verify = ["verify", "app.txt", "--bundle", "app.json", "--config", "good.toml"];
    for call in [Provost::new(verify).cwd(attested.root()), example.gate()] {
        let report = call.args(["--vsa-out", "/dev/full"]).report(1);
        assert_eq!(outcomes(&report), ["accepted"]);
        assert_eq!(report["error"]["code"], "not-written");
    }
    let refused = ["verify", "other.txt", "--bundle", "app.json", "--config", "good.toml"];
    let report = Provost::new(refused).cwd(attested.root()).args(["--vsa-out", "none/vsa.json"]);
    assert_eq!(outcomes(&report.report(10)), ["refused"]);
}
