//! The use case *reconcile*: manifest, event log, releases, tags and runs against each other.

mod entries;
mod fix;
mod gap;
mod log;
mod releases;
mod runs;
mod tell;
mod world;

pub use gap::{Gap, GapKind};

use crate::config::LoadedConfig;
use crate::error::ControlError;
use crate::gate::Online;
use crate::notify::NotifyRequest;
use jiff::Timestamp;
use provost_notify::IssueTracker;
use provost_store::StoreUrl;
use world::World;

/// What is to be compared.
#[derive(Debug, Clone)]
pub struct ReconcileRequest {
    /// The configuration.
    pub config: LoadedConfig,
    /// The event log.
    pub store: StoreUrl,
    /// Only what happened since.
    pub since: Timestamp,
    /// Repeat what can be repeated.
    pub fix: bool,
}

/// What the comparison came to.
#[derive(Debug, Default)]
pub struct Reconciliation {
    /// What does not fit, sorted by tag and run; what was mended is among it.
    pub gaps: Vec<Gap>,
    /// How many releases, manifest entries, rows of the log and runs were looked at.
    pub looked_at: LookedAt,
    /// What was not compared, and why.
    pub unchecked: Vec<String>,
    /// Issues that were closed because their tag succeeded since.
    pub closed: Vec<u64>,
}

/// How much was compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LookedAt {
    /// Published releases.
    pub releases: usize,
    /// Manifest entries.
    pub entries: usize,
    /// Runs of the event log.
    pub rows: usize,
    /// Runs on GitHub.
    pub runs: usize,
}

impl Reconciliation {
    /// The gaps that are still open.
    pub fn open(&self) -> impl Iterator<Item = &Gap> {
        self.gaps.iter().filter(|gap| gap.mended.is_none())
    }
}

/// How gaps are told.
pub struct Telling<'a> {
    /// A request that has configuration, job and secrets; tag, run and reason are replaced.
    pub request: &'a NotifyRequest,
    /// Where issues are opened; `None` where none can be.
    pub tracker: Option<&'a dyn IssueTracker>,
}

/// Compares what the manifest, the event log and GitHub say about every release since a time.
///
/// Each gap is told once, by the ways of `provost notify`: what has an entry remembers it there, what
/// has none becomes an entry that failed, and what is about the event log alone is remembered in it. With `fix`, what can be repeated is: rows that are missing
/// are appended, decisions that were deferred are made, issues of tags that succeeded since are
/// closed. A gap that was mended is not told.
///
/// # Errors
/// [`ControlError`] when one of the sides cannot be read: what was not compared is no agreement.
pub fn reconcile(
    request: &ReconcileRequest,
    online: &Online,
    telling: Option<&Telling<'_>>,
    now: Timestamp,
) -> Result<Reconciliation, ControlError> {
    let world = World::load(request, online, now)?;
    let mut gaps = Vec::new();
    releases::compare(&world, &mut gaps);
    entries::compare(&world, online, &mut gaps)?;
    log::compare(&world, &mut gaps);
    let runs = runs::compare(&world, online, &mut gaps)?;
    gaps.sort();
    gaps.dedup_by(|one, two| (&one.tag, one.run, one.kind) == (&two.tag, two.run, two.kind));
    if request.fix {
        fix::mend(&world, online, &mut gaps, now);
    }
    let mut closed = Vec::new();
    if let Some(telling) = telling {
        tell::tell(&world, telling, &mut gaps, now);
        closed = tell::close(&world, telling);
    }
    Ok(Reconciliation {
        looked_at: world.looked_at(runs),
        unchecked: world.unchecked,
        gaps,
        closed,
    })
}
