//! `provost serve` as a process that can be ended at any moment.

use super::connection::{Connection, get};
use super::{Broken, Release, Stage};
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The token of the crowd: it may write and read.
pub const TOKEN: &str = "canary-token-of-the-crowd-0123456789abcdef";

/// SHA-256 of [`TOKEN`].
const TOKEN_SHA256: &str = "16cef8fce16209c22d52c19c5c8dd114d1d1d6a5b2da66bef34c6532739005ee";

/// How long a start may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A library that is loaded before all others, with its environment.
#[derive(Debug, Clone)]
pub struct Preload {
    /// The library.
    pub library: PathBuf,
    /// Variables that it reads.
    pub variables: Vec<(&'static str, String)>,
}

/// A server on loopback. It is killed when this is dropped.
#[derive(Debug)]
pub struct Service {
    command: ServiceCommand,
    address: SocketAddr,
    child: Option<Child>,
}

#[derive(Debug)]
struct ServiceCommand {
    program: PathBuf,
    folder: PathBuf,
    store_url: String,
    preload: Option<Preload>,
}

impl Service {
    /// Starts a server over the stage's event log and waits until it is ready.
    ///
    /// # Errors
    /// [`Broken`] with the server's own words when it does not become ready.
    pub fn start(stage: &Stage, preload: Option<Preload>) -> Result<Self, Broken> {
        let config = format!(
            "[source]\nrepository = \"github.com/{}\"\n\n[[server.token]]\nname = \"crowd\"\nsha256 = \"{TOKEN_SHA256}\"\n\
             scopes = [\"ingest\", \"read\"]\n",
            Release::REPOSITORY
        );
        std::fs::write(stage.folder().join("provost.toml"), config)
            .map_err(|error| Broken::at("provost.toml", error))?;
        let command = ServiceCommand {
            program: stage.program().to_owned(),
            folder: stage.folder().to_owned(),
            store_url: stage.store_url(),
            preload,
        };
        // Another process may take the port between the look and the start.
        let mut service = Self { command, address: free_address()?, child: None };
        match service.start_again() {
            Err(broken) if broken.0.contains("in use") => {
                service.address = free_address()?;
                service.start_again()?;
            }
            started => started?,
        }
        Ok(service)
    }

    /// Starts it on the same address, and waits until it is ready.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_again(&mut self) -> Result<(), Broken> {
        self.kill();
        let child = self.command.spawn(self.address)?;
        self.child = Some(child);
        self.wait_until_ready(PATIENCE)
    }

    /// Waits until `/readyz` says yes.
    ///
    /// # Errors
    /// [`Broken`] when it ends first or `patience` is over.
    pub fn wait_until_ready(&mut self, patience: Duration) -> Result<(), Broken> {
        let deadline = Instant::now() + patience;
        loop {
            if self.is_ready() {
                return Ok(());
            }
            let ended = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten());
            if let Some(status) = ended {
                return Err(Broken(format!("the server ended, {status}: {}", self.log_tail())));
            }
            if Instant::now() > deadline {
                return Err(Broken(format!("the server is not ready: {}", self.log_tail())));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether `/readyz` says yes at this moment.
    pub fn is_ready(&self) -> bool {
        let answer = Connection::open(self.address, Duration::from_secs(5))
            .and_then(|mut connection| connection.call(&get("/readyz", TOKEN)));
        answer.is_ok_and(|answer| answer.status == 200)
    }

    /// Ends it as `kill -9` does.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().ok();
            child.wait().ok();
        }
    }

    /// Whether the process is still the one that was started last.
    pub fn is_running(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process.
    pub fn process_id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// The largest resident memory it ever had, in KiB.
    pub fn peak_memory_kib(&self) -> Option<u64> {
        self.status_field("VmHWM:")
    }

    /// The processor time it has used so far, in clock ticks of a hundredth of a second.
    pub fn processor_ticks(&self) -> Option<u64> {
        let id = self.process_id()?;
        let text = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
        Some(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
    }

    fn status_field(&self, name: &str) -> Option<u64> {
        let id = self.process_id()?;
        let text = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches(" kB").trim().parse().ok()
    }

    /// What it wrote into its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.command.log()).unwrap_or_default()
    }

    fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().rev().take(5).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

fn free_address() -> Result<SocketAddr, Broken> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map_err(|error| Broken::at("a port on loopback", error))
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}

impl ServiceCommand {
    fn log(&self) -> PathBuf {
        self.folder.join("serve.log")
    }

    fn spawn(&self, address: SocketAddr) -> Result<Child, Broken> {
        let log = File::options().create(true).append(true).open(self.log());
        let log = log.map_err(|error| Broken::at("the server's log", error))?;
        let errors = log.try_clone().map_err(|error| Broken::at("the server's log", error))?;
        let mut command = Command::new(&self.program);
        command
            .args(["serve", "--listen", &address.to_string()])
            .current_dir(&self.folder)
            .env_clear()
            .env("PROVOST_STORE_URL", &self.store_url)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors);
        if let Some(Preload { library, variables }) = &self.preload {
            command.env("LD_PRELOAD", library);
            command.envs(variables.iter().map(|(name, value)| (name, value)));
        }
        command.spawn().map_err(|error| Broken::at("starting the server", error))
    }
}
