//! The fuzz targets: they compile, and what they once found stays mended.
//!
//! Without cargo-fuzz the programs are libFuzzer without instrumentation, which is all that a
//! replay needs. The seeds of target `T` are the files of `fuzz/seeds/T`; the crate's own tests
//! replay them too, where there is no C++ compiler for libFuzzer.

use crate::step::Report;
use crate::workspace::Workspace;
use crate::{cargo, program};
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) fn run(workspace: &Workspace) -> Result<Report> {
    if !workspace.path("fuzz/Cargo.toml").is_file() {
        return Ok(Report::not_checked("there are no fuzz targets (fuzz/Cargo.toml)"));
    }
    if !program::succeeds(Command::new(cpp_compiler()).arg("--version")) {
        return Ok(Report::not_checked("targets (libFuzzer needs a C++ compiler, here is none)"));
    }
    let mut build = workspace.cargo();
    build.args(["build", "--manifest-path", "fuzz/Cargo.toml", "--features", "libfuzzer"]);
    let targets = cargo::build(build.arg("--bins"))?;
    let mut replayed = 0;
    for (name, path) in &targets {
        let seeds = seeds(&workspace.path("fuzz/seeds").join(name))?;
        replay(path, &seeds).with_context(|| format!("fuzz target {name}"))?;
        replayed += seeds.len();
    }
    Ok(Report::checked(format!("{} targets, {replayed} seeds", targets.len())))
}

/// The compiler that the build of libFuzzer's runtime will call.
fn cpp_compiler() -> OsString {
    std::env::var_os("CXX").unwrap_or_else(|| "c++".into())
}

/// The seeds of one target. A target without seeds would be compiled and never run.
fn seeds(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut seeds = Vec::new();
    let listed = std::fs::read_dir(folder)
        .with_context(|| format!("no seeds: cannot read {}", folder.display()))?;
    for entry in listed {
        let path = entry?.path();
        if path.is_file() {
            seeds.push(path);
        }
    }
    if seeds.is_empty() {
        bail!("{} holds no seed", folder.display());
    }
    seeds.sort();
    Ok(seeds)
}

/// Given files instead of folders, libFuzzer runs each once and ends. It leaves a file where it
/// stands when it finds something, so it stands in a folder that goes away.
fn replay(target: &Path, seeds: &[PathBuf]) -> Result<()> {
    let elsewhere = tempfile::tempdir()?;
    program::run(Command::new(target).args(seeds).current_dir(&elsewhere))?;
    Ok(())
}
