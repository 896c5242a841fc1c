//! Probes, metrics, and the description of the routes.

use crate::app::App;
use crate::http::{Problem, json};
use crate::openapi::openapi as document;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use provost_store::StoreError;
use provost_wire::v1::{DeadLetter, Health, Standing};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::time::timeout;

/// How long the event log may take to say that it is there.
const PING: Duration = Duration::from_secs(2);

/// How many dead letters are shown.
const SHOWN: u32 = 50;

/// The format that `prometheus-client` writes.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

static DOCUMENT: LazyLock<serde_json::Value> = LazyLock::new(document);

pub(super) fn openapi() -> Response {
    json(StatusCode::OK, &*DOCUMENT)
}

pub(super) fn live() -> Response {
    json(StatusCode::OK, &Standing { status: "ok".to_owned() })
}

/// Not while the server stops, and not without its event log.
pub(super) async fn ready(app: &App) -> Response {
    let status = match app.is_stopping() {
        true => "stopping",
        false => match timeout(PING, app.database.ping()).await {
            Ok(Ok(())) => "ok",
            Ok(Err(error)) => {
                tracing::warn!(error = %provost_control::chain(&error), "the event log is away");
                match error {
                    StoreError::Gone { .. } => "event-log-gone",
                    _ => "no-event-log",
                }
            }
            Err(_) => "no-event-log",
        },
    };
    let code = match status {
        "ok" => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    json(code, &Standing { status: status.to_owned() })
}

pub(super) async fn metrics(app: &App) -> Result<Response, Problem> {
    let text = app.metrics.text().map_err(|_| Problem::internal())?;
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(OPEN_METRICS));
    Ok(response)
}

pub(super) async fn health(app: &Arc<App>) -> Result<Response, Problem> {
    let state = app.database.outbox_state().await.map_err(|error| app.unavailable(&error))?;
    let dead = app.database.dead_letters(SHOWN).await.map_err(|error| app.unavailable(&error))?;
    let seal = app.database.newest_seal().await.map_err(|error| app.unavailable(&error))?;
    app.metrics.outbox(&state);
    let status = match (app.is_stopping(), state.dead) {
        (true, _) => "stopping",
        (false, 0) => "ok",
        (false, _) => "degraded",
    };
    let dead_letters = dead.into_iter().map(|letter| DeadLetter {
        key: letter.key,
        kind: letter.kind,
        attempts: letter.attempts,
        dead_at: letter.dead_at.to_string(),
        problem: letter.problem,
    });
    let health = Health {
        status: status.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        outbox_waiting: state.waiting,
        outbox_delivered: state.delivered,
        outbox_dead: state.dead,
        outbox_oldest: state.oldest_waiting.map(|time| time.to_string()),
        dead_letters: dead_letters.collect(),
        newest_seal: seal.map(|seal| seal.to_string()),
    };
    Ok(json(StatusCode::OK, &health))
}
