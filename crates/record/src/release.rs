//! The record of one release.

use crate::event::InvalidPart;
use jiff::Timestamp;
use provost_attestation::digest::ArtifactDigest;
use provost_attestation::git_ref::Tag;
use provost_policy::Decision;
use std::str::FromStr;

/// How the release stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Provenance was made, and the gate's decision, once made, accepted it.
    Success,
    /// Anything else.
    Failure,
}

impl Status {
    /// The word in manifest and event log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
}

impl FromStr for Status {
    type Err = InvalidPart;

    fn from_str(text: &str) -> Result<Self, InvalidPart> {
        [Self::Success, Self::Failure]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(InvalidPart { part: "status", wanted: "success or failure" })
    }
}

/// What the gate decided about the release as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every artifact was accepted.
    Accepted,
    /// At least one was refused.
    Refused,
}

impl Verdict {
    /// The word in the manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }
}

/// Which release is meant, and where its things lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The tag.
    pub tag: Tag,
    /// GitHub's id of the provenance run; 0 when none ever started.
    pub run_id: u64,
    /// Attempt of that run, when known.
    pub attempt: Option<u32>,
    /// `OWNER/NAME`, when known.
    pub repository: Option<String>,
    /// Path of the bundle in the repository, with `/`; empty when there is none.
    pub artifact_path: String,
    /// URL of the release; empty when unknown.
    pub release_url: String,
    /// The run that dispatched the provenance run, when known.
    pub dispatched_by_run: Option<u64>,
}

/// One released artifact with its digests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedSubject {
    /// Its name.
    pub name: String,
    /// Every digest that was checked.
    pub digests: Vec<ArtifactDigest>,
}

/// What is remembered of one release: the gate's decisions, one an artifact, and where they came
/// from.
#[derive(Debug, Clone)]
pub struct ReleaseRecord {
    release: Release,
    decisions: Vec<Decision>,
    verdict: Verdict,
    policy_sha256: String,
    recorded_at: Timestamp,
}

/// A release without a single decision was not judged; there is nothing to record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WithoutDecision;

impl ReleaseRecord {
    /// Records decisions about one release. Accepted only when every decision is.
    ///
    /// # Errors
    /// [`WithoutDecision`] for an empty list.
    pub fn new(
        release: Release,
        decisions: Vec<Decision>,
        policy_sha256: String,
        recorded_at: Timestamp,
    ) -> Result<Self, WithoutDecision> {
        if decisions.is_empty() {
            return Err(WithoutDecision);
        }
        let verdict = if decisions.iter().all(Decision::is_accepted) {
            Verdict::Accepted
        } else {
            Verdict::Refused
        };
        Ok(Self { release, decisions, verdict, policy_sha256, recorded_at })
    }

    /// The same record, as first written at `recorded_at`: a repeat keeps its first time.
    #[must_use]
    pub fn settled_at(mut self, recorded_at: Timestamp) -> Self {
        self.recorded_at = recorded_at;
        self
    }

    /// Which release.
    pub fn release(&self) -> &Release {
        &self.release
    }

    /// The decisions, one an artifact, never none.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// The decision about the release as a whole.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// How the release stands by this record.
    pub fn status(&self) -> Status {
        match self.verdict {
            Verdict::Accepted => Status::Success,
            Verdict::Refused => Status::Failure,
        }
    }

    /// SHA-256 of the policy, hex.
    pub fn policy_sha256(&self) -> &str {
        &self.policy_sha256
    }

    /// When it was recorded, UTC.
    pub fn recorded_at(&self) -> Timestamp {
        self.recorded_at
    }

    /// The artifacts with every digest that was checked.
    pub fn subjects(&self) -> Vec<RecordedSubject> {
        self.decisions
            .iter()
            .map(|decision| RecordedSubject {
                name: decision.artifact().name.clone(),
                digests: decision.artifact().digests.iter().cloned().collect(),
            })
            .collect()
    }

    /// The lowest level of all artifacts; `None` unless all were accepted.
    pub fn slsa_build_level(&self) -> Option<u8> {
        (self.verdict == Verdict::Accepted)
            .then(|| self.decisions.iter().map(Decision::level).min())
            .flatten()
    }

    /// The commit that all accepted artifacts were built from, when it is one.
    pub fn commit(&self) -> Option<&str> {
        self.agreed(|decision| decision.facts()?.source_commit.as_deref())
    }

    /// The builder of all artifacts, when it is one.
    pub fn builder_id(&self) -> Option<&str> {
        self.agreed(|decision| decision.facts()?.builder_id.as_deref())
    }

    /// The ids of all failed checks, sorted, each once.
    pub fn checks_failed(&self) -> Vec<String> {
        let mut failed: Vec<String> = self
            .decisions
            .iter()
            .flat_map(Decision::failed_checks)
            .map(|check| check.id().to_string())
            .collect();
        failed.sort();
        failed.dedup();
        failed
    }

    /// Why it failed, in one line; `None` when it did not.
    pub fn failure_reason(&self) -> Option<String> {
        (self.verdict == Verdict::Refused)
            .then(|| format!("refused: {}", self.checks_failed().join(", ")))
    }

    /// A fact on which all decisions that know it agree.
    fn agreed<'a>(&'a self, fact: impl Fn(&'a Decision) -> Option<&'a str>) -> Option<&'a str> {
        let mut values = self.decisions.iter().filter_map(fact);
        let first = values.next()?;
        values.all(|value| value == first).then_some(first)
    }
}
