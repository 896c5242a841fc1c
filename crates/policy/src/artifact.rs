//! The artifact a decision is about.

use provost_attestation::digest::ArtifactDigests;

/// The released bytes, known by their digests. The name is for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// File name or digest, as the caller named it.
    pub name: String,
    /// Every digest that was computed or given.
    pub digests: ArtifactDigests,
}
