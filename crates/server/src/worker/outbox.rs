//! The outbox: messages that were written with the rows, told at least once.

use crate::app::App;
use crate::github::Finding;
use crate::message::{self, FailureMessage, Message};
use jiff::{SignedDuration, Timestamp};
use provost_control::chain;
use provost_notify::Announcement;
use provost_record::{Event, EventKey, EventKind, EventStatus};
use provost_store::{Expectation, LeasedMessage, Submission, SubmissionBody};
use std::sync::Arc;
use std::time::Duration;

/// Messages that are leased together.
const AT_ONCE: u32 = 4;
/// How long a lease is: longer than every call to Slack and GitHub for one message.
const LEASE: Duration = Duration::from_secs(300);
/// The first wait before a message is tried again; it doubles.
const FIRST_WAIT: Duration = Duration::from_secs(10);
/// The longest.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// The longest wait that Slack or GitHub may ask for.
const LONGEST_LIMIT: SignedDuration = SignedDuration::from_hours(24);

/// What one try came to.
enum Outcome {
    /// It is done.
    Done,
    /// It may work later; not before that time, where one was named.
    Later(String, Option<Timestamp>),
    /// It never will.
    Never(String),
}

pub(super) async fn run(app: Arc<App>) {
    let worker = name();
    let mut stopping = app.stopping.subscribe();
    loop {
        while look(&app, &worker).await && !app.is_stopping() {}
        tokio::select! {
            () = crate::http::stopped(&mut stopping) => return,
            () = app.bell.notified() => {}
            () = tokio::time::sleep(app.limits.look) => {}
        }
    }
}

/// A name that no other worker has.
fn name() -> String {
    let mut bytes = [0; 8];
    // Without randomness the process and the address of this must do.
    if getrandom::fill(&mut bytes).is_err() {
        bytes = (std::process::id() as u64).to_be_bytes();
    }
    format!("{}-{}", std::process::id(), hex::encode(bytes))
}

/// Tells the messages that are due; whether there were any.
async fn look(app: &Arc<App>, worker: &str) -> bool {
    let leased = app.database.lease(worker, AT_ONCE, LEASE, app.clock.now()).await;
    let leased = match leased {
        Ok(leased) => leased,
        Err(error) => {
            app.metrics.store_failure();
            tracing::error!(error = %chain(&error), "the outbox could not be read");
            return false;
        }
    };
    let any = !leased.is_empty();
    for message in leased {
        // What is leased and not begun goes back at once when the server stops.
        let outcome = match app.is_stopping() {
            true => None,
            false => Some(handle(app, &message).await),
        };
        settle(app, worker, &message, outcome).await;
    }
    any
}

async fn settle(app: &App, worker: &str, message: &LeasedMessage, outcome: Option<Outcome>) {
    let (key, now) = (message.key.as_str(), app.clock.now());
    let shown = provost_sink::visible(key, 200);
    let database = &app.database;
    let settled = match outcome {
        Some(Outcome::Done) => database.delivered(worker, key, now).await,
        Some(Outcome::Later(problem, limited)) if message.attempts < app.limits.deliveries => {
            tracing::warn!(message = shown, problem, "message {shown} is tried again later");
            let at = next_try(now, message.attempts, limited);
            database.retry_at(worker, key, at, &problem).await
        }
        Some(Outcome::Later(problem, _) | Outcome::Never(problem)) => {
            tracing::error!(message = shown, problem, "message {shown} was given up");
            database.dead(worker, key, now, &problem).await
        }
        None => database.retry_at(worker, key, now, "the server stopped").await,
    };
    if let Err(error) = settled {
        app.metrics.store_failure();
        // Its lease ends, and somebody tells it again.
        tracing::error!(error = %chain(&error), message = shown, "message {shown} is not settled");
    }
}

/// After a wait, which begins when a limit ends.
fn next_try(now: Timestamp, attempts: u32, limited: Option<Timestamp>) -> Timestamp {
    let latest = now.saturating_add(LONGEST_LIMIT).unwrap_or(Timestamp::MAX);
    match limited {
        // Many were sent away until then, and need not all come in the same second.
        Some(until) => until.clamp(now, latest).checked_add(wait(1)).unwrap_or(now),
        None => now.checked_add(wait(attempts)).unwrap_or(now),
    }
}

/// A random time below a bound that doubles, so that servers do not come back together.
fn wait(attempts: u32) -> SignedDuration {
    let bound = FIRST_WAIT.saturating_mul(1 << attempts.saturating_sub(1).min(12));
    let bound = bound.min(LONGEST_WAIT);
    let mut bytes = [0; 4];
    let share = match getrandom::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 1.0,
    };
    SignedDuration::try_from(bound.mul_f64(share)).unwrap_or(SignedDuration::ZERO)
}

async fn handle(app: &Arc<App>, leased: &LeasedMessage) -> Outcome {
    match Message::read(&leased.payload) {
        Err(why) => Outcome::Never(format!("it cannot be read: {why}")),
        Ok(Message::Failure(failure)) => tell(app, failure).await,
        Ok(Message::Run { repository, run_id }) => run_hint(app, repository, run_id).await,
        Ok(Message::Release { repository, tag }) => release_hint(app, repository, tag).await,
        Ok(Message::Expect { repository, tag, run_id, release_url, since }) => {
            expect(app, repository, tag, (run_id, release_url), since).await
        }
    }
}

