//! For the step summary of a job: the verdict, what was found, and the permissions.

use super::text::counts;
use crate::audit::{Audit, JobReport};
use crate::scope::{Access, Scope};
use provost_sink::markdown::{Cell, Text, row};

/// Rows of one table; GitHub takes 1 MiB a step.
const MAX_ROWS: usize = 200;

/// The summary.
pub fn markdown(audit: &Audit) -> String {
    let mut page = String::from("### Pipeline audit\n\n");
    page.push_str(&format!("{}\n\n{}\n", Text(&audit.verdict.paragraph), Text(&counts(audit))));
    if !audit.findings.is_empty() {
        page.push_str("\n| severity | rule | where | what |\n| --- | --- | --- | --- |\n");
        for finding in audit.findings.iter().take(MAX_ROWS) {
            let place = format!("{}:{}", finding.spot.file, finding.spot.place.line);
            let cells = [
                Cell::Text(finding.severity.as_str()),
                Cell::Code(finding.rule),
                Cell::Code(&place),
                Cell::Text(&finding.message),
            ];
            page.push_str(&format!("{}\n", row(&cells)));
        }
        left_out(&mut page, audit.findings.len());
    }
    let jobs: Vec<&JobReport> = audit
        .jobs
        .iter()
        .filter(|job| !(job.missing.is_empty() && job.excess.is_empty()))
        .collect();
    if !jobs.is_empty() {
        page.push_str(
            "\n| job | granted | needed | missing | excess |\n| --- | --- | --- | --- | --- |\n",
        );
        for job in jobs.iter().take(MAX_ROWS) {
            let name = format!("{} in {}", job.job, job.file);
            let granted = scopes(&job.granted, job.source.as_str());
            let (needed, missing) = (scopes(&job.needed, "none"), scopes(&job.missing, "none"));
            let excess = scopes(&job.excess, "none");
            let cells = [
                Cell::Code(&name),
                Cell::Text(&granted),
                Cell::Text(&needed),
                Cell::Text(&missing),
                Cell::Text(&excess),
            ];
            page.push_str(&format!("{}\n", row(&cells)));
        }
        left_out(&mut page, jobs.len());
    }
    page
}

fn left_out(page: &mut String, count: usize) {
    if count > MAX_ROWS {
        page.push_str(&format!("\n{} more rows are left out.\n", count - MAX_ROWS));
    }
}

fn scopes(scopes: &[(Scope, Access)], none: &str) -> String {
    if scopes.is_empty() {
        return none.to_owned();
    }
    let pairs: Vec<String> =
        scopes.iter().map(|(scope, access)| format!("{scope}: {access}")).collect();
    pairs.join(", ")
}
