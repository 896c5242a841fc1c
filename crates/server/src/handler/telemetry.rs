//! `POST /functions/v1/telemetry`: a manifest, the address of one, a `failure.json`, or events.

use super::entries::{self, Entry, Form};
use crate::app::App;
use crate::http::{Problem, json};
use crate::router::Call;
use axum::http::StatusCode;
use axum::response::Response;
use provost_attestation::git_ref::Tag;
use provost_attestation::json::scan;
use provost_record::{Event, EventKey, EventKind, Status};
use provost_store::ManifestEntry;
use provost_wire::v1::{
    EntryOutcome, EventDocument, Failure, ManifestAddress, TelemetryAnswer, parse_time,
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The most entries of one request.
const MAX_ENTRIES: usize = 5_000;

/// Entries as they were sent: each by itself, so that one that is wrong does not cost the others.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEvents<'a> {
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

pub(super) async fn run(app: &App, call: &Call) -> Result<Response, Problem> {
    let text = strict(&call.body)?;
    let entries = match text.trim_start().starts_with('[') {
        true => manifest(text)?,
        false => object(app, text).await?,
    };
    let answer = TelemetryAnswer::new(entries::write(app, call, entries).await?);
    let is_taken = |outcome| outcome != EntryOutcome::Rejected;
    let nothing = !answer.events.iter().any(|entry| is_taken(entry.outcome));
    let status = match nothing && !answer.events.is_empty() {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    Ok(json(status, &answer))
}

/// Strict JSON: what two readers could read differently is not taken.
pub(super) fn strict(body: &[u8]) -> Result<&str, Problem> {
    scan(body).map_err(|problem| Problem::invalid(format!("the body is no strict JSON: {problem}")))
}

/// The entries of a manifest.
fn manifest(text: &str) -> Result<Vec<Result<Entry, String>>, Problem> {
    let raw: Vec<&RawValue> = serde_json::from_str(text)
        .map_err(|_| Problem::invalid("the body is no array of manifest entries"))?;
    few_enough(raw.len())?;
    Ok(raw.into_iter().map(|raw| manifest_entry(raw.get())).collect())
}

fn manifest_entry(text: &str) -> Result<Entry, String> {
    let events = provost_control::events_of_entry(text)?;
    let json: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let checks = json.get("checks_failed").and_then(serde_json::Value::as_array);
    let checks = checks.into_iter().flatten().filter_map(serde_json::Value::as_str);
    let checks_failed = checks.map(str::to_owned).collect();
    let form = Form::Manifest(ManifestEntry { json, events });
    Ok(Entry { form, checks_failed, was_told: false })
}

fn few_enough(entries: usize) -> Result<(), Problem> {
    match entries > MAX_ENTRIES {
        true => Err(Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-many-entries",
            format!("send at most {MAX_ENTRIES} entries at a time"),
        )),
        false => Ok(()),
    }
}

/// An object is one of three things, told apart by the key that only that one has.
async fn object(app: &App, text: &str) -> Result<Vec<Result<Entry, String>>, Problem> {
    let unreadable = |_| Problem::invalid("the body is neither an array nor an object");
    let keys: BTreeMap<&str, &RawValue> = serde_json::from_str(text)
        .or_else(|_| {
            // Keys with escapes cannot be borrowed; none of ours has one.
            serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text)
                .map(|_| BTreeMap::new())
        })
        .map_err(unreadable)?;
    if keys.contains_key("manifest_url") {
        let address: ManifestAddress = serde_json::from_str(text)
            .map_err(|error| Problem::invalid(format!("the body: {error}")))?;
        let manifest_text = fetched(app, &address.manifest_url).await?;
        return manifest(strict(manifest_text.as_bytes())?);
    }
    if keys.contains_key("events") {
        let raw: RawEvents<'_> = serde_json::from_str(text)
            .map_err(|error| Problem::invalid(format!("the body: {error}")))?;
        few_enough(raw.events.len())?;
        return Ok(raw.events.into_iter().map(|raw| event(raw.get())).collect());
    }
    if keys.contains_key("failure_reason") {
        return Ok(vec![failure(text)]);
    }
    Err(Problem::invalid(
        "the body is no manifest, no {\"manifest_url\"}, no {\"events\"} and no failure.json",
    ))
}

