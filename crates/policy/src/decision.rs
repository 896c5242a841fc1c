//! The decision: accepted or refused, with every check that led there.

use crate::artifact::Artifact;
use crate::check;
use crate::facts::{Facts, ProvenFacts};
use crate::policy::Policy;
use provost_verify::check::{Check, CheckId, Outcome};
use provost_verify::{Rejection, VerifiedStatement, layer};

/// The answer of policy for one artifact and one bundle. There is no third value and no default:
/// whoever could not check has no decision.
#[derive(Debug, Clone)]
pub enum Decision {
    /// Every check permits it.
    Accepted(Accepted),
    /// At least one does not.
    Refused(Refused),
}

/// An acceptance. Made only by [`decide`], from checks that all permit it, among them those that
/// no acceptance can do without.
#[derive(Debug, Clone)]
pub struct Accepted {
    artifact: Artifact,
    facts: ProvenFacts,
    checks: Vec<Check>,
    level: u8,
    bundle_sha256: String,
    trusted_root_sha256: String,
}

/// A refusal.
#[derive(Debug, Clone)]
pub struct Refused {
    artifact: Artifact,
    facts: Option<ProvenFacts>,
    checks: Vec<Check>,
    level: u8,
    bundle_sha256: Option<String>,
    trusted_root_sha256: Option<String>,
    rejection: Option<(CheckId, String)>,
}

/// What must have passed, not been skipped, in every acceptance.
const INDISPENSABLE: [CheckId; 8] = [
    layer::BUNDLE_FORMAT,
    layer::ENVELOPE,
    layer::SIGNATURE,
    check::statement_type::ID,
    check::predicate_type::ID,
    check::subject_digest::ID,
    check::build_type::ID,
    check::builder_id::ID,
];

/// Decides about one artifact under one policy, from what verification of one bundle gave.
///
/// Cannot fail. After a rejection every policy check is `not-run`; after a verified signature all
/// of them run, and all failures are in the decision together.
pub fn decide(
    verification: &Result<VerifiedStatement, Rejection>,
    artifact: &Artifact,
    policy: &Policy,
) -> Decision {
    match verification {
        Ok(verified) => decide_verified(verified, artifact, policy),
        Err(rejection) => Decision::Refused(Refused::rejected(rejection, artifact)),
    }
}

fn decide_verified(verified: &VerifiedStatement, artifact: &Artifact, policy: &Policy) -> Decision {
    let facts = Facts::new(verified, artifact, &policy.server);
    let mut checks = verified.checks().to_vec();
    checks.extend(check::run_all(&facts, policy));
    let level = check::slsa_level::level(&facts, policy, &checks);
    let proven = ProvenFacts::of(&facts);
    let bundle_sha256 = verified.bundle_sha256().to_owned();
    let trusted_root_sha256 = verified.trusted_root_sha256().to_owned();
    let artifact = artifact.clone();
    if permits(&checks) {
        return Decision::Accepted(Accepted {
            artifact,
            facts: proven,
            checks,
            level,
            bundle_sha256,
            trusted_root_sha256,
        });
    }
    Decision::Refused(Refused {
        artifact,
        facts: Some(proven),
        checks,
        level,
        bundle_sha256: Some(bundle_sha256),
        trusted_root_sha256: Some(trusted_root_sha256),
        rejection: None,
    })
}

/// Whether the checks add up to an acceptance: none stands in the way, and each indispensable one
/// is there and has passed. An empty list adds up to nothing.
fn permits(checks: &[Check]) -> bool {
    checks.iter().all(Check::permits)
        && INDISPENSABLE
            .iter()
            .all(|id| checks.iter().any(|check| check.id() == *id && check.has_passed()))
}

impl Refused {
    fn rejected(rejection: &Rejection, artifact: &Artifact) -> Self {
        let mut checks = rejection.checks().to_vec();
        checks.extend(check::POLICY_CHECKS.iter().map(|info| Check::not_run(info.id)));
        Self {
            artifact: artifact.clone(),
            facts: None,
            checks,
            level: 0,
            bundle_sha256: Some(rejection.bundle_sha256().to_owned()),
            trusted_root_sha256: rejection.trusted_root_sha256().map(str::to_owned),
            rejection: Some((rejection.failed(), rejection.detail().to_owned())),
        }
    }

    /// Why no signature could be relied on: the check that failed and what was wrong. `None` when
    /// the signature stands and policy refused.
    pub fn rejection(&self) -> Option<(CheckId, &str)> {
        self.rejection.as_ref().map(|(id, detail)| (*id, detail.as_str()))
    }
}

