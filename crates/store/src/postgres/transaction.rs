//! Transactions: begun with their limits, and tried again when that is safe.

use super::PostgresStore;
use super::connect::LOCK_TIMEOUT;
use super::fault::Fault;
use super::statement::Statement;
use crate::error::StoreError;
use serde::de::DeserializeOwned;
use sqlx::{AssertSqlSafe, Postgres, Transaction};

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Reading, each statement what is there when it begins.
    Read,
    /// Reading all of it as of one moment.
    Snapshot,
    /// Writing, durable when the commit returns.
    Write,
}

impl Mode {
    fn begin(self) -> &'static str {
        match self {
            Self::Read => "begin transaction isolation level read committed read only",
            Self::Snapshot => "begin transaction isolation level repeatable read read only",
            // Explicitly, whatever the role's own settings are.
            Self::Write => "begin transaction isolation level read committed read write",
        }
    }
}

impl PostgresStore {
    pub(super) async fn begin(&self, mode: Mode) -> Result<Transaction<'static, Postgres>, Fault> {
        // A role may have commits that do not wait for the disk; these do.
        let durable = match mode {
            Mode::Write => {
                "; select set_config('synchronous_commit', 'on', true)
                   where current_setting('synchronous_commit') = 'off'"
            }
            _ => "",
        };
        let statement = format!(
            "{}; set local statement_timeout = {}; set local lock_timeout = {}; \
             set local idle_in_transaction_session_timeout = 60000; set local timezone = 'UTC'{durable}",
            mode.begin(),
            self.0.statement_timeout.as_millis(),
            LOCK_TIMEOUT.as_millis(),
        );
        let begun = self.0.pool.begin_with(AssertSqlSafe(statement)).await;
        begun.map_err(|source| Fault::of(&source))
    }

    pub(super) async fn rows(
        &self,
        transaction: &mut Transaction<'static, Postgres>,
        statement: &Statement,
    ) -> Result<Vec<String>, Fault> {
        let rows = statement.rows(transaction, self.0.prepared).await;
        rows.map_err(|source| Fault::of(&source))
    }

    /// The rows that answer a question.
    pub(super) async fn read(&self, statement: &Statement) -> Result<Vec<String>, StoreError> {
        self.alone(Mode::Read, statement).await
    }

    /// Runs a statement whose repetition does no harm in a transaction of its own.
    pub(super) async fn write(&self, statement: &Statement) -> Result<Vec<String>, StoreError> {
        self.is_current()?;
        self.alone(Mode::Write, statement).await
    }

    async fn alone(&self, mode: Mode, statement: &Statement) -> Result<Vec<String>, StoreError> {
        let mut tries = 1;
        loop {
            match self.once(mode, statement).await {
                Err(fault) if fault.is_worth_another_try(tries) => tries += 1,
                done => return done.map_err(|fault| self.error(fault)),
            }
        }
    }

    async fn once(&self, mode: Mode, statement: &Statement) -> Result<Vec<String>, Fault> {
        let mut transaction = self.begin(mode).await?;
        let rows = self.rows(&mut transaction, statement).await?;
        transaction.commit().await.map_err(|source| Fault::of(&source))?;
        Ok(rows)
    }

    /// The rows of a question as the documents that they are.
    pub(super) async fn documents<T: DeserializeOwned>(
        &self,
        statement: &Statement,
    ) -> Result<Vec<T>, StoreError> {
        self.is_current()?;
        let rows = self.read(statement).await?;
        rows.iter().map(|row| self.document(row)).collect()
    }

    /// A row as the document that it is.
    pub(super) fn document<T: DeserializeOwned>(&self, row: &str) -> Result<T, StoreError> {
        serde_json::from_str(row).map_err(|source| self.unreadable("row", source))
    }
}
