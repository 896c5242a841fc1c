//! The figures above the KPI table, read from SQLite.

use super::kpi::of_repository_key;
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
pub(super) async fn histories(
    connection: &mut SqliteConnection,
    path: &Path,
    repository: Option<&str>,
    since: Option<Timestamp>,
) -> Result<Vec<ReleaseHistory>, StoreError> {
    // A time has 27 characters, so that what stands behind the newest word is its own.
    let mut query = QueryBuilder::<Sqlite>::new(
        "select min(first_at) as first_at, min(dispatched_at) as dispatched_at,
           min(accepted_at) as accepted_at,
           coalesce(substr(max(occurred_at || id
             || (status = 'success' and accepted_at is not null)), -1) = '1', false) as accepted
         from provenance_run as run
         where tag <> ''",
    );
    of_repository_key(&mut query, repository);
    let since = since.and_then(time_text);
    if let Some(since) = &since {
        // No run of such a release is older.
        query.push(" and first_at >= ").push_bind(since.clone());
    }
    query.push(" group by repository_key, tag");
    if let Some(since) = since {
        query.push(
            " having (select min(first_at) from provenance_run as each
               where each.repository_key = run.repository_key and each.tag = run.tag) >= ",
        );
        query.push_bind(since);
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
