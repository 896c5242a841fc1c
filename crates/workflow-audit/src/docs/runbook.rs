//! `docs/ops/INCIDENT_RUNBOOK.md`: written once, then kept by people.

use super::index::links;

/// Where the runbook is kept.
pub const RUNBOOK: &str = "docs/ops/INCIDENT_RUNBOOK.md";

/// The runbook of a repository that has none.
pub fn runbook() -> String {
    format!("{}\n{}\n", include_str!("runbook.md"), links())
}
