//! The figures above the KPI table, read from PostgreSQL.

use super::PostgresStore;
use super::fault::Fault;
use super::statement::{Statement, representable, time_text};
use super::transaction::Mode;
use crate::error::StoreError;
use crate::kpi::KpiFilter;
use crate::summary::{KpiSummary, ReleaseHistory, beginning_of_the_period_before};
use jiff::Timestamp;
use serde::Deserialize;

#[derive(Deserialize)]
struct History {
    first_at: Timestamp,
    dispatched_at: Option<Timestamp>,
    accepted_at: Option<Timestamp>,
    accepted: bool,
}

impl PostgresStore {
    pub(crate) async fn summary(
        &self,
        filter: &KpiFilter,
        now: Timestamp,
    ) -> Result<KpiSummary, StoreError> {
        self.is_current()?;
        let mut tries = 1;
        let (histories, open_incidents) = loop {
            match self.figures(filter, now).await {
                Err(fault) if fault.is_worth_another_try(tries) => tries += 1,
                done => break done.map_err(|fault| self.error(fault))?,
            }
        };
        let releases = histories.iter().map(|row| {
            let history: History = self.document(row)?;
            Ok(ReleaseHistory {
                first_at: history.first_at,
                dispatched_at: history.dispatched_at,
                accepted_at: history.accepted_at,
                accepted: history.accepted,
            })
        });
        let releases = releases.collect::<Result<Vec<_>, StoreError>>()?;
        let open_incidents = open_incidents.first().map_or("", String::as_str);
        let open_incidents = open_incidents
            .parse()
            .map_err(|_| self.unreadable("open_incidents", open_incidents))?;
        Ok(KpiSummary::of(releases, filter.since, open_incidents))
    }

    /// All of one moment.
    async fn figures(
        &self,
        filter: &KpiFilter,
        now: Timestamp,
    ) -> Result<(Vec<String>, Vec<String>), Fault> {
        let previous = filter.since.map(|since| beginning_of_the_period_before(since, now));
        let mut transaction = self.begin(Mode::Snapshot).await?;
        let histories = self.rows(&mut transaction, &histories(filter, previous)).await?;
        let open = self.rows(&mut transaction, &open_incidents(filter)).await?;
        transaction.commit().await.map_err(|source| Fault::of(&source))?;
        Ok((histories, open))
    }
}

/// The releases that were first heard of at `since` or later: those of which no run was heard of
/// before the one that is looked at.
fn histories(filter: &KpiFilter, since: Option<Timestamp>) -> Statement {
    let mut statement = Statement::new(
        "select to_jsonb(x)::text from (
           select run.first_at, release.dispatched_at, release.accepted_at,
             coalesce(release.accepted, false) as accepted
           from public.provenance_run as run
           cross join lateral (
             select min(dispatched_at) as dispatched_at, min(accepted_at) as accepted_at,
               (array_agg(status = 'success' and accepted_at is not null
                 order by occurred_at desc, id desc) filter (where event is not null))[1] as accepted
             from public.provenance_run as each
             where each.repository_key = run.repository_key and each.tag = run.tag
           ) as release
           where run.tag <> ''
             and not exists (
               select 1 from public.provenance_run as earlier
               where earlier.repository_key = run.repository_key and earlier.tag = run.tag
                 and (earlier.first_at, earlier.run_id) < (run.first_at, run.run_id))",
    );
    if let Some(repository) = &filter.repository {
        let known = !repository.is_empty() && !repository.contains('\0');
        statement.push(" and run.repository_key = ");
        statement.push_text(if known { repository } else { "no such repository" }, "text");
    }
    if let Some(since) = since.filter(|since| representable(*since)) {
        statement.push(" and run.first_at >= ").push_text(time_text(since), "timestamptz");
    }
    statement.push(") as x");
    statement
}

fn open_incidents(filter: &KpiFilter) -> Statement {
    let mut statement =
        Statement::new("select count(*)::text from public.provenance_open_incidents where true");
    if let Some(repository) = &filter.repository {
        super::kpi::of_repository(&mut statement, repository);
    }
    statement
}
