//! `cargo xtask bench`: ratios in one run, written into its section of `docs/benchmarks.md`.
//!
//! Nothing here fails for being slow: a missed goal is reported, with its figure.

mod audit;
mod child;
mod page;
mod sample;
mod scenario;
mod verification;
mod workflows;

pub(crate) use child::measure_child;
pub(crate) use sample::Spread;

use crate::benchmarks::Section;
use crate::screen::say;
use crate::workspace::Workspace;
use anyhow::{Result, bail};
use scenario::{Outcome, Scenario};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Verification,
    Audit,
}

impl Part {
    /// The parts that are named; both when none is.
    pub(crate) fn parse(words: &[&str]) -> Option<&'static [Self]> {
        match words {
            [] => Some(&[Self::Verification, Self::Audit]),
            ["verification"] => Some(&[Self::Verification]),
            ["audit"] => Some(&[Self::Audit]),
            _ => None,
        }
    }
}

/// Measures the parts and writes their sections of the page.
pub(crate) fn run(workspace: &Workspace, parts: &[Part]) -> Result<()> {
    let root = workspace.root();
    build(workspace, ["--package", "provost-cli", "--bin", "provost"])?;
    for part in parts {
        let folder = tempfile::tempdir()?;
        let path = match part {
            Part::Verification => {
                build(workspace, ["--package", "provost-verify", "--example", "reference"])?;
                let results = measured(verification::all(root, folder.path())?)?;
                Section::Verification.write(root, &page::verification(&results, root))?
            }
            Part::Audit => {
                build(workspace, ["--package", "provost-workflow-audit", "--example", "parse"])?;
                let results = measured(audit::all(root, folder.path())?)?;
                let shapes = audit::shapes(root, folder.path())?;
                Section::Audit.write(root, &audit::page(&results, &shapes))?
            }
        };
        say!("wrote {}", path.display());
    }
    Ok(())
}

fn measured(scenarios: Vec<Scenario>) -> Result<Vec<Outcome>> {
    let mut results = Vec::new();
    for scenario in scenarios {
        say!("measuring {}", scenario.name);
        let result = scenario.measure()?;
        say!("{}", result.line());
        results.push(result);
    }
    Ok(results)
}

fn build(workspace: &Workspace, words: [&str; 4]) -> Result<()> {
    let status = workspace.cargo().args(["build", "--release"]).args(words).status()?;
    if !status.success() {
        bail!("the release build failed");
    }
    Ok(())
}
