//! `POST /api/v1/verify`: verifies before it records.

use super::entries::{self, Entry};
use super::telemetry::{strict, without_place};
use crate::app::App;
use crate::caller::refuse;
use crate::http::{Problem, json};
use crate::oidc::{check_body, check_evidence};
use crate::policies::NamedPolicy;
use crate::router::Call;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use provost_attestation::digest::{ArtifactDigest, DigestAlgorithm};
use provost_attestation::git_ref::Tag;
use provost_control::{ControlError, JudgedDocument, chain};
use provost_record::{Event, Release, ReleaseRecord};
use provost_wire::v1::{self, VerifyAnswer, VerifyRequest};
use std::borrow::Cow;
use std::sync::Arc;

pub(super) async fn run(app: &App, call: &Call) -> Result<Response, Problem> {
    let request: VerifyRequest = serde_json::from_str(strict(&call.body)?)
        .map_err(|error| Problem::invalid(format!("the body: {}", without_place(&error))))?;
    let tag: Tag =
        request.tag.parse().map_err(|error| Problem::invalid(format!("tag: {error}")))?;
    let digest = digest(&request.digest)
        .ok_or_else(|| Problem::invalid("digest: it must be sha256:HEX or sha512:HEX"))?;
    let policy = Arc::clone(app.policies.find(&request.policy).ok_or_else(|| {
        Problem::invalid("policy: it must be the name of a [[server.policy]] of this server")
    })?);
    if let Some(job) = call.caller.job() {
        check_body(&job.tags, job.repository(), tag.as_str(), Some(&policy.repository))
            .map_err(|refusal| refuse(app, call.operation, &refusal))?;
    }
    let now = app.clock.next();
    let judged = judge(app, &request, Arc::clone(&policy), digest, tag.clone(), now).await?;
    if let (Some(job), Some(claims)) = (call.caller.job(), &judged.claims) {
        check_evidence(job, claims).map_err(|refusal| refuse(app, call.operation, &refusal))?;
    }
    let context = v1::Context {
        policy_sha256: policy.sha256().to_owned(),
        verified_at: now,
        recorded: Some(true),
    };
    let decision = v1::Decision::new(&judged.decision, &context);
    let record = record(call, &request, &policy, tag, judged, now)?;
    let shown = serde_json::to_value([&decision]).map_err(|_| Problem::internal())?;
    let mut event = Event::of_record(&record, shown, None);
    event.actor = call.caller.job().and_then(|job| job.actor.clone());
    let mut entry = Entry::event(event);
    entry.checks_failed = record.checks_failed();
    let outcomes = entries::submit(app, call, vec![entry], Vec::new()).await?;
    let outcome = outcomes.into_iter().next().ok_or_else(Problem::internal)?;
    let Some(event_id) = outcome.id else {
        let problem = outcome.problem.unwrap_or_else(|| "it was not taken".to_owned());
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "rejected", problem));
    };
    let answer = VerifyAnswer {
        outcome: match decision.outcome {
            v1::DecisionOutcome::Accepted => "accepted",
            _ => "refused",
        }
        .to_owned(),
        event_id: event_id.to_string(),
        event_outcome: entries::standing(outcome.outcome),
        decision,
    };
    Ok(json(StatusCode::OK, &answer))
}

async fn judge(
    app: &App,
    request: &VerifyRequest,
    policy: Arc<NamedPolicy>,
    digest: ArtifactDigest,
    tag: Tag,
    now: Timestamp,
) -> Result<JudgedDocument, Problem> {
    let bundle = bundle(request)?.into_owned();
    let bench = Arc::clone(&app.policies.bench);
    let turn = bench.acquire_owned().await.map_err(|_| Problem::internal())?;
    let judging = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        policy.judge(bundle.as_bytes(), digest, &tag, now)
    });
    let undecided = |error: &ControlError| {
        let detail = chain(error);
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, error.code(), detail)
    };
    let judged = judging.await.map_err(|_| Problem::internal())?;
    let judged = judged.map_err(|error| undecided(&error))?;
    if judged.decision.is_deferred() {
        let text = "a check of this policy cannot be answered here".to_owned();
        return Err(undecided(&ControlError::Undecidable(text)));
    }
    Ok(judged)
}

/// The bundle's own bytes: as they stand in the body, or inside of a text.
fn bundle(request: &VerifyRequest) -> Result<Cow<'_, str>, Problem> {
    let raw = request.bundle.get();
    match raw.starts_with('"') {
        true => serde_json::from_str::<String>(raw)
            .map(Cow::Owned)
            .map_err(|_| Problem::invalid("bundle: it is no text")),
        false => Ok(Cow::Borrowed(raw)),
    }
}

fn record(
    call: &Call,
    request: &VerifyRequest,
    policy: &NamedPolicy,
    tag: Tag,
    judged: JudgedDocument,
    now: Timestamp,
) -> Result<ReleaseRecord, Problem> {
    let proven = judged.decision.facts().and_then(|facts| facts.run);
    let (run_id, attempt) = match (call.caller.job(), proven, request.run_id) {
        (Some(job), _, _) => (job.run_id, Some(job.run_attempt)),
        (None, Some(run), _) => (run.id, Some(run.attempt)),
        (None, None, Some(run)) => (run.0, None),
        (None, None, None) => (0, None),
    };
    let release = Release {
        tag,
        run_id,
        attempt,
        repository: Some(policy.repository.clone()),
        artifact_path: String::new(),
        release_url: request.release_url.clone().unwrap_or_default(),
        dispatched_by_run: None,
    };
    let sha256 = policy.sha256().to_owned();
    ReleaseRecord::new(release, vec![judged.decision], sha256, now).map_err(|_| Problem::internal())
}

fn digest(text: &str) -> Option<ArtifactDigest> {
    let (algorithm, hex) = text.split_once(':')?;
    ArtifactDigest::from_hex(DigestAlgorithm::from_name(algorithm)?, hex)
}
