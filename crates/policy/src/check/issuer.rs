//! `issuer`

use crate::facts::Facts;
use crate::policy::Policy;
use provost_verify::check::{Check, CheckId, CheckInfo};
use provost_verify::claims::Claim;

/// The id.
pub const ID: CheckId = CheckId::new("issuer");

/// What it means.
pub const INFO: CheckInfo = CheckInfo {
    id: ID,
    question: "Did the expected identity provider vouch for the signer?",
    meaning: "The certificate's OIDC issuer (OID .8, and .1 where it is there too) must be exactly \
        the issuer of GitHub Actions, or the one that is configured; and the certificate's name \
        must lie on that GitHub server. The same name from another issuer is another signer.",
    mend: "For GitHub Enterprise set `[github].oidc_issuer` and `[github].server_url`. Any other \
        issuer means that something else than the expected CI signed.",
};

pub(crate) fn run(facts: &Facts<'_>, policy: &Policy) -> Check {
    let expected = policy.identity.as_ref().map_or(&policy.oidc_issuer, |pinned| &pinned.issuer);
    let Some(claims) = facts.claims() else {
        return Check::skipped(ID, "signed with a managed key");
    };
    let Some(found) = claims.issuer() else {
        return Check::failed(ID, expected, "no issuer in the certificate");
    };
    let old = claims.get(Claim::IssuerV1);
    if old.is_some_and(|old| old != found) {
        return Check::failed(ID, expected, format!("{found} (.8) and {} (.1)", old.unwrap_or("")));
    }
    if found != expected {
        return Check::failed(ID, expected, found);
    }
    let on_server = claims.san().strip_prefix(&policy.server).is_some_and(|r| r.starts_with('/'));
    if !on_server {
        let expected = format!("a workflow on {}", policy.server);
        return Check::failed(ID, expected, claims.san());
    }
    Check::passed(ID, expected, found)
}
