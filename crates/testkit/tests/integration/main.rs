//! The kit against the library that judges real bundles: what it makes honestly is accepted, and
//! every dishonest sister, one thing changed, is refused for that reason.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod accepted;
mod certificates;
mod edge;
mod github;
mod instances;
mod postgres;
mod spliced;
mod statements;
mod world;
