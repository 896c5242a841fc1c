//! What an audit of workflows found.

use crate::sink::command::{Annotation, Level};
use crate::sink::terminal;
use provost_workflow_audit::{Audit, Paint, SecretReader, Severity, text};

/// Findings with their lines, the verdict, and who can read a secret.
pub(crate) fn render(audit: &Audit, readers: Option<&(&str, Vec<SecretReader>)>) -> String {
    let mut screen = text(audit, Paint::Colours);
    if let Some((secret, readers)) = readers {
        screen.push_str(&secret_readers(secret, readers));
    }
    screen
}

fn secret_readers(secret: &str, readers: &[SecretReader]) -> String {
    if readers.is_empty() {
        return format!("\n{} reaches no step\n", terminal(secret));
    }
    let mut screen = format!("\n{} can be read by\n", terminal(secret));
    let rows = readers.iter().map(|reader| {
        let step = reader.step.as_deref().unwrap_or("the workflow that it calls");
        let place = format!("{}:{}", reader.spot.file, reader.spot.place.line);
        vec![reader.job.clone(), step.to_owned(), reader.way.to_owned(), place]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    screen.push_str(&super::table::table(&["JOB", "STEP", "WAY", "WHERE"], &rows));
    screen
}

/// One annotation a finding, then the verdict.
pub(crate) fn annotations(audit: &Audit) -> String {
    let mut screen = String::new();
    for finding in &audit.findings {
        let level = match finding.severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
            Severity::Note => Level::Notice,
        };
        let mut lines = vec![finding.message.as_str()];
        lines.extend(finding.notes.iter().map(String::as_str));
        lines.extend(finding.hint.lines());
        let annotation = Annotation {
            level,
            title: finding.rule,
            file: Some(&finding.spot.file),
            line: Some(finding.spot.place.line),
            message: &lines,
        };
        screen.push_str(&format!("{annotation}\n"));
    }
    let verdict = &audit.verdict;
    screen.push_str(&format!("verdict: {}\n", terminal(&verdict.headline)));
    for reason in &verdict.reasons {
        let place = format!("{}:{}", reason.spot.file, reason.spot.place.line);
        screen.push_str(&format!("  {}  ({})\n", terminal(&reason.message), terminal(&place)));
    }
    screen
}
