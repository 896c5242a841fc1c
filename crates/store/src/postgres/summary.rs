//! The figures above the KPI table, read from PostgreSQL.

use super::PostgresStore;
use super::fault::Fault;
use super::kpi::of_repository_key;
use super::statement::{Statement, representable, time_text};
use super::transaction::Mode;
use crate::error::StoreError;
use crate::kpi::KpiFilter;
use crate::summary::{
    Coverage, KpiSummary, ReleaseHistory, TimeToAccepted, beginning_of_the_period_before,
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

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
        let releases = self.read_histories(&releases)?;
        Ok(KpiSummary::of(releases, filter.since, open_incidents))
    }

    pub(crate) async fn histories(
        &self,
        repository: Option<&str>,
        since: Timestamp,
    ) -> Result<Vec<ReleaseHistory>, StoreError> {
        self.is_current()?;
        self.read_histories(&self.read(&histories(repository, Some(since))).await?)
    }

    fn read_histories(&self, rows: &[String]) -> Result<Vec<ReleaseHistory>, StoreError> {
        let read = |row: &String| history(row).ok_or_else(|| self.unreadable("history", row));
        rows.iter().map(read).collect()
    }

    /// All of one moment.
    async fn figures(
        &self,
        filter: &KpiFilter,
        now: Timestamp,
    ) -> Result<(Vec<String>, Vec<String>), Fault> {
        let releases = match filter.since {
            Some(since) => histories(
                filter.repository.as_deref(),
                Some(beginning_of_the_period_before(since, now)),
            ),
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
    of_repository_key(&mut statement, filter.repository.as_deref());
    statement.push(" group by repository_key, tag) as release) as release");
    statement
}

/// The releases that were first heard of at `since` or later. A row is the microseconds of three
/// times, and whether its newest run is accepted.
fn histories(repository: Option<&str>, since: Option<Timestamp>) -> Statement {
    let since = since.filter(|since| representable(*since)).map(time_text);
    let mut statement = Statement::new(
        "select concat((extract(epoch from min(first_at)) * 1000000)::bigint,
           ',', (extract(epoch from min(dispatched_at)) * 1000000)::bigint,
           ',', (extract(epoch from min(accepted_at)) * 1000000)::bigint,
           ',', coalesce((array_agg(status = 'success' and accepted_at is not null
             order by occurred_at desc, id desc) filter (where event is not null))[1], false))
         from public.provenance_run as run where tag <> ''",
    );
    of_repository_key(&mut statement, repository);
    if let Some(since) = &since {
        // No run of such a release is older.
        statement.push(" and first_at >= ").push_text(since, "timestamptz");
    }
    statement.push(" group by repository_key, tag");
    if let Some(since) = since {
        // A query of its own for each, so that it is not joined with all runs there ever were.
        statement.push(
            " having (select min(first_at) from public.provenance_run as each
               where each.repository_key = run.repository_key and each.tag = run.tag) >= ",
        );
        statement.push_text(since, "timestamptz");
    }
    statement
}

fn history(row: &str) -> Option<ReleaseHistory> {
    let mut fields = row.split(',');
    let mut time = || match fields.next()? {
        "" => Some(None),
        micros => Timestamp::from_microsecond(micros.parse().ok()?).ok().map(Some),
    };
    let (first_at, dispatched_at, accepted_at) = (time()??, time()?, time()?);
    let accepted = match fields.next()? {
        "t" => true,
        "f" => false,
        _ => return None,
    };
    Some(ReleaseHistory { first_at, dispatched_at, accepted_at, accepted })
}

fn open_incidents(filter: &KpiFilter) -> Statement {
    let mut statement =
        Statement::new("select count(*)::text from public.provenance_open_incidents where true");
    if let Some(repository) = &filter.repository {
        super::kpi::of_repository(&mut statement, repository);
    }
    statement
}
