//! Bundle files: what a file of attestations holds, whatever its name.

mod claimed;
mod document;
mod shape;

pub use claimed::{ClaimedBundle, InvalidEnvelope};
pub use document::{Content, Document, DocumentError, MAX_BUNDLE_BYTES, parse_documents};
pub use shape::BundleFault;

/// The Sigstore bundle as the verification library reads it.
pub use sigstore_types::Bundle;
