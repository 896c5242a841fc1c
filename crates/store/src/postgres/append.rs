//! Events as the SQL functions take them, and what these answer.

use super::PostgresStore;
use super::fault::Fault;
use super::statement::{Statement, representable};
use super::transaction::Mode;
use crate::append::{Appended, Outcome};
use crate::error::StoreError;
use crate::stored_event::StoredEvent;
use crate::submission::{EntryOutcome, EntryStanding};
use provost_record::{Event, FACTS};
use provost_wire::v1::EventDocument;
use serde::Deserialize;
use serde_json::Value;
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

/// One row of an answer.
#[derive(Debug, Deserialize)]
struct Answer {
    outcome: String,
    id: Option<Uuid>,
    event_key: Option<String>,
    problem: Option<String>,
}

impl From<Answer> for EntryOutcome {
    fn from(answer: Answer) -> Self {
        Self {
            outcome: match answer.outcome.as_str() {
                "inserted" => EntryStanding::Inserted,
                "duplicate" => EntryStanding::Duplicate,
                _ => EntryStanding::Rejected,
            },
            id: answer.id,
            event_key: answer.event_key.unwrap_or_default(),
            problem: answer.problem,
        }
    }
}

impl PostgresStore {
    /// Writes events, all or none.
    pub(crate) async fn append(&self, events: &[Event]) -> Result<Vec<Appended>, StoreError> {
        self.is_current()?;
        if events.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(obstacle) = events.iter().find_map(obstacle) {
            return Err(obstacle);
        }
        let documents: Vec<EventDocument> = events.iter().map(EventDocument::from).collect();
        let mut tries = 1;
        let outcomes = loop {
            match self.append_once(&documents).await {
                Err(Failure::Fault(fault)) if fault.is_worth_another_try(tries) => tries += 1,
                Err(Failure::Fault(fault)) => return Err(self.error(fault)),
                Err(Failure::Other(error)) => return Err(error),
                Ok(outcomes) => break outcomes,
            }
        };
        Ok(outcomes.into_iter().filter_map(appended).collect())
    }

    async fn append_once(&self, documents: &[EventDocument]) -> Result<Vec<EntryOutcome>, Failure> {
        let mut transaction = self.begin(Mode::Write).await?;
        let outcomes = self.write_events(&mut transaction, documents).await?;
        if let Some(rejected) = outcomes.iter().find(|it| it.outcome == EntryStanding::Rejected) {
            transaction.rollback().await.ok();
            return Err(Failure::Other(rejection(rejected)));
        }
        transaction.commit().await.map_err(|source| Fault::of(&source))?;
        Ok(outcomes)
    }

    /// Writes events of another log with the ids and times that they have there.
    pub(crate) async fn import(
        &self,
        events: &[StoredEvent],
    ) -> Result<Vec<EntryOutcome>, StoreError> {
        self.is_current()?;
        let mut outcomes: Vec<Option<EntryOutcome>> = Vec::with_capacity(events.len());
        let mut documents = Vec::with_capacity(events.len());
        for stored in events {
            match obstacle(&stored.event) {
                Some(obstacle) => outcomes.push(Some(rejected(&stored.event, &obstacle))),
                None => {
                    outcomes.push(None);
                    documents.push(EventDocument::from(stored));
                }
            }
        }
        let mut tries = 1;
        let written = loop {
            match self.import_once(&documents).await {
                Err(Failure::Fault(fault)) if fault.is_worth_another_try(tries) => tries += 1,
                Err(Failure::Fault(fault)) => return Err(self.error(fault)),
                Err(Failure::Other(error)) => return Err(error),
                Ok(written) => break written,
            }
        };
        let mut written = written.into_iter();
        Ok(outcomes.into_iter().filter_map(|outcome| outcome.or_else(|| written.next())).collect())
    }

    async fn import_once(&self, documents: &[EventDocument]) -> Result<Vec<EntryOutcome>, Failure> {
        let mut transaction = self.begin(Mode::Write).await?;
        let outcomes = self.write_events(&mut transaction, documents).await?;
        transaction.commit().await.map_err(|source| Fault::of(&source))?;
        Ok(outcomes)
    }

    /// One outcome an event, in the same order.
    pub(super) async fn write_events(
        &self,
        transaction: &mut Transaction<'static, Postgres>,
        documents: &[EventDocument],
    ) -> Result<Vec<EntryOutcome>, Failure> {
        let call = "select to_jsonb(answer)::text
            from public.append_provenance_events($1::jsonb) as answer";
        let text = serde_json::to_string(documents).expect("documents always serialise");
        self.answers(transaction, call, text, documents.len()).await
    }

