//! Messages that wait to be told: written with the events they are about, and told by whichever
//! worker holds their lease.

use jiff::Timestamp;
use serde_json::Value;

/// A message that one worker may tell until its lease ends.
#[derive(Debug, Clone, PartialEq)]
pub struct LeasedMessage {
    /// By what it is known.
    pub key: String,
    /// How it is told.
    pub kind: String,
    /// What is told.
    pub payload: Value,
    /// How many times it was leased, this time included.
    pub attempts: u32,
    /// When it was written.
    pub created_at: Timestamp,
}

/// A message that nobody tries to tell any more.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadLetter {
    /// By what it is known.
    pub key: String,
    /// How it was to be told.
    pub kind: String,
    /// What was to be told.
    pub payload: Value,
    /// How many times it was tried.
    pub attempts: u32,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was given up.
    pub dead_at: Timestamp,
    /// Why.
    pub problem: String,
}

/// How many messages stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutboxState {
    /// Not told yet, those under a lease included.
    pub waiting: u64,
    /// Told.
    pub delivered: u64,
    /// Given up.
    pub dead: u64,
    /// When the oldest of the waiting was written.
    pub oldest_waiting: Option<Timestamp>,
}
