//! What a write answers, held against what was sent.

use super::call::{detail, harmless};
use super::error::EndpointError;
use crate::submission::{EntryOutcome, EntryStanding};
use provost_outbound::{Answer, shown};
use provost_wire::v1::{EntryAnswer, TelemetryAnswer, ValidateAnswer};
use uuid::Uuid;

/// The outcomes of a telemetry request, one for each key that was sent.
pub(super) fn of_telemetry(
    answer: &Answer,
    keys: &[String],
) -> Result<Vec<EntryOutcome>, EndpointError> {
    let document: TelemetryAnswer = match (serde_json::from_slice(&answer.body), answer.status) {
        (Ok(document), _) => document,
        (Err(_), 422) => return Ok(refused_whole(answer, keys)),
        (Err(error), _) => return Err(nonsense(answer, &error.to_string())),
    };
    if document.events.len() != keys.len() {
        let (sent, came) = (keys.len(), document.events.len());
        return Err(nonsense(answer, &format!("it speaks of {came} entries, {sent} were sent")));
    }
    let events = document.events.clone();
    if document != TelemetryAnswer::new(events) {
        return Err(nonsense(answer, "its counts are not those of its entries"));
    }
    let mut outcomes = Vec::with_capacity(keys.len());
    for (index, (entry, key)) in document.events.iter().zip(keys).enumerate() {
        if entry.index != index as u64 {
            return Err(nonsense(answer, "its entries are not in the order that was sent"));
        }
        outcomes.push(outcome_of(answer, entry, key)?);
    }
    Ok(outcomes)
}

/// The outcome of a decision that was sent.
pub(super) fn of_validation(answer: &Answer, key: &str) -> Result<EntryOutcome, EndpointError> {
    if answer.status == 422 {
        return Ok(EntryOutcome::rejected(key, reason(answer)));
    }
    let document: ValidateAnswer = serde_json::from_slice(&answer.body)
        .map_err(|error| nonsense(answer, &error.to_string()))?;
    let entry = EntryAnswer {
        index: 0,
        outcome: document.outcome,
        event_id: Some(document.event_id),
        problem: None,
    };
    outcome_of(answer, &entry, key)
}

fn outcome_of(
    answer: &Answer,
    entry: &EntryAnswer,
    key: &str,
) -> Result<EntryOutcome, EndpointError> {
    let outcome = EntryStanding::from(entry.outcome);
    if outcome == EntryStanding::Rejected {
        let problem = harmless(entry.problem.as_deref().unwrap_or("no reason was given"));
        return Ok(EntryOutcome::rejected(key, problem));
    }
    let id = entry.event_id.as_deref().map(Uuid::parse_str);
    match id {
        Some(Ok(id)) => {
            Ok(EntryOutcome { outcome, id: Some(id), event_key: key.to_owned(), problem: None })
        }
        _ => Err(nonsense(answer, "an entry that was taken has no id")),
    }
}

/// HTTP 422 without outcomes: the request as a whole says nothing that could be taken.
fn refused_whole(answer: &Answer, keys: &[String]) -> Vec<EntryOutcome> {
    keys.iter().map(|key| EntryOutcome::rejected(key.as_str(), reason(answer))).collect()
}

fn reason(answer: &Answer) -> String {
    match detail(answer) {
        detail if detail.is_empty() => "no reason was given (HTTP 422)".to_owned(),
        detail => detail,
    }
}

pub(super) fn nonsense(answer: &Answer, why: &str) -> EndpointError {
    EndpointError::Nonsense { place: shown(answer.url()), why: harmless(why) }
}
