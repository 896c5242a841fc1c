//! The certificate with itself: old and new form of a claim, and what must be there.

use crate::facts::Facts;
use provost_verify::claims::{CertificateClaims, Claim};

type Difference = (String, String);

/// Old and new claims that state the same fact (Fulcio `docs/oid-info.md`).
const TWINS: [(Claim, Claim); 3] = [
    (Claim::TriggerV1, Claim::BuildTrigger),
    (Claim::ShaV1, Claim::SourceRepositoryDigest),
    (Claim::RefV1, Claim::SourceRepositoryRef),
];

/// What a certificate with current claims must name.
const REQUIRED: [Claim; 5] = [
    Claim::SourceRepositoryUri,
    Claim::SourceRepositoryDigest,
    Claim::SourceRepositoryRef,
    Claim::BuildTrigger,
    Claim::RunInvocationUri,
];

pub(super) fn check(facts: &Facts<'_>, claims: &CertificateClaims) -> Result<(), Difference> {
    for (old, new) in TWINS {
        if let (Some(old_value), Some(new_value)) = (claims.get(old), claims.get(new))
            && old_value != new_value
        {
            return Err((
                format!("OID {} {new_value}", new.oid()),
                format!("OID {} {old_value}", old.oid()),
            ));
        }
    }
    repository_forms(facts, claims)?;
    if claims.has_current_claims() {
        for claim in REQUIRED {
            if claims.get(claim).is_none() {
                return Err((format!("OID {} in the certificate", claim.oid()), "none".into()));
            }
        }
    } else if claims.trigger().is_none() || claims.commit().is_none() {
        return Err(("event and commit in the certificate".into(), "none".into()));
    }
    build_config(facts, claims)
}

fn repository_forms(facts: &Facts<'_>, claims: &CertificateClaims) -> Result<(), Difference> {
    let (Some(slug), Some(url)) =
        (claims.get(Claim::RepositoryV1), claims.get(Claim::SourceRepositoryUri))
    else {
        return Ok(());
    };
    if format!("{}/{slug}", facts.server) == url {
        return Ok(());
    }
    Err((format!("OID .12 {url}"), format!("OID .5 {slug}")))
}

/// The workflow that was called lies in the source repository, at the source's commit.
fn build_config(facts: &Facts<'_>, claims: &CertificateClaims) -> Result<(), Difference> {
    if let Some(config) = claims.get(Claim::BuildConfigUri)
        && facts.build_config().is_none_or(|(path, git_ref)| path.is_empty() || git_ref.is_empty())
    {
        return Err(("a workflow of the source repository (OID .18)".into(), config.to_owned()));
    }
    if let (Some(digest), Some(commit)) = (claims.get(Claim::BuildConfigDigest), claims.commit())
        && digest != commit
    {
        return Err((format!("commit {commit}"), format!("OID .19 {digest}")));
    }
    Ok(())
}
