//! Trusted roots: whose certificates, logs and timestamps count.

use crate::claims::{subject_der, validity};
use jiff::Timestamp;
use sigstore_trust_root::TrustedRoot;
use sigstore_trust_root::trusted_root::CertChain;
use sigstore_types::TimeRange;
use sigstore_verify::Verifier;
use std::sync::OnceLock;

/// One Sigstore instance's trusted root: certificate authorities, CT logs, transparency logs and
/// timestamp authorities with their validity.
pub struct Root {
    sha256: String,
    trusted_root: TrustedRoot,
    verifier: OnceLock<Result<Verifier, String>>,
    ca_subjects: Vec<Vec<u8>>,
}

/// Why a text is no usable trusted root.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRoot {
    /// Not a `trusted_root.json`.
    #[error("not a trusted root: {0}")]
    Malformed(String),
    /// Neither an authority nor a log: nothing could ever verify.
    #[error("the trusted root names no certificate authority and no transparency log")]
    Empty,
    /// A key, certificate or validity in it that cannot be used.
    #[error("the trusted root cannot be used: {0}")]
    Unusable(String),
}

impl Root {
    /// Reads a `trusted_root.json`
    /// (`application/vnd.dev.sigstore.trustedroot+json;version=0.1`).
    ///
    /// # Errors
    /// [`InvalidRoot::Malformed`], [`InvalidRoot::Empty`].
    pub fn from_json(json: &str) -> Result<Self, InvalidRoot> {
        provost_attestation::json::scan(json.as_bytes())
            .map_err(|problem| InvalidRoot::Malformed(problem.to_string()))?;
        let mut trusted_root = TrustedRoot::from_json(json)
            .map_err(|error| InvalidRoot::Malformed(error.to_string()))?;
        if trusted_root.certificate_authorities.is_empty() && trusted_root.tlogs.is_empty() {
            return Err(InvalidRoot::Empty);
        }
        let ca_subjects = trusted_root
            .certificate_authorities
            .iter()
            .flat_map(|authority| &authority.cert_chain.certificates)
            .filter_map(|certificate| subject_der(certificate.raw_bytes.as_bytes()))
            .collect();
        narrow_windows(&mut trusted_root)?;
        let sha256 = sigstore_crypto::sha256(json.as_bytes()).to_hex();
        Ok(Self { sha256, trusted_root, verifier: OnceLock::new(), ca_subjects })
    }

    /// Prepares every key and certificate now, instead of at the first use.
    ///
    /// # Errors
    /// [`InvalidRoot::Unusable`].
    pub fn prepare(&self) -> Result<(), InvalidRoot> {
        self.verifier().map(|_| ()).map_err(|error| InvalidRoot::Unusable(error.to_owned()))
    }

    /// SHA-256 of the file's text, hex.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Whether signatures under this root must be in a transparency log: it knows one.
    pub fn has_log(&self) -> bool {
        !self.trusted_root.tlogs.is_empty()
    }

    /// Whether certificates under this root must be in a certificate transparency log.
    pub fn has_ct_log(&self) -> bool {
        !self.trusted_root.ctlogs.is_empty()
    }

    /// Whether one of its authorities bears this name, in DER. Only a hint which root to try for a
    /// certificate of that issuer: the chain itself is verified afterwards.
    pub(crate) fn has_authority(&self, name: &[u8]) -> bool {
        self.ca_subjects.iter().any(|subject| subject == name)
    }

    pub(crate) fn verifier(&self) -> Result<&Verifier, &str> {
        self.verifier
            .get_or_init(|| Verifier::new(&self.trusted_root).map_err(|error| error.to_string()))
            .as_ref()
            .map_err(String::as_str)
    }
}

/// Narrows every authority's window to the time in which its whole chain is valid.
///
/// The signature library takes the certificates of a trusted root as anchors and looks at the
/// root's own `validFor` alone, so that an intermediate that expired before the signing would
/// still vouch for it (CVE-2026-24122). An authority that is never valid is left out.
fn narrow_windows(trusted_root: &mut TrustedRoot) -> Result<(), InvalidRoot> {
    let mut failure = None;
    let mut keep = |window: &mut Option<TimeRange>, chain: &CertChain| match chain_window(chain) {
        Ok(valid) => {
            let narrowed = intersection(window.as_ref(), &valid);
            let usable = narrowed.end.is_none_or(|end| narrowed.start <= end);
            *window = Some(narrowed);
            usable
        }
        Err(error) => {
            failure = Some(error);
            false
        }
    };
    trusted_root.certificate_authorities.retain_mut(|ca| keep(&mut ca.valid_for, &ca.cert_chain));
    trusted_root.timestamp_authorities.retain_mut(|ca| keep(&mut ca.valid_for, &ca.cert_chain));
    failure.map_or(Ok(()), Err)
}

fn chain_window(chain: &CertChain) -> Result<TimeRange, InvalidRoot> {
    let mut window = TimeRange::new(Timestamp::MIN, None);
    for certificate in &chain.certificates {
        let (start, end) = validity(certificate.raw_bytes.as_bytes()).ok_or_else(|| {
            InvalidRoot::Unusable("an authority's certificate cannot be read".into())
        })?;
        window = intersection(Some(&window), &TimeRange::new(start, Some(end)));
    }
    Ok(window)
}

fn intersection(window: Option<&TimeRange>, other: &TimeRange) -> TimeRange {
    let Some(window) = window else { return *other };
    let end = match (window.end, other.end) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    TimeRange::new(window.start.max(other.start), end)
}

impl std::fmt::Debug for Root {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Root").field("sha256", &self.sha256).finish_non_exhaustive()
    }
}
