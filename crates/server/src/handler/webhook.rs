//! `POST /webhooks/github`: a hint to look at GitHub, and never evidence.

use super::entries::not_written;
use crate::app::App;
use crate::http::{Problem, json};
use crate::message::Message;
use crate::router::Call;
use crate::signature::is_signed;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use provost_store::{OutboxMessage, Submission, SubmissionBody, Submitted};
use provost_wire::v1::HintAnswer;
use serde::Deserialize;

/// How a run must have ended for somebody to look at it: what a job of the run itself cannot tell.
const ENDS: [&str; 4] = ["cancelled", "failure", "startup_failure", "timed_out"];

/// The longest id of a delivery.
const MAX_ID: usize = 64;

/// The events that are listened to; all others are ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ping,
    Release,
    WorkflowRun,
    Other,
}

impl Kind {
    fn of(headers: &HeaderMap) -> Self {
        match headers.get("x-github-event").and_then(|value| value.to_str().ok()) {
            Some("ping") => Self::Ping,
            Some("release") => Self::Release,
            Some("workflow_run") => Self::WorkflowRun,
            _ => Self::Other,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Ping => "ping",
            Self::Release => "release",
            Self::WorkflowRun => "workflow_run",
            Self::Other => "other",
        }
    }
}

/// As much of a delivery as is read.
#[derive(Debug, Deserialize)]
struct Delivery {
    action: Option<String>,
    repository: Option<Repository>,
    workflow_run: Option<Run>,
    release: Option<Release>,
}

#[derive(Debug, Deserialize)]
struct Repository {
    id: u64,
}

#[derive(Debug, Deserialize)]
struct Run {
    id: u64,
    #[serde(default)]
    path: String,
    #[serde(default)]
    run_attempt: u32,
    conclusion: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Release {
    tag_name: String,
}

pub(super) async fn run(app: &App, call: &Call) -> Result<Response, Problem> {
    let kind = Kind::of(&call.headers);
    if !is_signed(&call.headers, &call.body, &app.webhook_secrets) {
        app.metrics.hint(kind.as_str(), "refused");
        tracing::warn!(event = kind.as_str(), "a webhook delivery was not signed by GitHub");
        return Err(Problem::unauthorized());
    }
    let id = delivery_id(&call.headers)?;
    let message = hint(app, kind, &call.body)?;
    let outcome = match message {
        None => "ignored",
        Some(message) => {
            let submission = Submission {
                token: None,
                delivery: Some(id),
                body: SubmissionBody::Events(Vec::new()),
                messages: vec![message],
            };
            match app.writer.write(submission).await {
                Ok(Submitted::DeliveryKnown) => "known",
                Ok(_) => {
                    app.bell.notify_one();
                    "taken"
                }
                Err(error) => return Err(not_written(app, &error)),
            }
        }
    };
    app.metrics.hint(kind.as_str(), outcome);
    Ok(json(StatusCode::OK, &HintAnswer { outcome: outcome.to_owned() }))
}

fn delivery_id(headers: &HeaderMap) -> Result<String, Problem> {
    let mut values = headers.get_all("x-github-delivery").iter();
    let id = match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    };
    let is_id = |id: &&str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=MAX_ID).contains(&id.len()) && id.bytes().all(plain)
    };
    let id = id.filter(is_id).map(str::to_owned);
    id.ok_or_else(|| Problem::invalid("X-GitHub-Delivery is no id of a delivery"))
}

/// What there is to look at; `None` for what does not concern us.
fn hint(app: &App, kind: Kind, body: &[u8]) -> Result<Option<OutboxMessage>, Problem> {
    if matches!(kind, Kind::Ping | Kind::Other) {
        return Ok(None);
    }
    let delivery: Delivery = serde_json::from_slice(body)
        .map_err(|_| Problem::invalid("the delivery is not what GitHub sends"))?;
    let known = delivery.repository.and_then(|own| app.hints.repository(own.id));
    let Some(repository) = known else {
        return Ok(None);
    };
    let action = delivery.action.as_deref();
    match (kind, delivery.workflow_run, delivery.release) {
        (Kind::WorkflowRun, Some(run), _) if action == Some("completed") => {
            let ended = run.conclusion.as_deref().is_some_and(|end| ENDS.contains(&end));
            if !ended || !app.hints.is_provenance(&run.path) {
                return Ok(None);
            }
            let key = format!("{repository}:{}:{}", run.id, run.run_attempt);
            let repository = repository.to_owned();
            Ok(Some(Message::Run { repository, run_id: run.id }.outboxed(&key)))
        }
        (Kind::Release, _, Some(release)) if action == Some("published") => {
            let tag = release.tag_name.parse::<provost_attestation::git_ref::Tag>();
            let Ok(tag) = tag else {
                return Ok(None);
            };
            let key = format!("{repository}:{tag}");
            let (repository, tag) = (repository.to_owned(), tag.to_string());
            Ok(Some(Message::Release { repository, tag }.outboxed(&key)))
        }
        _ => Ok(None),
    }
}
