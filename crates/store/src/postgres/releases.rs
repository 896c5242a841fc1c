//! The releases, one row a repository and tag.

use super::PostgresStore;
use super::statement::{Statement, representable, time_text};
use crate::error::StoreError;
use crate::kpi::Release;
use crate::release_cursor::Place;
use crate::release_filter::{ReleaseFilter, ReleaseOrder};
use provost_wire::v1;

/// The releases with the latest word on each.
const WITH_A_WORD: &str = "
    (select run.tag, run.repository, run.run_id, run.status, run.event, run.occurred_at,
       run.failure_reason, run.release_url, run.builder_id, run.slsa_build_level, run.id
     from public.provenance_run as run
     where run.event is not null and run.tag <> ''
       and not exists (
         select 1 from public.provenance_run as other
         where other.repository_key = run.repository_key and other.tag = run.tag
           and other.event is not null
           and (other.occurred_at, other.id) > (run.occurred_at, run.id))";

/// The releases of which nothing is known but that they were started, with the latest start.
const STARTED: &str = "
    (select run.tag, run.repository, start.run_id, start.status, start.event, start.occurred_at,
       start.failure_reason, start.release_url, start.builder_id, start.slsa_build_level, start.id
     from public.provenance_run as run
     cross join lateral (
       select * from public.provenance_audit_log as each
       where each.tag = run.tag and each.event = 'dispatched'
         and coalesce(each.repository, '') = run.repository_key
       order by each.occurred_at desc, each.id desc limit 1) as start
     where run.event is null and run.dispatched_at is not null and run.tag <> ''
       and not exists (
         select 1 from public.provenance_run as other
         where other.repository_key = run.repository_key and other.tag = run.tag
           and (other.event is not null
             or (other.dispatched_at is not null and other.run_id > run.run_id)))";

impl PostgresStore {
    /// The releases that are asked for.
    pub(crate) async fn releases(
        &self,
        filter: &ReleaseFilter,
    ) -> Result<Vec<Release>, StoreError> {
        // A text with NUL is part of nothing.
        if filter.search.as_ref().is_some_and(|search| search.contains('\0')) {
            return Ok(Vec::new());
        }
        self.asked::<v1::Release, _>(&query(filter)).await
    }
}

/// Of both kinds as many as the page may need, then the page.
fn query(filter: &ReleaseFilter) -> Statement {
    let mut statement = Statement::new("select to_jsonb(x)::text from (");
    statement.push(WITH_A_WORD);
    conditions(&mut statement, filter, "run");
    end(&mut statement, filter, "run.");
    statement.push(") union all").push(STARTED);
    conditions(&mut statement, filter, "start");
    end(&mut statement, filter, "start.");
    statement.push(")) as x");
    end(&mut statement, filter, "");
    statement
}

/// The conditions that are asked for, on a release whose word is in the row of this name.
fn conditions(statement: &mut Statement, filter: &ReleaseFilter, word: &str) {
    let by_time = matches!(filter.order, ReleaseOrder::Newest | ReleaseOrder::Oldest);
    if let Some(repository) = &filter.repository {
        // Each has an index in the order of the answer. Where it is unknown, the key is empty, and
        // a text with NUL is the name of nothing.
        statement.push(if by_time {
            " and run.repository = "
        } else {
            " and run.repository_key = "
        });
        let known = !repository.contains('\0');
        statement.push_text(if known { repository.as_str() } else { "" }, "text");
        statement.push(" and run.repository_key <> ''");
    }
    if let Some(status) = filter.status {
        statement.push(&format!(" and {word}.status = ")).push_text(status.as_str(), "text");
    }
    if let Some(needle) = filter.needle() {
        statement.push(" and strpos(lower(run.tag), ").push_text(needle, "text").push(") > 0");
    }
    // What lies before the first time that the log can hold excludes nothing.
    if let Some(since) = filter.since.filter(|since| representable(*since)) {
        statement.push(&format!(" and {word}.occurred_at >= "));
        statement.push_text(time_text(since), "timestamptz");
    }
    let Some(after) = &filter.after else { return };
    let later = match filter.order {
        ReleaseOrder::Newest | ReleaseOrder::TagDescending => "<",
        ReleaseOrder::Oldest | ReleaseOrder::Tag => ">",
    };
    match after.place() {
        Place::Time(after) => {
            statement.push(&format!(" and ({word}.occurred_at, {word}.id) {later} ("));
            statement.push_text(time_text(after.occurred_at), "timestamptz").push(", ");
            statement.push_text(after.id.to_string(), "uuid").push(")");
        }
        Place::Name { tag, repository } => {
            statement.push(&format!(" and (run.tag, run.repository_key) {later} ("));
            statement.push_text(tag, "text").push(", ");
            statement.push_text(repository, "text").push(")");
        }
    }
}

/// Order and length of the part whose word is in the row of this name, or of the whole.
fn end(statement: &mut Statement, filter: &ReleaseFilter, word: &str) {
    let key = match word {
        "" => "coalesce(repository, '')",
        _ => "run.repository_key",
    };
    let tag = if word.is_empty() { "tag" } else { "run.tag" };
    statement.push(&match filter.order {
        ReleaseOrder::Newest => format!(" order by {word}occurred_at desc, {word}id desc"),
        ReleaseOrder::Oldest => format!(" order by {word}occurred_at, {word}id"),
        ReleaseOrder::Tag => format!(" order by {tag}, {key}"),
        ReleaseOrder::TagDescending => format!(" order by {tag} desc, {key} desc"),
    });
    if let Some(limit) = filter.limit {
        statement.push(" limit ").push_text(limit.to_string(), "bigint");
    }
}
