//! What a Fulcio certificate says about the workflow that signed.
//!
//! Source: Fulcio `docs/oid-info.md`, arc 1.3.6.1.4.1.57264.1: `.1`-`.6` hold a bare string, `.8`
//! and up a DER UTF8String. The library that checks the chain reads these leniently, because it
//! decides nothing on them; policy does, so a value that cannot be read is a refusal here.

use const_oid::ObjectIdentifier;
use der::{Decode, asn1::Utf8StringRef};
use std::collections::BTreeMap;
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

const FULCIO_ARC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57264.1");

/// Numbers under the Fulcio arc, named as Fulcio names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
#[allow(missing_docs, reason = "each variant is the name Fulcio's oid-info gives to its number")]
pub enum Claim {
    IssuerV1 = 1,
    TriggerV1 = 2,
    ShaV1 = 3,
    WorkflowNameV1 = 4,
    RepositoryV1 = 5,
    RefV1 = 6,
    Issuer = 8,
    BuildSignerUri = 9,
    BuildSignerDigest = 10,
    RunnerEnvironment = 11,
    SourceRepositoryUri = 12,
    SourceRepositoryDigest = 13,
    SourceRepositoryRef = 14,
    SourceRepositoryIdentifier = 15,
    SourceRepositoryOwnerUri = 16,
    SourceRepositoryOwnerIdentifier = 17,
    BuildConfigUri = 18,
    BuildConfigDigest = 19,
    BuildTrigger = 20,
    RunInvocationUri = 21,
    SourceRepositoryVisibility = 22,
    DeploymentEnvironment = 23,
    TokenSubject = 24,
}

impl Claim {
    /// The number under the arc, as it is written in messages: `.14`.
    pub fn oid(self) -> String {
        format!(".{}", self as u32)
    }
}

/// The claims of one certificate, proven when they come out of a [`crate::VerifiedStatement`].
/// Values are as signed; nothing is normalised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateClaims {
    san: String,
    values: BTreeMap<u32, String>,
}

/// Why a certificate that chains to the root cannot be used all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidClaims {
    /// Not a DER certificate, or bytes after it.
    #[error("the certificate is no canonical DER: {0}")]
    Der(String),
    /// No subject alternative name, more than one, or one that is no URI.
    #[error("the certificate must name exactly one URI, found {0}")]
    Names(String),
    /// The same extension twice.
    #[error("certificate extension .{0} is there twice")]
    Doubled(u32),
    /// A value of the wrong encoding.
    #[error("certificate extension .{0} is malformed")]
    Malformed(u32),
}

impl CertificateClaims {
    /// Reads the claims of a DER certificate.
    ///
    /// Reads, and verifies nothing: neither the chain to an authority, nor the signature, nor the
    /// validity, nor the certificate transparency log. Claims that are proven come from
    /// [`crate::VerifiedStatement::claims`] alone.
    ///
    /// # Errors
    /// [`InvalidClaims`].
    pub fn from_der(der: &[u8]) -> Result<Self, InvalidClaims> {
        let certificate =
            Certificate::from_der(der).map_err(|error| InvalidClaims::Der(error.to_string()))?;
        let tbs = &certificate.tbs_certificate;
        let mut values = BTreeMap::new();
        for extension in tbs.extensions.as_deref().unwrap_or_default() {
            let Some(number) = claim_number(&extension.extn_id) else {
                continue;
            };
            let value = decode(number, extension.extn_value.as_bytes())
                .ok_or(InvalidClaims::Malformed(number))?;
            if values.insert(number, value).is_some() {
                return Err(InvalidClaims::Doubled(number));
            }
        }
        Ok(Self { san: only_uri(&certificate)?, values })
    }

    /// The subject alternative name: the URI of the workflow that signed, `@` its ref.
    pub fn san(&self) -> &str {
        &self.san
    }

