//! What requests ask to be written, many of them in one transaction.

use super::append::{append_one, append_stored, commit, run};
use super::value::stored_time;
use crate::append::{Appended, Outcome};
use crate::error::StoreError;
use crate::stored_event::StoredEvent;
use crate::submission::{
    EntryOutcome, EntryStanding, OutboxMessage, Submission, SubmissionBody, Submitted, TokenUse,
};
use jiff::{SignedDuration, Timestamp};
use provost_record::Event;
use sqlx::sqlite::SqliteConnection;
use std::path::Path;

/// For how long a delivery is remembered.
const DELIVERY_MEMORY: SignedDuration = SignedDuration::from_hours(30 * 24);

/// For how long after its end the use of a token is remembered: clocks differ.
const TOKEN_MEMORY: SignedDuration = SignedDuration::from_mins(10);

/// Writes what the submissions ask for in one transaction. What is wrong with one is its own
/// outcome and keeps none of the others from being written.
pub(super) async fn submit(
    connection: &mut SqliteConnection,
    path: &Path,
    submissions: &[Submission],
    now: Timestamp,
) -> Result<Vec<Submitted>, StoreError> {
    if submissions.is_empty() {
        return Ok(Vec::new());
    }
    let mut batch = Batch { connection, path, now, wrote: false };
    batch.run("BEGIN IMMEDIATE").await?;
    let mut submitted = Vec::with_capacity(submissions.len());
    for submission in submissions {
        submitted.push(batch.take(submission).await?);
    }
    commit(batch.connection, path, batch.wrote).await?;
    Ok(submitted)
}

/// Writes events of another log in one transaction, one outcome an event.
pub(super) async fn import(
    connection: &mut SqliteConnection,
    path: &Path,
    events: &[StoredEvent],
) -> Result<Vec<EntryOutcome>, StoreError> {
    run(connection, path, "BEGIN IMMEDIATE").await?;
    let mut outcomes = Vec::with_capacity(events.len());
    for stored in events {
        let appended = append_stored(connection, path, stored).await;
        outcomes.push(outcome_of(stored.event.key.as_str(), appended)?);
    }
    let wrote = outcomes.iter().any(|it| it.outcome == EntryStanding::Inserted);
    commit(connection, path, wrote).await?;
    Ok(outcomes)
}

/// A transaction that is open.
struct Batch<'a> {
    connection: &'a mut SqliteConnection,
    path: &'a Path,
    now: Timestamp,
    /// Whether anything was written, so that the commit has something to sync.
    wrote: bool,
}

/// What is known of a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    New,
    Repeated,
    Reused,
}

