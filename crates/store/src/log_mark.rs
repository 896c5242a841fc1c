//! Whether the log grew.

/// How far the log is. Two that are equal: nothing was written between them.
///
/// Where transactions commit in another order than they took their numbers, one that is late shows
/// in how many of the last 1,000 numbers are there. One that is later still is seen with the next
/// row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogMark {
    /// The newest number; 0 when nothing is there.
    pub(crate) newest: i64,
    /// How many of the last numbers are there.
    pub(crate) recent: i64,
}
