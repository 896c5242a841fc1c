//! The use cases, one function each, and what they are configured with.
//!
//! Reading order: [`verify()`], [`gate()`] (the main line), [`init`] (what a repository needs for
//! it), then [`config`].

pub mod config;
pub mod init;

mod candidate;
mod entries;
mod error;
mod expectations;
mod gate;
mod hash;
mod ingest;
mod parallel;
mod roots;
mod summary;
mod verify;

pub use candidate::BundleSource;
pub use error::ControlError;
pub use expectations::Expectations;
pub use gate::{ArtifactSet, GateOutcome, GateRequest, Recorded, Recording, gate, gate_entries};
pub use hash::{hash_file, sha256_hex};
pub use ingest::{Ingested, ingest};
pub use roots::trusted_roots;
pub use summary::Summary;
pub use verify::{ArtifactInput, Judged, Judgement, verify};
