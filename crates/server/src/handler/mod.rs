//! The operations, a file each.

mod entries;
mod notify_slack;
mod probe;
mod read;
mod telemetry;
mod validate;
mod verify;
mod webhook;

use crate::app::App;
use crate::http::Problem;
use crate::route::Operation;
use crate::router::Call;
use axum::response::Response;
use std::sync::Arc;

/// Runs the operation of a call.
pub(crate) async fn run(app: &Arc<App>, call: Call) -> Result<Response, Problem> {
    match call.operation {
        Operation::Telemetry => telemetry::run(app, &call).await,
        Operation::ProvenanceValidate => validate::run(app, &call).await,
        Operation::NotifySlack => notify_slack::run(app, &call).await,
        Operation::Webhook => webhook::run(app, &call).await,
        Operation::Verify => verify::run(app, &call).await,
        Operation::Kpi
        | Operation::Latest
        | Operation::Summary
        | Operation::Incidents
        | Operation::Releases
        | Operation::Release
        | Operation::Events
        | Operation::Dispatches => read::run(app, &call).await,
        Operation::Health => probe::health(app).await,
        Operation::OpenApi => Ok(probe::openapi()),
        Operation::Live => Ok(probe::live()),
        Operation::Ready => Ok(probe::ready(app).await),
        Operation::Metrics => probe::metrics(app).await,
        Operation::Asset | Operation::Page | Operation::Updates | Operation::Unknown => {
            Err(Problem::not_found("there is no such route"))
        }
    }
}
