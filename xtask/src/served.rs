//! A `provost serve` of one's own, in a folder of its own.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A sender that may do everything, and the hash by which a server knows it.
pub(crate) const TOKEN: &str = "token-of-the-api-step";
const TOKEN_SHA256: &str = "f1f9eba823fc0b3fdf5f9fa3839b0cd7e75237985842afa634202cc278c757f7";

/// A `provost.toml` whose server takes [`TOKEN`]; `server` are more lines of `[server]`.
pub(crate) fn config(server: &str) -> String {
    format!(
        r#"
[source]
repository = "github.com/acme/app"

[[policy.builder]]
signer_workflow = "acme/app/.github/workflows/build.yml"
refs = ["refs/tags/v*"]

[server]
notify = false
{server}
[[server.token]]
name = "all"
sha256 = "{TOKEN_SHA256}"
scopes = ["ingest", "notify", "read", "verify"]
"#
    )
}

/// A running server; it ends with this value.
pub(crate) struct Served {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) url: String,
    program: Child,
}

impl Served {
    /// Starts one with this `provost.toml`, after `prepare` had its way with the folder.
    ///
    /// # Errors
    /// When it does not say where it listens.
    pub(crate) fn start(
        provost: &Path,
        config: &str,
        prepare: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("provost.toml"), config)?;
        prepare(folder.path())?;
        Self::run(provost, folder, &[])
    }

    /// Starts one with made events.
    ///
    /// # Errors
    /// When it does not say where it listens.
    pub(crate) fn demo(provost: &Path) -> Result<Self> {
        Self::run(provost, tempfile::tempdir()?, &["--demo"])
    }

    fn run(provost: &Path, folder: tempfile::TempDir, more: &[&str]) -> Result<Self> {
        let mut command = Command::new(provost);
        command.args(["serve", "--listen", "127.0.0.1:0", "--format", "json"]).args(more);
        command.current_dir(folder.path()).env_remove("PROVOST_STORE_URL");
        command.env_remove("PROVOST_CONFIG").env_remove("PROVOST_LISTEN");
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
                program.wait().ok();
                bail!("the server did not say where it listens: {line:?}")
            }
        }
    }

    /// Whether it still runs after all that it was asked.
    ///
    /// # Errors
    /// When it ended.
    pub(crate) fn confirm_running(&mut self) -> Result<()> {
        match self.program.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("the server ended while it was asked: {status}"),
        }
    }
}

impl Drop for Served {
    /// Told to end, so that it takes its own folders with it; killed when it does not.
    fn drop(&mut self) {
        let id = nix::unistd::Pid::from_raw(self.program.id().cast_signed());
        if nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM).is_err() {
            self.program.kill().ok();
        }
        self.program.wait().ok();
    }
}
