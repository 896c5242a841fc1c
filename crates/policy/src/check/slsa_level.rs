//! `slsa-level`

use super::{Context, builder_id, builder_ref};
use crate::facts::Facts;
use crate::family::Family;
use crate::policy::Policy;
use provost_verify::check::{Check, CheckId, CheckInfo};
use provost_verify::claims::Claim;

/// The id.
pub const ID: CheckId = CheckId::new("slsa-level");

/// What it means.
pub const INFO: CheckInfo = CheckInfo {
    id: ID,
    question: "Is the SLSA Build level high enough?",
    meaning: "Level 1: signed provenance names the artifact. Level 2: signed by a hosted builder \
        that is trusted, with source and certificate consistent. Level 3: besides, the signing \
        steps are out of the build's reach: a reusable workflow at a pinned release, on a hosted \
        runner, started by an allowed event. Provenance that the npm CLI writes, and attestations \
        that the called workflow signs itself, are level 2: build and signing share one job.",
    mend: "For level 3 build through an isolated reusable workflow (slsa-github-generator, or your \
        own at a release tag) and name it in the policy.",
};

/// The level these checks add up to.
pub(crate) fn level(facts: &Facts<'_>, policy: &Policy, checks: &[Check]) -> u8 {
    let passed = |id: CheckId| checks.iter().any(|check| check.id() == id && check.has_passed());
    let failed = |id: CheckId| checks.iter().any(|check| check.id() == id && check.has_failed());
    if !passed(super::subject_digest::ID) || !passed(super::predicate_type::ID) {
        return 0;
    }
    let Ok(provenance) = &facts.provenance else {
        return 0;
    };
    let hosted_builder = passed(super::issuer::ID)
        && passed(builder_id::ID)
        && !failed(builder_ref::ID)
        && passed(super::build_type::ID)
        && !failed(super::source_repository::ID)
        && passed(super::certificate_consistency::ID)
        && !failed(super::runner_environment::ID)
        && !on_self_hosted_runner(facts);
    if !hosted_builder {
        return 1;
    }
    let context = Context { facts, policy, provenance };
    let cap = builder_id::matched(&context).and_then(|builder| builder.level).unwrap_or(3);
    let isolated = is_isolated(&context) && !failed(super::build_trigger::ID);
    cap.min(if isolated { 3 } else { 2 })
}

fn on_self_hosted_runner(facts: &Facts<'_>) -> bool {
    facts
        .claims()
        .and_then(|claims| claims.get(Claim::RunnerEnvironment))
        .is_some_and(|runner| runner != "github-hosted")
}

/// Whether the signing steps are out of the reach of the build's own steps.
fn is_isolated(context: &Context<'_>) -> bool {
    match context.facts.family {
        Family::Generic | Family::Go | Family::Container | Family::ContainerBased => true,
        Family::Delegator => {
            builder_ref::is_generator_builder(context) || builder_id::matched(context).is_some()
        }
        Family::GithubAttestation => {
            context.facts.is_reusable() == Some(true)
                && builder_id::matched(context).is_some()
                && builder_ref::is_pinned(context)
        }
        Family::NpmCli | Family::ManagedKey => false,
    }
}

pub(crate) fn run(facts: &Facts<'_>, policy: &Policy, checks: &[Check]) -> Check {
    let Some(minimum) = policy.min_level else {
        return Check::skipped(ID, "no minimum is asked for");
    };
    let found = level(facts, policy, checks);
    let (expected, shown) = (format!("level {minimum} or higher"), format!("level {found}"));
    if found >= minimum {
        Check::passed(ID, expected, shown)
    } else {
        Check::failed(ID, expected, shown)
    }
}
