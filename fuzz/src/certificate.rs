//! The claims of signing certificates.

use provost_verify::claims::{CertificateClaims, Claim};

/// Every claim that has a meaning.
const CLAIMS: [Claim; 23] = [
    Claim::IssuerV1,
    Claim::TriggerV1,
    Claim::ShaV1,
    Claim::WorkflowNameV1,
    Claim::RepositoryV1,
    Claim::RefV1,
    Claim::Issuer,
    Claim::BuildSignerUri,
    Claim::BuildSignerDigest,
    Claim::RunnerEnvironment,
    Claim::SourceRepositoryUri,
    Claim::SourceRepositoryDigest,
    Claim::SourceRepositoryRef,
    Claim::SourceRepositoryIdentifier,
    Claim::SourceRepositoryOwnerUri,
    Claim::SourceRepositoryOwnerIdentifier,
    Claim::BuildConfigUri,
    Claim::BuildConfigDigest,
    Claim::BuildTrigger,
    Claim::RunInvocationUri,
    Claim::SourceRepositoryVisibility,
    Claim::DeploymentEnvironment,
    Claim::TokenSubject,
];

/// Every claim and the name stand in the certificate byte for byte; a byte after the certificate
/// is refused; the shorthands say what the claims say.
pub fn certificate(data: &[u8]) {
    let Ok(claims) = CertificateClaims::from_der(data) else { return };
    assert!(stands_in(data, claims.san()), "the name is not as signed");
    for claim in CLAIMS {
        if let Some(value) = claims.get(claim) {
            assert!(stands_in(data, value), "claim {} is not as signed", claim.oid());
        }
    }
    let either = |new: Claim, old: Claim| claims.get(new).or_else(|| claims.get(old));
    assert_eq!(claims.issuer(), either(Claim::Issuer, Claim::IssuerV1));
    assert_eq!(claims.commit(), either(Claim::SourceRepositoryDigest, Claim::ShaV1));
    assert_eq!(claims.git_ref(), either(Claim::SourceRepositoryRef, Claim::RefV1));
    assert_eq!(claims.trigger(), either(Claim::BuildTrigger, Claim::TriggerV1));

    let longer = [data, &[0]].concat();
    assert!(CertificateClaims::from_der(&longer).is_err(), "a byte after the certificate");
}

fn stands_in(data: &[u8], text: &str) -> bool {
    text.is_empty() || data.windows(text.len()).any(|window| window == text.as_bytes())
}
