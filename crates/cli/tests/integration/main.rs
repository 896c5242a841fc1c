//! The program `provost` as its users run it: arguments and environment in; exit code, screens,
//! JSON and files out.

#![allow(clippy::unwrap_used, reason = "a failed test may panic")]
#![allow(clippy::print_stderr, reason = "what a machine does not permit is skipped aloud")]

mod action;
mod attested;
mod core_dump;
mod event_log;
mod event_rows;
mod example;
mod explain;
mod gate;
mod gate_manifest;
mod gate_refused;
mod gate_tags;
mod gate_trouble;
mod github;
mod hostile;
mod init;
mod init_bundle;
mod init_patch;
mod init_scripts;
mod init_scripts_online;
mod init_supabase;
mod json;
mod man;
mod notify;
mod offline;
mod panic;
mod pipeline;
mod program;
mod publish;
mod push;
mod records;
mod runner;
mod screens;
mod serve_faults;
mod sisters;
mod verify;
mod verify_flags;
mod verify_inputs;
mod workflow;
mod workflow_actions;
mod workflows;
