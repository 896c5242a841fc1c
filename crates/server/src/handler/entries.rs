//! From what was sent to what is written, entry by entry.

use crate::app::App;
use crate::caller::{Caller, refuse};
use crate::http::Problem;
use crate::message;
use crate::oidc::{Check, Job, Refusal, Use, check_body};
use crate::router::Call;
use crate::writer::NotWritten;
use axum::http::StatusCode;
use provost_record::{Event, EventKey, EventKind, Status};
use provost_store::{
    EntryOutcome, EntryStanding, ManifestEntry, OutboxMessage, Submission, SubmissionBody,
    Submitted, TokenUse,
};
use provost_wire::v1::{self, EntryAnswer};
use std::time::Duration;

/// An entry that can be written, with the checks that failed where that is known.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) form: Form,
    pub(super) checks_failed: Vec<String>,
    /// Whether it says that somebody was told of it already.
    pub(super) was_told: bool,
}

/// What an entry is.
#[derive(Debug, Clone)]
pub(super) enum Form {
    /// One event.
    Event(Box<Event>),
    /// An entry of a manifest.
    Manifest(ManifestEntry),
}

impl Entry {
    pub(super) fn event(event: Event) -> Self {
        let form = Form::Event(Box::new(event));
        Self { form, checks_failed: Vec::new(), was_told: false }
    }

    fn events(&self) -> &[Event] {
        match &self.form {
            Form::Event(event) => std::slice::from_ref(event),
            Form::Manifest(entry) => &entry.events,
        }
    }
}

/// Writes the entries, all of one form, and gives one answer an entry: those that could not be
/// read have theirs already. Answers come in the order in which the entries were sent.
pub(super) async fn write(
    app: &App,
    call: &Call,
    entries: Vec<Result<Entry, String>>,
) -> Result<Vec<EntryAnswer>, Problem> {
    let entries = permitted(app, call, entries)?;
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (index, entry) in entries.into_iter().enumerate() {
        match entry {
            Ok(entry) => good.push((index, entry)),
            Err(problem) => bad.push((index, problem)),
        }
    }
    let mut answers: Vec<EntryAnswer> = Vec::with_capacity(good.len() + bad.len());
    for (index, problem) in bad {
        app.metrics.entry(EntryStanding::Rejected);
        answers.push(EntryAnswer {
            index: index as u64,
            outcome: v1::EntryOutcome::Rejected,
            event_id: None,
            problem: Some(problem),
        });
    }
    if !good.is_empty() {
        let (indexes, entries): (Vec<usize>, Vec<Entry>) = good.into_iter().unzip();
        let outcomes = submit(app, call, entries, Vec::new()).await?;
        for (index, outcome) in indexes.into_iter().zip(outcomes) {
            answers.push(answer_of(index, outcome));
        }
    }
    answers.sort_by_key(|answer| answer.index);
    Ok(answers)
}

/// Writes entries that may be written, together with the token's use and what follows from them.
pub(super) async fn submit(
    app: &App,
    call: &Call,
    entries: Vec<Entry>,
    more: Vec<OutboxMessage>,
) -> Result<Vec<EntryOutcome>, Problem> {
    let tells = app.section().notify && app.alarm.is_configured();
    let expects = app.section().deadline_minutes.is_some();
    let now = app.clock.now();
    let mut messages = more;
    for entry in &entries {
        // A failure that was announced where it happened is not announced again.
        let is_told =
            entry.was_told || entry.events().iter().any(|event| event.kind == EventKind::Notified);
        let follows = entry.events().iter().filter_map(|event| {
            message::of_event(event, &entry.checks_failed, now, (tells && !is_told, expects))
        });
        messages.extend(follows);
    }
    let rings = !messages.is_empty();
    let token = call.caller.job().map(|job| token_use(job, call));
    let body = body_of(entries);
    let submission = Submission { token, delivery: None, body, messages };
    let outcomes = match app.writer.write(submission).await {
        Ok(Submitted::Done(outcomes) | Submitted::Repeated(outcomes)) => outcomes,
        Ok(Submitted::TokenReused) => {
            let refusal = Refusal::new(Check::Replay, "the token was used for another body");
            refuse(app, call.operation, &refusal);
            let detail = "the token was used for another request; ask for a new one";
            return Err(Problem::new(StatusCode::CONFLICT, "token-reused", detail));
        }
        Ok(Submitted::DeliveryKnown) => Vec::new(),
        Err(error) => return Err(not_written(app, &error)),
    };
    if rings {
        app.bell.notify_one();
    }
    outcomes.iter().for_each(|outcome| app.metrics.entry(outcome.outcome));
    Ok(outcomes)
}

pub(super) fn not_written(app: &App, error: &NotWritten) -> Problem {
    match error {
        NotWritten::Full => {
            Problem::busy("too much waits for the event log", Duration::from_secs(1))
        }
        NotWritten::Stopped => Problem::busy("the server stops", Duration::from_secs(5)),
        NotWritten::Failed(error) => app.unavailable(error),
    }
}

