//! `cargo xtask recipes`: the recipes of `docs/validation.md`, command by command, and whether each
//! says what the page says.

mod console;

use crate::cargo;
use crate::program;
use crate::screen::say;
use crate::step::Report;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};
use console::{Block, difference};
use std::path::Path;
use std::process::{Command, Stdio};

/// The page.
const PAGE: &str = "docs/validation.md";

/// Programs that its commands call.
const PROGRAMS: [&str; 5] = ["bash", "curl", "git", "jq", "sqlite3"];

/// Stands before what each command says.
const MARK: &str = "\u{1e}";

/// `cargo xtask recipes`.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    say!("{}", check(workspace)?.line());
    Ok(())
}

/// The step: every command says what the page says.
pub(crate) fn check(workspace: &Workspace) -> Result<Report> {
    let missing: Vec<&str> = PROGRAMS.into_iter().filter(|name| !is_there(name)).collect();
    if !missing.is_empty() {
        return Ok(Report::not_checked(format!("{} is not installed", missing.join(", "))));
    }
    let page = std::fs::read_to_string(workspace.path(PAGE)).context(PAGE)?;
    let blocks = console::blocks(&page)?;
    let provost = cargo::provost(workspace)?;
    let mut commands = 0;
    for block in &blocks {
        let said = perform(workspace, &provost, block)?;
        for (command, said) in block.commands.iter().zip(said) {
            if let Some(problem) = difference(&command.expected, &said) {
                bail!("{PAGE}:{}: `{}`\n{problem}", command.line, command.text);
            }
            commands += 1;
        }
    }
    Ok(Report::checked(format!("{commands} commands in {} recipes", blocks.len())))
}

fn is_there(name: &str) -> bool {
    program::succeeds(Command::new(name).arg("--version"))
}

/// What each command of a block says on either stream; they share one shell.
fn perform(workspace: &Workspace, provost: &Path, block: &Block) -> Result<Vec<String>> {
    let mut script = String::new();
    for command in &block.commands {
        script.push_str(&format!("printf '{MARK}'\n{}\n", command.text));
    }
    let folder = provost.parent().context("the program lies in a folder")?;
    let path = std::env::var("PATH").context("PATH")?;
    let mut shell = Command::new("bash");
    shell
        .args(["--noprofile", "--norc", "-c"])
        .arg(format!("exec 2>&1\n{script}"))
        .current_dir(workspace.root())
        .env("PATH", format!("{}:{path}", folder.display()))
        .env("NO_COLOR", "1")
        .stdin(Stdio::null());
    for name in ["GITHUB_ACTIONS", "GITHUB_TOKEN", "GH_TOKEN", "GITHUB_OUTPUT"] {
        shell.env_remove(name);
    }
    let output = shell.output().context("bash does not start")?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(said.split(MARK).skip(1).map(str::to_owned).collect())
}
