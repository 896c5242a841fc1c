//! What the overview shows, counted once for all who look until the log has something new.

use super::figures::{Figures, beginnings, date};
use super::incident::Told;
use crate::app::App;
use jiff::{SignedDuration, Timestamp};
use provost_store::{Incident, KpiFilter, KpiRow, LogMark, StoreError};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Rows of the KPI table.
const KPI_ROWS: u32 = 20;
/// Incidents that the overview shows.
const ATTENTION: usize = 8;
/// Open incidents are counted up to this number.
pub(super) const COUNTED: usize = 500;

/// Figures move with the clock too.
const LONGEST: SignedDuration = SignedDuration::from_secs(60);

/// What costs no more than this is counted again for whoever asks; dearer figures are shown as they
/// were while they are counted anew, which takes at most a tenth of the time.
const CHEAP: Duration = Duration::from_millis(40);
const SHARE: u32 = 10;

/// Counted repositories that are remembered.
const REMEMBERED: usize = 256;

/// What the overview of one repository, or of all, shows.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) figures: Figures,
    pub(super) kpi: Vec<KpiRow>,
    /// The newest open incidents, one a release, with who was told.
    pub(super) attention: Vec<(Incident, Told)>,
    /// Releases with open incidents, at most [`COUNTED`].
    pub(super) open: usize,
    /// Since when the oldest of them is open; `None` when not all were counted.
    pub(super) oldest_open: Option<Timestamp>,
    /// Whether the log holds anything at all.
    pub(super) is_empty: bool,
    /// When all this was so.
    pub(super) taken_at: Timestamp,
    mark: LogMark,
    cost: Duration,
    counted: Instant,
}

/// The snapshots of a server.
#[derive(Debug, Default)]
pub(crate) struct Snapshots(Mutex<HashMap<Option<String>, Arc<Slot>>>);

#[derive(Debug, Default)]
struct Slot {
    newest: Mutex<Option<Arc<Snapshot>>>,
    /// One counts, the others wait or take what there is.
    counting: tokio::sync::Mutex<()>,
}

/// The newest snapshot, counted when that is due.
pub(super) async fn newest(
    app: &Arc<App>,
    repository: Option<&str>,
    mark: LogMark,
) -> Result<Arc<Snapshot>, StoreError> {
    let slot = app.snapshots.slot(repository);
    let now = app.clock.now();
    match slot.newest() {
        Some(known) if known.is_of(&mark, now) => Ok(known),
        Some(known) if known.cost > CHEAP => {
            let rest = known.cost * SHARE;
            if known.counted.elapsed() >= rest
                && let Ok(guard) = slot.counting.try_lock()
            {
                drop(guard);
                count_beside(Arc::clone(app), Arc::clone(&slot), repository.map(str::to_owned));
            }
            Ok(known)
        }
        _ => slot.count(app, repository, &mark).await,
    }
}

/// Counts while others go on reading what there is, and has their pages renewed.
fn count_beside(app: Arc<App>, slot: Arc<Slot>, repository: Option<String>) {
    tokio::spawn(async move {
        let counted = async {
            let mark = app.database.mark().await?;
            slot.count(&app, repository.as_deref(), &mark).await
        };
        match counted.await {
            Ok(_) => app.updates.announce(),
            Err(error) => {
                let error = provost_control::chain(&error);
                tracing::warn!(%error, "the overview could not be counted");
            }
        }
    });
}

impl Snapshots {
    fn slot(&self, repository: Option<&str>) -> Arc<Slot> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= REMEMBERED && !slots.contains_key(&repository.map(str::to_owned)) {
            slots.clear();
        }
        Arc::clone(slots.entry(repository.map(str::to_owned)).or_default())
    }
}

impl Slot {
    fn newest(&self) -> Option<Arc<Snapshot>> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn count(
        &self,
        app: &Arc<App>,
        repository: Option<&str>,
        mark: &LogMark,
    ) -> Result<Arc<Snapshot>, StoreError> {
        let _counting = self.counting.lock().await;
        let now = app.clock.now();
        // Whoever waited finds what the one before counted.
        if let Some(known) = self.newest().filter(|known| known.is_of(mark, now)) {
            return Ok(known);
        }
        let snapshot = Arc::new(Snapshot::count(app, repository, *mark, now).await?);
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        *newest = Some(Arc::clone(&snapshot));
        Ok(snapshot)
    }
}

impl Snapshot {
    /// Whether it is what the log says now.
    fn is_of(&self, mark: &LogMark, now: Timestamp) -> bool {
        let age = now.duration_since(self.taken_at);
        self.mark == *mark && age < LONGEST && age > -LONGEST
    }

    /// The mark was read before: what comes meanwhile makes the snapshot old, and never hides.
    async fn count(
        app: &App,
        repository: Option<&str>,
        mark: LogMark,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let counted = Instant::now();
        let database = &app.database;
        let (_, before) = beginnings(now);
        let releases = database.histories(repository, before).await?;
        let days = database.daily(repository, date(before)).await?;
        let figures = Figures::of(&releases, &days, now);
        drop(releases);
        let filter = |limit| KpiFilter {
            repository: repository.map(str::to_owned),
            limit: Some(limit),
            ..KpiFilter::default()
        };
        let kpi = database.kpi(&filter(KPI_ROWS)).await?;
        let incidents = database.open_incidents(&filter(COUNTED as u32)).await?;
        let is_all = incidents.len() < COUNTED;
        let oldest_open = incidents.last().map(|oldest| oldest.occurred_at).filter(|_| is_all);
        let incidents = one_a_release(incidents);
        let open = if is_all { incidents.len() } else { COUNTED };
        let mut attention = Vec::new();
        for incident in incidents.into_iter().take(ATTENTION) {
            let told = Told::read(app, &incident).await?;
            attention.push((incident, told));
        }
        let is_empty = kpi.is_empty() && open == 0 && {
            let any = provost_store::EventFilter { limit: Some(1), ..Default::default() };
            database.events(&any).await?.items.is_empty()
        };
        Ok(Self {
            figures,
            kpi,
            attention,
            open,
            oldest_open,
            is_empty,
            taken_at: now,
            mark,
            cost: counted.elapsed(),
            counted: Instant::now(),
        })
    }
}

/// The newest incident of each release, in the same order.
fn one_a_release(mut incidents: Vec<Incident>) -> Vec<Incident> {
    let mut seen = HashSet::new();
    incidents.retain(|incident| seen.insert((incident.repository.clone(), incident.tag.clone())));
    incidents
}
