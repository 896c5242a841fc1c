//! `VerifiedStatement` or `Rejection` + [`Policy`] -> [`Decision`], with every check's outcome.
//!
//! A decision cannot fail and has no default: acceptance is built only from a non-empty list of
//! checks that permit it, and from a [`provost_verify::VerifiedStatement`], which only a verified
//! signature gives. This crate does no I/O and reads no clock.
//!
//! Reading order: [`decide`], [`Policy`], [`check`] (one file a check), [`builders`] (the builders
//! known without a policy), [`Decision`].

pub mod builders;
pub mod check;

mod artifact;
mod decision;
mod facts;
mod family;
mod policy;
mod ref_pattern;

pub use artifact::Artifact;
pub use decision::{Accepted, Decision, Refused, decide};
pub use facts::{ProvenFacts, RunId};
pub use family::Family;
pub use policy::{
    ExpectedBuilder, ExpectedBuilders, ExpectedIdentity, ExpectedRef, ExpectedSource, Policy,
};
pub use ref_pattern::{InvalidRefPattern, RefPattern};

/// The OIDC issuer of GitHub Actions on github.com.
pub const GITHUB_ACTIONS_ISSUER: &str = "https://token.actions.githubusercontent.com";
