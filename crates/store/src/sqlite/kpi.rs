//! Releases and incidents as the views give them.

use super::value::{LogRow, time_text};
use crate::error::StoreError;
use crate::kpi::{Dispatch, Incident, KpiFilter, KpiRow, Release, SettledIncident};
use crate::page::Position;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{QueryBuilder, Sqlite};
use std::path::Path;

pub(crate) async fn dispatches(
    connection: &mut SqliteConnection,
    path: &Path,
    filter: &KpiFilter,
) -> Result<Vec<Dispatch>, StoreError> {
    let select = "select * from (select * from provenance_audit_log
        where event = 'dispatched' and event not in ('provenance', 'validated'))";
    fetch(connection, path, select, filter, Dispatch::read).await
}

pub(crate) async fn successes(
    connection: &mut SqliteConnection,
    path: &Path,
    filter: &KpiFilter,
) -> Result<Vec<KpiRow>, StoreError> {
    // A success has no reason for a failure, so the view has no column for one.
    let select = "select *, null as failure_reason from provenance_kpi";
    fetch(connection, path, select, filter, KpiRow::read).await
}

pub(crate) async fn latest(
    connection: &mut SqliteConnection,
    path: &Path,
    filter: &KpiFilter,
) -> Result<Vec<KpiRow>, StoreError> {
    let select = "select * from provenance_latest";
    fetch(connection, path, select, filter, KpiRow::read).await
}

pub(crate) async fn incidents(
    connection: &mut SqliteConnection,
    path: &Path,
    filter: &KpiFilter,
) -> Result<Vec<Incident>, StoreError> {
    let select = "select * from provenance_incidents";
    fetch(connection, path, select, filter, Incident::read).await
}

pub(crate) async fn open_incidents(
    connection: &mut SqliteConnection,
    path: &Path,
    filter: &KpiFilter,
) -> Result<Vec<Incident>, StoreError> {
    let select = "select * from provenance_open_incidents";
    fetch(connection, path, select, filter, Incident::read).await
}

/// The failures with the first later success of the same release.
pub(crate) async fn settled_incidents(
    connection: &mut SqliteConnection,
    path: &Path,
    filter: &KpiFilter,
) -> Result<Vec<SettledIncident>, StoreError> {
    let select = "select *, (
        select later.occurred_at
        from provenance_audit_log as later indexed by provenance_audit_log_releases
        where later.repository is incident.repository and later.tag = incident.tag
          and later.event in ('provenance', 'validated') and later.status = 'success'
          and later.occurred_at >= incident.occurred_at
          and (later.occurred_at, later.id) > (incident.occurred_at, incident.id)
        order by later.occurred_at limit 1) as resolved_at
      from provenance_incidents as incident";
    fetch(connection, path, select, filter, SettledIncident::read).await
}

async fn fetch<T>(
    connection: &mut SqliteConnection,
    path: &Path,
    select: &'static str,
    filter: &KpiFilter,
    read: fn(&LogRow<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let rows: Vec<SqliteRow> = query(select, filter)
        .build()
        .fetch_all(connection)
        .await
        .map_err(|source| StoreError::from_sql(path, source))?;
    rows.iter().map(|row| read(&LogRow { row, path })).collect()
}

/// A query with only the conditions that are asked for, so that each can use an index.
fn query(select: &'static str, filter: &KpiFilter) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(select);
    query.push(" where true");
    if let Some(repository) = &filter.repository {
        query.push(" and repository = ").push_bind(repository.clone());
    }
    // What lies before the first time that the log can hold excludes nothing.
    if let Some(since) = filter.since.and_then(time_text) {
        query.push(" and occurred_at >= ").push_bind(since);
    }
    newest_first(&mut query, filter.after, filter.limit);
    query
}

/// One repository in the projections, whose key is empty where the repository is unknown.
pub(super) fn of_repository_key(query: &mut QueryBuilder<Sqlite>, repository: Option<&str>) {
    if let Some(repository) = repository {
        query.push(" and repository_key <> '' and repository_key = ");
        query.push_bind(repository.to_owned());
    }
}

/// The end of every query that answers in pages: what comes after a row, newest first.
pub(super) fn newest_first(
    query: &mut QueryBuilder<Sqlite>,
    after: Option<Position>,
    limit: Option<u32>,
) {
    // What lies before the first time that the log can hold is in no log.
    if let Some(after) = after {
        let time = time_text(after.occurred_at).unwrap_or_default();
        query.push(" and (occurred_at, id) < (").push_bind(time);
        query.push(", ").push_bind(after.id.to_string()).push(")");
    }
    query.push(" order by occurred_at desc, id desc");
    if let Some(limit) = limit {
        query.push(" limit ").push_bind(i64::from(limit));
    }
}

impl Dispatch {
    fn read(row: &LogRow<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            tag: row.value("tag")?,
            run_id: row.unsigned("run_id")?,
            repository: row.value("repository")?,
            release_url: row.value("release_url")?,
            occurred_at: row.time("occurred_at")?,
            actor: row.value("actor")?,
            id: row.id("id")?,
        })
    }
}

impl KpiRow {
    fn read(row: &LogRow<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            tag: row.value("tag")?,
            run_id: row.unsigned("run_id")?,
            status: row.status("status")?,
            created_at: row.time("created_at")?,
            release_url: row.value("release_url")?,
            validated_at: row.optional_time("validated_at")?,
            repository: row.value("repository")?,
            builder_id: row.value("builder_id")?,
            slsa_build_level: row.optional_unsigned("slsa_build_level")?,
            failure_reason: row.value("failure_reason")?,
            event: row.kind("event")?,
            attempt: row.optional_unsigned("attempt")?,
            occurred_at: row.time("occurred_at")?,
            id: row.id("id")?,
        })
    }
}

impl Incident {
    fn read(row: &LogRow<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            tag: row.value("tag")?,
            run_id: row.unsigned("run_id")?,
            failure_reason: row.value("failure_reason")?,
            created_at: row.time("created_at")?,
            repository: row.value("repository")?,
            event: row.kind("event")?,
            attempt: row.optional_unsigned("attempt")?,
            occurred_at: row.time("occurred_at")?,
            id: row.id("id")?,
        })
    }
}

impl SettledIncident {
    fn read(row: &LogRow<'_>) -> Result<Self, StoreError> {
        let resolved_at = row.optional_time("resolved_at")?;
        Ok(Self { incident: Incident::read(row)?, resolved_at })
    }
}

impl Release {
    pub(super) fn read(row: &LogRow<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            tag: row.value("tag")?,
            repository: row.value("repository")?,
            run_id: row.unsigned("run_id")?,
            status: row.status("status")?,
            event: row.kind("event")?,
            occurred_at: row.time("occurred_at")?,
            failure_reason: row.value("failure_reason")?,
            release_url: row.value("release_url")?,
            builder_id: row.value("builder_id")?,
            slsa_build_level: row.optional_unsigned("slsa_build_level")?,
            id: row.id("id")?,
        })
    }
}
