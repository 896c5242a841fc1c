//! One request from its first byte to its answer: log, faults, contract, access, route.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::access::Caller;
use super::call::{Answer, Call};
use super::contract::{Contract, Edition, Matched};
use super::fault::{self, Fault};
use super::request_log::{Host, LoggedRequest};
use super::routes::{self, Route};
use super::state::Shared;
use super::token::Kind;
use super::violation::{Side, Violation};
use super::wire::{Cut, Wire};

/// A delay is for the order of things, not for waiting.
const LONGEST_DELAY: Duration = Duration::from_secs(2);

/// Answers a request on one of the hosts.
pub(crate) async fn answer(shared: &Arc<Shared>, host: Host, wire: &Wire, call: Call) -> Answer {
    let faults = arrive(shared, host, &call);
    for fault in &faults {
        match fault {
            Fault::Hold(gate) => gate.pass().await,
            Fault::Delay(time) => tokio::time::sleep((*time).min(LONGEST_DELAY)).await,
            _ => {}
        }
    }
    if let Some(answer) = faults.iter().find_map(|fault| fault.instead(&call)) {
        // What the client asked is judged all the same.
        let understood = if host == Host::Api { understand(shared, &call).err() } else { None };
        if faults.iter().any(|fault| matches!(fault, Fault::CutBeforeAnswer)) {
            wire.cut(Cut::BeforeAnswer);
        }
        return understood.unwrap_or(answer);
    }
    let mut answer = match host {
        Host::Api => without_panic(shared, &call),
        Host::Blob => shared.lock().serve_blob(&call),
        Host::Services => shared.lock().serve_services(&call),
    };
    for fault in &faults {
        spoil(fault, wire, &mut answer);
    }
    answer
}

/// Records the request and takes the faults that hit it.
fn arrive(shared: &Shared, host: Host, call: &Call) -> Vec<Fault> {
    let mut state = shared.lock();
    state.log.push(LoggedRequest::new(host, call));
    state.take_faults(host, call)
}

/// What a fault does to a finished answer.
fn spoil(fault: &Fault, wire: &Wire, answer: &mut Answer) {
    match fault {
        Fault::ExecuteThenCut => wire.cut(Cut::BeforeAnswer),
        Fault::CutAfter(bytes) => wire.cut(Cut::AfterBody(*bytes)),
        Fault::Truncate(bytes) => answer.body.truncate(*bytes),
        Fault::Spell(name, text) => fault::spell(answer, name, text),
        Fault::OtherRepository => routes::as_other_repository(answer),
        _ => {}
    }
}

/// A panic of a route is a fault of the fake and no reason for a silent connection.
fn without_panic(shared: &Arc<Shared>, call: &Call) -> Answer {
    match catch_unwind(AssertUnwindSafe(|| serve_api(shared, call))) {
        Ok(answer) => answer,
        Err(_) => violated(shared, Side::Answer, call, vec!["the fake panicked".into()]),
    }
}

fn serve_api(shared: &Arc<Shared>, call: &Call) -> Answer {
    let (matched, edition) = match understand(shared, call) {
        Ok(understood) => understood,
        Err(answer) => return answer,
    };
    let answer = execute(shared, call, &matched, edition);
    let mut problems = Contract::of(edition).judge_answer(&matched, &answer);
    if answer.status == routes::UNKNOWN {
        problems.push("described, but not built into the fake".into());
    }
    if problems.is_empty() { answer } else { violated(shared, Side::Answer, call, problems) }
}

/// The operation and the API version of a request, or why there is none.
fn understand(shared: &Arc<Shared>, call: &Call) -> Result<(Matched, Edition), Answer> {
    let version = call.header("x-github-api-version");
    let edition = match Edition::parse(version) {
        Some(Edition::V20260310) if shared.lock().older_server => None,
        other => other,
    };
    let edition = edition.ok_or_else(|| unsupported(version.unwrap_or_default()))?;
    if call.header("user-agent").is_none_or(str::is_empty) {
        return Err(Answer::text(403, NAMELESS));
    }
    let contract = Contract::of(edition);
    let wrong = |problems| violated(shared, Side::Request, call, problems);
    let matched =
        contract.find(&call.method, &call.path).map_err(|problem| wrong(vec![problem]))?;
    let problems = contract.judge_request(&matched, call);
    if problems.is_empty() { Ok((matched, edition)) } else { Err(wrong(problems)) }
}

const NAMELESS: &str = "Request forbidden by administrative rules. Please make sure your request \
                        has a User-Agent header";

fn execute(shared: &Arc<Shared>, call: &Call, matched: &Matched, edition: Edition) -> Answer {
    let mut state = shared.lock();
    let caller = match state.authenticate(call) {
        Ok(caller) => caller,
        Err(answer) => return answer,
    };
    let now = state.now().as_second();
    let request = state.log.len();
    let answer = match state.authorize(&caller, matched) {
        Ok(()) => {
            let mut route = Route::new(shared, &mut state, call, matched, &caller, edition);
            let answer = route.answer();
            let afterwards = route.afterwards;
            drop(state);
            afterwards.into_iter().for_each(|then| then());
            answer
        }
        Err(answer) => answer,
    };
    about_token(limits(answer, now), &caller)
        .header("x-github-api-version-selected", &edition.to_string())
        .header("x-github-request-id", &format!("FAKE:{request}"))
}

fn limits(answer: Answer, now: i64) -> Answer {
    answer
        .header("x-ratelimit-limit", "5000")
        .header("x-ratelimit-remaining", "4999")
        .header("x-ratelimit-used", "1")
        .header("x-ratelimit-reset", &(now + 3600).to_string())
        .header("x-ratelimit-resource", "core")
}

/// What GitHub says about the token in every answer.
fn about_token(mut answer: Answer, caller: &Caller) -> Answer {
    let Some(token) = caller.token() else { return answer };
    if let Kind::Classic { scopes } = &token.kind {
        answer = answer.header("x-oauth-scopes", &scopes.join(", "));
    }
    match &token.expires {
        Some(time) => answer.header("github-authentication-token-expiration", time),
        None => answer,
    }
}

fn unsupported(version: &str) -> Answer {
    Answer::error(400, &format!("{version:?} is not a supported API version."))
}

/// Records what departs from the description; the client gets a 500 that says it.
fn violated(shared: &Shared, side: Side, call: &Call, problems: Vec<String>) -> Answer {
    let name = format!("{} {}", call.method, call.path);
    let text = problems.join("; ");
    let violations = problems.into_iter();
    shared.lock().violations.extend(violations.map(|problem| Violation {
        side,
        call: name.clone(),
        problem,
    }));
    Answer::error(500, &format!("contract violation by the {side:?} of {name}: {text}"))
}
