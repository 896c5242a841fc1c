//! The use cases, one function each, and what they are configured with.
//!
//! Reading order: [`verify()`], then
//! [`config`].

pub mod config;

mod candidate;
mod error;
mod expectations;
mod hash;
mod verify;

pub use candidate::BundleSource;
pub use error::ControlError;
pub use expectations::Expectations;
pub use hash::{hash_file, sha256_hex};
pub use verify::{ArtifactInput, Judged, Judgement, verify};