impl Decision {
    /// The same decision with one more check. A check that failed makes it a refusal, and takes
    /// the place of one of the same id; nothing makes a refusal an acceptance.
    #[must_use]
    pub fn with_check(self, check: Check) -> Self {
        let replace = |mut checks: Vec<Check>| {
            checks.retain(|other| other.id() != check.id());
            checks.push(check.clone());
            checks
        };
        match self {
            Self::Accepted(accepted) if check.permits() => {
                Self::Accepted(Accepted { checks: replace(accepted.checks), ..accepted })
            }
            Self::Accepted(accepted) => Self::Refused(Refused {
                artifact: accepted.artifact,
                facts: Some(accepted.facts),
                checks: replace(accepted.checks),
                level: accepted.level,
                bundle_sha256: Some(accepted.bundle_sha256),
                trusted_root_sha256: Some(accepted.trusted_root_sha256),
                rejection: None,
            }),
            Self::Refused(mut refused) => {
                // A second answer never hides a failed first one.
                if !refused
                    .checks
                    .iter()
                    .any(|other| other.id() == check.id() && other.has_failed())
                {
                    refused.checks = replace(std::mem::take(&mut refused.checks));
                }
                Self::Refused(refused)
            }
        }
    }

    /// Whether the artifact may be released.
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted(_))
    }

    /// Whether nothing speaks against the artifact, and an answer is still missing: no acceptance,
    /// and no refusal to be told to anybody either.
    pub fn is_deferred(&self) -> bool {
        let checks = self.checks();
        let stands = |check: &Check| check.permits() || check.is_deferred();
        checks.iter().any(Check::is_deferred) && checks.iter().all(stands)
    }

    /// The artifact it is about.
    pub fn artifact(&self) -> &Artifact {
        match self {
            Self::Accepted(accepted) => &accepted.artifact,
            Self::Refused(refused) => &refused.artifact,
        }
    }

    /// What the signature proves; `None` when no signature stands.
    pub fn facts(&self) -> Option<&ProvenFacts> {
        match self {
            Self::Accepted(accepted) => Some(&accepted.facts),
            Self::Refused(refused) => refused.facts.as_ref(),
        }
    }

    /// Every check, signature layer first.
    pub fn checks(&self) -> &[Check] {
        match self {
            Self::Accepted(accepted) => &accepted.checks,
            Self::Refused(refused) => &refused.checks,
        }
    }

    /// The checks that failed.
    pub fn failed_checks(&self) -> impl Iterator<Item = &Check> {
        self.checks().iter().filter(|check| check.has_failed())
    }

    /// The SLSA Build level that was found, 0 to 3.
    pub fn level(&self) -> u8 {
        match self {
            Self::Accepted(accepted) => accepted.level,
            Self::Refused(refused) => refused.level,
        }
    }

    /// SHA-256 of the bundle, hex; `None` when there was none.
    pub fn bundle_sha256(&self) -> Option<&str> {
        match self {
            Self::Accepted(accepted) => Some(&accepted.bundle_sha256),
            Self::Refused(refused) => refused.bundle_sha256.as_deref(),
        }
    }

    /// SHA-256 of the trusted root in use, hex; `None` when none was chosen.
    pub fn trusted_root_sha256(&self) -> Option<&str> {
        match self {
            Self::Accepted(accepted) => Some(&accepted.trusted_root_sha256),
            Self::Refused(refused) => refused.trusted_root_sha256.as_deref(),
        }
    }

    /// Why no signature could be relied on, if that was it.
    pub fn rejection(&self) -> Option<(CheckId, &str)> {
        match self {
            Self::Accepted(_) => None,
            Self::Refused(refused) => refused.rejection(),
        }
    }

    /// Counts of passed, failed and skipped checks.
    pub fn tally(&self) -> (usize, usize, usize) {
        let count = |wanted: fn(&Outcome) -> bool| {
            self.checks().iter().filter(|check| wanted(check.outcome())).count()
        };
        (
            count(|outcome| matches!(outcome, Outcome::Passed { .. })),
            count(|outcome| matches!(outcome, Outcome::Failed { .. })),
            count(|outcome| matches!(outcome, Outcome::Skipped { .. })),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passing() -> Vec<Check> {
        INDISPENSABLE.iter().map(|id| Check::passed(*id, "a", "a")).collect()
    }

    #[test]
    fn acceptance_needs_every_indispensable_check() {
        assert!(permits(&passing()));
        assert!(!permits(&[]));
        for index in 0..INDISPENSABLE.len() {
            let mut missing = passing();
            let removed = missing.remove(index);
            assert!(!permits(&missing), "without {}", removed.id());
            let mut skipped = passing();
            skipped[index] = Check::skipped(skipped[index].id(), "no reason is good enough");
            assert!(!permits(&skipped), "skipping {}", skipped[index].id());
        }
    }

    #[test]
    fn a_deferred_answer_is_no_acceptance() {
        let mut checks = passing();
        checks.push(Check::deferred(check::elsewhere::RUN_CONCLUSION, "the run is not over"));
        assert!(!permits(&checks));
    }

    #[test]
    fn one_check_in_the_way_is_enough() {
        let id = check::run_id::ID;
        for in_the_way in [
            Check::failed(id, "1", "2"),
            Check::not_run(id),
            Check::passed(id, "1", "1"),
            Check::skipped(id, "unasked"),
        ] {
            let mut checks = passing();
            checks.push(in_the_way.clone());
            assert_eq!(permits(&checks), in_the_way.permits(), "{in_the_way:?}");
        }
    }
}
