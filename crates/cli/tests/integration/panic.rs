//! A panic inside any check is a fault of the program: exit code 1, never a pass, nothing recorded.

use crate::attested::Attested;
use crate::example::{Example, LEVEL3, NPM};
use crate::program::{Provost, outcomes};
use provost_policy::check::registry;
use serde_json::Value;
use std::collections::BTreeSet;

/// The ids of the checks that the gate asks of an example.
fn asked(example: &str) -> BTreeSet<String> {
    let report = Example::copy(example).gate().report(0);
    let decisions = report["decisions"].as_array().unwrap();
    let checks = decisions.iter().flat_map(|decision| decision["checks"].as_array().unwrap());
    checks.map(|check| check["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_panic_in_any_check_of_the_gate_is_an_error() {
    for name in [NPM, LEVEL3] {
        let mut panicked = BTreeSet::new();
        let example = Example::copy(name);
        for info in registry() {
            let id = info.id.as_str();
            let output = example
                .gate()
                .env("PROVOST_TEST_PANIC_IN", id)
                .args(["--format", "json", "-o", "report.json"])
                .run();
            let report = output.report();
            if output.code == Some(0) {
                assert_eq!(report["error"], Value::Null, "{id}");
                example.restore();
                std::fs::remove_dir_all(example.path("out")).unwrap();
                continue;
            }
            assert_eq!(output.code, Some(1), "{id}: {}", output.stderr);
            assert_eq!(report["error"]["code"], "internal", "{id}");
            assert_eq!(outcomes(&report), Vec::<&str>::new(), "{id}");
            assert!(output.stderr.contains("error: internal fault"), "{id}: {}", output.stderr);
            assert!(!output.stderr.contains("accepted"), "{id}: {}", output.stderr);
            let file: Value =
                serde_json::from_slice(&std::fs::read(example.path("report.json")).unwrap())
                    .unwrap();
            assert_eq!(file, report, "{id}: no older report stands in the file");
            let written = std::fs::read_dir(example.path("out")).unwrap().count();
            assert_eq!(written, 0, "{id}: something was recorded");
            panicked.insert(id.to_owned());
        }
        assert_eq!(panicked, asked(name), "{name}: every check that is asked can panic");
    }
}

#[test]
fn a_panic_in_verify_is_an_error_on_every_screen() {
    let attested = Attested::new();
    for id in ["bundle-format", "signature", "subject-digest", "slsa-level"] {
        for arguments in [
            &[][..],
            &["--quiet"],
            &["--format", "github"],
            &["--print-provenance"],
            &["--vsa-out", "vsa.json"],
        ] {
            let provost = attested.verify(["app.txt"]).args(arguments);
            let output = provost.env("PROVOST_TEST_PANIC_IN", id).run().expect(1);
            assert_eq!(output.stdout, "", "{id} {arguments:?}");
            assert!(output.stderr.contains("error: internal fault"), "{}", output.stderr);
        }
        assert!(!attested.path("vsa.json").exists(), "{id}");
    }
    let output = attested.verify(["app.txt"]).env("PROVOST_TEST_PANIC_IN", "nothing").run();
    assert_eq!(output.code, Some(0));
}

#[test]
fn a_panic_among_many_artifacts_ends_all_of_them() {
    let attested = Attested::new();
    let artifacts = ["app.txt"; 20];
    let output = attested
        .verify(artifacts)
        .env("PROVOST_TEST_PANIC_IN", "subject-digest")
        .args(["--format", "json"])
        .run()
        .expect(1);
    assert_eq!(output.report()["error"]["code"], "internal");
    // Verbs that ask no check do not know the variable.
    Provost::new(["explain", "signature"])
        .env("PROVOST_TEST_PANIC_IN", "signature")
        .run()
        .expect(0);
}
