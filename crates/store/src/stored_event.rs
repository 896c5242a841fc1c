//! An event with what the log adds to it.

use jiff::Timestamp;
use provost_record::Event;
use uuid::Uuid;

/// A row of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEvent {
    /// Id of the row.
    pub id: Uuid,
    /// When it was written.
    pub created_at: Timestamp,
    /// The event.
    pub event: Event,
}
