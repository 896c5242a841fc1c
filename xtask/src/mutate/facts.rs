//! Everything that an acceptance says, to be compared.

use jiff::Timestamp;
use provost_policy::{Artifact, Decision, Policy, ProvenFacts, decide};
use provost_verify::check::{Check, Outcome};
use provost_verify::{Rejection, Signer, VerifiedStatement, layer};

/// What one bundle came to.
#[derive(Debug)]
pub(super) enum Proof {
    /// Nothing.
    Refused,
    /// This.
    Proven(Box<Facts>),
}

/// What the verified statement and the decision say, but for the hash of the bundle's own bytes,
/// which every mutant changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    payload: Vec<u8>,
    statement: String,
    signer: Signer,
    times: Vec<Timestamp>,
    trusted_root_sha256: String,
    accepted: bool,
    level: u8,
    checks: Vec<Check>,
    decided: Option<ProvenFacts>,
}

impl Proof {
    /// Takes a verification on to the decision. A decision that refuses what the signature layer
    /// lets through still says what was proven, so it counts as proven.
    pub(super) fn of(
        verification: Result<VerifiedStatement, Rejection>,
        artifact: &Artifact,
        policy: &Policy,
    ) -> Self {
        let decision = decide(&verification, artifact, policy);
        match verification {
            Ok(verified) => Self::Proven(Box::new(Facts::of(&verified, &decision))),
            Err(_) => {
                assert!(!decision.is_accepted(), "a rejection was accepted");
                Self::Refused
            }
        }
    }
}

impl Facts {
    fn of(verified: &VerifiedStatement, decision: &Decision) -> Self {
        Self {
            payload: verified.payload().to_vec(),
            statement: format!("{:?}", verified.statement()),
            signer: verified.signer().clone(),
            times: verified.times().to_vec(),
            trusted_root_sha256: verified.trusted_root_sha256().to_owned(),
            accepted: decision.is_accepted(),
            level: decision.level(),
            checks: decision.checks().to_vec(),
            decided: decision.facts().cloned(),
        }
    }

    /// What a mutant proves that this does not; `None` when that is nothing. Trusted times may be
    /// missing, all of them only for a key, and then the check that names the first of them reads
    /// differently.
    pub(super) fn difference(&self, mutant: &Self) -> Option<String> {
        let same: [(&str, bool); 6] = [
            ("payload", self.payload == mutant.payload),
            ("statement", self.statement == mutant.statement),
            ("signer", self.signer == mutant.signer),
            ("trusted root", self.trusted_root_sha256 == mutant.trusted_root_sha256),
            ("decision", self.accepted == mutant.accepted),
            ("level", self.level == mutant.level),
        ];
        let mut different: Vec<String> =
            same.iter().filter(|(_, same)| !same).map(|(name, _)| (*name).to_owned()).collect();
        let fewer = mutant.times.len() < self.times.len()
            && (!mutant.times.is_empty() || matches!(mutant.signer, Signer::Key { .. }))
            && mutant.times.iter().all(|time| self.times.contains(time));
        if self.times != mutant.times && !fewer {
            different.push(format!("times {:?} for {:?}", mutant.times, self.times));
        }
        let (ours, theirs) = (timeless(&self.checks), timeless(&mutant.checks));
        if (fewer && ours != theirs) || (!fewer && self.checks != mutant.checks) {
            different.push(checks_that_differ(&self.checks, &mutant.checks));
        }
        let at = |decided: &Option<ProvenFacts>| {
            decided.clone().map(|facts| ProvenFacts { signed_at: None, ..facts })
        };
        if (!fewer && self.decided != mutant.decided) || at(&self.decided) != at(&mutant.decided) {
            different.push("decided facts".to_owned());
        }
        (!different.is_empty()).then(|| different.join(", "))
    }
}

/// The checks without the time that one of them names.
fn timeless(checks: &[Check]) -> Vec<&Check> {
    checks.iter().filter(|check| check.id() != layer::TIMESTAMP).collect()
}

fn checks_that_differ(ours: &[Check], theirs: &[Check]) -> String {
    let words = |outcome: &Outcome| match outcome {
        Outcome::Passed { found, .. } | Outcome::Failed { found, .. } => found.clone(),
        other => format!("{other:?}"),
    };
    let differ = |check: &&Check| !ours.contains(check);
    let list: Vec<String> = theirs
        .iter()
        .filter(differ)
        .map(|check| format!("{}: {}", check.id(), words(check.outcome())))
        .collect();
    format!("checks ({})", list.join(", "))
}
