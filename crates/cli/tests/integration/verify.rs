//! `verify`: several artifacts, exit codes, what stdout holds.

use crate::attested::{Attested, BYTES, identity};
use crate::example::{Example, NPM};
use crate::program::{Provost, failed, outcomes};
use provost_testkit::{BundleShape, SigningRequest, statement};
use serde_json::Value;

const NPM_SOURCE: [&str; 4] = [
    "--source-uri",
    "github.com/sigstore/sigstore-js",
    "--builder-id",
    "https://github.com/actions/runner/github-hosted",
];

fn npm() -> (Example, Provost) {
    let example = Example::copy(NPM);
    let provost = example
        .provost(["verify", "artifacts/sigstore-2.0.0.tgz"])
        .args(["--bundle", "provenance.sigstore.json"]);
    (example, provost)
}

#[test]
fn the_real_release_is_accepted_and_nothing_is_recorded() {
    let (example, provost) = npm();
    let before = example.files();
    let report = provost.args(NPM_SOURCE).report(0);
    assert_eq!(outcomes(&report), ["accepted"]);
    assert_eq!(report["decisions"][0]["recorded"], Value::Null);
    assert_eq!(report["decisions"][0]["slsa_build_level"], 2);
    assert!(example.files() == before);
}

#[test]
fn the_policy_file_stands_in_for_flags_and_flags_replace_it() {
    let with = |arguments: &[&str], code| {
        let (_example, provost) = npm();
        provost.args(["--config", "provost.toml"]).args(arguments).report(code)
    };
    assert_eq!(outcomes(&with(&[], 0)), ["accepted"]);
    assert_eq!(failed(&with(&["--min-level", "3"], 10)), ["slsa-level"]);
    let other = ["--source-uri", "github.com/sigstore/other"];
    assert_eq!(failed(&with(&other, 10)), ["source-repository", "slsa-level"]);
}

#[test]
fn every_bundle_shape_is_accepted_and_its_wrong_root_refused() {
    let other = Attested::new().sigstore.trusted_root_json();
    for shape in BundleShape::ALL {
        let identity = identity();
        let statement = crate::attested::statement_of(&identity);
        let mut request =
            SigningRequest::new(&statement, identity, crate::attested::SIGNED_AT).shape(shape);
        // The virtual instance has a CT log, so its certificates need its timestamp.
        request.certificate.sct_count = 1;
        let attested = Attested::request(&request);
        let code = if shape == BundleShape::V03Tsa { 10 } else { 0 };
        let report = attested.verify(["app.txt"]).report(code);
        if code == 10 {
            assert_eq!(failed(&report), ["transparency-log"], "{shape:?}: the root has a log");
            let mut root = attested.sigstore.trusted_root();
            root["tlogs"] = Value::Array(Vec::new());
            attested.write("root.json", root.to_string());
            attested.verify(["app.txt"]).report(0);
        }
        attested.write("root.json", &other);
        attested.verify(["app.txt"]).report(10);
    }
}

#[test]
fn the_worst_of_several_artifacts_decides_the_exit_code() {
    let attested = Attested::new();
    attested.write("foreign.txt", "foreign");
    let codes = [("app.txt", 0), ("none.txt", 1), ("foreign.txt", 10)];
    for (first, one) in codes {
        for (second, other) in codes {
            let report = attested.verify([first, second]).report(one.max(other));
            let decided = [one, other].iter().filter(|code| **code != 1).count();
            assert_eq!(outcomes(&report).len(), decided, "{first} {second}");
            let is_error = one == 1 || other == 1;
            assert_eq!(report["error"].is_null(), !is_error, "{first} {second}");
        }
    }
}

