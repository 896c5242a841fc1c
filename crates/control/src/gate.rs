//! The use case *gate*: decide about a release, and record the decision.

mod entries;
mod exact;
mod recording;
mod request;

pub use entries::gate_entries;
pub use recording::{Recorded, Recording};
pub use request::{ArtifactSet, GateRequest};

use crate::error::ControlError;
use crate::verify::{Judged, Judgement, verify};
use jiff::Timestamp;
use provost_policy::{Decision, ExpectedSource};
use provost_record::{Release, ReleaseRecord};
use provost_verify::Verifier;
use recording::Recorder;

/// What a gate came to. `judgements` has one a given artifact, in their order.
#[derive(Debug)]
pub struct GateOutcome {
    /// The decision for each artifact, or why there is none.
    pub judgements: Vec<Judgement>,
    /// What was recorded; `None` when nothing could be decided about the release.
    pub recording: Option<Recording>,
    /// SHA-256 of the policy file, hex.
    pub policy_sha256: String,
}

/// Decides about one release and records what was decided, accepted or refused.
///
/// Five steps, each taking the value of the one before: the artifacts are hashed and verified
/// against the bundles, each verified statement is decided, the decisions become one record, the
/// record goes to the manifest and from there to the event log. A repeat finishes what is missing
/// and doubles nothing. `now` is the clock.
///
/// # Errors
/// [`ControlError`] when nothing could be decided. What could not be *recorded* is in the
/// [`Recording`]: the decision stands all the same.
pub fn gate(request: &GateRequest, now: Timestamp) -> Result<GateOutcome, ControlError> {
    let policy = request.policy()?;
    // A log that can never be written is a mistake in the configuration, told before deciding.
    let store = request.store_url()?;
    let verifier = Verifier::new(request.roots()?);
    let artifacts = request.artifacts()?;
    let manifests = request.manifests()?;

    let judgements = verify(&artifacts, &request.bundles, &verifier, &policy, now)?;
    let judgements = exact::complete(judgements, request, &manifests)?;
    let recording = match decided(&judgements) {
        None => None,
        Some(judged) => {
            let record = record_of(&judged, request, &policy.source, now)?;
            let recorder = Recorder { request, manifests: &manifests, store: &store, now };
            Some(recorder.write(record, &judged))
        }
    };
    let policy_sha256 = request.config.sha256.clone();
    Ok(GateOutcome { judgements, recording, policy_sha256 })
}

/// The decisions, when they say something about the release as a whole: all were made, or at
/// least one refuses it whatever the rest would say.
fn decided(judgements: &[Judgement]) -> Option<Vec<&Judged>> {
    let judged: Vec<&Judged> = judgements.iter().filter_map(|j| j.result.as_ref().ok()).collect();
    let all = judged.len() == judgements.len();
    let refused = judged.iter().any(|judged| !judged.decision.is_accepted());
    (all || refused).then_some(judged).filter(|judged| !judged.is_empty())
}

fn record_of(
    judged: &[&Judged],
    request: &GateRequest,
    source: &ExpectedSource,
    now: Timestamp,
) -> Result<ReleaseRecord, ControlError> {
    let decisions: Vec<Decision> = judged.iter().map(|judged| judged.decision.clone()).collect();
    let run = decisions.iter().find_map(|decision| decision.facts()?.run);
    let release = Release {
        tag: request.tag.clone(),
        run_id: request.run.or(run.map(|run| run.id)).unwrap_or(0),
        attempt: run.filter(|run| request.run.is_none_or(|id| id == run.id)).map(|run| run.attempt),
        repository: match source {
            ExpectedSource::Repository { repository, .. } => Some(repository.slug()),
            ExpectedSource::AnyUnsafe => None,
        },
        artifact_path: String::new(),
        release_url: request.release_url.clone().unwrap_or_default(),
        dispatched_by_run: None,
    };
    ReleaseRecord::new(release, decisions, request.config.sha256.clone(), now)
        .map_err(|_| ControlError::Internal("a record without a decision".into()))
}
