//! What an overview of the log asks beside the figures: its days, its repositories, whether it grew.

use super::kpi::of_repository_key;
use super::value::LogRow;
use crate::day::Day;
use crate::error::StoreError;
use crate::log_mark::LogMark;
use jiff::civil::Date;
use sqlx::sqlite::SqliteConnection;
use sqlx::{QueryBuilder, Sqlite};
use std::path::Path;

/// The days since `since`, oldest first.
pub(super) async fn daily(
    connection: &mut SqliteConnection,
    path: &Path,
    repository: Option<&str>,
    since: Date,
) -> Result<Vec<Day>, StoreError> {
    let mut query = QueryBuilder::<Sqlite>::new(
        "select day, sum(runs) as runs, sum(succeeded) as succeeded, sum(failed) as failed,
           sum(pending) as pending
         from provenance_day where day >= ",
    );
    // No day of the log has a year before 0.
    query.push_bind(if since.year() < 0 { String::new() } else { since.to_string() });
    of_repository_key(&mut query, repository);
    query.push(" group by day having sum(runs) > 0 order by day");
    let rows = query
        .build()
        .fetch_all(connection)
        .await
        .map_err(|source| StoreError::from_sql(path, source))?;
    rows.iter()
        .map(|row| {
            let row = LogRow { row, path };
            let day: String = row.value("day")?;
            Ok(Day {
                day: day.parse().map_err(|_| row.unreadable("day", day))?,
                runs: row.unsigned("runs")?,
                succeeded: row.unsigned("succeeded")?,
                failed: row.unsigned("failed")?,
                pending: row.unsigned("pending")?,
            })
        })
        .collect()
}

/// The names of the repositories, each found by a jump over the rows of the one before.
pub(super) async fn repositories(
    connection: &mut SqliteConnection,
    path: &Path,
    limit: u32,
) -> Result<Vec<String>, StoreError> {
    sqlx::query_scalar(
        "with recursive known (name) as (
           select min(repository_key) from provenance_run where repository_key > ''
           union all
           select (select min(repository_key) from provenance_run where repository_key > name)
           from known where name is not null)
         select name from known where name is not null limit $1",
    )
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await
    .map_err(|source| StoreError::from_sql(path, source))
}

/// How far the log is. Numbers are given by whoever commits next, so that the newest tells all.
pub(super) async fn mark(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<LogMark, StoreError> {
    let newest = sqlx::query_scalar("select coalesce(max(seq), 0) from provenance_order")
        .fetch_one(connection)
        .await
        .map_err(|source| StoreError::from_sql(path, source))?;
    Ok(LogMark { newest, recent: 0 })
}
