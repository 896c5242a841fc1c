//! `signer-digest`

use super::Context;
use provost_verify::check::{Check, CheckId, CheckInfo};
use provost_verify::claims::Claim;

/// The id.
pub const ID: CheckId = CheckId::new("signer-digest");

/// What it means.
pub const INFO: CheckInfo = CheckInfo {
    id: ID,
    question: "Was the signing workflow taken from the pinned commit?",
    meaning: "A tag can be moved; a commit cannot. When the policy gives the commit of the signing \
        workflow, the certificate's (OID .10) must equal it.",
    mend: "Review what changed between the two commits of the builder, then pin the new one.",
};

pub(crate) fn run(context: &Context<'_>) -> Check {
    let Some(expected) = &context.policy.signer_digest else {
        return Check::skipped(ID, "no commit of the signing workflow is asked for");
    };
    let found = context.facts.claims().and_then(|claims| claims.get(Claim::BuildSignerDigest));
    match found {
        Some(found) => Check::equal(ID, expected, found),
        None => Check::failed(ID, expected.as_str(), "the certificate does not say (OID .10)"),
    }
}
