//! One decision as JSON.

use jiff::Timestamp;
use provost_policy::{Decision as DomainDecision, ProvenFacts};
use provost_verify::check::{Check, Outcome};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a decision's JSON says beside the decision itself.
#[derive(Debug, Clone)]
pub struct Context {
    /// SHA-256 of the policy, hex.
    pub policy_sha256: String,
    /// When it was decided, UTC.
    pub verified_at: Timestamp,
    /// Whether it was recorded; null where nothing is to be recorded.
    pub recorded: Option<bool>,
}

/// The answer for one artifact.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Decision {
    /// The answer.
    pub outcome: DecisionOutcome,
    /// SLSA Build level found, 0 to 3.
    pub slsa_build_level: u8,
    /// Whether the manifest now holds it; null where nothing is recorded.
    pub recorded: Option<bool>,
    /// The artifact: its name, and each digest under its algorithm's name.
    pub subject: SubjectDigests,
    /// SHA-256 of the bundle, hex.
    pub bundle_sha256: Option<String>,
    /// SHA-256 of the trusted root, hex.
    pub trusted_root_sha256: Option<String>,
    /// SHA-256 of the policy, hex.
    pub policy_sha256: String,
    /// Who signed; null when no signature stands or a key signed.
    pub identity: Option<Identity>,
    /// The builder id of the provenance.
    pub builder_id: Option<String>,
    /// What was built.
    pub source: Option<Source>,
    /// The run that built it.
    pub run: Option<Run>,
    /// The earliest trusted time of the signature, RFC 3339 UTC.
    pub signed_at: Option<String>,
    /// When this was decided, RFC 3339 UTC.
    pub verified_at: String,
    /// Every check.
    pub checks: Vec<DecisionCheck>,
    /// Why no signature could be relied on; null when one stands.
    pub rejection: Option<Rejection>,
    /// What other bundles that name this artifact came to; absent when there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub others: Vec<OtherBundle>,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DecisionOutcome {
    /// Every check permits it.
    Accepted,
    /// At least one does not.
    Refused,
    /// None stands in the way, and one answer is not known yet: no acceptance.
    Deferred,
}

/// The artifact.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct SubjectDigests {
    /// File name or digest, as the caller named it.
    pub name: String,
    /// Lower-case hex under `sha256`, `sha384`, `sha512`.
    #[serde(flatten)]
    pub digests: BTreeMap<String, String>,
}

/// Certificate name and issuer.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Identity {
    /// The OIDC issuer.
    pub issuer: String,
    /// The subject alternative name.
    pub san: String,
}

/// What was built.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Source {
    /// `git+https://…`.
    pub uri: Option<String>,
    /// The full ref.
    #[serde(rename = "ref")]
    pub git_ref: Option<String>,
    /// The commit.
    pub commit: Option<String>,
}

/// The run that built it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Run {
    /// GitHub's run id, in decimal.
    pub id: String,
    /// Attempt, counted from 1.
    pub attempt: u32,
    /// The event that started it.
    pub trigger: Option<String>,
}

/// One check.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DecisionCheck {
    /// Stable kebab-case code; `provost explain` knows it.
    pub id: String,
    /// `passed`, `failed`, `skipped`, `not-run` or `deferred`.
    pub outcome: String,
    /// What was wanted.
    pub expected: Option<String>,
    /// What the signed facts say.
    pub found: Option<String>,
    /// What to do about a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Why it was skipped or deferred.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Why no signature could be relied on.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Rejection {
    /// The check that stopped the signature layer.
    pub code: String,
    /// What was wrong, in one sentence.
    pub detail: String,
}

/// What another bundle that names this artifact came to.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct OtherBundle {
    /// The file, and the line of it.
    pub bundle: String,
    /// SHA-256 of it, hex.
    pub bundle_sha256: Option<String>,
    /// The checks that failed.
    pub checks_failed: Vec<String>,
}

impl Decision {
    /// The decision as it leaves the program.
    pub fn new(decision: &DomainDecision, context: &Context) -> Self {
        let artifact = decision.artifact();
        let digests = artifact
            .digests
            .iter()
            .map(|digest| (digest.algorithm().name().to_owned(), digest.to_hex()))
            .collect();
        let facts = decision.facts();
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            outcome: match (decision.is_accepted(), decision.is_deferred()) {
                (true, _) => DecisionOutcome::Accepted,
                (false, true) => DecisionOutcome::Deferred,
                (false, false) => DecisionOutcome::Refused,
            },
            slsa_build_level: decision.level(),
            recorded: context.recorded,
            subject: SubjectDigests { name: artifact.name.clone(), digests },
            bundle_sha256: owned(decision.bundle_sha256()),
            trusted_root_sha256: owned(decision.trusted_root_sha256()),
            policy_sha256: context.policy_sha256.clone(),
            identity: facts.and_then(identity),
            builder_id: facts.and_then(|facts| facts.builder_id.clone()),
            source: facts.map(source),
            run: facts.and_then(run),
            signed_at: facts.and_then(|facts| facts.signed_at).map(|time| time.to_string()),
            verified_at: context.verified_at.to_string(),
            checks: decision.checks().iter().map(DecisionCheck::from).collect(),
            rejection: decision.rejection().map(|(code, detail)| Rejection {
                code: code.to_string(),
                detail: detail.to_owned(),
            }),
            others: Vec::new(),
        }
    }

    /// The same, with what other bundles came to.
    #[must_use]
    pub fn with_others(mut self, others: Vec<OtherBundle>) -> Self {
        self.others = others;
        self
    }
}

impl OtherBundle {
    /// What the bundle from `source` came to.
    pub fn new(source: String, decision: &DomainDecision) -> Self {
        Self {
            bundle: source,
            bundle_sha256: decision.bundle_sha256().map(str::to_owned),
            checks_failed: decision.failed_checks().map(|check| check.id().to_string()).collect(),
        }
    }
}

fn identity(facts: &ProvenFacts) -> Option<Identity> {
    Some(Identity { issuer: facts.issuer.clone()?, san: facts.san.clone()? })
}

fn source(facts: &ProvenFacts) -> Source {
    Source {
        uri: facts.source_uri.clone(),
        git_ref: facts.source_ref.clone(),
        commit: facts.source_commit.clone(),
    }
}

fn run(facts: &ProvenFacts) -> Option<Run> {
    let run = facts.run?;
    Some(Run { id: run.id.to_string(), attempt: run.attempt, trigger: facts.trigger.clone() })
}

impl From<&Check> for DecisionCheck {
    fn from(check: &Check) -> Self {
        let mut json = Self {
            id: check.id().to_string(),
            outcome: String::new(),
            expected: None,
            found: None,
            hint: None,
            reason: None,
        };
        json.outcome = match check.outcome() {
            Outcome::Passed { expected, found } => {
                (json.expected, json.found) = (Some(expected.clone()), Some(found.clone()));
                "passed"
            }
            Outcome::Failed { expected, found, hint } => {
                (json.expected, json.found) = (Some(expected.clone()), Some(found.clone()));
                json.hint.clone_from(hint);
                "failed"
            }
            Outcome::Skipped { reason } => {
                json.reason = Some(reason.clone());
                "skipped"
            }
            Outcome::NotRun => "not-run",
            Outcome::Deferred { reason } => {
                json.reason = Some(reason.clone());
                "deferred"
            }
        }
        .to_owned();
        json
    }
}
