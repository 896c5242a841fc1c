//! Running other programs: calm while they succeed, with everything they said when they fail.

use anyhow::{Context, Result, bail};
use std::io::{Read, Seek};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

/// Runs a program to its end and returns what it printed on either stream, in the order printed.
///
/// # Errors
/// When it cannot be started, and when it fails: then with all of its output.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let (status, output) = finish(command)?;
    if !status.success() {
        bail!("{}\n`{shown}` failed: {status}", output.trim_end());
    }
    Ok(output)
}

/// Whether a program can be started and succeeds.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    finish(command).is_ok_and(|(status, _)| status.success())
}

/// Runs it to its end: whether that was a success, and all that it said.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn outcome(command: &mut Command) -> Result<(bool, String)> {
    finish(command).map(|(status, said)| (status.success(), said))
}

/// Has npm put packages of these versions below a folder; none of their scripts runs.
///
/// # Errors
/// When npm is not here, or cannot.
pub(crate) fn npm_install(folder: &Path, packages: &[&str]) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]);
    run(npm.arg(folder).args(packages)).map(|_| ())
}

/// The command as it would be typed.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(command.get_program());
    let mut words = vec![name.to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}

/// Both streams go to one file: nothing has to be read while the program runs, however much it
/// prints, and the order of the lines is kept.
fn finish(command: &mut Command) -> Result<(ExitStatus, String)> {
    let mut file = tempfile::tempfile().context("no room for a program's output")?;
    let status = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file.try_clone()?)
        .status()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    file.rewind()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok((status, String::from_utf8_lossy(&bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rustc(argument: &str) -> Command {
        let mut command = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()));
        command.arg(argument);
        command
    }

    #[test]
    fn a_success_gives_its_output() {
        let output = run(&mut rustc("--version")).expect("rustc");
        assert!(output.starts_with("rustc "), "{output}");
        assert!(succeeds(&mut rustc("--version")));
    }

    #[test]
    fn a_failure_names_the_command_and_shows_what_it_said() {
        let error = run(&mut rustc("--no-such-flag")).expect_err("a failure").to_string();
        assert!(error.contains("`rustc --no-such-flag` failed"), "{error}");
        assert!(error.contains("no-such-flag'"), "its own words are missing: {error}");
        assert!(!succeeds(&mut rustc("--no-such-flag")));
    }

    #[test]
    fn a_missing_program_is_an_error() {
        let mut command = Command::new("no-such-program-anywhere");
        assert!(run(&mut command).is_err());
        assert!(!succeeds(&mut command));
    }
}
