//! The outbox: leased with `skip locked`, so that workers never wait for each other.

use super::PostgresStore;
use super::statement::Statement;
use crate::error::StoreError;
use crate::outbox::{DeadLetter, LeasedMessage, OutboxState};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

#[derive(Deserialize)]
struct Message {
    message_key: String,
    kind: String,
    payload: Value,
    attempts: u32,
    created_at: Timestamp,
    dead_at: Option<Timestamp>,
    problem: Option<String>,
}

#[derive(Deserialize)]
struct State {
    waiting: u64,
    delivered: u64,
    dead: u64,
    oldest: Option<Timestamp>,
}

/// A message that still waits and is leased to this worker.
const LEASED: &str = "where message_key = $1 and leased_by = $2 and delivered_at is null
    and dead_at is null returning message_key";

impl PostgresStore {
    /// Leases messages that are due and under no lease, the longest due first.
    pub(crate) async fn lease(
        &self,
        worker: &str,
        limit: u32,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<LeasedMessage>, StoreError> {
        let until = now.saturating_add(lease).unwrap_or(Timestamp::MAX);
        let statement = Statement::new(
            "with due as (
               select message_key from public.provenance_outbox
               where delivered_at is null and dead_at is null and due_at <= $3::timestamptz
                 and (leased_until is null or leased_until <= $3::timestamptz)
               order by due_at limit $4 for update skip locked
             )
             update public.provenance_outbox as message
             set leased_by = $1, leased_until = $2::timestamptz, attempts = attempts + 1
             from due where message.message_key = due.message_key
             returning to_jsonb(message)::text",
        );
        let statement = statement.text(worker).time(until).time(now).number(i64::from(limit));
        let rows = self.write(&statement).await?;
        let mut leased = rows
            .iter()
            .map(|row| {
                let message: Message = self.document(row)?;
                Ok(LeasedMessage {
                    key: message.message_key,
                    kind: message.kind,
                    payload: message.payload,
                    attempts: message.attempts,
                    created_at: message.created_at,
                })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        leased.sort_by_key(|message| message.created_at);
        Ok(leased)
    }

    pub(crate) async fn delivered(
        &self,
        worker: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let set = "set delivered_at = $3::timestamptz, leased_by = null, leased_until = null,
            problem = null";
        let statement = Statement::new(format!("update public.provenance_outbox {set} {LEASED}"));
        self.touched(statement.text(key).text(worker).time(now)).await
    }

    pub(crate) async fn retry_at(
        &self,
        worker: &str,
        key: &str,
        at: Timestamp,
        problem: &str,
    ) -> Result<bool, StoreError> {
        let set = "set due_at = $3::timestamptz, problem = $4, leased_by = null,
            leased_until = null";
        let statement = Statement::new(format!("update public.provenance_outbox {set} {LEASED}"));
        self.touched(statement.text(key).text(worker).time(at).text(without_nul(problem))).await
    }

    pub(crate) async fn dead(
        &self,
        worker: &str,
        key: &str,
        now: Timestamp,
        problem: &str,
    ) -> Result<bool, StoreError> {
        let set = "set dead_at = $3::timestamptz, problem = $4, leased_by = null,
            leased_until = null";
        let statement = Statement::new(format!("update public.provenance_outbox {set} {LEASED}"));
        self.touched(statement.text(key).text(worker).time(now).text(without_nul(problem))).await
    }

    /// Whether a statement found its row.
    pub(super) async fn touched(&self, statement: Statement) -> Result<bool, StoreError> {
        Ok(!self.write(&statement).await?.is_empty())
    }

    pub(crate) async fn outbox_state(&self) -> Result<OutboxState, StoreError> {
        let statement = Statement::new(
            "select jsonb_build_object(
               'waiting', count(*) filter (where delivered_at is null and dead_at is null),
               'delivered', count(delivered_at), 'dead', count(dead_at),
               'oldest', min(created_at) filter (where delivered_at is null and dead_at is null)
             )::text from public.provenance_outbox",
        );
        let states: Vec<State> = self.documents(&statement).await?;
        let state = states.first().ok_or_else(|| self.unreadable("state", "nothing"))?;
        Ok(OutboxState {
            waiting: state.waiting,
            delivered: state.delivered,
            dead: state.dead,
            oldest_waiting: state.oldest,
        })
    }

    pub(crate) async fn dead_letters(&self, limit: u32) -> Result<Vec<DeadLetter>, StoreError> {
        let statement = Statement::new(
            "select to_jsonb(message)::text from public.provenance_outbox as message
             where dead_at is not null order by dead_at desc, message_key limit $1",
        );
        let messages: Vec<Message> = self.documents(&statement.number(i64::from(limit))).await?;
        messages
            .into_iter()
            .map(|message| {
                Ok(DeadLetter {
                    key: message.message_key,
                    kind: message.kind,
                    payload: message.payload,
                    attempts: message.attempts,
                    created_at: message.created_at,
                    dead_at: message
                        .dead_at
                        .ok_or_else(|| self.unreadable("dead_at", "nothing"))?,
                    problem: message.problem.unwrap_or_default(),
                })
            })
            .collect()
    }
}

/// What a far side said may hold what PostgreSQL cannot keep.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
