//! The use case *verify*, for one document that somebody sent.

use crate::error::ControlError;
use crate::hash::sha256_hex;
use jiff::Timestamp;
use provost_attestation::bundle::{Content, Document, DocumentError, parse_documents};
use provost_attestation::digest::{ArtifactDigest, ArtifactDigests};
use provost_policy::{Artifact, Decision, Policy, decide};
use provost_verify::claims::CertificateClaims;
use provost_verify::{Rejection, Verifier};

/// A decision about one document, and who signed it.
#[derive(Debug, Clone)]
pub struct JudgedDocument {
    /// The decision.
    pub decision: Decision,
    /// The claims of the certificate, when a signature stands and a certificate made it.
    pub claims: Option<CertificateClaims>,
}

/// Verifies the one attestation that `bytes` hold, for an artifact of that digest, and decides it
/// under the policy. `now` is the clock. Bytes that are no bundle are a refusal.
///
/// # Errors
/// [`ControlError::NothingToCheck`] for nothing, [`ControlError::NotSupported`] for several or for
/// a kind that is not verified, [`ControlError::Undecidable`] for a plain envelope.
pub fn verify_document(
    bytes: &[u8],
    digest: ArtifactDigest,
    verifier: &Verifier,
    policy: &Policy,
    now: Timestamp,
) -> Result<JudgedDocument, ControlError> {
    let name = digest.to_string();
    let artifact = Artifact { name, digests: ArtifactDigests::new(digest) };
    let verified = match parse_documents(bytes) {
        Ok(documents) => {
            let content = only(documents)?;
            match content {
                Content::Bundle(bundle) => verifier.verify(&bundle, Some(&artifact.digests), now),
                Content::BareEnvelope => {
                    return Err(ControlError::Undecidable(
                        "a plain DSSE envelope has no log entry, so nothing proves when it was \
                         signed; send the Sigstore bundle"
                            .into(),
                    ));
                }
                _ => {
                    let text = "this kind of attestation is not supported yet";
                    return Err(ControlError::NotSupported(text.into()));
                }
            }
        }
        Err(DocumentError::Empty) => {
            return Err(ControlError::NothingToCheck("the bundle is empty".into()));
        }
        Err(error) => {
            let detail = format!("the bundle: {error}");
            Err(Rejection::of_malformed_bundle(detail, &sha256_hex(bytes)))
        }
    };
    let claims = verified.as_ref().ok().and_then(|statement| statement.claims()).cloned();
    Ok(JudgedDocument { decision: decide(&verified, &artifact, policy), claims })
}

fn only(documents: Vec<Document>) -> Result<Content, ControlError> {
    let mut documents = documents.into_iter();
    match (documents.next(), documents.next()) {
        (Some(only), None) => Ok(only.content),
        (None, _) => Err(ControlError::NothingToCheck("the bundle is empty".into())),
        _ => Err(ControlError::NotSupported("send one bundle, not several".into())),
    }
}