fn body_of(entries: Vec<Entry>) -> SubmissionBody {
    let is_manifest = matches!(entries.first().map(|entry| &entry.form), Some(Form::Manifest(_)));
    if is_manifest {
        let manifest = entries.into_iter().filter_map(|entry| match entry.form {
            Form::Manifest(entry) => Some(entry),
            Form::Event(_) => None,
        });
        return SubmissionBody::Manifest(manifest.collect());
    }
    let events = entries.into_iter().filter_map(|entry| match entry.form {
        Form::Event(event) => Some(*event),
        Form::Manifest(_) => None,
    });
    SubmissionBody::Events(events.collect())
}

pub(super) fn token_use(job: &Job, call: &Call) -> TokenUse {
    let Use { issuer, jti, body_sha256, expires_at } =
        Use::of(job, call.operation.as_str(), &call.body);
    TokenUse { issuer, jti, body_sha256, expires_at }
}

pub(super) fn answer_of(index: usize, outcome: EntryOutcome) -> EntryAnswer {
    EntryAnswer {
        index: index as u64,
        outcome: standing(outcome.outcome),
        event_id: outcome.id.map(|id| id.to_string()),
        problem: outcome.problem,
    }
}

pub(super) fn standing(standing: EntryStanding) -> v1::EntryOutcome {
    match standing {
        EntryStanding::Inserted => v1::EntryOutcome::Inserted,
        EntryStanding::Duplicate => v1::EntryOutcome::Duplicate,
        EntryStanding::Rejected => v1::EntryOutcome::Rejected,
    }
}

/// Check 10, its second half, over every entry: a job writes about its own repository and tag.
/// What it may not write is rejected by its place; when nothing is left it is not let in.
fn permitted(
    app: &App,
    call: &Call,
    mut entries: Vec<Result<Entry, String>>,
) -> Result<Vec<Result<Entry, String>>, Problem> {
    let Caller::Job(admitted) = &call.caller else {
        return Ok(entries);
    };
    let mut last = None;
    for slot in &mut entries {
        let Ok(entry) = slot else {
            continue;
        };
        if let Err(refusal) = may_write(&admitted.job, entry.events()) {
            *slot = Err("the token is of another repository or tag than this entry".to_owned());
            last = Some(refusal);
        }
    }
    match last {
        Some(refusal) if !entries.iter().any(Result::is_ok) => {
            Err(refuse(app, call.operation, &refusal))
        }
        _ => Ok(entries),
    }
}

fn may_write(job: &Job, events: &[Event]) -> Result<(), Refusal> {
    for event in events {
        check_body(&job.tags, job.repository(), &event.tag, event.repository.as_deref())?;
        check_key(event)?;
    }
    Ok(())
}

/// A key is what the event is made of. With a key of its own choice a job could take the place of
/// another repository's event before that happens.
fn check_key(event: &Event) -> Result<(), Refusal> {
    let repository = event.repository.as_deref();
    let of_entry = |status| {
        EventKey::of_entry(
            event.kind,
            repository,
            event.run_id,
            &event.tag,
            status,
            event.occurred_at,
        )
    };
    let is_own = match event.kind {
        EventKind::Provenance | EventKind::Validated => {
            [Status::Success, Status::Failure].map(of_entry).contains(&event.key)
        }
        EventKind::Dispatched => {
            let repository = repository.unwrap_or_default();
            event.key == EventKey::of_dispatch(repository, event.run_id, &event.tag)
        }
        EventKind::Notified | EventKind::Reconciled | EventKind::RolledBack => {
            event.key.as_str().split_once(':').is_some_and(|(kind, _)| kind == event.kind.as_str())
        }
    };
    match is_own {
        true => Ok(()),
        false => {
            Err(Refusal::new(Check::Circumstances, "an event's key is not that of its content"))
        }
    }
}

/// Notes the use of a job's token for a request that writes nothing else. A repeat is refused as
/// used: what the request did it must not do again.
pub(super) async fn use_token(app: &App, call: &Call) -> Result<(), Problem> {
    let Some(job) = call.caller.job() else {
        return Ok(());
    };
    let submission = Submission {
        token: Some(token_use(job, call)),
        delivery: None,
        body: SubmissionBody::Events(Vec::new()),
        messages: Vec::new(),
    };
    match app.writer.write(submission).await {
        Ok(Submitted::Done(_)) => Ok(()),
        Ok(_) => {
            let refusal = Refusal::new(Check::Replay, "the token was used before");
            refuse(app, call.operation, &refusal);
            let detail = "the token was used for another request; ask for a new one";
            Err(Problem::new(StatusCode::CONFLICT, "token-reused", detail))
        }
        Err(error) => Err(not_written(app, &error)),
    }
}
