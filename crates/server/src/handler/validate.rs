//! `POST /functions/v1/provenance-validate`: the outcome of one validation.

use super::entries::{self, Entry};
use super::telemetry::{strict, without_place};
use crate::app::App;
use crate::http::{Problem, json};
use crate::router::Call;
use axum::http::StatusCode;
use axum::response::Response;
use provost_attestation::git_ref::Tag;
use provost_record::{Event, EventKey, EventKind, Status};
use provost_wire::v1::{EntryOutcome, ValidateAnswer, Validation, parse_time};

pub(super) async fn run(app: &App, call: &Call) -> Result<Response, Problem> {
    let validation: Validation = serde_json::from_str(strict(&call.body)?)
        .map_err(|error| Problem::invalid(format!("the body: {}", without_place(&error))))?;
    let event = event_of(validation).map_err(Problem::invalid)?;
    let answers = entries::write(app, call, vec![Ok(Entry::event(event))]).await?;
    let answer = answers.into_iter().next().ok_or_else(Problem::internal)?;
    match (answer.event_id, answer.outcome) {
        (Some(event_id), outcome @ (EntryOutcome::Inserted | EntryOutcome::Duplicate)) => {
            Ok(json(StatusCode::OK, &ValidateAnswer { event_id, outcome }))
        }
        _ => {
            let problem = answer.problem.unwrap_or_else(|| "it was not taken".to_owned());
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "rejected", problem))
        }
    }
}

fn event_of(validation: Validation) -> Result<Event, String> {
    let tag: Tag = validation.tag.parse().map_err(|error| format!("tag: {error}"))?;
    let status: Status = validation.status.parse().map_err(|error| format!("status: {error}"))?;
    let at = parse_time("verified_at", &validation.verified_at).map_err(|it| it.to_string())?;
    if provost_attestation::repository::Repository::from_slug(
        &validation.repository,
        provost_attestation::repository::GITHUB,
    )
    .is_err()
    {
        return Err("repository: it must be OWNER/NAME".to_owned());
    }
    if status == Status::Success && validation.failure_reason.is_some() {
        return Err("failure_reason: a success has none".to_owned());
    }
    if validation.slsa_build_level.is_some_and(|level| level > 3) {
        return Err("slsa_build_level: it must be 0 to 3".to_owned());
    }
    let (run_id, kind) = (validation.run_id.0, EventKind::Validated);
    let repository = validation.repository;
    let some = |text: Option<String>| text.filter(|text| !text.is_empty());
    Ok(Event {
        key: EventKey::of_entry(kind, Some(&repository), run_id, tag.as_str(), status, at),
        kind,
        status: status.into(),
        run_id,
        attempt: validation.attempt,
        tag: tag.to_string(),
        repository: Some(repository),
        release_url: some(validation.release_url),
        artifact_path: some(validation.artifact_path),
        failure_reason: some(validation.failure_reason),
        occurred_at: at,
        validated_at: Some(at),
        commit_sha: some(validation.commit_sha),
        builder_id: some(validation.builder_id),
        slsa_build_level: validation.slsa_build_level,
        decision: validation.decision.filter(|decision| !decision.is_null()),
        manifest_sha256: some(validation.manifest_sha256),
        actor: some(validation.actor),
    })
}
