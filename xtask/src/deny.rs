//! The dependencies: licences, bans and sources offline, advisories where the network allows it.

use crate::program;
use crate::step::Report;
use crate::workspace::Workspace;
use anyhow::Result;

const MISSING: &str = "cargo-deny is not installed (`cargo install cargo-deny --locked`, or \
    PROVOST_INSTALL=1)";
const NO_ADVISORIES: &str = "advisories (the database could not be fetched)";

pub(crate) fn run(workspace: &Workspace) -> Result<Report> {
    if !is_installed(workspace) {
        if std::env::var_os("PROVOST_INSTALL").is_none_or(|value| value != "1") {
            return Ok(Report::not_checked(MISSING));
        }
        program::run(workspace.cargo().args(["install", "cargo-deny", "--locked"]))?;
    }
    program::run(workspace.cargo().args(["deny", "check", "bans", "licenses", "sources"]))?;
    let report = Report::checked("bans, licences, sources");
    if !program::succeeds(workspace.cargo().args(["deny", "fetch", "db"])) {
        return Ok(report.without(NO_ADVISORIES));
    }
    program::run(workspace.cargo().args(["deny", "check", "advisories"]))?;
    Ok(Report::checked("bans, licences, sources, advisories"))
}

fn is_installed(workspace: &Workspace) -> bool {
    program::succeeds(workspace.cargo().args(["deny", "--version"]))
}
