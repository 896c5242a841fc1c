//! The lines of an export.

use serde::{Deserialize, Serialize};

/// The value of `schema` in a header.
pub(super) const SCHEMA: &str = "https://provost.dev/events/v1";

/// The longest line that is read, in bytes: a decision has a few thousand.
pub(super) const LONGEST: u64 = 64 * 1024 * 1024;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Header {
    /// Always [`SCHEMA`].
    pub(super) schema: String,
    /// Version of the log's schema; display only.
    pub(super) store_schema: i64,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Trailer {
    /// How many events stand before it.
    pub(super) events: u64,
}
