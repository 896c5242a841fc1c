//! `[reconcile]`: when things must be done.

use schemars::JsonSchema;
use serde::Deserialize;

/// When `provost reconcile` expects things to be done.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReconcileSection {
    /// How long after its publication a release must have provenance, and how long a run may take,
    /// in minutes.
    #[serde(default = "deadline")]
    pub deadline_minutes: u32,
}

fn deadline() -> u32 {
    30
}

impl Default for ReconcileSection {
    fn default() -> Self {
        Self { deadline_minutes: deadline() }
    }
}
