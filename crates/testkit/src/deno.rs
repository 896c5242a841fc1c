//! A real Deno that serves an Edge function on loopback.
//!
//! Deno is looked for where `PROVOST_DENO` says, on `PATH` and in `target/deno`; where there is
//! none, [`Deno::find`] says so, and the test tells that as `not checked here: …`.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a function says once it takes requests, before its URL.
const READY: &str = "Listening on ";

/// How long it may take until then. A debug build of nothing else runs beside it.
const PATIENCE: Duration = Duration::from_secs(60);

/// What Deno says of a package that it could not fetch.
const NO_NETWORK: [&str; 4] =
    ["error sending request", "client error (Connect)", "dns error", "not found in cache"];

/// Why there is no Deno here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unavailable {
    /// It was found nowhere.
    #[error("Deno is not installed; PROVOST_DENO may name the program")]
    NotInstalled,
    /// The packages that a function imports cannot be fetched.
    #[error("Deno cannot fetch the packages that a function imports: {0}")]
    NoPackages(String),
}

/// The program.
#[derive(Debug, Clone)]
pub struct Deno {
    program: PathBuf,
}

impl Deno {
    /// The program, wherever it is.
    ///
    /// # Errors
    /// [`Unavailable::NotInstalled`].
    pub fn find() -> Result<Self, Unavailable> {
        let named = std::env::var_os("PROVOST_DENO").map(PathBuf::from);
        let paths = std::env::var_os("PATH");
        let on_path = paths.iter().flat_map(std::env::split_paths).map(|it| it.join("deno"));
        let own = target().join("node_modules/.bin/deno");
        let mut candidates = named.into_iter().chain(on_path).chain([own]);
        let program = candidates.find(|it| it.is_file()).ok_or(Unavailable::NotInstalled)?;
        Ok(Self { program })
    }

    /// A call of it that reads no configuration but its arguments', and keeps what it fetches below
    /// `target`.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        for (name, _) in std::env::vars_os() {
            let is_ours = |prefix: &str| name.to_string_lossy().starts_with(prefix);
            if ["PROVOST_", "SUPABASE_", "PG", "DENO_"].into_iter().any(is_ours) {
                command.env_remove(name);
            }
        }
        command
            .env("DENO_DIR", target().join("cache"))
            .env("DENO_NO_UPDATE_CHECK", "1")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null());
        command
    }

    /// Fetches what a function imports.
    ///
    /// # Errors
    /// [`Unavailable::NoPackages`].
    ///
    /// # Panics
    /// When the function itself is at fault.
    pub fn fetch(&self, entry: &Path) -> Result<(), Unavailable> {
        let output = self.command().args(["cache", "--no-config"]).arg(entry).output();
        let output = output.expect("deno");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() {
            return Ok(());
        }
        assert!(NO_NETWORK.iter().any(|it| said.contains(it)), "deno cache: {said}");
        let line = said.lines().find(|line| line.contains("error")).unwrap_or_default();
        Err(Unavailable::NoPackages(line.to_owned()))
    }

    /// Serves a function that exports `{ fetch }`, on a port of its own and with these variables.
    ///
    /// # Panics
    /// When it does not begin to listen.
    pub fn serve(&self, entry: &Path, variables: &[(&str, &str)]) -> Function {
        let mut command = self.command();
        command.args(["serve", "--no-config", "--cached-only", "--no-prompt"]);
        command.args(["--allow-env", "--allow-net=127.0.0.1", "--host", "127.0.0.1"]);
        command.args(["--port", "0"]).arg(entry).envs(variables.iter().copied());
        Function::start(&command)
    }

    /// Runs a function that calls `Deno.serve` itself; `DENO_SERVE_ADDRESS` gives it a port.
    ///
    /// # Panics
    /// When it does not begin to listen.
    pub fn run(&self, entry: &Path, variables: &[(&str, &str)]) -> Function {
        let mut command = self.command();
        command.args(["run", "--no-config", "--cached-only", "--no-prompt"]);
        command.args(["--allow-env", "--allow-net=127.0.0.1"]).arg(entry);
        command.env("DENO_SERVE_ADDRESS", "tcp:127.0.0.1:0").envs(variables.iter().copied());
        Function::start(&command)
    }
}

/// The folder below `target` that is Deno's.
fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/deno")
}

/// A function that is being served. It ends when this is dropped or the process dies, `kill -9`
/// included.
#[derive(Debug)]
pub struct Function {
    /// A shell that waits for the end of its standard input and then ends the function by its id.
    shell: Child,
    url: String,
    log: Arc<Mutex<String>>,
}

impl Function {
    fn start(command: &Command) -> Self {
        let mut shell = Command::new("/bin/sh");
        shell.args([
            "-c",
            "\"$@\" </dev/null & id=$!; cat >/dev/null; kill \"$id\"; wait \"$id\"",
            "guard",
        ]);
        shell.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut shell = shell.spawn().expect("sh");
        let log = Arc::new(Mutex::new(String::new()));
        let (found, ready) = channel();
        follow(shell.stdout.take().expect("a pipe"), &log, found.clone());
        follow(shell.stderr.take().expect("a pipe"), &log, found);
        let Ok(url) = ready.recv_timeout(PATIENCE) else {
            drop(shell.stdin.take());
            panic!("the function does not listen: {}", log.lock().expect("log"));
        };
        Self { shell, url, log }
    }

    /// Its URL, without a path and a final slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it wrote so far, on either stream.
    pub fn log(&self) -> String {
        self.log.lock().expect("log").clone()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        self.shell.wait().ok();
    }
}

/// Keeps every line, and tells the URL of the first that has one.
fn follow(stream: impl Read + Send + 'static, log: &Arc<Mutex<String>>, found: Sender<String>) {
    let log = Arc::clone(log);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if let Some((_, rest)) = line.split_once(READY) {
                let url = rest.split_whitespace().next().unwrap_or_default();
                // Nobody waits for a second one.
                found.send(url.trim_end_matches('/').to_owned()).ok();
            }
            log.lock().expect("log").push_str(&format!("{line}\n"));
        }
    });
}
