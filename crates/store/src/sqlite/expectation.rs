//! Releases that are waited for.

use super::value::{LogRow, stored_time};
use crate::error::StoreError;
use crate::expectation::{Expectation, Overdue};
use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;
use std::path::Path;

/// Waits for a release from now on; `false` when it is waited for already. One that was settled is
/// waited for again when it is expected later than before.
pub(super) async fn expect(
    connection: &mut SqliteConnection,
    path: &Path,
    expectation: &Expectation,
) -> Result<bool, StoreError> {
    let run_id = i64::try_from(expectation.run_id).map_err(|_| StoreError::UnreadableRow {
        place: path.display().to_string(),
        column: "run_id",
        value: expectation.run_id.to_string(),
    })?;
    let done = sqlx::query(
        "insert into provenance_expectation
           (repository, tag, run_id, release_url, expected_at, deadline)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (repository, tag) do update
         set run_id = excluded.run_id, release_url = excluded.release_url,
           expected_at = excluded.expected_at, deadline = excluded.deadline,
           settled_at = null, settlement = null
         where settled_at is not null and excluded.expected_at > expected_at",
    )
    .bind(&expectation.repository)
    .bind(&expectation.tag)
    .bind(run_id)
    .bind(&expectation.release_url)
    .bind(stored_time(expectation.expected_at))
    .bind(stored_time(expectation.deadline))
    .execute(connection)
    .await
    .map_err(|source| StoreError::from_sql(path, source))?;
    Ok(done.rows_affected() > 0)
}

/// The expectations whose deadline passed, the longest overdue first.
pub(super) async fn overdue(
    connection: &mut SqliteConnection,
    path: &Path,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Overdue>, StoreError> {
    let rows = sqlx::query(
        "select repository, tag, run_id, release_url, expected_at, deadline,
           exists (
             select 1 from provenance_audit_log as word
             where word.repository = expectation.repository and word.tag = expectation.tag
               and word.event = 'validated' and word.status = 'success') as accepted
         from provenance_expectation as expectation
         where settled_at is null and deadline <= $1
         order by deadline, repository, tag limit $2",
    )
    .bind(stored_time(now))
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await
    .map_err(|source| StoreError::from_sql(path, source))?;
    rows.iter()
        .map(|row| {
            let row = LogRow { row, path };
            let expectation = Expectation {
                repository: row.value("repository")?,
                tag: row.value("tag")?,
                run_id: row.unsigned("run_id")?,
                release_url: row.value("release_url")?,
                expected_at: row.time("expected_at")?,
                deadline: row.time("deadline")?,
            };
            Ok(Overdue { expectation, accepted: row.value("accepted")? })
        })
        .collect()
}

/// Ends an expectation; `false` when there is none or another process was faster.
pub(super) async fn settle(
    connection: &mut SqliteConnection,
    path: &Path,
    repository: &str,
    tag: &str,
    settlement: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update provenance_expectation set settled_at = $3, settlement = $4
         where repository = $1 and tag = $2 and settled_at is null",
    )
    .bind(repository)
    .bind(tag)
    .bind(stored_time(now))
    .bind(settlement)
    .execute(connection)
    .await
    .map_err(|source| StoreError::from_sql(path, source))?;
    Ok(done.rows_affected() > 0)
}
