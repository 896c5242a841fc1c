//! `cargo xtask campaign load`: how fast events are taken in, against the database alone.
//!
//! Both sides of a ratio run in turn on one machine, against one database that syncs to the disk;
//! the whole path is measured on our side (HTTP, authentication, JSON, the keys, the batch), and a
//! plain statement on the other.

mod comparison;
mod http;
mod manifests;
mod pgbench;
mod singles;
mod sqlite;

use super::program::Choice;
use crate::benchmarks::Section;
use crate::screen::say;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use provost_testkit::load::fault::{self, SlowPart};
use provost_testkit::load::{Service, Stage};
use provost_testkit::postgres::Settings;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The memory that the server may take, in MiB.
const MEMORY_MIB: f64 = 64.0;

/// How large the campaign is.
#[derive(Debug, Clone, Copy)]
struct Plan {
    /// Counted runs of each side, after one that is not counted.
    runs: usize,
    /// How long single events are sent in one run.
    time: Duration,
    /// Manifests of 1,000 entries in one run.
    manifests: u64,
    /// Single events of one run into SQLite.
    events: u64,
    /// Slow clients.
    sockets: usize,
}

const FULL: Plan =
    Plan { runs: 5, time: Duration::from_secs(10), manifests: 30, events: 4_000, sockets: 2_000 };

const SHORT: Plan =
    Plan { runs: 1, time: Duration::from_secs(1), manifests: 4, events: 500, sockets: 200 };

/// Numbers of releases, each given once.
#[derive(Debug, Default)]
struct Numbers(AtomicU64);

impl Numbers {
    fn take(&self, count: u64) -> u64 {
        self.0.fetch_add(count, Ordering::Relaxed)
    }
}

/// Measures everything; the long form writes its section of the page.
pub(crate) fn run(workspace: &Workspace, choice: &Choice) -> Result<()> {
    let plan = if choice.is_short { &SHORT } else { &FULL };
    let program = choice.program(workspace)?;
    let stage = Stage::postgres(&program, &Settings::default()).context("no PostgreSQL here")?;
    let service = stage.serve()?;
    let numbers = Numbers::default();
    let mut comparisons = Vec::new();
    say!("single events over HTTP against pgbench");
    comparisons.extend(singles::compare(plan, &stage, &service, &numbers)?);
    say!("manifests of 1,000 entries against one statement");
    comparisons.extend(manifests::compare(plan, &stage, &service, &numbers)?);
    let memory = memory(plan, &service)?;
    drop(service);
    say!("single events into SQLite against a bare loop");
    comparisons.push(sqlite::compare(workspace, plan)?);
    let body = format!("{}\n{memory}\n", comparison::table(&comparisons));
    say!("{body}");
    if choice.is_short {
        say!(
            "Not checked here: figures worth keeping; they take the long form on an idle machine."
        );
        return Ok(());
    }
    let path = Section::Load.write(workspace.root(), &body)?;
    say!("wrote {}", path.display());
    Ok(())
}

/// The largest resident set after all this load, and after slow clients in addition.
fn memory(plan: &Plan, service: &Service) -> Result<String> {
    let peak = || service.peak_memory_kib().map(|kib| kib as f64 / 1024.0);
    let loaded = peak().context("the server's memory")?;
    let slow = fault::slow_clients(service, plan.sockets, SlowPart::Head)?;
    say!("{slow}");
    let slow = peak().context("the server's memory")?;
    let met = if slow < MEMORY_MIB { "met" } else { "missed" };
    Ok(format!(
        "Largest resident memory of the server: {loaded:.1} MiB under all of this load over HTTP, \
         {slow:.1} MiB with {} slow sockets after it; goal below {MEMORY_MIB:.0} MiB, {met}.",
        plan.sockets
    ))
}
