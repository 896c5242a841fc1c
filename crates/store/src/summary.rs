//! The figures above the KPI table.

use crate::error::StoreError;
use crate::kpi::KpiFilter;
use crate::sql_value::{LogRow, time_text};
use jiff::{SignedDuration, Timestamp};
use sqlx::sqlite::SqliteConnection;
use sqlx::{QueryBuilder, Sqlite};
use std::path::Path;

/// The figures of one period. A release is one tag of one repository, and belongs to the period in
/// which the log first heard of it.
#[derive(Debug, Clone, PartialEq)]
pub struct KpiSummary {
    /// The releases of the period.
    pub coverage: Coverage,
    /// The releases of the period of the same length just before; `None` when the period has no
    /// beginning.
    pub before: Option<Coverage>,
    /// How long acceptance took; `None` when it is known of no release of the period.
    pub time_to_accepted: Option<TimeToAccepted>,
    /// Incidents that are open now, however old.
    pub open_incidents: u64,
}

/// How many releases have accepted provenance, as the log knows it now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Releases that the log heard of.
    pub releases: u64,
    /// Those whose newest run stands at success and was validated.
    pub accepted: u64,
}

/// Time from the dispatch of a release, or else from the first that was heard of it, to its first
/// acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeToAccepted {
    /// Half of the releases took no longer.
    pub p50: SignedDuration,
    /// 95 of 100 releases took no longer.
    pub p95: SignedDuration,
    /// Of how many releases the time is known.
    pub releases: u64,
}

impl KpiSummary {
    /// Change of the coverage ratio against the period before, such as 0.041 for 4.1 percentage
    /// points more; `None` when one of the two periods has no release.
    pub fn coverage_change(&self) -> Option<f64> {
        Some(self.coverage.ratio()? - self.before?.ratio()?)
    }
}

impl Coverage {
    /// The part of the releases that is accepted, 0 to 1; `None` without a release.
    pub fn ratio(&self) -> Option<f64> {
        (self.releases > 0).then(|| self.accepted as f64 / self.releases as f64)
    }

    fn of(releases: &[ReleaseHistory]) -> Self {
        Self {
            releases: releases.len() as u64,
            accepted: releases.iter().filter(|it| it.accepted).count() as u64,
        }
    }
}

impl TimeToAccepted {
    fn of(releases: &[ReleaseHistory]) -> Option<Self> {
        let mut times: Vec<SignedDuration> =
            releases.iter().filter_map(ReleaseHistory::time_to_accepted).collect();
        times.sort_unstable();
        // Nearest rank: the smallest time that at least so many per cent do not exceed.
        let percentile = |percent: usize| {
            let rank = (times.len() * percent).div_ceil(100);
            times.get(rank.checked_sub(1)?).copied()
        };
        Some(Self { p50: percentile(50)?, p95: percentile(95)?, releases: times.len() as u64 })
    }
}

/// What the log knows of one release.
struct ReleaseHistory {
    first_at: Timestamp,
    dispatched_at: Option<Timestamp>,
    accepted_at: Option<Timestamp>,
    accepted: bool,
}

impl ReleaseHistory {
    /// `None` when the release was never accepted, or when nothing was heard of it before.
    fn time_to_accepted(&self) -> Option<SignedDuration> {
        let accepted_at = self.accepted_at?;
        let start = match self.dispatched_at {
            Some(dispatched_at) if dispatched_at <= accepted_at => dispatched_at,
            _ if self.first_at < accepted_at => self.first_at,
            _ => return None,
        };
        Some(accepted_at.duration_since(start))
    }
}

pub(crate) async fn summary(
    connection: &mut SqliteConnection,
    path: &Path,
    filter: &KpiFilter,
    now: Timestamp,
) -> Result<KpiSummary, StoreError> {
    // A time before all that the log can hold leaves nothing before it either.
    let previous = filter.since.map(|since| {
        since.checked_sub(now.max(since).duration_since(since)).unwrap_or(Timestamp::MIN)
    });
    // One transaction, so that all figures are of the same moment.
    let sql = |source| StoreError::from_sql(path, source);
    sqlx::raw_sql("BEGIN").execute(&mut *connection).await.map_err(sql)?;
    let repository = filter.repository.as_deref();
    let releases = histories(connection, path, repository, previous).await?;
    let open_incidents = count_open_incidents(connection, path, repository).await?;
    sqlx::raw_sql("COMMIT").execute(&mut *connection).await.map_err(sql)?;

    let (period, before): (Vec<_>, Vec<_>) = releases
        .into_iter()
        .partition(|release| filter.since.is_none_or(|since| release.first_at >= since));
    Ok(KpiSummary {
        coverage: Coverage::of(&period),
        before: filter.since.map(|_| Coverage::of(&before)),
        time_to_accepted: TimeToAccepted::of(&period),
        open_incidents,
    })
}

/// The releases that were first heard of at `since` or later.
async fn histories(
    connection: &mut SqliteConnection,
    path: &Path,
    repository: Option<&str>,
    since: Option<Timestamp>,
) -> Result<Vec<ReleaseHistory>, StoreError> {
    let mut query = QueryBuilder::<Sqlite>::new(
        "select first_at, dispatched_at, accepted_at, coalesce((
           select run.status = 'success' and exists (
             select 1 from provenance_audit_log as word
             where word.repository is run.repository and word.tag = run.tag
               and word.run_id = run.run_id and word.event = 'validated'
               and word.status = 'success')
           from provenance_latest as run
           where run.repository is release.repository and run.tag = release.tag
           order by run.occurred_at desc, run.id desc limit 1), false) as accepted
         from (
           select repository, tag, min(occurred_at) as first_at,
             min(case when event = 'dispatched' then occurred_at end) as dispatched_at,
             min(case when event = 'validated' and status = 'success' then occurred_at end)
               as accepted_at
           from provenance_audit_log
           where tag <> ''",
    );
    if let Some(repository) = repository {
        query.push(" and repository = ").push_bind(repository.to_owned());
    }
    query.push(" group by repository, tag) as release");
    if let Some(since) = since.and_then(time_text) {
        query.push(" where first_at >= ").push_bind(since);
    }
    let rows = query
        .build()
        .fetch_all(connection)
        .await
        .map_err(|source| StoreError::from_sql(path, source))?;
    rows.iter()
        .map(|row| {
            let row = LogRow { row, path };
            Ok(ReleaseHistory {
                first_at: row.time("first_at")?,
                dispatched_at: row.optional_time("dispatched_at")?,
                accepted_at: row.optional_time("accepted_at")?,
                accepted: row.value("accepted")?,
            })
        })
        .collect()
}

async fn count_open_incidents(
    connection: &mut SqliteConnection,
    path: &Path,
    repository: Option<&str>,
) -> Result<u64, StoreError> {
    let mut query =
        QueryBuilder::<Sqlite>::new("select count(*) as incidents from provenance_open_incidents");
    if let Some(repository) = repository {
        query.push(" where repository = ").push_bind(repository.to_owned());
    }
    let row = query
        .build()
        .fetch_one(connection)
        .await
        .map_err(|source| StoreError::from_sql(path, source))?;
    LogRow { row: &row, path }.unsigned("incidents")
}
