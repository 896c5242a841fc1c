//! The server as its clients see it.

#![allow(clippy::unwrap_used, reason = "a panic is the failure of a test")]

mod world;

mod client;
mod ingest;
mod keys;
mod oidc;
mod outbox;
mod routes;
mod verify;
mod webhook;
