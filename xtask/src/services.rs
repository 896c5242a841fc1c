//! What the tests run against beside the project's own programs: PostgreSQL, PgBouncer and Deno.
//!
//! A service that cannot be had is no failure: the tests that need it say so, and this step says
//! which.

use crate::program;
use crate::step::Report;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Deno comes as a package of npm.
const DENO: &str = "deno@2.9.6";

/// Debian's packages, each with a program of it.
const PACKAGES: [(&str, &str); 2] = [("postgresql", "initdb"), ("pgbouncer", "pgbouncer")];

/// Fetches what is missing and can be fetched.
pub(crate) fn run(workspace: &Workspace) -> Result<Report> {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for (package, program) in PACKAGES {
        match installed(package, program) {
            Ok(()) => found.push(package),
            Err(error) => missing.push(format!("{package} ({})", last_line(&error))),
        }
    }
    match deno(workspace) {
        Ok(()) => found.push("deno"),
        Err(error) => missing.push(format!("deno ({})", last_line(&error))),
    }
    let report = match found.is_empty() {
        true => Report { checked: None, unchecked: Vec::new() },
        false => Report::checked(found.join(", ")),
    };
    Ok(missing.into_iter().fold(report, |report, what| report.without(format!("no {what}"))))
}

/// Makes sure that a program is there, with apt where this is root's machine.
fn installed(package: &str, name: &str) -> Result<()> {
    if is_there(name) {
        return Ok(());
    }
    let is_root = program::run(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !is_root || !program::succeeds(Command::new("apt-get").arg("--version")) {
        anyhow::bail!("install it: neither root nor apt-get is at hand");
    }
    let apt = |words: &[&str]| {
        let mut command = Command::new("apt-get");
        program::run(command.args(words).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    let install = ["install", "--yes", "--quiet", "--no-install-recommends", package];
    if apt(&install).is_err() {
        // The lists of a fresh image are empty.
        apt(&["update", "--quiet"])?;
        apt(&install)?;
    }
    is_there(name).then_some(()).with_context(|| format!("{name} is not in it"))
}

/// Where a program of a Debian package is, installed where that is possible.
///
/// # Errors
/// When it cannot be had.
pub(crate) fn program(package: &str, name: &str) -> Result<PathBuf> {
    installed(package, name)?;
    found(name).with_context(|| format!("{name} is not in {package}"))
}

/// Whether a program is on the path, or where Debian puts those of PostgreSQL.
fn is_there(name: &str) -> bool {
    found(name).is_some()
}

fn found(name: &str) -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> =
        std::env::var_os("PROVOST_POSTGRES_BIN").map(PathBuf::from).into_iter().collect();
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    folders.extend(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    folders.extend(versions.map(|version| version.path().join("bin")));
    folders.iter().map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// Makes sure that Deno is there: named, on the path, or below `target/deno`.
fn deno(workspace: &Workspace) -> Result<()> {
    let answers = |path: &Path| program::succeeds(Command::new(path).arg("--version"));
    let named = std::env::var_os("PROVOST_DENO").map(PathBuf::from);
    if named.as_deref().is_some_and(answers) || answers(Path::new("deno")) {
        return Ok(());
    }
    let folder = workspace.path("target/deno");
    let own = folder.join("node_modules/.bin/deno");
    if answers(&own) {
        return Ok(());
    }
    program::npm_install(&folder, &[DENO])?;
    answers(&own).then_some(()).context("npm installed it, and it does not run")
}

fn last_line(error: &anyhow::Error) -> String {
    format!("{error:#}").lines().last().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_looked_for_where_it_may_be() {
        assert!(is_there("sh"));
        assert!(!is_there("no-such-program-anywhere"));
    }
}
