//! A dispatched run, in a terminal, as JSON and in a step summary.

use super::style::{ACCEPTED, LABEL};
use crate::sink::terminal;
use provost_control::{ControlError, DispatchOutcome, DispatchRequest};
use provost_github::Run;
use provost_sink::markdown::Code;
use serde_json::{Value, json};
use std::fmt::Write;

/// How following the run ended; `None` when it was not followed.
type Ended<'a> = Option<&'a Result<Run, ControlError>>;

pub(crate) fn render(
    request: &DispatchRequest,
    outcome: &DispatchOutcome,
    ended: Ended<'_>,
) -> String {
    let run = &outcome.run;
    let mut text = format!(
        "{ACCEPTED}dispatched{ACCEPTED:#}  {}  run {}\n\n",
        terminal(request.tag.as_str()),
        run.id
    );
    let event = match &outcome.event {
        Ok(appended) => format!("event {}", appended.id),
        Err(_) => "does not know it".to_owned(),
    };
    let ended = match ended {
        Some(Ok(run)) => run.state().to_owned(),
        Some(Err(_)) => "not known".to_owned(),
        None => run.state().to_owned(),
    };
    let workflow = &request.config.config.dispatch.workflow;
    let rows = [
        ("workflow", format!("{workflow}, {}", run.event)),
        ("commit", run.head_sha.clone()),
        ("run_url", run.html_url.clone()),
        ("release_url", request.release_url.clone()),
        ("event log", event),
        ("state", ended),
    ];
    for (label, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(text, "  {LABEL}{label:<11}{LABEL:#}  {}", terminal(value));
    }
    text
}

pub(crate) fn json(
    request: &DispatchRequest,
    outcome: &DispatchOutcome,
    ended: Ended<'_>,
) -> String {
    let run = &outcome.run;
    let error = match (ended, &outcome.event) {
        (Some(Err(error)), _) | (_, Err(error)) => {
            json!({ "code": error.code(), "detail": crate::output::chain(error) })
        }
        _ => Value::Null,
    };
    let conclusion = match ended {
        Some(Ok(run)) => run.conclusion.clone(),
        _ => None,
    };
    let document = json!({
        "schema": "https://provost.dev/dispatch/v1",
        "dispatch_tag": request.tag.as_str(),
        "run_id": run.id.to_string(),
        "run_url": run.html_url,
        "release_url": request.release_url,
        "commit": run.head_sha,
        "conclusion": conclusion,
        "recorded": outcome.event.is_ok(),
        "error": error,
    });
    format!("{document}\n")
}

pub(crate) fn summary(request: &DispatchRequest, run: &Run) -> String {
    let id = run.id.to_string();
    let rows = [
        ("dispatch_tag", request.tag.as_str()),
        ("run_id", id.as_str()),
        ("run_url", run.html_url.as_str()),
        ("release_url", request.release_url.as_str()),
    ];
    let mut text = String::from("### provenance dispatched\n\n");
    for (label, value) in rows {
        let _ = writeln!(text, "- {label} {}", Code(value));
    }
    text.push('\n');
    text
}
