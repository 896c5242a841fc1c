//! What became of events that were appended.

use uuid::Uuid;

/// Where an event stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Id of the event's row.
    pub id: Uuid,
    /// Whether the row is new.
    pub outcome: Outcome,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was there already.
    Duplicate,
    /// It was written.
    Inserted,
}
