//! `source-digest`

use super::Context;
use provost_verify::check::{Check, CheckId, CheckInfo};

/// The id.
pub const ID: CheckId = CheckId::new("source-digest");

/// What it means.
pub const INFO: CheckInfo = CheckInfo {
    id: ID,
    question: "Was it built from the expected commit?",
    meaning: "When a commit is given, both the certificate's (OID .13, or .3 of an old one) and the \
        one that the provenance resolved must equal it. Refs move; commits do not.",
    mend: "Find out which commit should have been released, and why another one was built.",
};

pub(crate) fn run(context: &Context<'_>) -> Check {
    let Some(expected) = context.policy.source_digest.as_deref() else {
        return Check::skipped(ID, "no commit is asked for");
    };
    if let Some(claims) = context.facts.claims() {
        match claims.commit() {
            Some(found) if found == expected => {}
            Some(found) => return Check::failed(ID, expected, format!("{found} (certificate)")),
            None => return Check::failed(ID, expected, "the certificate names no commit"),
        }
    }
    match context.provenance.dependencies.first().and_then(|dependency| dependency.commit()) {
        Some(found) if found == expected => Check::passed(ID, expected, found),
        Some(found) => Check::failed(ID, expected, format!("{found} (provenance)")),
        None => Check::failed(ID, expected, "the provenance names no commit"),
    }
}
