//! The outbox. Every statement is one transaction, and SQLite has one writer, so that no message is
//! leased twice at a time.

use super::value::{LogRow, stored_time};
use crate::error::StoreError;
use crate::outbox::{DeadLetter, LeasedMessage, OutboxState};
use jiff::Timestamp;
use serde_json::Value;
use sqlx::sqlite::SqliteConnection;
use std::path::Path;
use std::time::Duration;

/// Leases messages that are due and under no lease, the longest due first.
pub(super) async fn lease(
    connection: &mut SqliteConnection,
    path: &Path,
    worker: &str,
    limit: u32,
    lease: Duration,
    now: Timestamp,
) -> Result<Vec<LeasedMessage>, StoreError> {
    let until = stored_time(now.saturating_add(lease).unwrap_or(Timestamp::MAX));
    let rows = sqlx::query(
        "update provenance_outbox
         set leased_by = $1, leased_until = $2, attempts = attempts + 1
         where message_key in (
           select message_key from provenance_outbox
           where delivered_at is null and dead_at is null and due_at <= $3
             and (leased_until is null or leased_until <= $3)
           order by due_at limit $4)
         returning message_key, kind, payload, attempts, created_at",
    )
    .bind(worker)
    .bind(until)
    .bind(stored_time(now))
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await
    .map_err(|source| StoreError::from_sql(path, source))?;
    let mut leased = rows
        .iter()
        .map(|row| {
            let row = LogRow { row, path };
            Ok(LeasedMessage {
                key: row.value("message_key")?,
                kind: row.value("kind")?,
                payload: payload(&row)?,
                attempts: row.unsigned("attempts")?,
                created_at: row.time("created_at")?,
            })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    leased.sort_by_key(|message| message.created_at);
    Ok(leased)
}

/// Notes that a message was told.
pub(super) async fn delivered(
    connection: &mut SqliteConnection,
    path: &Path,
    worker: &str,
    key: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let statement = "update provenance_outbox
         set delivered_at = $3, leased_by = null, leased_until = null, problem = null
         where message_key = $1 and leased_by = $2 and delivered_at is null and dead_at is null";
    settle(connection, path, statement, [key, worker, &stored_time(now)], None).await
}

/// Gives a message back, to be told again later.
pub(super) async fn retry_at(
    connection: &mut SqliteConnection,
    path: &Path,
    worker: &str,
    key: &str,
    at: Timestamp,
    problem: &str,
) -> Result<bool, StoreError> {
    let statement = "update provenance_outbox
         set due_at = $3, problem = $4, leased_by = null, leased_until = null
         where message_key = $1 and leased_by = $2 and delivered_at is null and dead_at is null";
    settle(connection, path, statement, [key, worker, &stored_time(at)], Some(problem)).await
}

/// Gives a message up.
pub(super) async fn dead(
    connection: &mut SqliteConnection,
    path: &Path,
    worker: &str,
    key: &str,
    now: Timestamp,
    problem: &str,
) -> Result<bool, StoreError> {
    let statement = "update provenance_outbox
         set dead_at = $3, problem = $4, leased_by = null, leased_until = null
         where message_key = $1 and leased_by = $2 and delivered_at is null and dead_at is null";
    settle(connection, path, statement, [key, worker, &stored_time(now)], Some(problem)).await
}

/// Writes how a leased message stands; `false` when the lease went to another worker.
async fn settle(
    connection: &mut SqliteConnection,
    path: &Path,
    statement: &'static str,
    values: [&str; 3],
    problem: Option<&str>,
) -> Result<bool, StoreError> {
    let mut query = sqlx::query(statement);
    for value in values {
        query = query.bind(value);
    }
    if let Some(problem) = problem {
        query = query.bind(problem);
    }
    let done =
        query.execute(connection).await.map_err(|source| StoreError::from_sql(path, source))?;
    Ok(done.rows_affected() > 0)
}

/// How many messages stand where.
pub(super) async fn state(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<OutboxState, StoreError> {
    let row = sqlx::query(
        "select count(*) filter (where delivered_at is null and dead_at is null) as waiting,
           count(delivered_at) as delivered, count(dead_at) as dead,
           min(created_at) filter (where delivered_at is null and dead_at is null) as oldest
         from provenance_outbox",
    )
    .fetch_one(connection)
    .await
    .map_err(|source| StoreError::from_sql(path, source))?;
    let row = LogRow { row: &row, path };
    Ok(OutboxState {
        waiting: row.unsigned("waiting")?,
        delivered: row.unsigned("delivered")?,
        dead: row.unsigned("dead")?,
        oldest_waiting: row.optional_time("oldest")?,
    })
}

/// The messages that were given up, the newest first.
pub(super) async fn dead_letters(
    connection: &mut SqliteConnection,
    path: &Path,
    limit: u32,
) -> Result<Vec<DeadLetter>, StoreError> {
    let rows = sqlx::query(
        "select message_key, kind, payload, attempts, created_at, dead_at, problem
         from provenance_outbox where dead_at is not null
         order by dead_at desc, message_key limit $1",
    )
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await
    .map_err(|source| StoreError::from_sql(path, source))?;
    rows.iter()
        .map(|row| {
            let row = LogRow { row, path };
            Ok(DeadLetter {
                key: row.value("message_key")?,
                kind: row.value("kind")?,
                payload: payload(&row)?,
                attempts: row.unsigned("attempts")?,
                created_at: row.time("created_at")?,
                dead_at: row.time("dead_at")?,
                problem: row.value::<Option<String>>("problem")?.unwrap_or_default(),
            })
        })
        .collect()
}

fn payload(row: &LogRow<'_>) -> Result<Value, StoreError> {
    let text: String = row.value("payload")?;
    serde_json::from_str(&text).map_err(|_| row.unreadable("payload", text))
}
