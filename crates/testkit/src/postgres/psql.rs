//! Plain SQL through `psql`.

use super::programs::program;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use thiserror::Error;

/// What the server said instead of doing it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// As whom and where statements are run. Every call is a connection of its own.
#[derive(Debug, Clone)]
pub struct Session {
    socket_folder: PathBuf,
    port: u16,
    role: String,
    database: String,
    set_role: Option<String>,
}

impl Session {
    pub(super) fn new(socket_folder: &Path, port: u16, role: &str, database: &str) -> Self {
        Self {
            socket_folder: socket_folder.to_owned(),
            port,
            role: role.to_owned(),
            database: database.to_owned(),
            set_role: None,
        }
    }

    /// The same connection after `set role`, for roles that may not connect.
    pub fn set_role(mut self, role: &str) -> Self {
        self.set_role = Some(role.to_owned());
        self
    }

    /// Runs statements one by one until one is refused, and answers what they print: a line a row,
    /// columns separated by `|`, null as `∅`.
    ///
    /// # Errors
    /// [`Refused`] with the server's words.
    pub fn execute(&self, statements: &str) -> Result<String, Refused> {
        self.run(&[], statements)
    }

    /// The same in one transaction: all of it or nothing.
    ///
    /// # Errors
    /// [`Refused`] with the server's words.
    pub fn execute_as_one(&self, statements: &str) -> Result<String, Refused> {
        self.run(&["--single-transaction"], statements)
    }

    fn run(&self, arguments: &[&str], statements: &str) -> Result<String, Refused> {
        let mut psql = self.command().args(arguments).spawn().expect("psql");
        let mut input = psql.stdin.take().expect("a pipe to psql");
        let set_role = self.set_role.as_ref();
        let text = match set_role {
            Some(role) => format!("set role {role};\n{statements}"),
            None => statements.to_owned(),
        };
        // In a thread, so that neither side waits for the other with a full pipe.
        let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
        let output = psql.wait_with_output().expect("psql");
        // It stops reading at the first refusal.
        writer.join().expect("the writer of psql's input").ok();
        if output.status.success() {
            let text = String::from_utf8(output.stdout).expect("UTF-8 of psql");
            Ok(text.trim_end_matches('\n').to_owned())
        } else {
            Err(Refused(String::from_utf8_lossy(&output.stderr).into_owned()))
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(program("psql").expect("psql, as the cluster was started"));
        command
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .args(["--set", "ON_ERROR_STOP=1", "--pset", "null=∅"])
            .arg("--host")
            .arg(&self.socket_folder)
            .args(["--port", &self.port.to_string()])
            .args(["--username", &self.role, "--dbname", &self.database])
            .env_clear()
            .env("PGOPTIONS", "-c client_min_messages=warning")
            .env("PGCLIENTENCODING", "UTF8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}
