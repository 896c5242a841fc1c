//! `cargo xtask bench`: ratios in one run, written into its section of `docs/benchmarks.md`.
//!
//! Nothing here fails for being slow: a missed goal is reported, with its figure.

mod child;
mod page;
mod sample;
mod scenario;

pub(crate) use child::measure_child;
pub(crate) use sample::Spread;

use crate::benchmarks::Section;
use crate::screen::say;
use crate::workspace::Workspace;
use anyhow::{Result, bail};
use scenario::Scenario;

/// Measures everything and writes the page.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    build(workspace)?;
    let root = workspace.root();
    let folder = tempfile::tempdir()?;
    let mut results = Vec::new();
    for scenario in scenario::all(root, folder.path())? {
        let Scenario { name, .. } = &scenario;
        say!("measuring {name}");
        let result = scenario.measure()?;
        say!("{}", result.line());
        results.push(result);
    }
    let path = Section::Verification.write(root, &page::render(&results, root))?;
    say!("wrote {}", path.display());
    Ok(())
}

fn build(workspace: &Workspace) -> Result<()> {
    for arguments in [
        ["build", "--release", "--package", "provost-cli", "--bin", "provost"],
        ["build", "--release", "--package", "provost-verify", "--example", "reference"],
    ] {
        let status = workspace.cargo().args(arguments).status()?;
        if !status.success() {
            bail!("the release build failed");
        }
    }
    Ok(())
}
