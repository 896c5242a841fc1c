//! What was recorded, in a terminal.

use super::style::LABEL;
use crate::sink::terminal;
use provost_control::Recording;
use provost_manifest::SettleOutcome;
use provost_record::Verdict;
use provost_store::Outcome;
use std::fmt::Write;

/// The lines below a gate's decisions: where everything now stands.
pub(crate) fn render(recording: &Recording) -> String {
    let Ok(recorded) = &recording.manifest else { return String::new() };
    let record = &recording.record;
    let release = record.release();
    let standing = match recorded.settled.outcome {
        SettleOutcome::Unchanged => ", as before",
        _ => "",
    };
    let entry = format!(
        "run {}, tag {}: {}{standing}",
        release.run_id,
        release.tag,
        record.status().as_str()
    );
    let mut rows = vec![(recorded.settled.path.as_str().to_owned(), entry)];
    if let Some(Ok(appended)) = &recording.event {
        let standing = match appended.outcome {
            Outcome::Inserted => "",
            Outcome::Duplicate => ", as before",
        };
        rows.push(("event log".to_owned(), format!("event {}{standing}", appended.id)));
    }
    if let Some(bundle) = &recorded.bundle {
        rows.push((bundle.as_str().to_owned(), "the bundle".to_owned()));
    }
    if let Some(failure) = &recorded.failure {
        rows.push((failure.as_str().to_owned(), "why it failed".to_owned()));
    }
    rows.push((recorded.summary.as_str().to_owned(), "unsigned VSA".to_owned()));
    let width = rows.iter().map(|(path, _)| path.chars().count()).max().unwrap_or(0);
    let head = match record.verdict() {
        Verdict::Accepted => "recorded",
        Verdict::Refused => "recorded as refused",
    };
    let mut text = format!("\n{head}\n");
    for (path, what) in rows {
        let (path, what) = (terminal(&path).to_string(), terminal(&what).to_string());
        let _ = writeln!(text, "  {LABEL}{path:width$}{LABEL:#}  {what}");
    }
    text
}