/// Tells a failure, and writes that it was told.
async fn tell(app: &App, failure: FailureMessage) -> Outcome {
    let (alarm, told) = (Arc::clone(&app.alarm), failure.clone());
    let announcing = tokio::task::spawn_blocking(move || alarm.tell(&told));
    let Ok(announcement) = announcing.await else {
        return Outcome::Later("telling it failed".to_owned(), None);
    };
    for tried in &announcement.tries {
        let outcome = if tried.failure.is_none() { "delivered" } else { "failed" };
        app.metrics.delivery(tried.way.as_str(), outcome);
    }
    if announcement.is_delivered {
        return match announced(&failure, &announcement, app.clock.now()) {
            Some(event) => write(app, event).await,
            None => Outcome::Done,
        };
    }
    let problems: Vec<String> = announcement
        .tries
        .iter()
        .map(|tried| {
            let why = tried.failure.as_deref().unwrap_or_default();
            format!("{}: {why}", tried.way.as_str())
        })
        .collect();
    match problems.is_empty() {
        true => Outcome::Never("there is nobody to tell".to_owned()),
        false => Outcome::Later(problems.join("; "), announcement.limited_until()),
    }
}

/// The event that the failure was announced.
fn announced(
    failure: &FailureMessage,
    announcement: &Announcement,
    now: Timestamp,
) -> Option<Event> {
    let outcome = EventKey::parse(&failure.event_key).ok()?;
    let told = announcement.told;
    Some(Event {
        key: EventKey::of_announcement(&outcome, told.slack, told.issue),
        kind: EventKind::Notified,
        status: EventStatus::Success,
        run_id: failure.run_id,
        attempt: None,
        tag: failure.tag.clone(),
        repository: failure.repository.clone(),
        release_url: failure.release_url.clone(),
        artifact_path: None,
        failure_reason: Some(failure.reason.clone()),
        occurred_at: failure.occurred_at.min(now),
        validated_at: None,
        commit_sha: None,
        builder_id: None,
        slsa_build_level: None,
        decision: Some(Event::announcement_details(told.slack, told.issue)),
        manifest_sha256: None,
        actor: None,
    })
}

async fn write(app: &App, event: Event) -> Outcome {
    let tells = app.section().notify && app.alarm.is_configured();
    let message = message::of_event(&event, &[], app.clock.now(), (tells, false));
    let submission = Submission {
        token: None,
        delivery: None,
        body: SubmissionBody::Events(vec![event]),
        messages: message.into_iter().collect(),
    };
    match app.writer.write(submission).await {
        Ok(_) => Outcome::Done,
        Err(error) => Outcome::Later(format!("the event log took nothing: {error:?}"), None),
    }
}

/// Looks a run up at GitHub and records what it came to.
async fn run_hint(app: &Arc<App>, repository: String, run_id: u64) -> Outcome {
    let hints = Arc::clone(&app.hints);
    if !hints.can_ask() {
        return nobody_to_ask(app, "workflow_run");
    }
    let asked = repository.clone();
    let found = tokio::task::spawn_blocking(move || hints.run(&asked, run_id)).await;
    match found {
        Ok(Ok(Finding::Failed(event))) => {
            tracing::warn!(repository, run_id, "run {run_id} of {repository} failed");
            app.metrics.hint("workflow_run", "recorded");
            let outcome = write(app, *event).await;
            app.bell.notify_one();
            outcome
        }
        Ok(Ok(other)) => {
            let why = other.shown();
            tracing::info!(repository, run_id, "no event of run {run_id} of {repository}: {why}");
            app.metrics.hint("workflow_run", "nothing");
            Outcome::Done
        }
        Ok(Err(unasked)) => Outcome::Later(unasked.why, unasked.limited_until),
        Err(_) => Outcome::Later("looking it up failed".to_owned(), None),
    }
}

/// Looks a release up at GitHub and expects its provenance.
async fn release_hint(app: &Arc<App>, repository: String, tag: String) -> Outcome {
    let hints = Arc::clone(&app.hints);
    if !hints.can_ask() {
        return nobody_to_ask(app, "release");
    }
    let asked = (repository.clone(), tag.clone());
    let found = tokio::task::spawn_blocking(move || hints.release(&asked.0, &asked.1)).await;
    match found {
        Ok(Ok(Finding::Published { at, url })) => {
            app.metrics.hint("release", "recorded");
            expect(app, repository, tag, (0, Some(url)), at).await
        }
        Ok(Ok(other)) => {
            let why = other.shown();
            tracing::info!(repository, "a release of {repository} is not waited for: {why}");
            app.metrics.hint("release", "nothing");
            Outcome::Done
        }
        Ok(Err(unasked)) => Outcome::Later(unasked.why, unasked.limited_until),
        Err(_) => Outcome::Later("looking it up failed".to_owned(), None),
    }
}

fn nobody_to_ask(app: &App, event: &'static str) -> Outcome {
    app.metrics.hint(event, "unasked");
    tracing::warn!(event, "a hint was not looked up: there is no GITHUB_TOKEN to ask GitHub with");
    Outcome::Done
}

async fn expect(
    app: &App,
    repository: String,
    tag: String,
    (run_id, release_url): (u64, Option<String>),
    since: Timestamp,
) -> Outcome {
    let Some(minutes) = app.section().deadline_minutes else {
        return Outcome::Done;
    };
    let Ok(deadline) = since.checked_add(SignedDuration::from_mins(i64::from(minutes))) else {
        return Outcome::Never("its deadline is no time".to_owned());
    };
    let expectation =
        Expectation { repository, tag, run_id, release_url, expected_at: since, deadline };
    match app.database.expect_release(&expectation).await {
        Ok(_) => Outcome::Done,
        Err(error) => Outcome::Later(chain(&error), None),
    }
}
