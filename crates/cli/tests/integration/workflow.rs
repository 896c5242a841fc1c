//! The workflows that `provost init` writes, run from end to end: every script by bash, with real
//! git and the real program, against the fake GitHub.

mod permission;
mod queue;
mod release;
mod release_failed;
mod scene;
mod security;
mod served;
mod tags;
