//! The verbs, one file each: arguments to use case to screen.

pub(crate) mod completions;
pub(crate) mod dispatch;
pub(crate) mod explain;
pub(crate) mod gate;
pub(crate) mod ingest;
pub(crate) mod init;
pub(crate) mod kpi;
pub(crate) mod man;
pub(crate) mod manifest;
pub(crate) mod notify;
pub(crate) mod reconcile;
pub(crate) mod recover;
pub(crate) mod ruleset;
pub(crate) mod serve;
pub(crate) mod store;
pub(crate) mod token;
pub(crate) mod verify;
pub(crate) mod welcome;
pub(crate) mod workflows;

mod actions;
mod decisions;
mod environment;
mod event_log;
mod seal;
