//! Whole events read back.

use super::kpi::newest_first;
use super::value::{LogRow, time_text};
use crate::database::Counts;
use crate::error::StoreError;
use crate::kpi::EventFilter;
use crate::stored_event::StoredEvent;
use provost_record::{Event, EventKey, EventKind};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{QueryBuilder, Sqlite};
use std::path::Path;

/// The events that are asked for, newest first.
pub(super) async fn events(
    connection: &mut SqliteConnection,
    path: &Path,
    filter: &EventFilter,
) -> Result<Vec<StoredEvent>, StoreError> {
    let mut query = QueryBuilder::<Sqlite>::new("select * from provenance_audit_log");
    match (&filter.repository, &filter.tag, filter.kind) {
        // The few events of a release are sorted, rather than those of its repository read.
        (Some(_), Some(_), _) => query.push(" indexed by provenance_audit_log_releases"),
        // Most events are such words: those of a page are found soon by going back in time.
        (None, None, Some(EventKind::Provenance | EventKind::Validated)) => {
            query.push(" indexed by provenance_audit_log_times")
        }
        _ => &mut query,
    };
    query.push(" where true");
    if let Some(repository) = &filter.repository {
        query.push(" and repository = ").push_bind(repository.clone());
    }
    if let Some(tag) = &filter.tag {
        query.push(" and tag = ").push_bind(tag.clone());
    }
    if let Some(kind) = filter.kind {
        // The kind itself, not a value, and what the index of the uncommon ones is restricted to.
        query.push(" and event = '").push(kind.as_str()).push("'");
        if !matches!(kind, EventKind::Provenance | EventKind::Validated) {
            query.push(" and event not in ('provenance', 'validated')");
        }
    }
    if let Some(since) = filter.since.and_then(time_text) {
        query.push(" and occurred_at >= ").push_bind(since);
    }
    newest_first(&mut query, filter.after, filter.limit);
    let rows: Vec<SqliteRow> = query
        .build()
        .fetch_all(connection)
        .await
        .map_err(|source| StoreError::from_sql(path, source))?;
    rows.iter().map(|row| StoredEvent::read(&LogRow { row, path })).collect()
}

/// The events with a number above `seq`, in the order in which they were written.
pub(super) async fn events_after(
    connection: &mut SqliteConnection,
    path: &Path,
    seq: i64,
    limit: u32,
) -> Result<Vec<(i64, StoredEvent)>, StoreError> {
    let rows = sqlx::query(
        "select provenance_order.seq, provenance_audit_log.*
         from provenance_order join provenance_audit_log using (id)
         where provenance_order.seq > $1 order by provenance_order.seq limit $2",
    )
    .bind(seq)
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await
    .map_err(|source| StoreError::from_sql(path, source))?;
    rows.iter()
        .map(|row| {
            let row = LogRow { row, path };
            Ok((row.value("seq")?, StoredEvent::read(&row)?))
        })
        .collect()
}

/// How much is in the log. No number is given twice or left out, so that none needs counting.
pub(super) async fn counts(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<Counts, StoreError> {
    let row = sqlx::query(
        "select coalesce((select max(seq) from provenance_order), 0) as events,
           coalesce((select max(last_seq) from provenance_seal), 0) as sealed",
    )
    .fetch_one(connection)
    .await
    .map_err(|source| StoreError::from_sql(path, source))?;
    let row = LogRow { row: &row, path };
    let (events, sealed): (u64, u64) = (row.unsigned("events")?, row.unsigned("sealed")?);
    Ok(Counts { events, unsealed: events.saturating_sub(sealed) })
}

impl StoredEvent {
    fn read(row: &LogRow<'_>) -> Result<Self, StoreError> {
        let key: String = row.value("event_key")?;
        let key = EventKey::parse(&key).map_err(|_| row.unreadable("event_key", key))?;
        let decision = row.value::<Option<String>>("decision")?.map(|text| {
            serde_json::from_str(&text).map_err(|_| row.unreadable("decision", text.clone()))
        });
        Ok(Self {
            id: row.id("id")?,
            created_at: row.time("created_at")?,
            event: Event {
                key,
                kind: row.kind("event")?,
                status: row.status("status")?,
                run_id: row.unsigned("run_id")?,
                attempt: row.optional_unsigned("attempt")?,
                tag: row.value("tag")?,
                repository: row.value("repository")?,
                release_url: row.value("release_url")?,
                artifact_path: row.value("artifact_path")?,
                failure_reason: row.value("failure_reason")?,
                occurred_at: row.time("occurred_at")?,
                validated_at: row.optional_time("validated_at")?,
                commit_sha: row.value("commit_sha")?,
                builder_id: row.value("builder_id")?,
                slsa_build_level: row.optional_unsigned("slsa_build_level")?,
                decision: decision.transpose()?,
                manifest_sha256: row.value("manifest_sha256")?,
                actor: row.value("actor")?,
            },
        })
    }
}
