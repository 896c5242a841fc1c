//! The action at the root: its scripts, run by the bash that a runner would start.

use crate::program::EXECUTABLE;
use crate::runner::{Runner, script_of};
use std::process::Output;

const ACTION: &str = include_str!("../../../../action.yml");

const SHA256: &str = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

fn install(runner: &Runner, variables: &[(&str, &str)]) -> Output {
    let path = runner.path("path");
    let mut all = vec![("GITHUB_PATH", path.to_str().unwrap())];
    all.extend(variables);
    runner.run(&script_of(ACTION, "Install provost", 8), &all)
}

fn verb(runner: &Runner, program: &str, verb: &str, arguments: &str) -> Output {
    let variables = [("PROVOST", program), ("VERB", verb), ("ARGS", arguments)];
    runner.run(&script_of(ACTION, "Run the verb", 8), &variables)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A program that prints its arguments, one a line in brackets, and ends with 10.
fn echo(runner: &Runner) -> String {
    runner.stand_in("echo-arguments", "printf '[%s]\\n' \"$@\"\nexit 10\n");
    runner.path("bin/echo-arguments").to_str().unwrap().to_owned()
}

#[test]
fn a_program_that_is_there_is_installed_and_named() {
    let runner = Runner::new();
    let output = install(&runner, &[("BINARY", EXECUTABLE)]);
    assert!(output.status.success(), "{output:?}");
    let folder = runner.path("temp/provost-bin");
    assert_eq!(
        runner.outputs(),
        format!(
            "path={}/provost\nversion=provost {}\n",
            folder.display(),
            env!("CARGO_PKG_VERSION")
        )
    );
    let path = std::fs::read_to_string(runner.path("path")).unwrap();
    assert_eq!(path, format!("{}\n", folder.display()));
    let program = folder.join("provost");
    let output = verb(&runner, program.to_str().unwrap(), "explain", "source-ref\n");
    assert!(output.status.success() && said(&output).starts_with("source-ref"), "{output:?}");
}

#[test]
fn a_path_without_a_program_is_an_error() {
    let runner = Runner::new();
    for path in ["no/such/file", ".", "-x"] {
        let output = install(&runner, &[("BINARY", path)]);
        assert!(!output.status.success(), "{path}");
        assert!(said(&output).contains("there is no file at the input path"), "{output:?}");
    }
}

#[test]
fn without_a_release_nothing_is_downloaded() {
    let runner = Runner::new();
    for (releases, version) in [("", ""), ("v1.0.0 riscv64-unknown-none aa", ""), ("", "v1.0.0")] {
        let output = install(&runner, &[("RELEASES", releases), ("VERSION", version)]);
        assert!(!output.status.success());
        assert!(said(&output).contains("knows no release of provost that fits"), "{output:?}");
    }
    assert!(!runner.path("path").exists());
}

/// A runner whose `curl` writes `foo` to where it is told, and keeps what it was called with.
fn with_download(releases: &str, version: &str) -> (Runner, Output) {
    let runner = Runner::new();
    runner.stand_in(
        "curl",
        "printf '%s\\n' \"$@\" >\"$RUNNER_TEMP/asked\"\n\
         while [[ $1 != --output ]]; do shift; done\nprintf foo >\"$2\"\n",
    );
    let variables = [("RELEASES", releases), ("VERSION", version)];
    let output = install(&runner, &variables);
    (runner, output)
}

#[test]
fn a_download_counts_only_with_the_digest_that_is_pinned() {
    let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    let good = format!("v2.0.0 {target} {SHA256}\nv1.0.0 {target} {SHA256}\n");
    for (version, expected) in [("", "v2.0.0"), ("v1.0.0", "v1.0.0")] {
        let (runner, _) = with_download(&good, version);
        let asked = std::fs::read_to_string(runner.path("temp/asked")).unwrap();
        let url = format!("/provost/releases/download/{expected}/provost-{target}\n");
        assert!(asked.ends_with(&url), "{asked}");
        // `foo` is what was pinned; that it is no program is only seen when it is started.
        assert!(runner.path("temp/provost-bin/provost").exists());
    }
    let bad = good.replace("2c26", "2c27");
    let (runner, output) = with_download(&bad, "");
    assert!(!output.status.success());
    assert!(!runner.path("path").exists() && runner.outputs().is_empty(), "{output:?}");
    for missing in ["", "x", "*"] {
        let (runner, output) = with_download(&format!("v1.0.0 {target} {missing}\n"), "");
        assert!(!output.status.success() && !runner.path("path").exists(), "{missing:?}");
    }
    let (runner, output) = with_download(&good, "v3.0.0");
    assert!(!output.status.success() && !runner.path("temp/asked").exists(), "{output:?}");
}

#[test]
fn arguments_reach_the_program_as_they_stand() {
    let runner = Runner::new();
    let arguments = "--tag\nv1 x;id\n$(touch pwned)\n`touch pwned`\n\n*\n--reason=\"a\\b\"\n";
    let output = verb(&runner, &echo(&runner), "gate", arguments);
    assert_eq!(output.status.code(), Some(10));
    assert_eq!(
        said(&output),
        "[gate]\n[--tag]\n[v1 x;id]\n[$(touch pwned)]\n[`touch pwned`]\n[*]\n[--reason=\"a\\b\"]\n"
    );
    assert!(!runner.path("work/pwned").exists());
    assert_eq!(runner.outputs(), "exit_code=10\n");
    let summary = std::fs::read_to_string(runner.path("summary")).unwrap();
    assert_eq!(summary, "**provost gate**: refused (exit code 10)\n");
}

#[test]
fn a_verb_is_one_word() {
    let runner = Runner::new();
    for word in ["--version", "gate; id", "a b", "Gate", "gate\nx", "../gate"] {
        let output = verb(&runner, &echo(&runner), word, "");
        assert_eq!(output.status.code(), Some(2), "{word:?}: {output:?}");
    }
}
