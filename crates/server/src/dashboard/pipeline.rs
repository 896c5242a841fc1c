//! The pipeline as the repository's own documents show it: diagram, tables, runbook.

use super::frame::{Tab, page as framed};
use super::markdown::rendered;
use super::request::Asked;
use super::text::foreign;
use crate::app::App;
use crate::http::Problem;
use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::Response;
use maud::{Markup, html};
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

const TABLE: &str = "docs/ops/workflow-summary.md";
const DIAGRAM: &str = "docs/ops/workflows.mmd";
const PICTURE: &str = "docs/ops/workflows.svg";
pub(super) const RUNBOOK: &str = "docs/ops/INCIDENT_RUNBOOK.md";

/// The largest documents that are shown.
const DOCUMENT_BYTES: u64 = 256 << 10;
const PICTURE_BYTES: u64 = 2 << 20;

/// A picture of somebody's tool: it may colour itself, and nothing else.
const PICTURE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

pub(super) async fn page(app: &Arc<App>, asked: &Asked) -> Result<Markup, Problem> {
    let table = document(app, TABLE, DOCUMENT_BYTES).await?;
    let diagram = document(app, DIAGRAM, DOCUMENT_BYTES).await?;
    let picture = document(app, PICTURE, PICTURE_BYTES).await?;
    let main = html! {
        h1 { "Pipeline" }
        @if table.is_none() && diagram.is_none() {
            section.empty {
                p { "The checkout that this server runs in has no documents of its pipeline." }
                p { "Make them with " code { "provost workflows docs" } ", commit them, and start the server there." }
            }
        }
        @if picture.is_some() {
            section aria-labelledby="diagram" {
                h2 #diagram { "Diagram" }
                div.scroll role="region" aria-label="Diagram" tabindex="0" {
                    img.diagram src="/pipeline/diagram.svg" alt="What starts, calls and feeds what; the tables below say the same in words.";
                }
            }
        }
        @if let Some(text) = &diagram {
            @if picture.is_none() {
                p { "For the picture: " code { "provost workflows diagram --render svg" } ", and commit " code { (PICTURE) } "." }
            }
            details #mermaid {
                summary { "The diagram as Mermaid" }
                pre tabindex="0" { code { (lines(text)) } }
            }
        }
        @if let Some(text) = &table { section.document { (rendered(text)) } }
        @if asked.has_runbook { p { a href="/runbook" { "Incident runbook" } } }
    };
    Ok(framed(app, asked, Tab::Pipeline, "Pipeline", &main))
}

pub(super) async fn runbook(app: &Arc<App>, asked: &Asked) -> Result<Markup, Problem> {
    let text = document(app, RUNBOOK, DOCUMENT_BYTES).await?;
    let text = text.ok_or_else(|| Problem::not_found("this server's checkout has no runbook"))?;
    let main = html! { h1.hidden { "Runbook" } section.document { (rendered(&text)) } };
    Ok(framed(app, asked, Tab::Incidents, "Runbook", &main))
}

/// The picture, in a box of its own.
pub(super) async fn diagram(app: &Arc<App>) -> Result<Response, Problem> {
    let picture = document(app, PICTURE, PICTURE_BYTES).await?;
    let picture = picture.ok_or_else(|| Problem::not_found("there is no picture"))?;
    let mut response = Response::new(Body::from(picture));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(PICTURE_POLICY));
    Ok(response)
}

fn lines(text: &str) -> String {
    text.lines().map(|line| foreign(line) + "\n").collect()
}

/// A document of the checkout; `None` when it has none.
async fn document(app: &App, path: &str, limit: u64) -> Result<Option<String>, Problem> {
    let file = app.base().join(path);
    let reading = tokio::task::spawn_blocking(move || read(file, limit));
    let read = reading.await.map_err(|_| Problem::internal())?;
    read.map_err(|problem| {
        tracing::warn!(path, problem, "a document of the pipeline cannot be shown");
        Problem::new(
            axum::http::StatusCode::UNPROCESSABLE_ENTITY,
            "document",
            format!("{path}: {problem}"),
        )
    })
}

fn read(file: PathBuf, limit: u64) -> Result<Option<String>, &'static str> {
    let file = match File::open(file) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(_) => return Err("it cannot be read"),
    };
    let mut text = String::new();
    file.take(limit + 1).read_to_string(&mut text).map_err(|_| "it is no text in UTF-8")?;
    match text.len() as u64 > limit {
        true => Err("it is too large to be shown"),
        false => Ok(Some(text)),
    }
}
