//! The manifest as files and on its way to a remote: what is written, what is refused, and what a
//! crash leaves behind.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod artifacts;
mod crash;
mod format;
mod hostile_tags;
mod lint;
mod merge;
mod obstacles;
mod processes;
mod push;
mod push_conflicts;
mod push_crash;
mod push_hostile;
mod push_refused;
mod push_writers;
mod queue;
mod reconcile;
mod record;
mod release_record;
mod remote;
mod rollback;
mod schema;
mod world;
