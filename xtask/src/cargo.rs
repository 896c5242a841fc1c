//! The steps that cargo itself does: format, lints, documentation, tests.

use crate::program;
use crate::step::Report;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// With these words a test says what it could not ask on this machine.
const UNCHECKED_BY_A_TEST: &str = "not checked here: ";

pub(crate) fn fmt(workspace: &Workspace) -> Result<Report> {
    program::run(workspace.cargo().args(["fmt", "--all", "--check"]))?;
    Ok(Report::checked(""))
}

pub(crate) fn clippy(workspace: &Workspace) -> Result<Report> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    program::run(workspace.cargo().args(arguments))?;
    Ok(Report::checked(""))
}

pub(crate) fn docs(workspace: &Workspace) -> Result<Report> {
    let mut command = workspace.cargo();
    command.args(["doc", "--no-deps", "--workspace"]).env("RUSTDOCFLAGS", "-D warnings");
    program::run(&mut command)?;
    Ok(Report::checked(""))
}

pub(crate) fn test(workspace: &Workspace) -> Result<Report> {
    let mut command = workspace.cargo();
    // Passing tests show their output too, so that one that had to skip its question is heard.
    command.args(["test", "--workspace", "--no-fail-fast", "--", "--show-output"]);
    report_on_tests(&program::run(&mut command)?)
}

/// Counts the tests in the output of `cargo test`, and collects what they could not ask.
fn report_on_tests(output: &str) -> Result<Report> {
    let mut passed = 0;
    let mut ignored = 0;
    for summary in output.lines().filter(|line| line.starts_with("test result: ok.")) {
        passed += count_before(summary, " passed");
        ignored += count_before(summary, " ignored");
    }
    if passed == 0 {
        bail!("{output}\nnot a single test ran");
    }
    let mut report = Report::checked(format!("{passed} tests"));
    if ignored > 0 {
        report = report.without(format!("{ignored} tests are ignored"));
    }
    for what in output.lines().filter_map(|line| line.strip_prefix(UNCHECKED_BY_A_TEST)) {
        report = report.without(what);
    }
    Ok(report)
}

/// The number that stands before a word: 12 in `; 12 passed;`.
fn count_before(summary: &str, word: &str) -> usize {
    let before = summary.split(word).next().unwrap_or_default();
    let number = before.rsplit(' ').next().unwrap_or_default();
    number.parse().unwrap_or(0)
}

/// Builds with these arguments and returns the programs that came out, by name.
///
/// # Errors
/// When the build fails, with the compiler's words, or gives no program.
pub(crate) fn build(command: &mut Command) -> Result<Vec<(String, PathBuf)>> {
    command.arg("--message-format=json-render-diagnostics");
    let shown = program::shown(command);
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("cannot start `{shown}`"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{}\n`{shown}` failed: {}", said.trim_end(), output.status);
    }
    let programs: Vec<_> =
        String::from_utf8_lossy(&output.stdout).lines().filter_map(program_of).collect();
    if programs.is_empty() {
        bail!("`{shown}` built no program");
    }
    Ok(programs)
}

/// Builds the program `provost` and says where it is.
pub(crate) fn provost(workspace: &Workspace) -> Result<PathBuf> {
    let programs = build(workspace.cargo().args(["build", "--package", "provost-cli"]))?;
    let provost = programs.into_iter().find(|(name, _)| name == "provost");
    Ok(provost.context("provost-cli builds no program named provost")?.1)
}

/// The program that a message of cargo announces.
fn program_of(message: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(message).ok()?;
    let path = message.get("executable")?.as_str()?;
    let name = message.pointer("/target/name")?.as_str()?;
    Some((name.to_owned(), path.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_counted_over_all_programs() {
        let output = "\
test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s
not checked here: no sockets (unshare is not allowed)
test result: ok. 3 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        let report = report_on_tests(output).expect("a report");
        assert_eq!(report.checked.as_deref(), Some("15 tests"));
        assert_eq!(
            report.unchecked,
            ["2 tests are ignored", "no sockets (unshare is not allowed)"]
        );
    }

    #[test]
    fn no_test_at_all_is_a_failure() {
        assert!(report_on_tests("").is_err());
        assert!(report_on_tests("test result: ok. 0 passed; 0 failed; 0 ignored").is_err());
    }

    #[test]
    fn a_program_is_an_artifact_with_an_executable() {
        let line = r#"{"reason":"compiler-artifact","target":{"name":"a"},"executable":"/x/a"}"#;
        assert_eq!(program_of(line), Some(("a".to_owned(), "/x/a".into())));
        for other in [
            r#"{"reason":"compiler-artifact","target":{"name":"a"},"executable":null}"#,
            r#"{"reason":"build-finished","success":true}"#,
            "warning: not JSON",
        ] {
            assert_eq!(program_of(other), None, "{other}");
        }
    }
}