    /// One outcome an entry, in the same order.
    pub(super) async fn write_entries(
        &self,
        transaction: &mut Transaction<'static, Postgres>,
        entries: &[&Value],
    ) -> Result<Vec<EntryOutcome>, Failure> {
        let call = "select to_jsonb(answer)::text
            from public.ingest_provenance_manifest($1::jsonb) as answer";
        let text = serde_json::to_string(entries).expect("values always serialise");
        self.answers(transaction, call, text, entries.len()).await
    }

    async fn answers(
        &self,
        transaction: &mut Transaction<'static, Postgres>,
        call: &str,
        text: String,
        expected: usize,
    ) -> Result<Vec<EntryOutcome>, Failure> {
        if expected == 0 {
            return Ok(Vec::new());
        }
        let rows = self.rows(transaction, &Statement::new(call).text(text)).await?;
        let answers: Vec<Answer> = rows
            .iter()
            .map(|row| self.document(row))
            .collect::<Result<_, _>>()
            .map_err(Failure::Other)?;
        if answers.len() != expected {
            return Err(Failure::Other(self.unreadable("answer", answers.len())));
        }
        Ok(answers.into_iter().map(EntryOutcome::from).collect())
    }
}

/// Why a try did not succeed: something that may be tried again, or not.
#[derive(Debug)]
pub(super) enum Failure {
    Fault(Fault),
    Other(StoreError),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Why an event cannot even be sent: it would keep everything that is sent beside it out.
pub(super) fn obstacle(event: &Event) -> Option<StoreError> {
    let unstorable =
        |column| Some(StoreError::Unstorable { key: event.key.as_str().to_owned(), column });
    if i64::try_from(event.run_id).is_err() {
        return unstorable("run_id");
    }
    if !representable(event.occurred_at) {
        return unstorable("occurred_at");
    }
    if event.validated_at.is_some_and(|at| !representable(at)) {
        return unstorable("validated_at");
    }
    let texts = [
        ("tag", Some(&event.tag)),
        ("repository", event.repository.as_ref()),
        ("release_url", event.release_url.as_ref()),
        ("artifact_path", event.artifact_path.as_ref()),
        ("failure_reason", event.failure_reason.as_ref()),
        ("commit_sha", event.commit_sha.as_ref()),
        ("builder_id", event.builder_id.as_ref()),
        ("manifest_sha256", event.manifest_sha256.as_ref()),
        ("actor", event.actor.as_ref()),
    ];
    if let Some((column, _)) =
        texts.into_iter().find(|(_, text)| text.is_some_and(|text| text.contains('\0')))
    {
        return unstorable(column);
    }
    event.decision.as_ref().filter(|decision| has_nul(decision)).and(unstorable("decision"))
}

/// Whether a NUL character stands anywhere in a value: PostgreSQL can keep none.
pub(super) fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => {
            members.iter().any(|(name, value)| name.contains('\0') || has_nul(value))
        }
        _ => false,
    }
}

/// The outcome of an event that is not sent.
pub(super) fn rejected(event: &Event, obstacle: &StoreError) -> EntryOutcome {
    EntryOutcome::rejected(event.key.as_str(), obstacle.to_string())
}

fn appended(outcome: EntryOutcome) -> Option<Appended> {
    let id = outcome.id?;
    let outcome = match outcome.outcome {
        EntryStanding::Inserted => Outcome::Inserted,
        _ => Outcome::Duplicate,
    };
    Some(Appended { id, outcome })
}

/// The error that a rejection is when events are written all or none.
fn rejection(outcome: &EntryOutcome) -> StoreError {
    let key = outcome.event_key.clone();
    let problem = outcome.problem.clone().unwrap_or_default();
    match conflict(&key, &problem) {
        Some((id, column)) => StoreError::KeyConflict { key, id, column },
        None => StoreError::Rejected { key, problem },
    }
}

/// Reads `event KEY is already in the log as ID with another COLUMN: …`.
fn conflict(key: &str, problem: &str) -> Option<(Uuid, &'static str)> {
    let rest = problem.strip_prefix(&format!("event {key} is already in the log as "))?;
    let (id, rest) = rest.split_once(" with another ")?;
    let (column, _) = rest.split_once(':')?;
    Some((id.parse().ok()?, FACTS.into_iter().find(|fact| *fact == column)?))
}
