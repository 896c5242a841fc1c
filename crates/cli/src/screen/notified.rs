//! Who was told of a failure, in a terminal and as JSON.

use super::style::LABEL;
use crate::sink::terminal;
use provost_control::{NotifyOutcome, NotifyRequest, Try};
use std::fmt::Write;

/// The word for what came of it.
pub(crate) fn word(outcome: &NotifyOutcome) -> &'static str {
    match () {
        () if outcome.is_superseded => "superseded",
        () if !outcome.is_delivered() => "not-told",
        () if outcome.announcement.tries.is_empty() => "told-before",
        () => "told",
    }
}

/// One JSON object.
pub(crate) fn json(outcome: &NotifyOutcome, request: &NotifyRequest) -> String {
    let told = outcome.announcement.told;
    let tried = |tried: &Try| {
        serde_json::json!({
            "way": tried.way.as_str(),
            "delivered": tried.failure.is_none(),
            "detail": tried.failure,
        })
    };
    let document = serde_json::json!({
        "outcome": word(outcome),
        "delivered": outcome.is_delivered(),
        "recorded": outcome.problems.is_empty(),
        "run": request.run.to_string(),
        "tag": request.tag.as_str(),
        "slack": told.slack,
        "issue": told.issue,
        "tried": outcome.announcement.tries.iter().map(tried).collect::<Vec<_>>(),
        "manifest": outcome.settled.as_ref().map(|settled| settled.path.as_str()),
        "failure": outcome.failure.as_ref().map(|path| path.as_str()),
    });
    format!("{document}\n")
}

/// What was told to whom, and where it stands.
pub(crate) fn render(outcome: &NotifyOutcome, request: &NotifyRequest) -> String {
    let head = match word(outcome) {
        "superseded" => "nothing to tell: a later attempt succeeded",
        "not-told" => "told nobody",
        "told-before" => "told before",
        _ => "told",
    };
    let run = format!("run {}, tag {}", request.run, request.tag);
    let mut rows = vec![("release".to_owned(), run)];
    for tried in &outcome.announcement.tries {
        let came_to = tried.failure.clone().unwrap_or_else(|| "delivered".to_owned());
        rows.push((tried.way.as_str().to_owned(), came_to));
    }
    if let Some(number) = outcome.announcement.told.issue {
        rows.push(("issue".to_owned(), format!("#{number}")));
    }
    if let Some(settled) = &outcome.settled {
        rows.push(("manifest".to_owned(), settled.path.to_string()));
    }
    if let Some(failure) = &outcome.failure {
        rows.push(("failure".to_owned(), failure.to_string()));
    }
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = format!("{head}\n");
    for (name, value) in rows {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "  {LABEL}{name:width$}{LABEL:#}  {}", terminal(&value));
    }
    text
}
