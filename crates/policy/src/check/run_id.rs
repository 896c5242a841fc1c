//! `run-id`

use super::Context;
use provost_verify::check::{Check, CheckId, CheckInfo};
use provost_verify::claims::Claim;

/// The id.
pub const ID: CheckId = CheckId::new("run-id");

/// What it means.
pub const INFO: CheckInfo = CheckInfo {
    id: ID,
    question: "Was it made by the expected workflow run?",
    meaning: "The certificate names the run and its attempt (OID .21), as a URL of the source \
        repository. When a run is given, it must be that one, so that provenance of an earlier run \
        is not taken for today's.",
    mend: "Take the bundle that this run produced, or name the run that produced the bundle.",
};

pub(crate) fn run(context: &Context<'_>) -> Check {
    let url = context.facts.claims().and_then(|claims| claims.get(Claim::RunInvocationUri));
    let found = context.facts.run();
    match (context.policy.run_id, url, found) {
        (Some(expected), _, Some(run)) if run.id == expected => {
            Check::passed(ID, expected.to_string(), run.to_string())
        }
        (Some(expected), _, Some(run)) => Check::failed(ID, expected.to_string(), run.to_string()),
        (expected, Some(url), None) => {
            let expected =
                expected.map_or("a run of the source repository".into(), |e| e.to_string());
            Check::failed(ID, expected, url)
        }
        (Some(expected), None, None) => {
            Check::failed(ID, expected.to_string(), "the certificate names no run (OID .21)")
        }
        (None, Some(_), Some(run)) => {
            Check::passed(ID, "a run of the source repository", run.to_string())
        }
        (None, None, _) => Check::skipped(ID, "no run is asked for, and the signer names none"),
    }
}
