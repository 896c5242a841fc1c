//! The figures above the KPI table, read from SQLite.

use super::value::{LogRow, time_text};
use crate::error::StoreError;
use crate::kpi::KpiFilter;
use crate::summary::{KpiSummary, ReleaseHistory, beginning_of_the_period_before};
use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;
use sqlx::{QueryBuilder, Sqlite};
use std::path::Path;

pub(crate) async fn summary(
    connection: &mut SqliteConnection,
    path: &Path,
    filter: &KpiFilter,
    now: Timestamp,
) -> Result<KpiSummary, StoreError> {
    let previous = filter.since.map(|since| beginning_of_the_period_before(since, now));
    // One transaction, so that all figures are of the same moment.
    let sql = |source| StoreError::from_sql(path, source);
    sqlx::raw_sql("BEGIN").execute(&mut *connection).await.map_err(sql)?;
    let repository = filter.repository.as_deref();
    let releases = histories(connection, path, repository, previous).await?;
    let open_incidents = count_open_incidents(connection, path, repository).await?;
    sqlx::raw_sql("COMMIT").execute(&mut *connection).await.map_err(sql)?;

    Ok(KpiSummary::of(releases, filter.since, open_incidents))
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