#[test]
fn decisions_come_in_the_order_of_the_artifacts() {
    let identity = identity();
    let names: Vec<String> = (0..40).map(|number| format!("{number}.bin")).collect();
    let subjects: Vec<Value> =
        names.iter().map(|name| statement::subject(name, name.as_bytes())).collect();
    let statement = statement::actions_attest(&identity, &subjects);
    let request = SigningRequest::new(&statement, identity, crate::attested::SIGNED_AT);
    let attested = Attested::request(&request);
    for name in &names {
        attested.write(name, name);
    }
    let report = attested.verify([]).args(&names).report(0);
    let decisions = report["decisions"].as_array().unwrap();
    let shown: Vec<&str> =
        decisions.iter().map(|decision| decision["subject"]["name"].as_str().unwrap()).collect();
    assert_eq!(shown, names);
}

#[test]
fn the_provenance_alone_is_on_stdout_and_the_report_on_stderr() {
    let attested = Attested::new();
    let payload = crate::attested::statement_of(&identity()).to_string() + "\n";
    let print = |artifact: &str, code: i32, arguments: &[&str]| {
        let provost = attested.verify([artifact]).arg("--print-provenance").args(arguments);
        provost.run().expect(code)
    };
    let output = print("app.txt", 0, &[]);
    assert_eq!(output.stdout, payload);
    assert!(output.stderr.contains("accepted  app.txt"), "{}", output.stderr);
    let output = print("app.txt", 0, &["--format", "json"]);
    assert_eq!(output.stdout, payload);
    let report = crate::program::valid_report(crate::program::json_of(&output.stderr));
    assert_eq!(outcomes(&report), ["accepted"]);
    assert_eq!(print("app.txt", 0, &["--quiet"]).stdout, payload);

    attested.write("foreign.txt", "foreign");
    let output = print("foreign.txt", 10, &[]);
    assert_eq!(output.stdout, "", "nothing is printed of what was refused");
    assert!(output.stderr.contains("refused   foreign.txt"), "{}", output.stderr);
    let output = print("none.txt", 1, &["--format", "json"]);
    assert_eq!(output.stdout, "");
    crate::program::valid_report(crate::program::json_of(&output.stderr));
    let output = print("app.txt", 10, &["--source-tag", "v9.9.9"]);
    assert_eq!(output.stdout, "");
}

#[test]
fn a_summary_says_passed_only_of_an_acceptance() {
    let attested = Attested::new();
    attested.write("foreign.txt", "foreign");
    for (artifacts, code, result) in [
        (vec!["app.txt"], 0, "PASSED"),
        (vec!["foreign.txt"], 10, "FAILED"),
        (vec!["app.txt", "foreign.txt"], 10, "FAILED"),
        (vec!["app.txt", "none.txt"], 1, "FAILED"),
    ] {
        let provost = attested.verify([]).args(&artifacts).args(["--vsa-out", "vsa.json"]);
        let output = provost.run().expect(code);
        assert!(output.stderr.contains("wrote the unsigned VSA vsa.json"), "{}", output.stderr);
        let text = std::fs::read_to_string(attested.path("vsa.json")).unwrap();
        let summary = crate::program::json_of(&text);
        let predicate = &summary["predicate"];
        assert_eq!(predicate["verificationResult"], result, "{artifacts:?}");
        let levels = predicate["verifiedLevels"].as_array().unwrap();
        assert_eq!(levels.is_empty(), result == "FAILED", "{artifacts:?}");
        std::fs::remove_file(attested.path("vsa.json")).unwrap();
    }
    let summary = |artifact: &str| -> Value {
        attested.verify([artifact]).args(["--vsa-out", "vsa.json"]).run();
        serde_json::from_slice(&std::fs::read(attested.path("vsa.json")).unwrap()).unwrap()
    };
    let passed = summary("app.txt");
    assert_eq!(passed["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(passed["predicateType"], "https://slsa.dev/verification_summary/v1");
    assert_eq!(passed["predicate"]["verifiedLevels"], serde_json::json!(["SLSA_BUILD_LEVEL_3"]));
    assert_eq!(passed["predicate"]["resourceUri"], "github.com/example-org/artifact");
    let sha256 = provost_control::sha256_hex(BYTES);
    assert_eq!(passed["subject"][0]["digest"]["sha256"], sha256);
}
