//! What to sign, as whom, when, and in which form.

use jiff::Timestamp;
use serde_json::Value;

use crate::certificate::CertificateProfile;
use crate::identity::WorkflowIdentity;
use crate::log_entry::EntryKind;
use crate::time::instant;

/// One signing. [`Self::new`] gives what an honest signer gets; every field may be changed.
#[derive(Clone, Debug)]
pub struct SigningRequest {
    /// The statement's bytes.
    pub payload: Vec<u8>,
    /// Type of the payload.
    pub payload_type: String,
    /// Claims of the certificate; unused with a managed key.
    pub identity: WorkflowIdentity,
    /// The rest of the certificate; unused with a managed key.
    pub certificate: CertificateProfile,
    /// Start of the certificate and time of everything that has no time of its own.
    pub signed_at: Timestamp,
    /// Time that Rekor v1 states; `None` is [`Self::signed_at`].
    pub integrated_at: Option<Timestamp>,
    /// Time that the timestamp authority states; `None` is [`Self::signed_at`].
    pub timestamped_at: Option<Timestamp>,
    /// Form of the bundle.
    pub shape: BundleShape,
}

impl SigningRequest {
    /// `statement` signed by `identity` at the RFC 3339 time `signed_at`, as
    /// [`BundleShape::V03RekorV1`]. Panics if the text is no time.
    pub fn new(statement: &Value, identity: WorkflowIdentity, signed_at: &str) -> Self {
        Self {
            payload: statement.to_string().into_bytes(),
            payload_type: "application/vnd.in-toto+json".into(),
            identity,
            certificate: CertificateProfile::default(),
            signed_at: instant(signed_at),
            integrated_at: None,
            timestamped_at: None,
            shape: BundleShape::V03RekorV1,
        }
    }

    /// The same in another form. GitHub's private instance, whose form is
    /// [`BundleShape::V03Tsa`], has no CT log: its certificates carry no SCT.
    #[must_use]
    pub fn shape(mut self, shape: BundleShape) -> Self {
        self.shape = shape;
        self.certificate.sct_count = usize::from(shape != BundleShape::V03Tsa);
        self
    }
}

/// Bundle version and kind of evidence.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BundleShape {
    /// v0.1, chain, `intoto` 0.0.2 with promise and inclusion proof.
    V01Intoto,
    /// v0.1, chain, `intoto` 0.0.2 with promise only (2022 and early 2023).
    V01IntotoWithoutProof,
    /// v0.2, chain, `intoto` 0.0.2 with promise and inclusion proof.
    V02Intoto,
    /// v0.3, certificate, `dsse` 0.0.1 with promise and inclusion proof: the public-good form.
    V03RekorV1,
    /// As [`Self::V03RekorV1`], with a timestamp besides.
    V03RekorV1AndTsa,
    /// v0.3, certificate, `hashedrekord` 0.0.2 with inclusion proof, and a timestamp.
    V03RekorV2,
    /// v0.3, certificate and a timestamp, no log: GitHub's form for private repositories.
    V03Tsa,
}

impl BundleShape {
    /// Every form.
    pub const ALL: [Self; 7] = [
        Self::V01Intoto,
        Self::V01IntotoWithoutProof,
        Self::V02Intoto,
        Self::V03RekorV1,
        Self::V03RekorV1AndTsa,
        Self::V03RekorV2,
        Self::V03Tsa,
    ];

    /// `mediaType` of the bundle.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::V01Intoto | Self::V01IntotoWithoutProof => {
                "application/vnd.dev.sigstore.bundle+json;version=0.1"
            }
            Self::V02Intoto => "application/vnd.dev.sigstore.bundle+json;version=0.2",
            _ => "application/vnd.dev.sigstore.bundle.v0.3+json",
        }
    }

    /// Whether the certificate stands in a list.
    pub fn has_chain(self) -> bool {
        self.entry_kind() == Some(EntryKind::Intoto002)
    }

    /// Format of the log entry, if there is one.
    pub fn entry_kind(self) -> Option<EntryKind> {
        match self {
            Self::V01Intoto | Self::V01IntotoWithoutProof | Self::V02Intoto => {
                Some(EntryKind::Intoto002)
            }
            Self::V03RekorV1 | Self::V03RekorV1AndTsa => Some(EntryKind::Dsse001),
            Self::V03RekorV2 => Some(EntryKind::HashedRekord002),
            Self::V03Tsa => None,
        }
    }

    /// Whether the log entry carries an inclusion proof.
    pub fn has_inclusion_proof(self) -> bool {
        !matches!(self, Self::V01IntotoWithoutProof | Self::V03Tsa)
    }

    /// Whether there is an RFC 3161 timestamp.
    pub fn has_timestamp(self) -> bool {
        matches!(self, Self::V03RekorV1AndTsa | Self::V03RekorV2 | Self::V03Tsa)
    }
}
