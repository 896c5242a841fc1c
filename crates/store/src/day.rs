//! One day of the KPI.

use jiff::civil::Date;

/// How the runs stand whose latest word fell on one UTC day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// The day.
    pub day: Date,
    /// Runs.
    pub runs: u64,
    /// Those that stand at success.
    pub succeeded: u64,
    /// Those that stand at failure.
    pub failed: u64,
    /// Those of which neither is known yet.
    pub pending: u64,
}