impl Batch<'_> {
    async fn take(&mut self, submission: &Submission) -> Result<Submitted, StoreError> {
        let token = match &submission.token {
            Some(token) => self.use_token(token).await?,
            None => Token::New,
        };
        if token == Token::Reused {
            return Ok(Submitted::TokenReused);
        }
        if let Some(delivery) = &submission.delivery
            && !self.note_delivery(delivery).await?
        {
            return Ok(Submitted::DeliveryKnown);
        }
        let outcomes = self.write(&submission.body).await?;
        let rejected = |it: &EntryOutcome| it.outcome == EntryStanding::Rejected;
        if outcomes.is_empty() || !outcomes.iter().all(rejected) {
            for message in &submission.messages {
                self.note_message(message).await?;
            }
        }
        Ok(match token {
            Token::Repeated => Submitted::Repeated(outcomes),
            _ => Submitted::Done(outcomes),
        })
    }

    async fn write(&mut self, body: &SubmissionBody) -> Result<Vec<EntryOutcome>, StoreError> {
        let mut outcomes = Vec::new();
        match body {
            SubmissionBody::Events(events) => {
                for event in events {
                    outcomes.push(self.write_entry(std::slice::from_ref(event)).await?);
                }
            }
            SubmissionBody::Manifest(entries) => {
                for entry in entries {
                    outcomes.push(self.write_entry(&entry.events).await?);
                }
            }
        }
        Ok(outcomes)
    }

    /// Writes the events of one entry, all of them or none.
    async fn write_entry(&mut self, events: &[Event]) -> Result<EntryOutcome, StoreError> {
        let Some((first, others)) = events.split_first() else {
            return Ok(EntryOutcome::rejected("", "the entry gives no event"));
        };
        if others.is_empty() {
            let appended = append_one(self.connection, self.path, first).await;
            return self.noted(outcome_of(first.key.as_str(), appended)?);
        }
        self.run("SAVEPOINT entry").await?;
        let mut entry: Option<EntryOutcome> = None;
        for event in events {
            let appended = append_one(self.connection, self.path, event).await;
            let outcome = outcome_of(event.key.as_str(), appended)?;
            if outcome.outcome == EntryStanding::Rejected {
                self.run("ROLLBACK TO entry; RELEASE entry").await?;
                return Ok(EntryOutcome { event_key: first.key.as_str().to_owned(), ..outcome });
            }
            match &mut entry {
                None => entry = Some(outcome),
                Some(entry) if outcome.outcome == EntryStanding::Inserted => {
                    entry.outcome = EntryStanding::Inserted;
                }
                Some(_) => {}
            }
        }
        self.run("RELEASE entry").await?;
        self.noted(entry.expect("there are events"))
    }

    fn noted(&mut self, outcome: EntryOutcome) -> Result<EntryOutcome, StoreError> {
        self.wrote |= outcome.outcome == EntryStanding::Inserted;
        Ok(outcome)
    }

    async fn use_token(&mut self, token: &TokenUse) -> Result<Token, StoreError> {
        let forgotten = self.ago(TOKEN_MEMORY);
        self.execute("delete from provenance_token_use where expires_at < $1", &[Some(&forgotten)])
            .await?;
        let expires_at = stored_time(token.expires_at);
        let new = self
            .execute(
                "insert into provenance_token_use (issuer, jti, body_sha256, expires_at)
                 values ($1, $2, $3, $4) on conflict do nothing",
                &[
                    Some(&token.issuer),
                    Some(&token.jti),
                    Some(&token.body_sha256),
                    Some(&expires_at),
                ],
            )
            .await?;
        if new > 0 {
            return Ok(Token::New);
        }
        let query = "select body_sha256 from provenance_token_use where issuer = $1 and jti = $2";
        let body: String = sqlx::query_scalar(query)
            .bind(&token.issuer)
            .bind(&token.jti)
            .fetch_one(&mut *self.connection)
            .await
            .map_err(|source| StoreError::from_sql(self.path, source))?;
        Ok(if body == token.body_sha256 { Token::Repeated } else { Token::Reused })
    }

    /// Remembers a delivery; `false` when it was known.
    async fn note_delivery(&mut self, delivery: &str) -> Result<bool, StoreError> {
        let forgotten = self.ago(DELIVERY_MEMORY);
        let now = stored_time(self.now);
        self.execute("delete from provenance_delivery where received_at < $1", &[Some(&forgotten)])
            .await?;
        let insert = "insert into provenance_delivery (delivery, received_at) values ($1, $2)
                      on conflict do nothing";
        Ok(self.execute(insert, &[Some(delivery), Some(&now)]).await? > 0)
    }

    async fn note_message(&mut self, message: &OutboxMessage) -> Result<(), StoreError> {
        let now = stored_time(self.now);
        let payload = message.payload.to_string();
        let insert =
            "insert into provenance_outbox (message_key, kind, payload, created_at, due_at)
                      values ($1, $2, $3, $4, $4) on conflict do nothing";
        let values = [Some(&*message.key), Some(&*message.kind), Some(&*payload), Some(&*now)];
        self.execute(insert, &values).await?;
        Ok(())
    }

    fn ago(&self, memory: SignedDuration) -> String {
        stored_time(self.now.saturating_sub(memory).unwrap_or(Timestamp::MIN))
    }

    async fn execute(
        &mut self,
        statement: &'static str,
        values: &[Option<&str>],
    ) -> Result<u64, StoreError> {
        let mut query = sqlx::query(statement);
        for value in values {
            query = query.bind(*value);
        }
        let done = query
            .execute(&mut *self.connection)
            .await
            .map_err(|source| StoreError::from_sql(self.path, source))?;
        self.wrote |= done.rows_affected() > 0;
        Ok(done.rows_affected())
    }

    async fn run(&mut self, statement: &'static str) -> Result<(), StoreError> {
        run(self.connection, self.path, statement).await
    }
}

/// The outcome of one event. A fault that is not the event's own stays an error.
fn outcome_of(
    key: &str,
    appended: Result<Appended, StoreError>,
) -> Result<EntryOutcome, StoreError> {
    match appended {
        Ok(appended) => Ok(EntryOutcome {
            outcome: match appended.outcome {
                Outcome::Inserted => EntryStanding::Inserted,
                Outcome::Duplicate => EntryStanding::Duplicate,
            },
            id: Some(appended.id),
            event_key: key.to_owned(),
            problem: None,
        }),
        Err(error) if error.is_of_the_event() => Ok(EntryOutcome::rejected(key, error.to_string())),
        Err(error) => Err(error),
    }
}
