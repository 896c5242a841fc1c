//! The figures above the KPI table, read from PostgreSQL.

use super::PostgresStore;
use super::fault::Fault;
use super::statement::{Statement, representable, time_text};
use super::transaction::Mode;
use crate::error::StoreError;
use crate::kpi::KpiFilter;
use crate::summary::{
    Coverage, KpiSummary, ReleaseHistory, TimeToAccepted, beginning_of_the_period_before,
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

#[derive(Deserialize)]
struct History {
    first_at: Timestamp,
    dispatched_at: Option<Timestamp>,
    accepted_at: Option<Timestamp>,
    accepted: bool,
}

/// The figures of all releases there ever were.
#[derive(Deserialize)]
struct AllTime {
    releases: u64,
    accepted: u64,
    /// Releases of which it is known how long their acceptance took, and microseconds.
    timed: u64,
    p50: Option<i64>,
    p95: Option<i64>,
}

impl AllTime {
    fn summary(self, open_incidents: u64) -> KpiSummary {
        let times = self.p50.zip(self.p95).map(|(p50, p95)| TimeToAccepted {
            p50: SignedDuration::from_micros(p50),
            p95: SignedDuration::from_micros(p95),
            releases: self.timed,
        });
        KpiSummary {
            coverage: Coverage { releases: self.releases, accepted: self.accepted },
            before: None,
            time_to_accepted: times,
            open_incidents,
        }
    }
}

impl PostgresStore {
    pub(crate) async fn summary(
        &self,
        filter: &KpiFilter,
        now: Timestamp,
    ) -> Result<KpiSummary, StoreError> {
        self.is_current()?;
        let mut tries = 1;
        let (releases, open_incidents) = loop {
            match self.figures(filter, now).await {
                Err(fault) if fault.is_worth_another_try(tries) => tries += 1,
                done => break done.map_err(|fault| self.error(fault))?,
            }
        };
        let open_incidents = open_incidents.first().map_or("", String::as_str);
        let open_incidents = open_incidents
            .parse()
            .map_err(|_| self.unreadable("open_incidents", open_incidents))?;
        if filter.since.is_none() {
            let all: AllTime = self.document(releases.first().map_or("", String::as_str))?;
            return Ok(all.summary(open_incidents));
        }
        let releases = releases.iter().map(|row| {
            let history: History = self.document(row)?;
            Ok(ReleaseHistory {
                first_at: history.first_at,
                dispatched_at: history.dispatched_at,
                accepted_at: history.accepted_at,
                accepted: history.accepted,
            })
        });
        let releases = releases.collect::<Result<Vec<_>, StoreError>>()?;
        Ok(KpiSummary::of(releases, filter.since, open_incidents))
    }

    /// All of one moment.
    async fn figures(
        &self,
        filter: &KpiFilter,
        now: Timestamp,
    ) -> Result<(Vec<String>, Vec<String>), Fault> {
        let releases = match filter.since {
            Some(since) => histories(filter, Some(beginning_of_the_period_before(since, now))),
            None => all_time(filter),
        };
        let mut transaction = self.begin(Mode::Snapshot).await?;
        let releases = self.rows(&mut transaction, &releases).await?;
        let open = self.rows(&mut transaction, &open_incidents(filter)).await?;
        transaction.commit().await.map_err(|source| Fault::of(&source))?;
        Ok((releases, open))
    }
}

/// The figures of all releases, counted where they are: they may be more than a program wants to
/// hold. `percentile_disc` is the nearest rank.
fn all_time(filter: &KpiFilter) -> Statement {
    let mut statement = Statement::new(
        "select jsonb_build_object(
           'releases', count(*), 'accepted', count(*) filter (where accepted),
           'timed', count(took),
           'p50', percentile_disc(0.5) within group (order by took),
           'p95', percentile_disc(0.95) within group (order by took))::text
         from (
           select accepted, (extract(epoch from case
             when dispatched_at <= accepted_at then accepted_at - dispatched_at
             when first_at < accepted_at then accepted_at - first_at
           end) * 1000000)::bigint as took
           from (
             select min(first_at) as first_at, min(dispatched_at) as dispatched_at,
               min(accepted_at) as accepted_at,
               (array_agg(status = 'success' and accepted_at is not null
                 order by occurred_at desc, id desc) filter (where id is not null))[1] as accepted
             from public.provenance_run
             where tag <> ''",
    );
    of_repository_key(&mut statement, "repository_key", filter);
    statement.push(" group by repository_key, tag) as release) as release");
    statement
}

fn of_repository_key(statement: &mut Statement, column: &str, filter: &KpiFilter) {
    if let Some(repository) = &filter.repository {
        let known = !repository.is_empty() && !repository.contains('\0');
        statement.push(" and ").push(column).push(" = ");
        statement.push_text(if known { repository } else { "no such repository" }, "text");
    }
}

/// The releases that were first heard of at `since` or later: those whose first run is among
/// the runs of that time.
fn histories(filter: &KpiFilter, since: Option<Timestamp>) -> Statement {
    let mut statement = Statement::new(
        "select to_jsonb(x)::text from (
           select run.first_at, release.dispatched_at, release.accepted_at,
             coalesce(release.accepted, false) as accepted
           from public.provenance_run as run
           cross join lateral (
             select min(dispatched_at) as dispatched_at, min(accepted_at) as accepted_at,
               (array_agg(status = 'success' and accepted_at is not null
                 order by occurred_at desc, id desc) filter (where event is not null))[1]
                 as accepted,
               (array_agg(run_id order by first_at, run_id))[1] as first_run
             from public.provenance_run as each
             where each.repository_key = run.repository_key and each.tag = run.tag
           ) as release
           where run.tag <> '' and run.run_id = release.first_run",
    );
    of_repository_key(&mut statement, "run.repository_key", filter);
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
