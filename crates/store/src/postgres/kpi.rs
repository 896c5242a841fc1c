//! Releases and incidents as the views give them.

use super::PostgresStore;
use super::statement::{Statement, representable, time_text};
use crate::error::StoreError;
use crate::kpi::{Dispatch, Incident, KpiFilter, KpiRow, SettledIncident};
use crate::outward::UnreadableDocument;
use crate::page::Position;
use jiff::Timestamp;
use provost_wire::v1;
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Deserialize)]
struct Settled {
    incident: v1::Incident,
    resolved_at: Option<Timestamp>,
}

impl PostgresStore {
    pub(crate) async fn kpi(&self, filter: &KpiFilter) -> Result<Vec<KpiRow>, StoreError> {
        let select = "select to_jsonb(x)::text from public.provenance_kpi as x where true";
        self.asked::<v1::KpiRow, _>(&query(select, filter)).await
    }

    pub(crate) async fn latest(&self, filter: &KpiFilter) -> Result<Vec<KpiRow>, StoreError> {
        let select = "select to_jsonb(x)::text from public.provenance_latest as x where true";
        self.asked::<v1::KpiRow, _>(&query(select, filter)).await
    }

    pub(crate) async fn incidents(&self, filter: &KpiFilter) -> Result<Vec<Incident>, StoreError> {
        let select = "select to_jsonb(x)::text from public.provenance_incidents as x where true";
        self.asked::<v1::Incident, _>(&query(select, filter)).await
    }

    pub(crate) async fn open_incidents(
        &self,
        filter: &KpiFilter,
    ) -> Result<Vec<Incident>, StoreError> {
        let select =
            "select to_jsonb(x)::text from public.provenance_open_incidents as x where true";
        self.asked::<v1::Incident, _>(&query(select, filter)).await
    }

    pub(crate) async fn dispatches(&self, filter: &KpiFilter) -> Result<Vec<Dispatch>, StoreError> {
        let select = "select jsonb_build_object('tag', tag, 'run_id', run_id,
              'repository', repository, 'release_url', release_url, 'occurred_at', occurred_at,
              'actor', actor, 'id', id)::text
            from public.provenance_audit_log where event = 'dispatched'";
        self.asked::<v1::Dispatch, _>(&query(select, filter)).await
    }

    /// The failures with the first later success of the same release.
    pub(crate) async fn settled_incidents(
        &self,
        filter: &KpiFilter,
    ) -> Result<Vec<SettledIncident>, StoreError> {
        let mut statement = Statement::new(
            "select jsonb_build_object('incident', to_jsonb(x), 'resolved_at', coalesce(
               (select later.occurred_at from public.provenance_audit_log as later
                where later.repository = x.repository and later.tag = x.tag
                  and later.event in ('provenance', 'validated') and later.status = 'success'
                  and (later.occurred_at, later.id) > (x.occurred_at, x.id)
                order by later.occurred_at, later.id limit 1),
               (select later.occurred_at from public.provenance_audit_log as later
                where x.repository is null and later.repository is null and later.tag = x.tag
                  and later.event in ('provenance', 'validated') and later.status = 'success'
                  and (later.occurred_at, later.id) > (x.occurred_at, x.id)
                order by later.occurred_at, later.id limit 1)))::text
             from (select * from public.provenance_incidents where true",
        );
        conditions(&mut statement, filter);
        newest_first(&mut statement, filter.after, filter.limit);
        statement.push(") as x order by x.occurred_at desc, x.id desc");
        let settled: Vec<Settled> = self.documents(&statement).await?;
        settled
            .into_iter()
            .map(|it| {
                let incident = self.row(it.incident)?;
                Ok(SettledIncident { incident, resolved_at: it.resolved_at })
            })
            .collect()
    }

    pub(super) async fn asked<D, T>(&self, statement: &Statement) -> Result<Vec<T>, StoreError>
    where
        D: DeserializeOwned,
        T: TryFrom<D, Error = UnreadableDocument>,
    {
        let documents: Vec<D> = self.documents(statement).await?;
        documents.into_iter().map(|document| self.row(document)).collect()
    }

    /// The row of a document that the database gave.
    pub(super) fn row<D, T>(&self, document: D) -> Result<T, StoreError>
    where
        T: TryFrom<D, Error = UnreadableDocument>,
    {
        T::try_from(document).map_err(|invalid| self.unreadable(invalid.member, invalid.problem))
    }
}

/// A query with only the conditions that are asked for, so that each can use an index.
fn query(select: &str, filter: &KpiFilter) -> Statement {
    let mut statement = Statement::new(select);
    conditions(&mut statement, filter);
    newest_first(&mut statement, filter.after, filter.limit);
    statement
}

fn conditions(statement: &mut Statement, filter: &KpiFilter) {
    if let Some(repository) = &filter.repository {
        of_repository(statement, repository);
    }
    since(statement, filter.since);
}

pub(super) fn of_repository(statement: &mut Statement, repository: &str) {
    // A text with NUL is the name of nothing.
    let known = !repository.contains('\0');
    statement.push(" and repository = ");
    statement.push_text(if known { repository } else { "" }, "text");
}

/// The same for the projections, whose key is empty where the repository is unknown.
pub(super) fn of_repository_key(statement: &mut Statement, repository: Option<&str>) {
    if let Some(repository) = repository {
        let known = !repository.contains('\0');
        statement.push(" and repository_key <> '' and repository_key = ");
        statement.push_text(if known { repository } else { "" }, "text");
    }
}

pub(super) fn since(statement: &mut Statement, since: Option<Timestamp>) {
    // What lies before the first time that the log can hold excludes nothing.
    if let Some(since) = since.filter(|since| representable(*since)) {
        statement.push(" and occurred_at >= ").push_text(time_text(since), "timestamptz");
    }
}

/// The end of every query that answers in pages: what comes after a row, newest first.
pub(super) fn newest_first(statement: &mut Statement, after: Option<Position>, limit: Option<u32>) {
    if let Some(after) = after {
        statement.push(" and (occurred_at, id) < (");
        statement.push_text(time_text(after.occurred_at), "timestamptz").push(", ");
        statement.push_text(after.id.to_string(), "uuid").push(")");
    }
    statement.push(" order by occurred_at desc, id desc");
    if let Some(limit) = limit {
        statement.push(" limit ").push_text(limit.to_string(), "bigint");
    }
}
