//! The releases, one row a repository and tag.

use super::value::{LogRow, time_text};
use crate::error::StoreError;
use crate::kpi::Release;
use crate::release_cursor::Place;
use crate::release_filter::{ReleaseFilter, ReleaseOrder};
use provost_record::EventStatus;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{QueryBuilder, Sqlite};
use std::path::Path;

/// The releases with the latest word on each.
const WITH_A_WORD: &str = "
    select run.tag, run.repository, run.run_id, run.status, run.event, run.occurred_at,
      run.failure_reason, run.release_url, run.builder_id, run.slsa_build_level, run.id,
      run.repository_key
    from provenance_run as run
    where run.event is not null and run.tag <> ''
      and not exists (
        select 1 from provenance_run as other
        where other.repository_key = run.repository_key and other.tag = run.tag
          and other.event is not null
          and (other.occurred_at, other.id) > (run.occurred_at, run.id))";

/// The releases of which nothing is known but that they were started, with the latest start.
const STARTED: &str = "
    select run.tag, run.repository, start.run_id, start.status, start.event, start.occurred_at,
      start.failure_reason, start.release_url, start.builder_id, start.slsa_build_level, start.id,
      run.repository_key
    from provenance_run as run
    cross join provenance_audit_log as start on start.id = (
      select id from provenance_audit_log as each indexed by provenance_audit_log_releases
      where each.repository is run.repository and each.tag = run.tag
        and each.event = 'dispatched'
      order by each.occurred_at desc, each.id desc limit 1)
    where run.event is null and run.dispatched_at is not null and run.tag <> ''
      and not exists (
        select 1 from provenance_run as other
        where other.repository_key = run.repository_key and other.tag = run.tag
          and (other.event is not null
            or (other.dispatched_at is not null and other.run_id > run.run_id)))";

/// The releases that are asked for.
pub(super) async fn releases(
    connection: &mut SqliteConnection,
    path: &Path,
    filter: &ReleaseFilter,
) -> Result<Vec<Release>, StoreError> {
    let rows: Vec<SqliteRow> = query(filter)
        .build()
        .fetch_all(connection)
        .await
        .map_err(|source| StoreError::from_sql(path, source))?;
    rows.iter().map(|row| Release::read(&LogRow { row, path })).collect()
}

/// Both kinds are read in the order of the answer and merged, so that a page ends the reading.
fn query(filter: &ReleaseFilter) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(WITH_A_WORD);
    conditions(&mut query, filter, "run");
    query.push(" union all").push(STARTED);
    conditions(&mut query, filter, "start");
    query.push(match filter.order {
        ReleaseOrder::Newest => " order by occurred_at desc, id desc",
        ReleaseOrder::Oldest => " order by occurred_at, id",
        ReleaseOrder::Tag => " order by tag, repository_key",
        ReleaseOrder::TagDescending => " order by tag desc, repository_key desc",
    });
    if let Some(limit) = filter.limit {
        query.push(" limit ").push_bind(i64::from(limit));
    }
    query
}

/// The conditions that are asked for, on a release whose word is in the row of this name.
fn conditions(query: &mut QueryBuilder<Sqlite>, filter: &ReleaseFilter, word: &'static str) {
    let by_time = matches!(filter.order, ReleaseOrder::Newest | ReleaseOrder::Oldest);
    if let Some(repository) = &filter.repository {
        // Each has an index in the order of the answer. Where it is unknown, the key is empty.
        query.push(if by_time { " and run.repository = " } else { " and run.repository_key = " });
        query.push_bind(repository.clone());
        if repository.is_empty() {
            query.push(" and false");
        }
    }
    if let Some(status) = filter.status {
        // The word itself, not a value, and what the index of the others is restricted to.
        query.push(" and ").push(word).push(".status = '").push(status.as_str()).push("'");
        if status != EventStatus::Success {
            query.push(" and ").push(word).push(".status <> 'success'");
        }
    }
    if let Some(needle) = filter.needle() {
        query.push(" and instr(lower(run.tag), ").push_bind(needle).push(") > 0");
    }
    // What lies before the first time that the log can hold excludes nothing.
    if let Some(since) = filter.since.and_then(time_text) {
        query.push(" and ").push(word).push(".occurred_at >= ").push_bind(since);
    }
    let Some(after) = &filter.after else { return };
    let later = match filter.order {
        ReleaseOrder::Newest | ReleaseOrder::TagDescending => " < (",
        ReleaseOrder::Oldest | ReleaseOrder::Tag => " > (",
    };
    match after.place() {
        Place::Time(after) => {
            // What lies before the first time that the log can hold is in no log.
            let time = time_text(after.occurred_at).unwrap_or_default();
            query.push(" and (").push(word).push(".occurred_at, ").push(word).push(".id)");
            query.push(later).push_bind(time);
            query.push(", ").push_bind(after.id.to_string()).push(")");
        }
        Place::Name { tag, repository } => {
            query.push(" and (run.tag, run.repository_key)").push(later);
            query.push_bind(tag.clone()).push(", ").push_bind(repository.clone()).push(")");
        }
    }
}
