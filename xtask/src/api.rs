//! The step `api`: `provost serve` against its own description, by Schemathesis.
//!
//! Schemathesis makes requests of every shape that `docs/openapi.json` allows, and of many that it
//! does not, and holds each answer against it.

use crate::step::Report;
use crate::workspace::Workspace;
use crate::{cargo, program};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The description that is kept.
pub(crate) const DOCUMENT: &str = "docs/openapi.json";

const VERSION: &str = "4.32.5";

/// Requests of each operation in the phase that makes them up. More find more, and take longer.
const EXAMPLES: &str = "25";

/// A sender that may do everything, and the hash by which the server knows it.
const TOKEN: &str = "token-of-the-api-step";
const TOKEN_SHA256: &str = "f1f9eba823fc0b3fdf5f9fa3839b0cd7e75237985842afa634202cc278c757f7";

pub(crate) fn check(workspace: &Workspace) -> Result<Report> {
    let schemathesis = match installed(workspace) {
        Ok(program) => program,
        Err(error) => {
            let text = format!("{error:#}");
            let why = text.lines().last().unwrap_or_default();
            return Ok(Report::not_checked(format!("schemathesis is not to be had here ({why})")));
        }
    };
    let served = Served::start(&cargo::provost(workspace)?)?;
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

/// A server with an event log of its own.
struct Served {
    folder: tempfile::TempDir,
    program: Child,
    url: String,
}

impl Served {
    fn start(provost: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::write(
            folder.path().join("provost.toml"),
            CONFIG.replace("{sha256}", TOKEN_SHA256),
        )?;
        let mut command = Command::new(provost);
        command.args(["serve", "--listen", "127.0.0.1:0", "--format", "json"]);
        command.current_dir(folder.path()).env_remove("PROVOST_STORE_URL");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut program = command.spawn().context("cannot start the server")?;
        let stdout = program.stdout.take().context("a pipe")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let told: Option<Value> = serde_json::from_str(&line).ok();
        match told.as_ref().and_then(|told| told["url"].as_str()) {
            Some(url) => Ok(Self { url: url.to_owned(), folder, program }),
            None => {
                program.kill().ok();
                bail!("the server did not say where it listens: {line:?}")
            }
        }
    }

    fn confirm_running(mut self) -> Result<()> {
        match self.program.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("the server ended while it was asked: {status}"),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.program.kill().ok();
        self.program.wait().ok();
    }
}

const CONFIG: &str = r#"
[source]
repository = "github.com/acme/app"

[[policy.builder]]
signer_workflow = "acme/app/.github/workflows/build.yml"
refs = ["refs/tags/v*"]

[server]
notify = false

[[server.token]]
name = "api"
sha256 = "{sha256}"
scopes = ["ingest", "notify", "read", "verify"]

[[server.policy]]
name = "default"
config = "provost.toml"
"#;
