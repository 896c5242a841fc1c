//! `runner-environment`

use super::Context;
use crate::builders;
use crate::family::Family;
use provost_verify::check::{Check, CheckId, CheckInfo};
use provost_verify::claims::Claim;

/// The id.
pub const ID: CheckId = CheckId::new("runner-environment");

/// What it means.
pub const INFO: CheckInfo = CheckInfo {
    id: ID,
    question: "Did it build on a runner that GitHub hosts?",
    meaning: "On a self-hosted runner the repository's owner controls what the build sees. The \
        certificate says which it was (OID .11); the provenance must not say otherwise, and where \
        the policy denies self-hosted runners it must say `github-hosted`.",
    mend: "Build releases on GitHub-hosted runners, or allow others with \
        `allow_self_hosted_runners = true` and know that this is no longer level 3.",
};

const HOSTED: &str = "github-hosted";

pub(crate) fn run(context: &Context<'_>) -> Check {
    let Some(claims) = context.facts.claims() else {
        return Check::skipped(ID, "signed with a managed key");
    };
    let found = claims.get(Claim::RunnerEnvironment);
    if context.facts.family == Family::NpmCli {
        return npm(context, found);
    }
    match (context.policy.deny_self_hosted_runners, found) {
        (true, Some(HOSTED)) => Check::passed(ID, HOSTED, HOSTED),
        (true, found) => {
            Check::failed(ID, HOSTED, found.unwrap_or("the certificate does not say (OID .11)"))
        }
        (false, Some(found)) => Check::passed(ID, "any runner", found),
        (false, None) => Check::skipped(ID, "the certificate does not say (OID .11)"),
    }
}

/// The npm CLI's builder id names the runner, and the predicate is written by the build itself:
/// the certificate has the last word.
fn npm(context: &Context<'_>, found: Option<&str>) -> Check {
    let claimed = context.provenance.builder_id.as_str();
    let expected = match claimed {
        builders::ACTIONS_RUNNER_SELF_HOSTED => "self-hosted",
        _ => HOSTED,
    };
    let Some(found) = found else {
        return Check::failed(ID, expected, "the certificate does not say (OID .11)");
    };
    if context.policy.deny_self_hosted_runners && found != HOSTED {
        return Check::failed(ID, HOSTED, found);
    }
    Check::equal(ID, expected, found)
}
