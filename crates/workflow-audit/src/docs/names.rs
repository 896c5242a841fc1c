//! Which workflows and jobs a committed document names.

use std::collections::BTreeSet;

/// Workflows by file name, and jobs as `file job`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// File names.
    pub workflows: BTreeSet<String>,
    /// `file job`.
    pub jobs: BTreeSet<String>,
}

/// From the comments of a diagram.
pub fn names_in_diagram(text: &str) -> Names {
    let mut names = Names::default();
    for line in text.lines().map(str::trim) {
        if let Some(workflow) = line.strip_prefix("%% workflow ") {
            names.workflows.insert(workflow.to_owned());
        } else if let Some(job) = line.strip_prefix("%% job ") {
            names.jobs.insert(job.to_owned());
        }
    }
    names
}

/// From the rows of the table.
pub fn names_in_table(text: &str) -> Names {
    let mut names = Names::default();
    let mut in_jobs = false;
    for line in text.lines() {
        in_jobs |= line == "## Jobs";
        let mut cells = line.strip_prefix("| `").into_iter().flat_map(|rest| rest.split('|'));
        let Some(first) = cells.next() else { continue };
        let first = first.trim().trim_matches('`').to_owned();
        if in_jobs {
            let job = cells.next().unwrap_or_default().trim().trim_matches('`').to_owned();
            names.jobs.insert(format!("{first} {job}"));
        } else {
            names.workflows.insert(first);
        }
    }
    names
}
