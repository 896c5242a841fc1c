//! The use case *gate*: decide about a release, and record the decision.

mod again;
mod entries;
mod exact;
mod online;
mod recording;
mod request;
mod undecided;

pub use again::{Again, gate_again};
pub use entries::{EntrySelection, SelectedEntries, gate_entries};
pub use online::{Found, Online, Publication, REQUIRED_CHECK};
pub(crate) use online::{is_attestation_name, is_required_check, matches};
pub use recording::{Recorded, Recording};
pub use request::{ArtifactSet, GateRequest};

use crate::error::ControlError;
use crate::verify::{Judged, Judgement, verify};
use jiff::Timestamp;
use provost_policy::{Decision, ExpectedSource};
use provost_record::{Release, ReleaseRecord, Verdict};
use provost_verify::Verifier;
use recording::Recorder;

/// What a gate came to. `judgements` has one a given artifact, in their order.
#[derive(Debug)]
pub struct GateOutcome {
    /// The decision for each artifact, or why there is none.
    pub judgements: Vec<Judgement>,
    /// What was recorded; `None` when nothing could be decided about the release, or an answer is
    /// still missing.
    pub recording: Option<Recording>,
    /// SHA-256 of the policy file, hex.
    pub policy_sha256: String,
    /// What GitHub has of the release; `None` when it was not asked.
    pub found: Option<Found>,
}

impl GateOutcome {
    /// Whether every artifact was accepted, and that is recorded.
    pub fn is_accepted(&self) -> bool {
        self.recording.as_ref().is_some_and(|recording| {
            recording.manifest.is_ok() && recording.record.verdict() == Verdict::Accepted
        })
    }
}

/// Decides about one release and records what was decided, accepted or refused.
///
/// Five steps, each taking the value of the one before: the artifacts are hashed and verified
/// against the bundles, each verified statement is decided, the decisions become one record, the
/// record goes to the manifest and from there to the event log. A repeat finishes what is missing
/// and doubles nothing. `now` is the clock.
///
/// With `online`, what the request leaves open is found on GitHub first, and what only GitHub knows
/// is asked and decided with the rest. What could not be found or asked is noted in the manifest as
/// a failure without a decision, and is an error.
///
/// # Errors
/// [`ControlError`] when nothing could be decided. What could not be *recorded* is in the
/// [`Recording`]: the decision stands all the same.
pub fn gate(
    request: &GateRequest,
    online: Option<&Online>,
    now: Timestamp,
) -> Result<GateOutcome, ControlError> {
    let Some(online) = online else {
        return match request.is_complete() {
            true => decide_and_record(request, None, now),
            false => Err(request.incomplete()),
        };
    };
    let downloads = tempfile::tempdir()
        .map_err(|source| ControlError::Unreadable { path: std::env::temp_dir(), source })?;
    let mut request = request.clone();
    let outcome = online
        .find(&mut request, downloads.path())
        .and_then(|found| decide_and_record(&request, Some((online, found)), now));
    if let Err(error) = &outcome {
        undecided::note(&request, error, now);
    }
    outcome
}

fn decide_and_record(
    request: &GateRequest,
    online: Option<(&Online, Found)>,
    now: Timestamp,
) -> Result<GateOutcome, ControlError> {
    let policy = request.policy()?;
    // A log that can never be written is a mistake in the configuration, told before deciding.
    let store = request.store_url()?;
    let verifier = Verifier::new(request.roots()?);
    let artifacts = request.artifacts()?;
    let manifests = request.manifests()?;

    let judgements = verify(&artifacts, &request.bundles, &verifier, &policy, now)?;
    let judgements = exact::complete(judgements, request, &manifests)?;
    let judgements = match &online {
        Some((online, found)) => {
            let config = &request.config.config;
            online::complete(judgements, config, &request.tag, online, found)?
        }
        None => judgements,
    };
    let recording = match decided(&judgements) {
        None => None,
        Some(judged) => {
            let record = record_of(&judged, request, &policy.source, now)?;
            let recorder = Recorder { request, manifests: &manifests, store: &store, now };
            Some(recorder.write(record, &judged))
        }
    };
    let policy_sha256 = request.config.sha256.clone();
    let found = online.map(|(_, found)| found);
    Ok(GateOutcome { judgements, recording, policy_sha256, found })
}

/// The decisions, when they say something about the release as a whole: all were made, or at
/// least one refuses it whatever the rest would say. A deferred one says nothing yet.
fn decided(judgements: &[Judgement]) -> Option<Vec<&Judged>> {
    let judged: Vec<&Judged> = judgements.iter().filter_map(|j| j.result.as_ref().ok()).collect();
    let is_made = |judged: &&Judged| !judged.decision.is_deferred();
    let judged: Vec<&Judged> = judged.into_iter().filter(is_made).collect();
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
