//! `build-input`

use super::Context;
use provost_attestation::provenance::Provenance;
use provost_verify::check::{Check, CheckId, CheckInfo};
use serde_json::{Map, Value};

/// The id.
pub const ID: CheckId = CheckId::new("build-input");

/// What it means.
pub const INFO: CheckInfo = CheckInfo {
    id: ID,
    question: "Did the dispatched run have the expected inputs?",
    meaning: "Each expected input must stand in the signed event payload of a `workflow_dispatch` \
        run, as a string of that value. Other inputs may be there too. Only slsa-github-generator \
        signs the event payload; elsewhere an expected input cannot be confirmed and is refused.",
    mend: "Compare the inputs of the run with those expected. An input never says which tag was \
        built: use `source-ref` for that.",
};

pub(crate) fn run(context: &Context<'_>) -> Check {
    let expected = &context.policy.build_inputs;
    if expected.is_empty() {
        return Check::skipped(ID, "no input is asked for");
    }
    let wanted: Vec<String> =
        expected.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let wanted = wanted.join(" ");
    let trigger = context.facts.claims().and_then(|claims| claims.trigger());
    if trigger != Some("workflow_dispatch") {
        let found = format!("a run started by {}", trigger.unwrap_or("an unknown event"));
        return Check::failed(ID, wanted, found);
    }
    let payload = event_payload(context.provenance);
    let Some(inputs) = payload.as_ref().and_then(|payload| payload.get("inputs")?.as_object())
    else {
        return Check::failed(ID, wanted, "no inputs in the signed event");
    };
    for (key, value) in expected {
        match inputs.get(key) {
            Some(Value::String(found)) if found == value => {}
            Some(found) => return Check::failed(ID, wanted, format!("{key}={found}")),
            None => return Check::failed(ID, wanted, format!("no input {key}")),
        }
    }
    Check::passed(ID, wanted.clone(), wanted)
}

/// The event payload that slsa-github-generator signs.
pub(super) fn event_payload(provenance: &Provenance) -> Option<Map<String, Value>> {
    let parameters = &provenance.internal_parameters;
    parameters.object("GITHUB_EVENT_PAYLOAD").or_else(|| parameters.object("github_event_payload"))
}
