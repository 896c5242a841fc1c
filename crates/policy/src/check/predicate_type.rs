//! `predicate-type`

use crate::facts::Facts;
use crate::policy::Policy;
use provost_verify::check::{Check, CheckId, CheckInfo};

/// The id.
pub const ID: CheckId = CheckId::new("predicate-type");

/// What it means.
pub const INFO: CheckInfo = CheckInfo {
    id: ID,
    question: "Is the predicate SLSA provenance of the wanted type, and well-formed?",
    meaning: "`predicateType` must equal one of the wanted types, by default SLSA provenance v0.2 \
        and v1, and the predicate must have that type's members and no others. A valid signature \
        over a vulnerability scan is no provenance (CVE-2022-35929).",
    mend: "Take the provenance attestation of this artifact; drafts such as `v1.0?draft` do not \
        count.",
};

pub(crate) fn run(facts: &Facts<'_>, policy: &Policy) -> Check {
    let expected = policy.predicate_types.join(" or ");
    let found = facts.verified.statement().predicate_type.as_str();
    if !policy.predicate_types.iter().any(|wanted| wanted == found) {
        return Check::failed(ID, expected, found);
    }
    match &facts.provenance {
        Ok(_) => Check::passed(ID, expected, found),
        Err(error) => Check::failed(ID, expected, error.to_string()),
    }
}
