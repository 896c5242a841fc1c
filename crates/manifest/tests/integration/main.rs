//! The manifest as files: what is written, what is refused, and what a crash leaves behind.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod artifacts;
mod crash;
mod format;
mod hostile_tags;
mod lint;
mod merge;
mod obstacles;
mod processes;
mod record;
mod release_record;
mod rollback;
mod schema;
mod world;
