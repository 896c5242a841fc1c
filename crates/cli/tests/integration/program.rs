//! One call of the program, in an environment that holds nothing but what the test puts there.

use serde_json::Value;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::OnceLock;

/// A call to be made.
pub(crate) struct Provost {
    command: Command,
}

/// What a call came to.
#[derive(Debug)]
pub(crate) struct Output {
    /// The exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Every verb that help names.
pub(crate) const VERBS: [&str; 15] = [
    "verify",
    "gate",
    "dispatch",
    "notify",
    "recover",
    "manifest",
    "ingest",
    "reconcile",
    "kpi",
    "store",
    "serve",
    "init",
    "token",
    "workflows",
    "explain",
];

/// The executable under test.
pub(crate) const EXECUTABLE: &str = env!("CARGO_BIN_EXE_provost");

impl Provost {
    /// The program with these arguments.
    pub(crate) fn new<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Self {
        Self::under(&[], arguments)
    }

    /// The same as the last argument of another program's, such as `strace -f`.
    pub(crate) fn under<A: AsRef<OsStr>>(
        wrapper: &[&str],
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        let mut words = wrapper.iter().copied().chain([EXECUTABLE]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words).args(arguments);
        command.env_clear().stdin(Stdio::null());
        // A wrapper is found by it; the program itself starts nothing.
        command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        Self { command }
    }

    /// One argument more.
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// More arguments.
    pub(crate) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    /// One variable of its environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Its working directory.
    pub(crate) fn cwd(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Where its stdout goes instead of into the [`Output`].
    pub(crate) fn stdout(mut self, to: impl Into<Stdio>) -> Self {
        self.command.stdout(to);
        self
    }

    /// Runs it to its end.
    pub(crate) fn run(mut self) -> Output {
        let output = self.command.stderr(Stdio::piped()).output().unwrap();
        Output {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Starts it and leaves it running.
    pub(crate) fn start(mut self) -> Running {
        let mut child = self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Running { child, stdout }
    }

    /// Runs it with `--format json`, which must end with `code` and print one valid report.
    pub(crate) fn report(self, code: i32) -> Value {
        self.args(["--format", "json"]).run().expect(code).report()
    }
}

/// A program that runs; killed with this value.
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Running {
    /// The next line that it prints; empty when there is none.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line
    }

    /// Sends it a signal by name, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Waits for its end: how it ended, and what it said on stderr.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let mut stderr = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        (self.child.wait().unwrap(), stderr)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Output {
    /// The same, once the exit code is what it must be.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// The one JSON document that stdout is.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        json_of(&self.stdout)
    }

    /// The same, which must be a report of version 1.
    #[track_caller]
    pub(crate) fn report(&self) -> Value {
        valid_report(self.json())
    }
}

/// One JSON document with a final newline and nothing beside it.
#[track_caller]
pub(crate) fn json_of(text: &str) -> Value {
    assert!(text.ends_with('\n'), "{text:?}");
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text:?}"))
}

/// The report, which must be one by its schema.
#[track_caller]
pub(crate) fn valid_report(report: Value) -> Value {
    static SCHEMA: OnceLock<jsonschema::Validator> = OnceLock::new();
    let schema = SCHEMA.get_or_init(|| {
        jsonschema::validator_for(&provost_wire::v1::Report::json_schema()).unwrap()
    });
    if let Err(error) = schema.validate(&report) {
        panic!("{error}: {report:#}");
    }
    assert_eq!(report["schema"], provost_wire::v1::REPORT_SCHEMA);
    report
}

/// The ids of the checks of one decision that came out as `outcome`, in order.
pub(crate) fn checks_with(decision: &Value, outcome: &str) -> Vec<String> {
    let checks = decision["checks"].as_array().unwrap();
    let wanted = checks.iter().filter(|check| check["outcome"] == outcome);
    wanted.map(|check| check["id"].as_str().unwrap().to_owned()).collect()
}

/// The ids of the failed checks over all decisions of a report, in order.
pub(crate) fn failed(report: &Value) -> Vec<String> {
    let decisions = report["decisions"].as_array().unwrap();
    decisions.iter().flat_map(|decision| checks_with(decision, "failed")).collect()
}

/// The words `accepted` and `refused` of a report.
pub(crate) fn outcomes(report: &Value) -> Vec<&str> {
    let decisions = report["decisions"].as_array().unwrap();
    decisions.iter().map(|decision| decision["outcome"].as_str().unwrap()).collect()
}
