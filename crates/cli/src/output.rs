//! Where results go: stdout for results, stderr for the rest, a file for the JSON report.

use crate::args::{Format, OutputArgs};
use crate::exit::Exit;
use crate::sink;
use crate::sink::command::{Annotation, Level};
pub(crate) use provost_control::chain;
use provost_wire::v1::Report;
use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writing failed: the result did not reach the reader.
#[derive(Debug)]
pub(crate) struct WriteFailure {
    what: String,
    error: io::Error,
}

impl WriteFailure {
    pub(crate) fn new(what: &str, error: io::Error) -> Self {
        Self { what: what.to_owned(), error }
    }
}

impl std::fmt::Display for WriteFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot write {}: {}", self.what, self.error)
    }
}

/// Every verb ends so: an exit code, or a result that could not be shown.
pub(crate) type Shown = Result<Exit, WriteFailure>;

/// The way out for one call.
#[derive(Debug)]
pub(crate) struct Output {
    format: Format,
    json_file: Option<PathBuf>,
    verbose: bool,
    quiet: bool,
    stdout_is_taken: bool,
}

impl Output {
    /// `stdout_is_taken`: stdout carries something of its own, so results go to stderr.
    pub(crate) fn new(args: &OutputArgs, stdout_is_taken: bool) -> Self {
        Self {
            format: args.format.unwrap_or_else(crate::default_format),
            json_file: args.output.clone(),
            verbose: args.verbose,
            quiet: args.quiet,
            stdout_is_taken,
        }
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Prints a result; colour codes are dropped where they mean nothing.
    pub(crate) fn print(&self, text: &str) -> Result<(), WriteFailure> {
        if self.stdout_is_taken {
            let mut stderr = anstream::AutoStream::auto(io::stderr().lock());
            return stderr.write_all(text.as_bytes()).map_err(failure("stderr"));
        }
        let mut stdout = anstream::AutoStream::auto(io::stdout().lock());
        stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(failure("stdout"))
    }

    /// Prints bytes to stdout as they are.
    pub(crate) fn print_raw(&self, bytes: &[u8]) -> Result<(), WriteFailure> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(failure("stdout"))
    }

    /// Prints to stderr. What cannot be shown there is lost; the exit code still tells.
    pub(crate) fn tell(&self, text: &str) {
        if !self.quiet {
            let mut stderr = anstream::AutoStream::auto(io::stderr().lock());
            let _ = stderr.write_all(text.as_bytes());
        }
    }

    /// A warning, one line. Inside GitHub Actions an annotation.
    pub(crate) fn warn(&self, text: &str) {
        match self.format {
            Format::Github => {
                self.tell(&annotation(Level::Warning, "provost", text));
            }
            _ => self.tell(&format!("warning: {}\n", sink::terminal(text))),
        }
    }

    /// Writes the JSON report where `-o` says, and prints it when that is the format.
    pub(crate) fn report(&self, report: &Report) -> Result<(), WriteFailure> {
        self.document(&report.to_json(), "")
    }

    /// A result as JSON and as text: the JSON goes where `-o` says, and the one of the format in
    /// force is printed. Both are tried before either failure counts.
    pub(crate) fn document(&self, json: &str, text: &str) -> Result<(), WriteFailure> {
        let json = &*sink::json(json);
        let written = match &self.json_file {
            Some(path) => write_file(path, json.as_bytes()),
            None => Ok(()),
        };
        let printed = match self.format {
            Format::Json if self.stdout_is_taken => {
                io::stderr().lock().write_all(json.as_bytes()).map_err(failure("stderr"))
            }
            Format::Json | Format::Sarif => self.print_raw(json.as_bytes()),
            _ if text.is_empty() => Ok(()),
            _ => self.print(text),
        };
        written.and(printed)
    }

    /// Shows an error in the format in force; nothing was decided.
    pub(crate) fn error(
        &self,
        what_did_not_happen: &str,
        code: &str,
        error: &dyn Error,
    ) -> Result<(), WriteFailure> {
        let detail = chain(error);
        self.report(&Report::of_error(code, detail.clone()))?;
        self.failure_line(&format!("{what_did_not_happen}: {detail}"))
    }

    /// One line about what did not happen, in the format in force; JSON has it in its report.
    pub(crate) fn failure_line(&self, line: &str) -> Result<(), WriteFailure> {
        match self.format {
            Format::Json => Ok(()),
            Format::Text | Format::Sarif => {
                self.tell_error(line);
                Ok(())
            }
            Format::Github => self.print(&annotation(Level::Error, "provost", line)),
        }
    }

