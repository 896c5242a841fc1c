//! What requests ask to be written, many of them in one transaction.

use super::PostgresStore;
use super::append::{Failure, has_nul, obstacle, rejected};
use super::fault::Fault;
use super::statement::{Statement, time_text};
use super::transaction::Mode;
use crate::error::StoreError;
use crate::submission::{EntryOutcome, EntryStanding, Submission, SubmissionBody, Submitted};
use jiff::Timestamp;
use provost_wire::v1::EventDocument;
use serde_json::{Value, json};
use sqlx::{Postgres, Transaction};
use std::collections::HashSet;

/// What is known of a submission before its body is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Admission {
    New,
    Repeated,
    TokenReused,
    DeliveryKnown,
}

impl Admission {
    fn is_taken(self) -> bool {
        matches!(self, Self::New | Self::Repeated)
    }
}

impl PostgresStore {
    /// Writes what the submissions ask for in one transaction. Where the values of one make the
    /// whole refused, which no known value does, each is written in a transaction of its own.
    pub(crate) async fn submit(
        &self,
        submissions: Vec<Submission>,
    ) -> Result<Vec<Submitted>, StoreError> {
        self.is_current()?;
        if submissions.is_empty() {
            return Ok(Vec::new());
        }
        match self.submit_all(&submissions).await {
            Err(Failure::Fault(fault)) if fault.is_of_the_values() => {
                let mut submitted = Vec::with_capacity(submissions.len());
                for submission in &submissions {
                    submitted.push(self.submit_alone(submission).await?);
                }
                Ok(submitted)
            }
            done => self.settled(done),
        }
    }

    async fn submit_alone(&self, submission: &Submission) -> Result<Submitted, StoreError> {
        match self.submit_all(std::slice::from_ref(submission)).await {
            Err(Failure::Fault(fault)) if fault.is_of_the_values() => {
                let problem = self.error(fault).to_string();
                Ok(Submitted::Done(all_rejected(&submission.body, &problem)))
            }
            done => Ok(self.settled(done)?.remove(0)),
        }
    }

    fn settled<T>(&self, done: Result<T, Failure>) -> Result<T, StoreError> {
        done.map_err(|failure| match failure {
            Failure::Fault(fault) => self.error(fault),
            Failure::Other(error) => error,
        })
    }

    /// One transaction, tried again when its connection is lost: whatever became of the first try,
    /// keys keep the second from doubling anything.
    async fn submit_all(&self, submissions: &[Submission]) -> Result<Vec<Submitted>, Failure> {
        let mut tries = 1;
        loop {
            match self.submit_once(submissions).await {
                Err(Failure::Fault(fault)) if fault.is_worth_another_try(tries) => tries += 1,
                done => return done,
            }
        }
    }

    async fn submit_once(&self, submissions: &[Submission]) -> Result<Vec<Submitted>, Failure> {
        let mut transaction = self.begin(Mode::Write).await?;
        let mut admissions = self.use_tokens(&mut transaction, submissions).await?;
        self.note_deliveries(&mut transaction, submissions, &mut admissions).await?;
        let outcomes = self.write_bodies(&mut transaction, submissions, &admissions).await?;
        self.note_messages(&mut transaction, submissions, &admissions, &outcomes).await?;
        transaction.commit().await.map_err(|source| Fault::of(&source))?;
        Ok(admissions
            .into_iter()
            .zip(outcomes)
            .map(|(admission, outcomes)| match admission {
                Admission::New => Submitted::Done(outcomes),
                Admission::Repeated => Submitted::Repeated(outcomes),
                Admission::TokenReused => Submitted::TokenReused,
                Admission::DeliveryKnown => Submitted::DeliveryKnown,
            })
            .collect())
    }

    async fn use_tokens(
        &self,
        transaction: &mut Transaction<'static, Postgres>,
        submissions: &[Submission],
    ) -> Result<Vec<Admission>, Failure> {
        let mut admissions = vec![Admission::New; submissions.len()];
        let with_token = submissions
            .iter()
            .enumerate()
            .filter_map(|(index, it)| it.token.as_ref().map(|token| (index, token)));
        let (indexes, tokens): (Vec<usize>, Vec<Value>) = with_token
            .map(|(index, token)| {
                let token = json!({
                    "issuer": token.issuer,
                    "jti": token.jti,
                    "body_sha256": token.body_sha256,
                    "expires_at": time_text(token.expires_at),
                });
                (index, token)
            })
            .unzip();
        if tokens.is_empty() {
            return Ok(admissions);
        }
        let call = "select public.use_provenance_token(issuer, jti, body_sha256, expires_at)
            from jsonb_to_recordset($1::jsonb)
              as token (issuer text, jti text, body_sha256 text, expires_at timestamptz)";
        let statement = Statement::new(call).text(Value::Array(tokens).to_string());
        let answers = self.rows(transaction, &statement).await?;
        for (index, answer) in indexes.into_iter().zip(answers) {
            admissions[index] = match answer.as_str() {
                "new" => Admission::New,
                "repeat" => Admission::Repeated,
                _ => Admission::TokenReused,
            };
        }
        Ok(admissions)
    }

