//! Single events into SQLite: through the event log, and by a bare loop. Both sides are one program,
//! built for release.

use super::Plan;
use super::comparison::{Comparison, Goal};
use crate::campaign::program;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use std::path::Path;
use std::process::Command;

pub(super) fn compare(workspace: &Workspace, plan: &Plan) -> Result<Comparison> {
    let program = program::example(workspace, "provost-store", "single_events")?;
    let mut comparison = Comparison::new(
        "single events into SQLite, through the event log",
        "a bare loop over one prepared insert into the same table, WAL, `synchronous=FULL`, a \
         commit an event",
        "rows/s",
        Goal::AtLeast(0.6),
    );
    for run in 0..=plan.runs {
        let ours = speed(&program, "log", plan.events)?;
        let theirs = speed(&program, "bare", plan.events)?;
        if run > 0 {
            comparison.push(ours, theirs);
        }
    }
    Ok(comparison)
}

/// Events a second into a new file.
fn speed(program: &Path, side: &str, events: u64) -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(program);
    command.arg(side).arg(folder.path().join("events.db")).arg(events.to_string());
    let figure = crate::program::run(&mut command)?;
    figure.trim().parse().with_context(|| format!("no figure: {figure}"))
}
