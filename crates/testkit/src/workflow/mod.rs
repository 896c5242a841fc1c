//! Workflows of a repository on the fake GitHub, run as GitHub runs them: every `run:` step by the
//! bash of a runner, with real git and the real program, in the order and under the conditions that
//! the workflow file says.
//!
//! A workflow is read from the commit it runs on. What is not understood is refused and fails the
//! test: a key, an expression, a context, an input of an action. An action (`uses:`) is replaced by
//! the stand-in in the table of `action`; a reusable workflow is run. A job's token may do what
//! its `permissions:` say and nothing else, a push needs `contents: write` and the credentials that
//! a checkout left, and an identity token needs `id-token: write`.
//!
//! Reading order: `hosted` (a repository to run in), `event`, `run`, `flow` (its jobs), `job` (its
//! steps), `step`; then `document` and `expression`.

mod action;
mod document;
mod event;
mod expression;
mod flow;
mod git;
mod hosted;
mod job;
mod report;
mod run;
mod stage;
mod step;
mod workspace;

pub use event::Event;
pub use hosted::{Build, Hosted};
pub use report::{JobReport, RunReport, StepReport};
