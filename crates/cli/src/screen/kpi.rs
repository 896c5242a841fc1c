//! KPI in a terminal, and as JSON.

use super::table::table;
use crate::verb::kpi::Figures;
use jiff::{SignedDuration, Timestamp};
use provost_store::{Incident, KpiRow};
use serde_json::{Value, json};
use std::fmt::Write;

/// Summary, releases, and what is open.
pub(crate) fn render(figures: &Figures) -> String {
    let mut text = summary(figures);
    if figures.releases.is_empty() {
        text.push_str("\nno release in this period\n");
    } else {
        let rows: Vec<Vec<String>> = figures.releases.iter().map(release).collect();
        text.push('\n');
        text.push_str(&table(&["TAG", "RUN", "STATUS", "VALIDATED", "BUILDER", "LEVEL"], &rows));
    }
    if !figures.open.is_empty() {
        let rows: Vec<Vec<String>> = figures.open.iter().map(incident).collect();
        text.push_str("\nopen incidents\n\n");
        text.push_str(&table(&["TAG", "RUN", "SINCE", "WHY"], &rows));
    }
    text
}

fn summary(figures: &Figures) -> String {
    let summary = &figures.summary;
    let mut text = String::new();
    let coverage = summary.coverage;
    let percent =
        coverage.ratio().map_or("-".to_owned(), |ratio| format!("{:.1} %", ratio * 100.0));
    let change = summary
        .coverage_change()
        .map_or(String::new(), |change| format!("   ({:+.1})", change * 100.0));
    let _ = writeln!(
        text,
        "coverage            {} of {} releases have accepted provenance   {percent}{change}",
        coverage.accepted, coverage.releases
    );
    let time = summary.time_to_accepted.as_ref().map_or("-".to_owned(), |time| {
        format!("p50 {}   p95 {}", duration(time.p50), duration(time.p95))
    });
    let _ = writeln!(text, "time to accepted    {time}");
    let _ = writeln!(text, "open incidents      {}", summary.open_incidents);
    text
}

/// The largest unit that gives at least two of it.
fn duration(duration: SignedDuration) -> String {
    match duration.as_secs() {
        seconds if seconds < 120 => format!("{seconds} s"),
        seconds if seconds < 120 * 60 => format!("{} min", seconds / 60),
        seconds if seconds < 48 * 3600 => format!("{} h", seconds / 3600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn release(row: &KpiRow) -> Vec<String> {
    vec![
        row.tag.clone(),
        row.run_id.to_string(),
        row.status.as_str().to_owned(),
        minute(row.validated_at.unwrap_or(row.occurred_at)),
        row.builder_id.as_deref().map_or("-".to_owned(), builder),
        row.slsa_build_level.map_or("-".to_owned(), |level| level.to_string()),
    ]
}

/// The last part of a builder id with its ref, which is what differs between builders.
fn builder(id: &str) -> String {
    let (name, git_ref) = id.split_once('@').map_or((id, None), |(n, r)| (n, Some(r)));
    let short = name.rsplit('/').next().unwrap_or(name);
    match git_ref {
        Some(git_ref) => format!("{short}@{}", git_ref.rsplit('/').next().unwrap_or(git_ref)),
        None => short.to_owned(),
    }
}

fn incident(incident: &Incident) -> Vec<String> {
    vec![
        incident.tag.clone(),
        incident.run_id.to_string(),
        minute(incident.occurred_at),
        incident.failure_reason.clone().unwrap_or_else(|| "-".to_owned()),
    ]
}

/// The same figures as one JSON document.
pub(crate) fn json(figures: &Figures) -> String {
    let summary = &figures.summary;
    let seconds = |time: SignedDuration| time.as_secs();
    let document = json!({
        "schema": "https://provost.dev/kpi/v1",
        "releases": summary.coverage.releases,
        "accepted": summary.coverage.accepted,
        "coverage": summary.coverage.ratio(),
        "coverage_change": summary.coverage_change(),
        "time_to_accepted_seconds": summary.time_to_accepted.as_ref().map(|time| json!({
            "p50": seconds(time.p50), "p95": seconds(time.p95), "releases": time.releases,
        })),
        "open_incidents": figures.open.iter().map(|incident| json!({
            "tag": incident.tag,
            "run_id": incident.run_id,
            "failure_reason": incident.failure_reason,
            "created_at": incident.created_at.to_string(),
            "repository": incident.repository,
        })).collect::<Vec<Value>>(),
        "kpi": figures.releases.iter().map(|row| json!({
            "tag": row.tag,
            "run_id": row.run_id,
            "status": row.status.as_str(),
            "created_at": row.created_at.to_string(),
            "release_url": row.release_url,
            "validated_at": row.validated_at.map(|time| time.to_string()),
            "repository": row.repository,
            "builder_id": row.builder_id,
            "slsa_build_level": row.slsa_build_level,
        })).collect::<Vec<Value>>(),
    });
    format!("{document}\n")
}
