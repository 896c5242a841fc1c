//! Records one or more runs of one tag below a root: the smallest writer there is.
//!
//! ```text
//! record ROOT NOW success|failure TAG RUN...
//! ```
//!
//! Prints a line for each run: the outcome, the file and its SHA-256.

use provost_manifest::{Entry, EntryKey, Manifests};
use provost_record::Status;
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Err(error) = record(&arguments) else {
        return ExitCode::SUCCESS;
    };
    let mut text = format!("record: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    // Where there is nobody to tell, the exit code says it.
    let _ = writeln!(std::io::stderr(), "{text}");
    ExitCode::FAILURE
}

fn record(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [root, now, status, tag, runs @ ..] = arguments else {
        return Err("usage: record ROOT NOW success|failure TAG RUN...".into());
    };
    let manifests = Manifests::at(Path::new(root));
    let now = now.parse()?;
    for run in runs {
        let key = EntryKey { run: run.parse()?, tag: tag.parse()? };
        let settled = manifests.record(report(key, status, now)?, now)?;
        let (outcome, path, sha256) = (settled.outcome, settled.path, settled.sha256);
        writeln!(std::io::stdout(), "{outcome:?} {path} {sha256}")?;
    }
    Ok(())
}

fn report(key: EntryKey, status: &str, now: jiff::Timestamp) -> Result<Entry, Box<dyn Error>> {
    match status {
        "success" => Ok(Entry::new(key, Status::Success, now)),
        "failure" => {
            let mut entry = Entry::new(key, Status::Failure, now);
            entry.failure_reason = Some("the provenance run failed".to_owned());
            Ok(entry)
        }
        other => Err(format!("{other:?} is neither success nor failure").into()),
    }
}
