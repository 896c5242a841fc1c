//! The use case *verify*: artifacts against bundles under one policy.

use crate::candidate::{self, BundleSource, Candidate};
use crate::error::ControlError;
use crate::hash;
use crate::parallel::in_parallel;
use jiff::Timestamp;
use provost_attestation::bundle::Content;
use provost_attestation::digest::{ArtifactDigest, ArtifactDigests, DigestAlgorithm};
use provost_policy::{Artifact, Decision, Policy, decide};
use provost_verify::{Rejection, VerifiedStatement, Verifier};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// How many bundles are tried for an artifact that none of them names: enough to show why, not
/// enough to be kept busy by decoys.
const TRIED_WITHOUT_MATCH: usize = 32;

/// What is to be verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArtifactInput {
    /// A file, hashed here.
    File(PathBuf),
    /// Digests that the caller knows, with a name to show.
    Digests {
        /// What to call it.
        name: String,
        /// Its digests.
        digests: ArtifactDigests,
    },
}

impl ArtifactInput {
    /// A lone digest, named by itself.
    pub fn digest(digest: ArtifactDigest) -> Self {
        let name = digest.to_string();
        Self::Digests { name, digests: ArtifactDigests::new(digest) }
    }

    /// What to call it in a report.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => match path.file_name() {
                Some(name) => name.to_string_lossy().into_owned(),
                None => path.display().to_string(),
            },
            Self::Digests { name, .. } => name.clone(),
        }
    }
}

/// The result for one artifact: a decision, or why there is none.
#[derive(Debug)]
pub struct Judgement {
    /// What it was called.
    pub name: String,
    /// The decision and where it came from, or the error that kept it from being made.
    pub result: Result<Judged, ControlError>,
}

/// A decision together with the bundle it rests on, and what the other bundles said.
#[derive(Debug)]
pub struct Judged {
    /// The decision.
    pub decision: Decision,
    /// The bundle it rests on.
    pub bundle: BundleSource,
    /// That bundle's exact text; empty when it could not be read as one.
    pub bundle_text: String,
    /// Refusals by the other bundles that speak of this artifact.
    pub others: Vec<(BundleSource, Decision)>,
}

/// Verifies every artifact against the bundles, and decides each under the policy.
///
/// The right bundle is found by digest; of several that name the artifact, one that satisfies the
/// policy suffices. Work is spread over the machine's cores; results come in the order of the
/// artifacts. `now` is the clock.
///
/// # Errors
/// Only what concerns all artifacts alike: unreadable or empty bundles. What concerns one artifact
/// is in its [`Judgement`].
pub fn verify(
    artifacts: &[ArtifactInput],
    bundles: &[PathBuf],
    verifier: &Verifier,
    policy: &Policy,
    now: Timestamp,
) -> Result<Vec<Judgement>, ControlError> {
    if artifacts.is_empty() {
        return Err(ControlError::NothingToCheck("no artifact was given".into()));
    }
    let candidates = candidate::load(bundles)?;
    let algorithms: BTreeSet<DigestAlgorithm> =
        candidates.iter().flat_map(Candidate::algorithms).collect();
    let bench = Bench { candidates: &candidates, algorithms, verifier, policy, now };
    Ok(in_parallel(artifacts, |artifact| bench.judge(artifact)))
}

/// What all artifacts of one call share.
struct Bench<'a> {
    candidates: &'a [Candidate],
    algorithms: BTreeSet<DigestAlgorithm>,
    verifier: &'a Verifier,
    policy: &'a Policy,
    now: Timestamp,
}

impl Bench<'_> {
    fn judge(&self, input: &ArtifactInput) -> Judgement {
        let name = input.name();
        let result = self.artifact(input, &name).and_then(|artifact| self.decide(&artifact));
        Judgement { name, result }
    }

    fn artifact(&self, input: &ArtifactInput, name: &str) -> Result<Artifact, ControlError> {
        let digests = match input {
            ArtifactInput::File(path) => hash::hash_file(path, &self.algorithms)
                .map_err(|source| ControlError::Unreadable { path: path.clone(), source })?,
            ArtifactInput::Digests { digests, .. } => digests.clone(),
        };
        Ok(Artifact { name: name.to_owned(), digests })
    }

    /// Tries the candidates that name the artifact, or, so that the refusal can say why, the first
    /// ones when none does.
    fn decide(&self, artifact: &Artifact) -> Result<Judged, ControlError> {
        let naming: Vec<&Candidate> =
            self.candidates.iter().filter(|c| c.names(&artifact.digests)).collect();
        let tried = match naming.is_empty() {
            true => self.candidates.iter().take(TRIED_WITHOUT_MATCH).collect(),
            false => naming,
        };
        let mut refused: Vec<(&Candidate, Decision)> = Vec::new();
        let mut undecided = None;
        for candidate in tried {
            match self.verification(candidate, artifact) {
                Err(error) => undecided = undecided.or(Some(error)),
                Ok(verification) => {
                    let decision = decide(&verification, artifact, self.policy);
                    if decision.is_accepted() {
                        return Ok(judged(candidate, decision, refused));
                    }
                    refused.push((candidate, decision));
                }
            }
        }
        closest(refused).ok_or_else(|| {
            undecided.unwrap_or_else(|| ControlError::Internal("no bundle was tried".into()))
        })
    }

    fn verification(
        &self,
        candidate: &Candidate,
        artifact: &Artifact,
    ) -> Result<Result<VerifiedStatement, Rejection>, ControlError> {
        let content = match &candidate.content {
            Ok(content) => content,
            Err(malformed) => {
                let detail = format!("{}: {}", candidate.source, malformed.error);
                let rejection = Rejection::of_malformed_bundle(detail, &malformed.sha256);
                return Ok(Err(rejection));
            }
        };
        match content {
            Content::Bundle(bundle) => {
                Ok(self.verifier.verify(bundle, Some(&artifact.digests), self.now))
            }
            Content::BareEnvelope => Err(ControlError::Undecidable(format!(
                "{} is a plain DSSE envelope without a log entry, so nothing here proves when it \
                 was signed; it needs a look-up in the transparency log (`--rekor-url`, not \
                 supported yet) or a Sigstore bundle",
                candidate.source
            ))),
            Content::NotSupported(kind) => Err(ControlError::NotSupported(format!(
                "{}: {kind} is not supported yet",
                candidate.source
            ))),
            _ => Err(ControlError::NotSupported(format!(
                "{}: this kind of attestation is not supported yet",
                candidate.source
            ))),
        }
    }
}

/// The refusal that came closest to an acceptance, with the rest beside it: a signature that
/// stands before one that does not, then the fewest failed checks, then the first.
fn closest(mut refused: Vec<(&Candidate, Decision)>) -> Option<Judged> {
    let distance =
        |decision: &Decision| (decision.rejection().is_some(), decision.failed_checks().count());
    let best = refused
        .iter()
        .enumerate()
        .min_by_key(|(index, (_, decision))| (distance(decision), *index))
        .map(|(index, _)| index)?;
    let (candidate, decision) = refused.remove(best);
    Some(judged(candidate, decision, refused))
}

fn judged(
    candidate: &Candidate,
    decision: Decision,
    others: Vec<(&Candidate, Decision)>,
) -> Judged {
    Judged {
        decision,
        bundle: candidate.source.clone(),
        bundle_text: candidate.text().to_owned(),
        others: others.into_iter().map(|(other, d)| (other.source.clone(), d)).collect(),
    }
}
