//! What does not fit, as a table, as JSON, as annotations and in a step summary.

use super::style::{ACCEPTED, REFUSED};
use super::table::table;
use crate::output::annotation;
use crate::sink::command::Level;
use provost_control::{Gap, Reconciliation};
use provost_sink::markdown::{Cell, row};
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write;

pub(crate) fn render(result: &Reconciliation) -> String {
    let mut text = match result.open().count() {
        0 => format!("{ACCEPTED}in order{ACCEPTED:#}  {}\n", looked_at(result)),
        1 => format!("{REFUSED}1 gap{REFUSED:#}  {}\n", looked_at(result)),
        open => format!("{REFUSED}{open} gaps{REFUSED:#}  {}\n", looked_at(result)),
    };
    if !result.gaps.is_empty() {
        let rows: Vec<Vec<String>> = result
            .gaps
            .iter()
            .map(|gap| {
                vec![
                    gap.tag.clone(),
                    gap.run.to_string(),
                    gap.kind.as_str().to_owned(),
                    standing(gap).to_owned(),
                    gap.mended.as_ref().unwrap_or(&gap.detail).clone(),
                ]
            })
            .collect();
        let _ = write!(text, "\n{}", table(&["TAG", "RUN", "GAP", "STATE", "WHAT"], &rows));
    }
    let kinds: BTreeSet<_> = result.open().map(|gap| gap.kind).collect();
    if !kinds.is_empty() {
        text.push('\n');
    }
    for kind in kinds {
        let _ = writeln!(text, "help: {}: {}", kind.as_str(), kind.remedy());
    }
    if !result.closed.is_empty() {
        let numbers: Vec<String> = result.closed.iter().map(|n| format!("#{n}")).collect();
        let _ = writeln!(text, "closed {}, as their tags succeeded since", numbers.join(", "));
    }
    text
}

fn looked_at(result: &Reconciliation) -> String {
    let looked = result.looked_at;
    format!(
        "compared: releases {}, entries {}, rows {}, runs {}",
        looked.releases, looked.entries, looked.rows, looked.runs
    )
}

fn standing(gap: &Gap) -> &'static str {
    match (&gap.mended, gap.is_told) {
        (Some(_), _) => "mended",
        (None, Some(true)) => "told",
        (None, Some(false)) => "not told",
        (None, None) => "open",
    }
}

pub(crate) fn json(result: &Reconciliation) -> String {
    let gap = |gap: &Gap| {
        json!({
            "kind": gap.kind.as_str(),
            "tag": gap.tag,
            "run": gap.run.to_string(),
            "detail": gap.detail,
            "remedy": gap.kind.remedy(),
            "mended": gap.mended,
            "told": gap.is_told,
        })
    };
    let looked = result.looked_at;
    let document = json!({
        "schema": "https://provost.dev/reconcile/v1",
        "gaps": result.gaps.iter().map(gap).collect::<Vec<_>>(),
        "looked_at": {
            "releases": looked.releases, "entries": looked.entries,
            "rows": looked.rows, "runs": looked.runs,
        },
        "unchecked": result.unchecked,
        "closed_issues": result.closed,
        "error": null,
    });
    format!("{document}\n")
}

pub(crate) fn annotations(result: &Reconciliation) -> String {
    let open = result.open().map(|gap| {
        let title = format!("{} of {}", gap.kind.as_str(), gap.tag);
        let line = format!("run {}: {}; {}", gap.run, gap.detail, gap.kind.remedy());
        annotation(Level::Error, &title, &line)
    });
    let text: String = open.collect();
    format!("{text}{}\n", looked_at(result))
}

pub(crate) fn summary(result: &Reconciliation) -> String {
    let mut text = format!("### {} gaps\n\n{}\n\n", result.open().count(), looked_at(result));
    if !result.gaps.is_empty() {
        text.push_str("| tag | run | gap | state | what |\n| --- | --- | --- | --- | --- |\n");
    }
    for gap in &result.gaps {
        let run = gap.run.to_string();
        let what = gap.mended.as_ref().unwrap_or(&gap.detail);
        let cells = [
            Cell::Code(&gap.tag),
            Cell::Text(&run),
            Cell::Code(gap.kind.as_str()),
            Cell::Text(standing(gap)),
            Cell::Text(what),
        ];
        let _ = writeln!(text, "{}", row(&cells));
    }
    text.push('\n');
    text
}
