//! A gate's decision as `provenance-validate` takes it.

use super::batch::MAX_BYTES;
use provost_record::{Event, EventKey, EventKind, EventStatus, Status};
use serde_json::{Value, json};

/// The body for a `validated` event with its decision; `None` for every other event, which goes
/// with the telemetry: the function makes the event anew from what the body says, and must come to
/// the very same.
pub(super) fn body_of(event: &Event) -> Option<Value> {
    let status = match event.status {
        EventStatus::Success => Status::Success,
        EventStatus::Failure => Status::Failure,
        EventStatus::Pending => return None,
    };
    let repository = event.repository.as_deref()?;
    let at = event.validated_at?;
    let is_decision = event.kind == EventKind::Validated && event.decision.is_some();
    if !is_decision || at != event.occurred_at {
        return None;
    }
    let key = EventKey::of_entry(
        event.kind,
        Some(repository),
        event.run_id,
        &event.tag,
        status,
        event.occurred_at,
    );
    if key != event.key {
        return None;
    }
    let mut body = json!({
        "tag": event.tag,
        "run_id": event.run_id.to_string(),
        "status": status.as_str(),
        "verified_at": at.to_string(),
        "repository": repository,
        "failure_reason": event.failure_reason,
        "decision": event.decision,
        "attempt": event.attempt,
        "release_url": event.release_url,
        "artifact_path": event.artifact_path,
        "commit_sha": event.commit_sha,
        "builder_id": event.builder_id,
        "slsa_build_level": event.slsa_build_level,
        "manifest_sha256": event.manifest_sha256,
        "actor": event.actor,
    });
    if let Some(members) = body.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    (body.to_string().len() < MAX_BYTES).then_some(body)
}
