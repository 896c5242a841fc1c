//! A sample of the cases through the program itself: arguments in, exit code out.

use super::{Case, Got};
use anyhow::Result;
use serde_json::Value;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

/// Whether the program ends with the exit code that the library's verdict stands for.
pub(super) fn agrees(provost: &Path, case: &Case, corpus: &Path, got: &Got) -> Result<bool> {
    let expected = match got {
        Got::Pass => 0,
        Got::Fail(_) => 10,
        Got::Undecidable => 1,
        Got::BadExpectation => 2,
        Got::Other(_) => return Ok(false),
    };
    let status = Command::new(provost)
        .args(arguments(case, corpus))
        .env_clear()
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    Ok(status.code() == Some(expected))
}

fn arguments(case: &Case, corpus: &Path) -> Vec<OsString> {
    let files = corpus.join("files");
    let mut arguments: Vec<OsString> = vec!["verify".into(), "--trusted-root".into()];
    arguments.push(corpus.join("trust/trusted_root.json").into());
    if let Some(path) = &case.provenance_path {
        arguments.extend(["--bundle".into(), files.join(path).into()]);
    }
    if case.verb == "verify-bundle-signature" {
        arguments.push("--unsafe-any-source".into());
        arguments.push(format!("sha256:{}", "0".repeat(64)).into());
        return arguments;
    }
    for (flag, value) in &case.flags {
        match (flag.as_str(), value) {
            ("_digest", Value::String(digest)) => arguments.push(digest.into()),
            (_, Value::String(text)) => arguments.push(format!("--{flag}={text}").into()),
            (_, Value::Object(inputs)) => {
                for (key, value) in inputs {
                    let value = value.as_str().unwrap_or_default();
                    arguments.push(format!("--{flag}={key}={value}").into());
                }
            }
            _ => {}
        }
    }
    if !case.flags.contains_key("_digest") {
        arguments.extend(case.artifact_paths.iter().map(|path| files.join(path).into()));
    }
    arguments
}
