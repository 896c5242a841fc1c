//! Deadlines: a release that has no accepted provenance in time is an incident, raised once.

use crate::app::App;
use crate::message;
use provost_control::chain;
use provost_record::{Event, EventKey, EventKind, Status};
use provost_store::{Expectation, Settlement, Submission, SubmissionBody};
use std::sync::Arc;

/// Expectations of one look.
const AT_ONCE: u32 = 100;

pub(super) async fn run(app: Arc<App>) {
    let mut stopping = app.stopping.subscribe();
    while super::next(&mut stopping, app.limits.look).await {
        look(&app).await;
    }
}

async fn look(app: &App) {
    let now = app.clock.now();
    let overdue = match app.database.overdue(now, AT_ONCE).await {
        Ok(overdue) => overdue,
        Err(error) => {
            app.metrics.store_failure();
            tracing::error!(error = %chain(&error), "the deadlines could not be read");
            return;
        }
    };
    for overdue in overdue {
        let expectation = &overdue.expectation;
        let settlement = match overdue.accepted {
            true => Settlement::Accepted,
            // The incident first: a server that dies in between raises it again, as the same event.
            false if raise(app, expectation).await => Settlement::Overdue,
            false => continue,
        };
        let (repository, tag) = (&expectation.repository, &expectation.tag);
        let settled = app.database.settle_expectation(repository, tag, settlement, now).await;
        match settled {
            Ok(true) if !overdue.accepted => app.metrics.overdue(),
            Ok(_) => {}
            Err(error) => {
                app.metrics.store_failure();
                tracing::error!(error = %chain(&error), "a deadline could not be settled");
            }
        }
    }
}

/// Writes the incident with its message. Its key is made of the deadline, so that of several
/// servers that raise it one does.
async fn raise(app: &App, expectation: &Expectation) -> bool {
    let event = incident(expectation);
    let tells = app.section().notify && app.alarm.is_configured();
    let message = message::of_event(&event, &[], app.clock.now(), (tells, false));
    let submission = Submission {
        token: None,
        delivery: None,
        body: SubmissionBody::Events(vec![event]),
        messages: message.into_iter().collect(),
    };
    match app.writer.write(submission).await {
        Ok(_) => {
            let Expectation { repository, tag, .. } = expectation;
            let shown = provost_sink::visible(tag, 120);
            tracing::warn!(
                repository,
                tag = shown,
                "release {shown} of {repository} has no accepted provenance in time"
            );
            app.bell.notify_one();
            true
        }
        Err(error) => {
            tracing::error!(?error, "the incident of a deadline could not be written");
            false
        }
    }
}

fn incident(expectation: &Expectation) -> Event {
    let Expectation { repository, tag, run_id, release_url, expected_at, deadline } = expectation;
    let (kind, status) = (EventKind::Provenance, Status::Failure);
    let minutes = deadline.duration_since(*expected_at).as_mins();
    Event {
        key: EventKey::of_entry(kind, Some(repository), *run_id, tag, status, *deadline),
        kind,
        status: status.into(),
        run_id: *run_id,
        attempt: None,
        tag: tag.clone(),
        repository: Some(repository.clone()),
        release_url: release_url.clone(),
        artifact_path: None,
        failure_reason: Some(format!("no accepted provenance within {minutes} minutes")),
        occurred_at: *deadline,
        validated_at: None,
        commit_sha: None,
        builder_id: None,
        slsa_build_level: None,
        decision: None,
        manifest_sha256: None,
        actor: None,
    }
}
