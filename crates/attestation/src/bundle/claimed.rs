//! A bundle that was read, and not yet verified.

use crate::statement::{InvalidStatement, PAYLOAD_TYPE, Statement};
use sigstore_types::{Bundle, SignatureContent};

/// A bundle with its exact text and the statement it claims to carry. Nothing of it is proven.
#[derive(Debug, Clone)]
pub struct ClaimedBundle {
    text: String,
    bundle: Bundle,
    statement: Result<Statement, InvalidEnvelope>,
}

/// Why the envelope carries no statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEnvelope {
    /// The bundle holds no DSSE envelope.
    #[error("the bundle holds no DSSE envelope")]
    Missing,
    /// The payload has another type than a statement's.
    #[error("payload type is {0:?}, not {PAYLOAD_TYPE:?}")]
    PayloadType(String),
    /// The payload is no statement.
    #[error(transparent)]
    Statement(#[from] InvalidStatement),
}

impl ClaimedBundle {
    /// Opens the envelope of a parsed bundle. `text` is the document it was parsed from.
    pub(super) fn new(text: &str, bundle: Bundle) -> Self {
        let statement = open(&bundle);
        Self { text: text.to_owned(), bundle, statement }
    }

    /// The document, byte for byte.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bundle as the verification library reads it.
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// The statement it claims to carry: good for choosing what to verify, for nothing else.
    ///
    /// # Errors
    /// [`InvalidEnvelope`].
    pub fn statement(&self) -> Result<&Statement, &InvalidEnvelope> {
        self.statement.as_ref()
    }

    /// The payload's bytes; empty when there is no envelope.
    pub fn payload(&self) -> &[u8] {
        match &self.bundle.content {
            SignatureContent::DsseEnvelope(envelope) => envelope.payload.as_bytes(),
            _ => &[],
        }
    }
}

fn open(bundle: &Bundle) -> Result<Statement, InvalidEnvelope> {
    let SignatureContent::DsseEnvelope(envelope) = &bundle.content else {
        return Err(InvalidEnvelope::Missing);
    };
    if envelope.payload_type != PAYLOAD_TYPE {
        return Err(InvalidEnvelope::PayloadType(envelope.payload_type.clone()));
    }
    Ok(Statement::parse(envelope.payload.as_bytes())?)
}