async fn fetched(app: &App, url: &str) -> Result<String, Problem> {
    let docs = app.docs.as_ref().ok_or_else(|| {
        Problem::invalid("no manifest is fetched here: [server].manifest_base_url is not set")
    })?;
    docs.manifest(url).await
}

fn event(text: &str) -> Result<Entry, String> {
    let document: EventDocument =
        serde_json::from_str(text).map_err(|error| without_place(&error))?;
    let event = Event::try_from(document).map_err(|error| error.to_string())?;
    event.tag.parse::<Tag>().map_err(|error| error.to_string())?;
    Ok(Entry::event(event))
}

/// A `failure.json` is the event that the manifest's entry of the same outcome is.
fn failure(text: &str) -> Result<Entry, String> {
    let failure: Failure = serde_json::from_str(text).map_err(|error| without_place(&error))?;
    if failure.status != "failure" {
        return Err("status: it must be failure".to_owned());
    }
    let tag: Tag = failure.tag.parse().map_err(|error| format!("tag: {error}"))?;
    let run_id = failure.run.parse().ok().filter(|run: &u64| run.to_string() == failure.run);
    let run_id = run_id.ok_or("run: it must be the decimal digits of a run id")?;
    let occurred_at =
        parse_time("occurred_at", &failure.occurred_at).map_err(|error| error.to_string())?;
    let kind = match failure.checks_failed.is_empty() {
        true => EventKind::Provenance,
        false => EventKind::Validated,
    };
    let repository = failure.repository.as_deref();
    let status = Status::Failure;
    let event = Event {
        key: EventKey::of_entry(kind, repository, run_id, tag.as_str(), status, occurred_at),
        kind,
        status: status.into(),
        run_id,
        attempt: None,
        tag: tag.to_string(),
        repository: failure.repository.clone(),
        release_url: Some(failure.release_url.clone()).filter(|url| !url.is_empty()),
        artifact_path: None,
        failure_reason: Some(failure.failure_reason.clone()),
        occurred_at,
        validated_at: Some(occurred_at),
        commit_sha: None,
        builder_id: None,
        slsa_build_level: None,
        decision: None,
        manifest_sha256: None,
        actor: None,
    };
    let was_told = failure.notified.get("slack") == Some(&serde_json::Value::Bool(true))
        || failure.notified.get("issue").is_some_and(serde_json::Value::is_number);
    let mut entry = Entry::event(event);
    entry.checks_failed = failure.checks_failed;
    entry.was_told = was_told;
    Ok(entry)
}

/// What is wrong with one entry; line and column would be those of the entry and not of the body.
pub(super) fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::MAX_ENTRIES;
    use crate::route::{Operation, ROUTES};

    /// A constant of an Edge function: a product of numbers.
    fn constant(function: &str, name: &str) -> usize {
        let beginning = format!("\nconst {name} = ");
        let (_, rest) = function.split_once(&beginning).expect(name);
        let (product, _) = rest.split_once(';').expect("the end of a line");
        let factors = product.split('*').map(|factor| factor.trim().replace('_', ""));
        factors.map(|factor| factor.parse::<usize>().expect("a number")).product()
    }

    fn body(operation: Operation) -> usize {
        ROUTES.iter().find(|route| route.operation == operation).map_or(0, |route| route.body)
    }

    #[test]
    fn the_edge_functions_have_the_same_limits() {
        let telemetry = include_str!("../../../../supabase/functions/_shared/provost/telemetry.ts");
        let validate = include_str!("../../../../supabase/functions/provenance-validate/index.ts");
        assert_eq!(constant(telemetry, "MAX_ENTRIES"), MAX_ENTRIES);
        assert_eq!(constant(telemetry, "MAX_BYTES"), body(Operation::Telemetry));
        assert_eq!(constant(validate, "MAX_BYTES"), body(Operation::ProvenanceValidate));
    }
}
