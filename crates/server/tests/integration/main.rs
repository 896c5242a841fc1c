//! The server as its clients see it.

#![allow(clippy::unwrap_used, reason = "a panic is the failure of a test")]
#![allow(clippy::print_stdout, reason = "a test says there what it could not check")]

mod world;

mod client;
mod dashboard;
mod functions;
mod ingest;
mod keys;
mod limited;
mod limits;
mod logs;
mod oidc;
mod outbox;
mod readiness;
mod routes;
mod sharing;
mod shutdown;
mod verify;
mod webhook;