    async fn note_deliveries(
        &self,
        transaction: &mut Transaction<'static, Postgres>,
        submissions: &[Submission],
        admissions: &mut [Admission],
    ) -> Result<(), Failure> {
        let brought: HashSet<&str> = submissions
            .iter()
            .zip(&*admissions)
            .filter(|(_, admission)| admission.is_taken())
            .filter_map(|(submission, _)| submission.delivery.as_deref())
            .collect();
        if brought.is_empty() {
            return Ok(());
        }
        let statement = Statement::new(
            "with forgotten as (
               delete from public.provenance_delivery where delivery in (
                 select delivery from public.provenance_delivery
                 where received_at < now() - interval '30 days'
                 order by received_at limit 100 for update skip locked)
             ), noted as (
               insert into public.provenance_delivery (delivery)
               select delivery from jsonb_array_elements_text($1::jsonb) as delivery order by 1
               on conflict do nothing returning delivery
             )
             select delivery from noted",
        );
        let brought: Vec<&str> = brought.into_iter().collect();
        let rows = self.rows(transaction, &statement.text(json!(brought).to_string())).await?;
        let mut new: HashSet<String> = rows.into_iter().collect();
        for (submission, admission) in submissions.iter().zip(admissions) {
            // Of two with the same delivery in one batch the first is new.
            if let Some(delivery) = &submission.delivery
                && admission.is_taken()
                && !new.remove(delivery)
            {
                *admission = Admission::DeliveryKnown;
            }
        }
        Ok(())
    }

    /// The outcomes of every submission, none for one that is not taken.
    async fn write_bodies(
        &self,
        transaction: &mut Transaction<'static, Postgres>,
        submissions: &[Submission],
        admissions: &[Admission],
    ) -> Result<Vec<Vec<EntryOutcome>>, Failure> {
        let taken = || {
            submissions
                .iter()
                .zip(admissions)
                .map(|(submission, admission)| admission.is_taken().then_some(&submission.body))
        };
        let mut documents = Vec::new();
        let mut entries: Vec<&Value> = Vec::new();
        for body in taken().flatten() {
            match body {
                SubmissionBody::Events(events) => documents.extend(
                    events.iter().filter(|it| obstacle(it).is_none()).map(EventDocument::from),
                ),
                SubmissionBody::Manifest(manifest) => {
                    entries.extend(manifest.iter().map(|it| &it.json).filter(|it| !has_nul(it)));
                }
            }
        }
        // All events of the batch in one call and all entries in another: rows are then locked in
        // one order, and a batch costs as much as one request.
        let mut of_events = self.write_events(transaction, &documents).await?.into_iter();
        let mut of_entries = self.write_entries(transaction, &entries).await?.into_iter();
        let missing = || EntryOutcome::rejected("", "the database gave no answer for it");
        let outcomes = taken().map(|body| match body {
            None => Vec::new(),
            Some(SubmissionBody::Events(events)) => events
                .iter()
                .map(|event| match obstacle(event) {
                    Some(obstacle) => rejected(event, &obstacle),
                    None => of_events.next().unwrap_or_else(missing),
                })
                .collect(),
            Some(SubmissionBody::Manifest(manifest)) => manifest
                .iter()
                .map(|entry| match has_nul(&entry.json) {
                    true => EntryOutcome::rejected(
                        entry.events.first().map_or("", |event| event.key.as_str()),
                        "it holds a NUL character, which the event log cannot keep",
                    ),
                    false => of_entries.next().unwrap_or_else(missing),
                })
                .collect(),
        });
        Ok(outcomes.collect())
    }

    /// Keeps the messages of those of which anything was taken.
    async fn note_messages(
        &self,
        transaction: &mut Transaction<'static, Postgres>,
        submissions: &[Submission],
        admissions: &[Admission],
        outcomes: &[Vec<EntryOutcome>],
    ) -> Result<(), Failure> {
        let mut messages = Vec::new();
        for ((submission, admission), outcomes) in submissions.iter().zip(admissions).zip(outcomes)
        {
            let nothing = !outcomes.is_empty()
                && outcomes.iter().all(|it| it.outcome == EntryStanding::Rejected);
            if admission.is_taken() && !nothing {
                messages.extend(submission.messages.iter().map(|message| {
                    json!({"key": message.key, "kind": message.kind, "payload": message.payload})
                }));
            }
        }
        if messages.is_empty() {
            return Ok(());
        }
        let statement = Statement::new(
            "insert into public.provenance_outbox (message_key, kind, payload, created_at, due_at)
             select key, kind, payload, $2::timestamptz, $2::timestamptz
             from jsonb_to_recordset($1::jsonb) as message (key text, kind text, payload jsonb)
             order by key
             on conflict do nothing returning message_key",
        );
        let statement = statement.text(Value::Array(messages).to_string()).time(Timestamp::now());
        self.rows(transaction, &statement).await?;
        Ok(())
    }
}

fn all_rejected(body: &SubmissionBody, problem: &str) -> Vec<EntryOutcome> {
    match body {
        SubmissionBody::Events(events) => {
            events.iter().map(|event| EntryOutcome::rejected(event.key.as_str(), problem)).collect()
        }
        SubmissionBody::Manifest(entries) => entries
            .iter()
            .map(|entry| {
                let key = entry.events.first().map_or("", |event| event.key.as_str());
                EntryOutcome::rejected(key, problem)
            })
            .collect(),
    }
}
