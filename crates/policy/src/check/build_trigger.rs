//! `build-trigger`

use super::Context;
use provost_verify::check::{Check, CheckId, CheckInfo};

/// The id.
pub const ID: CheckId = CheckId::new("build-trigger");

/// What it means.
pub const INFO: CheckInfo = CheckInfo {
    id: ID,
    question: "Was the build started by an event that may start one?",
    meaning: "The certificate names the event (OID .20, or .2 of an old one). Events such as \
        `pull_request_target`, `workflow_run` or `issue_comment` let strangers bring their content \
        into a run that holds the repository's rights. The gate allows `push`, `release` and \
        `workflow_dispatch` unless the policy says otherwise.",
    mend: "Release from an allowed event, or list the event in `[policy].triggers` after thinking \
        about who can cause it.",
};

pub(crate) fn run(context: &Context<'_>) -> Check {
    let Some(allowed) = &context.policy.triggers else {
        return Check::skipped(ID, "no list of events is given");
    };
    let expected = allowed.join(" or ");
    match context.facts.claims().map(|claims| claims.trigger()) {
        None => Check::failed(ID, expected, "signed with a managed key, which names no event"),
        Some(None) => Check::failed(ID, expected, "the certificate names no event"),
        Some(Some(found)) if allowed.iter().any(|allowed| allowed == found) => {
            Check::passed(ID, expected, found)
        }
        Some(Some(found)) => Check::failed(ID, expected, found),
    }
}