    /// `error:` and one line on stderr, also when quiet.
    pub(crate) fn tell_error(&self, line: &str) {
        let mut stderr = anstream::AutoStream::auto(io::stderr().lock());
        let red = crate::screen::style::REFUSED;
        let _ = writeln!(stderr, "{red}error{red:#}: {}", sink::terminal(line));
    }

    pub(crate) fn after_write_failure(&self, failure: &WriteFailure) -> Exit {
        self.tell_error(&failure.to_string());
        Exit::CouldNot
    }
}

/// One annotation with its line feed.
pub(crate) fn annotation(level: Level, title: &str, line: &str) -> String {
    let annotation = Annotation { level, title, file: None, line: None, message: &[line] };
    format!("{annotation}\n")
}

/// Writes a whole file, or says why not.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), WriteFailure> {
    let write = || {
        let mut file = std::fs::File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all().or_else(|error| match error.kind() {
            // A pipe or a device has nothing to sync.
            io::ErrorKind::InvalidInput => Ok(()),
            _ => Err(error),
        })
    };
    write().map_err(|error| WriteFailure::new(&path.display().to_string(), error))
}

fn failure(what: &str) -> impl Fn(io::Error) -> WriteFailure + '_ {
    move |error| WriteFailure::new(what, error)
}

/// The raw arguments before a `--`; used where they were not parsed.
fn raw_arguments() -> Vec<String> {
    std::env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .take_while(|argument| argument != "--")
        .collect()
}

/// The value that the raw arguments give a flag.
fn raw_value<'a>(arguments: &'a [String], flags: &[&str]) -> Option<&'a str> {
    let separate = arguments.windows(2).find(|pair| flags.contains(&pair[0].as_str()));
    let joined = || {
        arguments.iter().find_map(|argument| {
            let (flag, value) = argument.split_once('=')?;
            flags.contains(&flag).then_some(value)
        })
    };
    separate.map(|pair| pair[1].as_str()).or_else(joined)
}

/// The report of a call that came to nothing, where the arguments want it: a file of an earlier
/// call must not stand as the answer to this one.
fn last_word(report: &Report) {
    let arguments = raw_arguments();
    let json = report.to_json();
    let json = sink::json(&json);
    // The exit code stands whether or not anybody can still read this.
    if let Some(path) = raw_value(&arguments, &["-o", "--output"]) {
        let _ = write_file(Path::new(path), json.as_bytes());
    }
    if raw_value(&arguments, &["--format"]) == Some("json") {
        let _ = match arguments.iter().any(|argument| argument == "--print-provenance") {
            true => io::stderr().lock().write_all(json.as_bytes()),
            false => io::stdout().lock().write_all(json.as_bytes()),
        };
    }
}

/// Arguments that cannot be parsed; help and version end well.
pub(crate) fn after_bad_arguments(error: &clap::Error) -> Exit {
    if !error.use_stderr() {
        return if error.print().is_ok() { Exit::Fine } else { Exit::CouldNot };
    }
    let shown = without_orders(error.render().ansi().to_string());
    let mut stderr = anstream::AutoStream::auto(io::stderr().lock());
    let _ = stderr.write_all(shown.as_bytes());
    drop(stderr);
    let detail = without_orders(error.render().to_string());
    let first = detail.lines().next().unwrap_or_default().trim_start_matches("error: ");
    last_word(&Report::of_error("arguments", first));
    Exit::BadArguments
}

/// A message of the argument parser, which repeats arguments as they were typed, with those that
/// hold an order to a terminal or a runner made visible.
fn without_orders(mut message: String) -> String {
    for argument in std::env::args_os().skip(1) {
        let argument = argument.to_string_lossy();
        let (flag, value) = argument.split_once('=').unwrap_or_default();
        for typed in [argument.as_ref(), flag, value] {
            let shown = sink::terminal(typed).to_string();
            if !typed.is_empty() && shown != typed {
                message = message.replace(typed, &shown);
            }
        }
    }
    message
}

/// A panic was caught. The hook has told where; this says what it means.
pub(crate) fn after_panic() -> Exit {
    let detail = "internal fault: nothing was decided; please report it";
    last_word(&Report::of_error("internal", detail));
    let _ = writeln!(io::stderr().lock(), "error: {detail}");
    Exit::CouldNot
}