    /// One claim, as signed.
    pub fn get(&self, claim: Claim) -> Option<&str> {
        self.values.get(&(claim as u32)).map(String::as_str)
    }

    /// Whether the certificate carries the claims from `.8` onwards, which Fulcio has issued since
    /// 2023; older certificates have `.1` to `.6` only.
    pub fn has_current_claims(&self) -> bool {
        self.values.keys().any(|number| *number > Claim::Issuer as u32)
    }

    /// The OIDC issuer: `.8`, or `.1` of an old certificate.
    pub fn issuer(&self) -> Option<&str> {
        self.get(Claim::Issuer).or_else(|| self.get(Claim::IssuerV1))
    }

    /// The commit that was built: `.13` or `.3`.
    pub fn commit(&self) -> Option<&str> {
        self.get(Claim::SourceRepositoryDigest).or_else(|| self.get(Claim::ShaV1))
    }

    /// The ref that was built: `.14` or `.6`.
    pub fn git_ref(&self) -> Option<&str> {
        self.get(Claim::SourceRepositoryRef).or_else(|| self.get(Claim::RefV1))
    }

    /// The event that started the run: `.20` or `.2`.
    pub fn trigger(&self) -> Option<&str> {
        self.get(Claim::BuildTrigger).or_else(|| self.get(Claim::TriggerV1))
    }
}

fn claim_number(oid: &ObjectIdentifier) -> Option<u32> {
    (oid.parent()? == FULCIO_ARC).then(|| oid.arc(FULCIO_ARC.len())).flatten()
}

/// `.7` is an otherName marker and, like numbers not yet assigned, is kept as an opaque text when
/// it is one.
fn decode(number: u32, bytes: &[u8]) -> Option<String> {
    if number < 7 {
        return std::str::from_utf8(bytes).ok().map(str::to_owned);
    }
    let text = Utf8StringRef::from_der(bytes).ok().map(|text| text.as_str().to_owned());
    match number {
        8..=24 => text,
        _ => Some(text.unwrap_or_default()),
    }
}

fn only_uri(certificate: &Certificate) -> Result<String, InvalidClaims> {
    let names: Vec<(bool, SubjectAltName)> = certificate
        .tbs_certificate
        .filter::<SubjectAltName>()
        .collect::<Result<_, _>>()
        .map_err(|error| InvalidClaims::Names(error.to_string()))?;
    let names: Vec<&GeneralName> = names.iter().flat_map(|(_, names)| names.0.iter()).collect();
    match names.as_slice() {
        [GeneralName::UniformResourceIdentifier(uri)] => Ok(uri.to_string()),
        [_] => Err(InvalidClaims::Names("a name that is no URI".into())),
        other => Err(InvalidClaims::Names(format!("{} names", other.len()))),
    }
}

/// The subjects and issuers by which a trusted root is chosen.
pub(crate) fn issuer_der(certificate: &[u8]) -> Option<Vec<u8>> {
    use der::Encode;
    Certificate::from_der(certificate).ok()?.tbs_certificate.issuer.to_der().ok()
}

/// The subject of an authority's certificate.
pub(crate) fn subject_der(certificate: &[u8]) -> Option<Vec<u8>> {
    use der::Encode;
    Certificate::from_der(certificate).ok()?.tbs_certificate.subject.to_der().ok()
}

/// First and last second in which a certificate is valid; a year that no clock reaches (RFC 5280
/// allows 9999) counts as the last second there is.
pub(crate) fn validity(certificate: &[u8]) -> Option<(jiff::Timestamp, jiff::Timestamp)> {
    let validity = Certificate::from_der(certificate).ok()?.tbs_certificate.validity;
    let second =
        |time: x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).ok();
    let start = jiff::Timestamp::from_second(second(validity.not_before)?).ok()?;
    let end =
        jiff::Timestamp::from_second(second(validity.not_after)?).unwrap_or(jiff::Timestamp::MAX);
    Some((start, end))
}
