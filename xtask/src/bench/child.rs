//! One run of a whole process, measured from outside.
//!
//! The kernel tells the largest resident set only of *all* children of a process, so each run gets
//! a parent of its own: this program once more, as `xtask measure COMMAND…`.

use super::sample::Sample;
use crate::screen::say;
use anyhow::{Context, Result, bail};
use nix::sys::resource::{UsageWho, getrusage};
use std::ffi::OsString;
use std::process::{Command, Stdio};
use std::time::Instant;

/// The parent's side of `xtask measure COMMAND…`: runs it once and prints both figures.
pub(crate) fn measure_child(command: &[OsString]) -> Result<()> {
    let (program, arguments) = command.split_first().context("no command to measure")?;
    let start = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    let nanoseconds = start.elapsed().as_nanos();
    if !status.success() {
        bail!("{} ended with {status}", program.to_string_lossy());
    }
    let peak_kib = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss();
    say!("{nanoseconds} {peak_kib}");
    Ok(())
}

/// Runs the command once under a parent of its own.
pub(crate) fn sample(command: &[OsString]) -> Result<Sample> {
    let output = Command::new(std::env::current_exe()?)
        .arg("measure")
        .args(command)
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        bail!("{command:?} could not be measured");
    }
    let text = String::from_utf8(output.stdout)?;
    let mut figures = text.split_whitespace().map(str::parse::<u64>);
    let mut next = || figures.next().context("a figure is missing")?.context("no figure");
    Ok(Sample { nanoseconds: next()?, peak_kib: next()? })
}
