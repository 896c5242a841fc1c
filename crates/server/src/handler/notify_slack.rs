//! `POST /functions/v1/ops-slack-notify`: has a failure told now, and says whether it was.

use super::entries;
use super::telemetry::{strict, without_place};
use crate::app::App;
use crate::caller::refuse;
use crate::http::{Problem, json};
use crate::message::FailureMessage;
use crate::oidc::{Check, Refusal};
use crate::router::Call;
use axum::http::StatusCode;
use axum::response::Response;
use provost_attestation::git_ref::Tag;
use provost_wire::v1::{SlackAnswer, SlackNotice};
use std::sync::Arc;

/// What the query says, where it says something.
const QUERY: [(&str, &str); 2] = [("range", "latest"), ("source", "slsa-provenance")];

pub(super) async fn run(app: &App, call: &Call) -> Result<Response, Problem> {
    for (name, known) in QUERY {
        if call.query.get(name).is_some_and(|value| value != known) {
            return Err(Problem::invalid(format!("{name}: only {known} is known")));
        }
    }
    let notice: SlackNotice = serde_json::from_str(strict(&call.body)?)
        .map_err(|error| Problem::invalid(format!("the body: {}", without_place(&error))))?;
    let tag: Tag = notice.tag.parse().map_err(|error| Problem::invalid(format!("tag: {error}")))?;
    if let Some(job) = call.caller.job() {
        if !job.tags.contain(tag.as_str()) {
            let refusal = Refusal::new(Check::Circumstances, "the notice is about another tag");
            return Err(refuse(app, call.operation, &refusal));
        }
        // The use of the token is written before the message is sent: it is sent once a token.
        entries::use_token(app, call).await?;
    }
    let message = FailureMessage {
        event_key: String::new(),
        repository: call.caller.job().map(|job| job.repository().to_owned()),
        tag: tag.to_string(),
        run_id: notice.run_id.0,
        reason: notice.failure_reason,
        release_url: Some(notice.release_url).filter(|url| !url.is_empty()),
        checks_failed: Vec::new(),
        occurred_at: app.clock.now(),
    };
    let alarm = Arc::clone(&app.alarm);
    let told = tokio::task::spawn_blocking(move || alarm.tell_slack(&message));
    let told = told.await.map_err(|_| Problem::internal())?;
    app.metrics.delivery(told.way, if told.problem.is_none() { "delivered" } else { "failed" });
    let answer = SlackAnswer {
        delivered: told.problem.is_none(),
        way: told.problem.is_none().then(|| told.way.to_owned()),
        problems: told.problem.into_iter().collect(),
    };
    Ok(json(StatusCode::OK, &answer))
}
