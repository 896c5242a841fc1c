//! What an audit says of repositories.

#![allow(clippy::unwrap_used, reason = "a test panics where it fails")]
#![allow(clippy::print_stdout, reason = "says what was not checked")]

mod evasions;
mod limits;
mod pipeline;
mod repository;
mod rules;
mod sarif;
mod secrets;
