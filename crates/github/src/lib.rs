//! The GitHub REST API, as far as a release pipeline needs it.
//!
//! A [`GitHub`] is one server together with one token; [`Repository`] is one repository there. Every
//! answer is untrusted: it is bounded, parsed strictly as far as it is used, and held against the
//! repository that was asked about. What GitHub does not answer is an error that names the
//! remedy, and never an empty list.
//!
//! Reading order: [`Settings`], [`GitHub`], [`Repository`] (what can be asked), then a file a noun;
//! [`archive`] for the zips of workflow artifacts, [`GithubError`].
//!
//! All calls block. They must not be made on a thread that runs asynchronous tasks.

pub mod archive;

mod artifact;
mod attestation;
mod dispatch;
mod error;
mod github;
mod issue;
mod page;
mod release;
mod repository;
mod rule;
mod run;
mod settings;
mod tag;
mod token;
mod web_address;
mod workflow;

pub use artifact::Artifact;
pub use attestation::AttestedBundle;
pub use dispatch::{Dispatched, Inputs};
pub use error::GithubError;
pub use github::GitHub;
pub use issue::{Issue, NewIssue};
pub use release::{Asset, Release};
pub use repository::{Repository, RepositoryName};
pub use rule::{RequiredCheck, Ruleset};
pub use run::{Job, Run};
pub use settings::{ApiVersion, Settings};
pub use tag::PeeledTag;
pub use token::{TokenFacts, TokenKind};
