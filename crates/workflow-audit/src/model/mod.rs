//! Workflows and actions as GitHub understands them, every part with its place.

mod action;
mod comment;
mod event;
mod file;
mod job;
mod permissions;
mod problem;
mod size;
mod step;
mod trigger;
mod uses;
mod workflow;

pub(crate) use action::Action;
pub(crate) use comment::{Comment, comments};
pub(crate) use file::{Document, File, Kind};
pub(crate) use job::{Concurrency, Job, Secrets};
pub(crate) use permissions::Permissions;
pub(crate) use problem::Problem;
pub(crate) use size::MAX_SCRIPT_BYTES;
pub(crate) use step::{Pair, Step};
pub(crate) use trigger::Trigger;
pub(crate) use uses::{Uses, UsesKind};
pub(crate) use workflow::Workflow;
