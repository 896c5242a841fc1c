//! The step `api`: `provost serve` against its own description, by Schemathesis.
//!
//! Schemathesis makes requests of every shape that `docs/openapi.json` allows, and of many that it
//! does not, and holds each answer against it.

use crate::served::{self, Served, TOKEN};
use crate::step::Report;
use crate::workspace::Workspace;
use crate::{cargo, program};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The description that is kept.
pub(crate) const DOCUMENT: &str = "docs/openapi.json";

const VERSION: &str = "4.32.5";

/// Requests of each operation in the phase that makes them up. More find more, and take longer.
const EXAMPLES: &str = "25";

pub(crate) fn check(workspace: &Workspace) -> Result<Report> {
    let schemathesis = match installed(workspace) {
        Ok(program) => program,
        Err(error) => {
            let text = format!("{error:#}");
            let why = text.lines().last().unwrap_or_default();
            return Ok(Report::not_checked(format!("schemathesis is not to be had here ({why})")));
        }
    };
    let config = served::config("") + POLICY;
    let mut served = Served::start(&cargo::provost(workspace)?, &config, |_| Ok(()))?;
    let kept = workspace.path(DOCUMENT);
    sees_a_fault(&schemathesis, &served, &kept)?;
    let output = program::run(&mut call(&schemathesis, &served, &kept))?;
    served.confirm_running()?;
    Ok(Report::checked(tally(&output)))
}

/// The program, fetched into `target` where it is missing.
fn installed(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.path("target/api").join(format!("schemathesis-{VERSION}"));
    let own = folder.join("bin/schemathesis");
    if program::succeeds(Command::new(&own).arg("--version")) {
        return Ok(own);
    }
    program::run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    let package = format!("schemathesis=={VERSION}");
    let quiet = ["install", "--quiet", "--disable-pip-version-check", &package];
    program::run(Command::new(folder.join("bin/pip")).args(quiet))?;
    Ok(own)
}

fn call(schemathesis: &Path, served: &Served, document: &Path) -> Command {
    let mut command = Command::new(schemathesis);
    // Its own reports and caches stay out of the checkout.
    command.current_dir(served.folder.path()).arg("run").arg(document);
    command.args(["--url", &served.url, "--header"]).arg(format!("Authorization: Bearer {TOKEN}"));
    command.args(["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES]);
    command.args(["--seed", "20260301", "--workers", "1", "--no-color"]);
    command.args(["--suppress-health-check", "all", "--warnings", "off"]);
    // What a tag, a cursor or an entry must be beyond its shape is said in 400 and 422.
    command.args(["--exclude-checks", "positive_data_acceptance"]);
    command
}

/// A description that promises what the server does not keep must be found out.
fn sees_a_fault(schemathesis: &Path, served: &Served, kept: &Path) -> Result<()> {
    let text = std::fs::read_to_string(kept).with_context(|| format!("{}", kept.display()))?;
    let mut document: Value = serde_json::from_str(&text)?;
    document["paths"]["/healthz"]["get"]["responses"] = json!({"204": {"description": "nothing"}});
    let faulty = served.folder.path().join("faulty.json");
    std::fs::write(&faulty, document.to_string())?;
    let mut call = call(schemathesis, served, &faulty);
    match program::run(call.args(["--include-path", "/healthz"])) {
        Ok(_) => bail!("schemathesis finds nothing where 204 was promised and 200 was answered"),
        Err(error) if format!("{error:#}").contains("Undocumented status code") => Ok(()),
        Err(error) => Err(error),
    }
}

/// The lines of its summary that tell how much was asked.
fn tally(output: &str) -> String {
    let is_count = |line: &&str| line.contains("generated") || line.starts_with("Tested:");
    let lines: Vec<&str> = output.lines().map(str::trim).filter(is_count).collect();
    format!("Schemathesis: {}", lines.join(", "))
}

/// What `POST /api/v1/verify` may be asked for.
const POLICY: &str = "\n[[server.policy]]\nname = \"default\"\nconfig = \"provost.toml\"\n";
