//! What is known of the dispatch token; never the token.

use super::style::{ACCEPTED, LABEL, REFUSED};
use super::wrap;
use crate::sink::terminal;
use provost_control::{TokenProblem, TokenReport};
use serde_json::json;
use std::fmt::Write;

pub(crate) fn render(report: &TokenReport) -> String {
    let facts = &report.facts;
    let scopes = match (&facts.scopes, facts.kind) {
        (Some(scopes), _) if scopes.is_empty() => "none".to_owned(),
        (Some(scopes), _) => scopes.join(", "),
        (None, _) => "GitHub tells them of classic tokens alone".to_owned(),
    };
    let time = |time: Option<jiff::Timestamp>| {
        time.map_or_else(|| "not told".to_owned(), |time| time.to_string())
    };
    let rows = [
        ("kind", facts.kind.as_str().to_owned()),
        ("owner", facts.login.clone().unwrap_or_else(|| "an app, or a job".to_owned())),
        ("scopes", scopes),
        ("expires", time(facts.expires_at)),
        ("rotated", time(report.rotated_at)),
    ];
    let mut text = match report.problems.is_empty() {
        true => format!("{ACCEPTED}fine{ACCEPTED:#}  PROVENANCE_DISPATCH_TOKEN\n\n"),
        false => format!("{REFUSED}look at it{REFUSED:#}  PROVENANCE_DISPATCH_TOKEN\n\n"),
    };
    for (label, value) in rows {
        let _ = writeln!(text, "  {LABEL}{label:<8}{LABEL:#}  {}", terminal(&value));
    }
    for problem in &report.problems {
        let line = terminal(&problem.to_string()).to_string();
        let _ = writeln!(text, "\n{}", wrap(&line, super::style::WIDTH, "  "));
    }
    text
}

pub(crate) fn json(report: &TokenReport) -> String {
    let facts = &report.facts;
    let problem = |problem: &TokenProblem| {
        let code = match problem {
            TokenProblem::TooPowerful(_) => "too-powerful",
            TokenProblem::Expired(_) => "expired",
            TokenProblem::ExpiresSoon(_) => "expires-soon",
            TokenProblem::TooOld { .. } => "too-old",
            TokenProblem::AgeUnknown => "age-unknown",
        };
        json!({ "code": code, "detail": problem.to_string() })
    };
    let document = json!({
        "schema": "https://provost.dev/token/v1",
        "kind": facts.kind.as_str(),
        "owner": facts.login,
        "scopes": facts.scopes,
        "expires_at": facts.expires_at.map(|time| time.to_string()),
        "rotated_at": report.rotated_at.map(|time| time.to_string()),
        "problems": report.problems.iter().map(problem).collect::<Vec<_>>(),
        "error": null,
    });
    format!("{document}\n")
}
