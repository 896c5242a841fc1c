//! Releases and incidents as the views give them.

use crate::error::StoreError;
use crate::sql_value::{LogRow, time_text};
use jiff::Timestamp;
use provost_record::{EventKind, EventStatus};
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{QueryBuilder, Sqlite};
use std::path::Path;
use uuid::Uuid;

/// Which rows are asked for. The default asks for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KpiFilter {
    /// Only what occurred at this time or later.
    pub since: Option<Timestamp>,
    /// Only this repository, `OWNER/NAME` exactly as recorded.
    pub repository: Option<String>,
    /// At most so many rows.
    pub limit: Option<u32>,
}

/// The latest word on one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KpiRow {
    /// The tag.
    pub tag: String,
    /// The run; 0 when none ever started.
    pub run_id: u64,
    /// How it stands.
    pub status: EventStatus,
    /// When the row was written.
    pub created_at: Timestamp,
    /// URL of the release.
    pub release_url: Option<String>,
    /// When the outcome was written into the manifest.
    pub validated_at: Option<Timestamp>,
    /// `OWNER/NAME`.
    pub repository: Option<String>,
    /// The builder.
    pub builder_id: Option<String>,
    /// The SLSA Build level that was found.
    pub slsa_build_level: Option<u8>,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// What the word was.
    pub event: EventKind,
    /// Attempt of the run, when known.
    pub attempt: Option<u32>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Id of the row.
    pub id: Uuid,
}

/// One failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// The tag.
    pub tag: String,
    /// The run; 0 when none ever started.
    pub run_id: u64,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// When the row was written.
    pub created_at: Timestamp,
    /// `OWNER/NAME`.
    pub repository: Option<String>,
    /// What failed.
    pub event: EventKind,
    /// Attempt of the run, when known.
    pub attempt: Option<u32>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Id of the row.
    pub id: Uuid,
}

/// A run that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispatch {
    /// The tag.
    pub tag: String,
    /// The run.
    pub run_id: u64,
    /// `OWNER/NAME`.
    pub repository: Option<String>,
    /// URL of the release.
    pub release_url: Option<String>,
    /// When it was started.
    pub occurred_at: Timestamp,
    /// Who started it.
    pub actor: Option<String>,
    /// Id of the row.
    pub id: Uuid,
}

pub(crate) async fn dispatches(
    connection: &mut SqliteConnection,
    path: &Path,
    filter: &KpiFilter,
) -> Result<Vec<Dispatch>, StoreError> {
    let select = "select * from (select * from provenance_audit_log where event = 'dispatched')";
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
    query.push(" order by occurred_at desc, id desc");
    if let Some(limit) = filter.limit {
        query.push(" limit ").push_bind(i64::from(limit));
    }
    query
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
