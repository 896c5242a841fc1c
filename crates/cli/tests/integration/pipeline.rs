//! The verbs of a release pipeline against a fake GitHub, which holds every call to GitHub's own
//! description of its API.

mod canary;
mod dispatch;
mod gate_manifest_online;
mod gate_online;
mod gate_refused_online;
mod hostile_answers;
mod notify;
mod readme;
mod reconcile;
mod recover;
mod ruleset;
mod secrets;
mod token;
pub(crate) mod world;
