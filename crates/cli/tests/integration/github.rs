//! Inside GitHub Actions: annotations, step summary, step outputs.

use crate::example::{Example, NPM};
use crate::program::{Provost, outcomes};
use std::path::PathBuf;

struct Job {
    example: Example,
}

impl Job {
    fn new() -> Self {
        Self { example: Example::copy(NPM) }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.example.path(name)
    }

    fn gate(&self) -> Provost {
        self.example
            .gate()
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_STEP_SUMMARY", self.path("summary.md"))
            .env("GITHUB_OUTPUT", self.path("output"))
    }

    fn summary(&self) -> String {
        std::fs::read_to_string(self.path("summary.md")).unwrap()
    }

    /// Names and values of the outputs, in order.
    fn outputs(&self) -> Vec<(String, String)> {
        let text = std::fs::read_to_string(self.path("output")).unwrap();
        let mut lines = text.lines().filter(|line| !line.is_empty());
        let mut outputs = Vec::new();
        while let Some(line) = lines.next() {
            let (name, delimiter) = line.split_once("<<").unwrap();
            let value = lines.next().unwrap();
            assert_eq!(lines.next(), Some(delimiter));
            outputs.push((name.to_owned(), value.to_owned()));
        }
        outputs
    }
}

fn pairs(decision: &str, level: &str) -> Vec<(String, String)> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    vec![pair("decision", decision), pair("slsa_build_level", level)]
}

#[test]
fn an_acceptance_is_a_notice_a_summary_and_outputs() {
    let job = Job::new();
    let output = job.gate().run().expect(0);
    let first = "::notice title=sigstore-2.0.0.tgz accepted::SLSA Build level 2\n";
    assert!(output.stdout.starts_with(first), "{}", output.stdout);
    let summary = job.summary();
    assert!(summary.starts_with("### accepted: sigstore-2.0.0.tgz\n"), "{summary}");
    assert!(summary.contains("SLSA Build level 2; 24 checks passed, 0 failed"), "{summary}");
    assert_eq!(job.outputs(), pairs("accepted", "2"));
}

#[test]
fn a_refusal_is_an_error_for_each_check() {
    let job = Job::new();
    let output = job.gate().args(["--tag", "v9.9.9"]).run().expect(10);
    let errors: Vec<&str> =
        output.stdout.lines().filter(|line| line.starts_with("::error ")).collect();
    assert_eq!(
        errors,
        [
            "::error title=sigstore-2.0.0.tgz refused%3A source-ref::expected package version \
             9.9.9, for tag v9.9.9, found package version 2.0.0",
            "::error title=sigstore-2.0.0.tgz refused%3A package-version::expected 9.9.9, found \
             2.0.0",
        ]
    );
    let summary = job.summary();
    assert!(summary.starts_with("### refused: sigstore-2.0.0.tgz\n"), "{summary}");
    assert!(summary.contains("| `source-ref` | package version 9.9.9"), "{summary}");
    assert_eq!(job.outputs(), pairs("refused", "0"));
}

#[test]
fn an_error_is_an_annotation_and_sets_no_decision() {
    let job = Job::new();
    std::fs::remove_file(job.example.bundle()).unwrap();
    let output = job.gate().run().expect(1);
    assert!(output.stdout.starts_with("::error title=provost::no release was judged: "));
    assert!(!job.path("output").exists());
}

#[test]
fn a_format_that_is_asked_for_comes_before_the_environment() {
    let job = Job::new();
    let output = job.gate().args(["--format", "text"]).run().expect(0);
    assert!(output.stdout.starts_with("accepted  "), "{}", output.stdout);
    assert_eq!(outcomes(&job.gate().report(0)), ["accepted"]);
    assert!(!job.path("summary.md").exists() && !job.path("output").exists());
    let outside = job.example.gate().env("GITHUB_ACTIONS", "false").run().expect(0);
    assert!(outside.stdout.starts_with("accepted  "), "{}", outside.stdout);
    job.gate().args(["-o", "report.json"]).run().expect(0);
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(job.path("report.json")).unwrap()).unwrap();
    assert_eq!(outcomes(&report), ["accepted"]);
}

#[test]
fn outputs_that_cannot_be_set_are_no_success() {
    let job = Job::new();
    let gate = |name: &str, path: &str| job.gate().env(name, path).run();
    let output = gate("GITHUB_OUTPUT", "/dev/full").expect(1);
    assert!(output.stderr.contains("cannot write GITHUB_OUTPUT"), "{}", output.stderr);
    gate("GITHUB_STEP_SUMMARY", "/dev/full").expect(1);
    // What is written to these two runs in later steps.
    for other in ["GITHUB_ENV", "GITHUB_PATH"] {
        let same = job.path("output");
        let output = job.gate().env(other, &same).run().expect(1);
        assert!(output.stderr.contains("name the same file"), "{}", output.stderr);
    }
}

#[test]
fn an_event_log_on_the_runner_is_named_as_one_that_vanishes() {
    let job = Job::new();
    let words = "::warning title=provost::";
    assert!(!job.gate().run().expect(0).stderr.contains(words), "this log was chosen");
    job.example.configure("[store]\nurl = \"sqlite:out/.provost/events.db\"\n", "");
    let output = job.gate().run().expect(0);
    assert!(output.stderr.starts_with(words), "{}", output.stderr);
    assert!(output.stderr.contains("sqlite:.provost/events.db"), "{}", output.stderr);
    assert_eq!(job.example.gate().run().expect(0).stderr, "", "outside of GitHub Actions it stays");
    let named = job.gate().args(["--store", "sqlite:.provost/events.db"]).run().expect(0);
    assert_eq!(named.stderr, "");
}
