//! Releases that are waited for.

use super::PostgresStore;
use super::statement::Statement;
use crate::error::StoreError;
use crate::expectation::{Expectation, Overdue, Settlement};
use jiff::Timestamp;
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    repository: String,
    tag: String,
    run_id: u64,
    release_url: Option<String>,
    expected_at: Timestamp,
    deadline: Timestamp,
    accepted: bool,
}

impl PostgresStore {
    pub(crate) async fn expect_release(
        &self,
        expectation: &Expectation,
    ) -> Result<bool, StoreError> {
        let run_id = i64::try_from(expectation.run_id)
            .map_err(|_| self.unreadable("run_id", expectation.run_id))?;
        let statement = Statement::new(
            "insert into public.provenance_expectation as known
               (repository, tag, run_id, release_url, expected_at, deadline)
             values ($1, $2, $3, $4, $5::timestamptz, $6::timestamptz)
             on conflict (repository, tag) do update
             set run_id = excluded.run_id, release_url = excluded.release_url,
               expected_at = excluded.expected_at, deadline = excluded.deadline,
               settled_at = null, settlement = null
             where known.settled_at is not null and excluded.expected_at > known.expected_at
             returning tag",
        );
        let statement = statement
            .text(&expectation.repository)
            .text(&expectation.tag)
            .number(run_id)
            .optional_text(expectation.release_url.clone())
            .time(expectation.expected_at)
            .time(expectation.deadline);
        self.touched(statement).await
    }

    pub(crate) async fn overdue(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Overdue>, StoreError> {
        let statement = Statement::new(
            "select (to_jsonb(expectation) || jsonb_build_object('accepted', exists (
               select 1 from public.provenance_run as run
               where run.repository_key = expectation.repository and run.tag = expectation.tag
                 and run.accepted_at is not null)))::text
             from public.provenance_expectation as expectation
             where settled_at is null and deadline <= $1::timestamptz
             order by deadline, repository, tag limit $2",
        );
        let rows: Vec<Row> = self.documents(&statement.time(now).number(i64::from(limit))).await?;
        Ok(rows
            .into_iter()
            .map(|row| Overdue {
                expectation: Expectation {
                    repository: row.repository,
                    tag: row.tag,
                    run_id: row.run_id,
                    release_url: row.release_url,
                    expected_at: row.expected_at,
                    deadline: row.deadline,
                },
                accepted: row.accepted,
            })
            .collect())
    }

    pub(crate) async fn settle_expectation(
        &self,
        repository: &str,
        tag: &str,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        // The very same settlement is this call's own first try, whose answer was lost: whoever is
        // told `true` has to act, so it must not be told `false` then.
        let statement = Statement::new(
            "update public.provenance_expectation
             set settled_at = $3::timestamptz, settlement = $4
             where repository = $1 and tag = $2
               and (settled_at is null or (settled_at = $3::timestamptz and settlement = $4))
             returning tag",
        );
        self.touched(statement.text(repository).text(tag).time(now).text(settlement.as_str())).await
    }
}
