//! What is remembered of one release: the only thing the sinks accept.
//!
//! A [`ReleaseRecord`] comes out of decisions, and goes into the manifest and, as an [`Event`],
//! into the event log. It does no I/O and reads no clock.

mod event;
mod path;
mod release;

pub use event::{Event, EventKey, EventKind, EventStatus, FACTS, InvalidPart};
pub use path::encoded_tag;
pub use release::{RecordedSubject, Release, ReleaseRecord, Status, Verdict, WithoutDecision};
