//! What an overview of the log asks beside the figures: its days, its repositories, whether it grew.

use super::PostgresStore;
use super::kpi::of_repository_key;
use super::statement::Statement;
use crate::day::Day;
use crate::error::StoreError;
use crate::log_mark::LogMark;
use jiff::civil::Date;
use serde::Deserialize;

#[derive(Deserialize)]
struct DayRow {
    day: Date,
    runs: u64,
    succeeded: u64,
    failed: u64,
    pending: u64,
}

#[derive(Deserialize)]
struct Mark {
    newest: i64,
    recent: i64,
}

impl PostgresStore {
    /// The days since `since`, oldest first.
    pub(crate) async fn daily(
        &self,
        repository: Option<&str>,
        since: Date,
    ) -> Result<Vec<Day>, StoreError> {
        let mut statement = Statement::new(
            "select to_jsonb(x)::text from (
               select day, sum(runs)::bigint as runs, sum(succeeded)::bigint as succeeded,
                 sum(failed)::bigint as failed, sum(pending)::bigint as pending
               from public.provenance_day where day >= ",
        );
        // No day of the log has a year before 1.
        let since = if since.year() < 1 { "-infinity".to_owned() } else { since.to_string() };
        statement.push_text(since, "date");
        of_repository_key(&mut statement, repository);
        statement.push(" group by day having sum(runs) <> 0 order by day) as x");
        let rows: Vec<DayRow> = self.documents(&statement).await?;
        Ok(rows
            .into_iter()
            .map(|DayRow { day, runs, succeeded, failed, pending }| Day {
                day,
                runs,
                succeeded,
                failed,
                pending,
            })
            .collect())
    }

    /// The names of the repositories, each found by a jump over the rows of the one before.
    pub(crate) async fn repositories(&self, limit: u32) -> Result<Vec<String>, StoreError> {
        self.is_current()?;
        let statement = Statement::new(
            "with recursive known as (
               (select repository_key as name from public.provenance_run
                where repository_key > '' order by repository_key limit 1)
               union all
               select next.repository_key
               from known
               cross join lateral (
                 select repository_key from public.provenance_run
                 where repository_key > known.name order by repository_key limit 1) as next)
             select name from known limit $1",
        );
        self.read(&statement.number(i64::from(limit))).await
    }

    /// How far the log is.
    pub(crate) async fn mark(&self) -> Result<LogMark, StoreError> {
        let statement = Statement::new(
            "select jsonb_build_object('newest', newest.seq, 'recent', (
               select count(*) from public.provenance_audit_log as log
               where log.seq > newest.seq - 1000))::text
             from (select coalesce(max(seq), 0) as seq from public.provenance_audit_log) as newest",
        );
        let marks: Vec<Mark> = self.documents(&statement).await?;
        let mark = marks.first().ok_or_else(|| self.unreadable("mark", "nothing"))?;
        Ok(LogMark { newest: mark.newest, recent: mark.recent })
    }
}
