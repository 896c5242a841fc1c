//! The policy checks, one file each: the question, its meaning, and the code that asks it.

pub mod build_input;
pub mod build_trigger;
pub mod build_type;
pub mod builder_id;
pub mod builder_ref;
pub mod certificate_consistency;
pub mod elsewhere;
pub mod issuer;
pub mod package;
pub mod predicate_type;
pub mod run_id;
pub mod runner_environment;
pub mod signer_digest;
pub mod slsa_level;
pub mod source_digest;
pub mod source_ref;
pub mod source_repository;
pub mod statement_type;
pub mod subject_digest;

use crate::facts::Facts;
use crate::policy::Policy;
use provost_attestation::provenance::Provenance;
use provost_verify::check::{Check, CheckId, CheckInfo};
use provost_verify::{fault, layer};

/// The checks that run over every verified provenance, in the order of a report.
pub const POLICY_CHECKS: [&CheckInfo; 18] = [
    &statement_type::INFO,
    &predicate_type::INFO,
    &subject_digest::INFO,
    &issuer::INFO,
    &builder_id::INFO,
    &builder_ref::INFO,
    &build_type::INFO,
    &signer_digest::INFO,
    &runner_environment::INFO,
    &source_repository::INFO,
    &source_ref::INFO,
    &source_digest::INFO,
    &certificate_consistency::INFO,
    &build_trigger::INFO,
    &build_input::INFO,
    &run_id::INFO,
    &package::NAME_INFO,
    &package::VERSION_INFO,
];

/// Every check id there is, with its meaning: the signature layer, the policy checks, the level,
/// and those that other inputs or the online gate bring.
pub fn registry() -> impl Iterator<Item = &'static CheckInfo> {
    layer::CHECKS
        .iter()
        .chain(POLICY_CHECKS)
        .chain([&slsa_level::INFO])
        .chain(elsewhere::CHECKS.iter())
}

/// What a check that reads the predicate is given.
pub(crate) struct Context<'a> {
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) policy: &'a Policy,
    pub(crate) provenance: &'a Provenance,
}

type OverStatement = fn(&Facts<'_>, &Policy) -> Check;
type OverProvenance = fn(&Context<'_>) -> Check;

/// Runs all policy checks and then the level, which rests on them.
pub(crate) fn run_all(facts: &Facts<'_>, policy: &Policy) -> Vec<Check> {
    const OVER_STATEMENT: [(CheckId, OverStatement); 4] = [
        (statement_type::ID, statement_type::run),
        (predicate_type::ID, predicate_type::run),
        (subject_digest::ID, subject_digest::run),
        (issuer::ID, issuer::run),
    ];
    const OVER_PROVENANCE: [(CheckId, OverProvenance); 14] = [
        (builder_id::ID, builder_id::run),
        (builder_ref::ID, builder_ref::run),
        (build_type::ID, build_type::run),
        (signer_digest::ID, signer_digest::run),
        (runner_environment::ID, runner_environment::run),
        (source_repository::ID, source_repository::run),
        (source_ref::ID, source_ref::run),
        (source_digest::ID, source_digest::run),
        (certificate_consistency::ID, certificate_consistency::run),
        (build_trigger::ID, build_trigger::run),
        (build_input::ID, build_input::run),
        (run_id::ID, run_id::run),
        (package::NAME_ID, package::run_name),
        (package::VERSION_ID, package::run_version),
    ];
    let mut checks = Vec::with_capacity(POLICY_CHECKS.len() + 1);
    for (id, run) in OVER_STATEMENT {
        fault::point(id);
        checks.push(run(facts, policy));
    }
    for (id, run) in OVER_PROVENANCE {
        fault::point(id);
        // A predicate that cannot be read was refused by `predicate-type` already.
        checks.push(match &facts.provenance {
            Ok(provenance) => run(&Context { facts, policy, provenance }),
            Err(_) => Check::not_run(id),
        });
    }
    fault::point(slsa_level::ID);
    checks.push(slsa_level::run(facts, policy, &checks));
    checks
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_kebab_case_and_unique_and_every_check_explains_itself() {
        let mut seen = BTreeSet::new();
        for info in registry() {
            let id = info.id.as_str();
            assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{id}");
            assert!(seen.insert(id), "{id} twice");
            assert!(info.question.ends_with('?'), "{id}: {}", info.question);
            assert!(info.meaning.len() > 60 && info.mend.len() > 20, "{id} says too little");
        }
        assert_eq!(seen.len(), 35, "{seen:?}");
    }
}
