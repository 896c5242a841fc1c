//! What a step does: which scopes it draws on, and what of it matters to a release.
//!
//! Entry point: [`Step facts`](step::facts). A command or action that is in no table is an
//! [`Unknown`], which is never taken for needing nothing.

mod action;
mod command;
mod gh;
mod git;
mod http;
mod javascript;
mod octokit;
mod program;
mod provost;
mod rest;
mod setting;
mod step;
mod token;

pub(crate) use command::How;
pub(crate) use setting::Setting;
pub(crate) use step::{Budget, facts};
pub(crate) use token::Token;

use crate::place::Span;
use crate::scope::{Access, Scope};

/// A range in one of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct At {
    pub(crate) file: usize,
    pub(crate) span: Span,
}

/// A scope that a step draws on.
#[derive(Debug, Clone)]
pub(crate) struct Need {
    /// Any one of these is enough; the first is the one to grant.
    pub(crate) any_of: Vec<(Scope, Access)>,
    /// Without it the step fails; otherwise it only may use it.
    pub(crate) is_required: bool,
    pub(crate) at: At,
    /// What needs it, as it is written.
    pub(crate) by: String,
    pub(crate) lost: Option<Lost>,
}

/// Something whose needs are not known.
#[derive(Debug, Clone)]
pub(crate) struct Unknown {
    pub(crate) at: At,
    pub(crate) what: String,
}

/// A failure that looks like success.
#[derive(Debug, Clone)]
pub(crate) struct Lost {
    pub(crate) how: How,
    pub(crate) at: At,
}

/// Something that a step does.
#[derive(Debug, Clone)]
pub(crate) struct Effect {
    pub(crate) act: Act,
    pub(crate) at: At,
    pub(crate) token: Token,
    pub(crate) lost: Option<Lost>,
    /// The command or action, as it is written.
    pub(crate) by: String,
}

/// The acts that matter to a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Act {
    /// Starts a workflow: file names, names or ids; with which inputs.
    Dispatch { targets: Vec<String>, inputs: Vec<String>, elsewhere: bool },
    /// `repository_dispatch` of a type.
    RepositoryDispatch { event: Option<String>, elsewhere: bool },
    /// Makes or publishes a release.
    Release { is_draft: bool },
    /// Pushes a tag.
    PushTag,
    /// Pushes commits.
    Push,
    /// Keeps an artifact.
    Upload { name: String },
    /// Fetches an artifact.
    Download(Download),
    /// Signs provenance.
    Sign,
    /// Writes a file called provenance, and signs nothing.
    WriteProvenance { file: String },
    /// Verifies a signature.
    Verify,
    /// Looks into provenance without verifying it.
    LookInto { tool: String },
    /// Tells people.
    Notify,
    /// Writes the git-kept record.
    Record,
    /// Reads the git-kept record.
    ReadRecord,
    /// Brings the record into the event log.
    Ingest,
    /// Compares records with GitHub, also where nothing ran.
    Reconcile,
    /// Restores or saves a cache.
    Cache,
    /// Checks a commit out.
    Checkout { reference: String, repository: String, persists: bool },
    /// Sends packages to a registry.
    Publish,
    /// Runs the project's build, or code of the repository.
    Build,
    /// Talks to another service.
    Call { service: String },
}

/// How an artifact is fetched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Download {
    /// Name or pattern; empty takes all.
    pub(crate) name: String,
    /// The run, when it is another one; empty where none is named.
    pub(crate) run: String,
    /// Whether another run's artifact is fetched.
    pub(crate) from_another_run: bool,
}

/// What is known of one step.
#[derive(Debug, Default)]
pub(crate) struct StepFacts {
    pub(crate) needs: Vec<Need>,
    pub(crate) unknowns: Vec<Unknown>,
    pub(crate) effects: Vec<Effect>,
    /// Texts that are equal where its script goes on, with what is known of them put in.
    pub(crate) equal: Vec<(String, String)>,
}

impl StepFacts {
    pub(crate) fn acts(&self) -> impl Iterator<Item = &Act> {
        self.effects.iter().map(|effect| &effect.act)
    }
}
