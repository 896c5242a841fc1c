//! `statement-type`

use crate::facts::Facts;
use crate::policy::Policy;
use provost_attestation::statement::STATEMENT_TYPES;
use provost_verify::check::{Check, CheckId, CheckInfo};

/// The id.
pub const ID: CheckId = CheckId::new("statement-type");

/// What it means.
pub const INFO: CheckInfo = CheckInfo {
    id: ID,
    question: "Is the payload an in-toto statement of a known version?",
    meaning: "`_type` must be exactly `https://in-toto.io/Statement/v0.1` or `…/v1`. Another type \
        may give the same members another meaning.",
    mend: "Sign with a tool that writes one of these two versions.",
};

pub(crate) fn run(facts: &Facts<'_>, _policy: &Policy) -> Check {
    let found = facts.verified.statement().statement_type.as_str();
    if STATEMENT_TYPES.contains(&found) {
        Check::passed(ID, "in-toto Statement v0.1 or v1", found)
    } else {
        Check::failed(ID, "in-toto Statement v0.1 or v1", found)
    }
}
