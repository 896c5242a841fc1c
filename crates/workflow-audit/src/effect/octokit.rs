//! `script:` of `actions/github-script`: calls by name (`github.rest.actions.createWorkflowDispatch`,
//! also with brackets, or of a part of it that was given another name) and by path
//! (`github.request('POST /repos/…')`). A query or a name that only a run could tell is unknown.

use super::gh::acts;
use super::javascript::{Kind, Words};
use super::rest::{Endpoint, Request};
use super::setting::OWN;
use super::{Act, At, Effect, Need, Setting, StepFacts, Token, Unknown};
use crate::scope::{Access, Scope};
use crate::script::Script;

pub(super) fn script(script: &Script, setting: &Setting<'_>, token: &Token, facts: &mut StepFacts) {
    let words = Words::of(&script.text);
    for index in 0..words.count() {
        let Some(call) = call(&words, index) else { continue };
        let at = setting.at(script.place(call.start, call.end));
        report(call, at, &words, index, token, facts);
    }
}

struct Call {
    start: usize,
    end: usize,
    title: String,
    request: Option<Request>,
    /// `None` where it is not known what the call needs.
    any_of: Option<Vec<(Scope, Access)>>,
}

/// The call whose last name stands at an index.
fn call(words: &Words<'_>, index: usize) -> Option<Call> {
    let name = words.name(index)?;
    if index == 0 || !words.is(index - 1, Kind::Dot) {
        return None;
    }
    match name {
        "graphql" => Some(unknown(words, index, "`graphql`, a query that is not read,".to_owned())),
        "request" | "paginate" if words.raw(index + 1) == "(" => by_path(words, index, name),
        "rest" if words.raw(index + 1) == "[" => Some(computed(words, index)),
        _ => by_name(words, index, name),
    }
}

fn unknown(words: &Words<'_>, index: usize, title: String) -> Call {
    let (start, end) = words.at(index).map_or((0, 0), |token| token.range);
    Call { start, end, title, request: None, any_of: None }
}

/// `github.rest[namespace][method]`.
fn computed(words: &Words<'_>, index: usize) -> Call {
    let name = format!("{}[{}]", words.raw(index), words.raw(index + 2));
    unknown(words, index, format!("`{name}`, a name that only a run could tell,"))
}

/// `x.request('METHOD /path')`.
fn by_path(words: &Words<'_>, index: usize, name: &str) -> Option<Call> {
    let Some(route) = words.string(index + 2) else {
        // `paginate(github.rest.…)` names its endpoint itself.
        let is_open = name == "request";
        return is_open
            .then(|| unknown(words, index, format!("`{name}` of a path that is not here,")));
    };
    let (method, path) = route.split_once(' ').unwrap_or(("GET", route.as_str()));
    let request = Request::parse(method, &own_repository(path));
    let any_of = request.as_ref().and_then(Request::endpoint).map(|e| e.any_of().to_vec());
    let end = words.at(index + 2)?.range.1;
    Some(Call { end, request, any_of, ..unknown(words, index, format!("`{name} {route}`")) })
}

/// `x.NAMESPACE.METHOD`, or a method whose name alone says which it is.
fn by_name(words: &Words<'_>, index: usize, method: &str) -> Option<Call> {
    let before = index.checked_sub(2).and_then(|index| words.name(index)).unwrap_or_default();
    let is_member = index > 2 && words.is(index - 3, Kind::Dot);
    let full = format!("{before}.{method}");
    let (start, endpoint) = match Endpoint::named(&full).filter(|_| is_member) {
        Some(endpoint) => (words.at(index - 2)?.range.0, endpoint),
        None => (words.at(index)?.range.0, Endpoint::of_method(method)?),
    };
    let request = Request {
        method: endpoint.method().to_owned(),
        segments: endpoint.path(),
        elsewhere: false,
    };
    let end = words.at(index)?.range.1;
    let any_of = Some(endpoint.any_of().to_vec());
    Some(Call { start, end, title: format!("`{full}`"), request: Some(request), any_of })
}

fn report(
    call: Call,
    at: At,
    words: &Words<'_>,
    index: usize,
    token: &Token,
    facts: &mut StepFacts,
) {
    if let Some(mut request) = call.request {
        // Arguments by name, as `workflow_id: 'x.yml'`.
        let event = argument(words, index, "event_type");
        if let (Some(target), true) =
            (argument(words, index, "workflow_id"), request.segments.len() > 2)
        {
            request.segments[2] = target;
        }
        let is_draft = argument(words, index, "draft").is_some_and(|value| value == "$true");
        let inputs: Vec<String> = is_draft.then(|| "draft".to_owned()).into_iter().collect();
        for act in acts(&request, &inputs, event.as_deref()) {
            let act = match act {
                // Its inputs are an object that this reader does not follow.
                Act::Dispatch { targets, elsewhere, .. } => {
                    Act::Dispatch { targets, inputs: Vec::new(), elsewhere }
                }
                act => act,
            };
            let token = token.clone();
            facts.effects.push(Effect { act, at, token, lost: None, by: call.title.clone() });
        }
    }
    let Some(is_required) = token.draws() else { return };
    match call.any_of {
        Some(any_of) if any_of.iter().any(|(scope, _)| *scope == Scope::METADATA) => {}
        Some(any_of) => {
            facts.needs.push(Need { any_of, is_required, at, by: call.title, lost: None });
        }
        None => facts.unknowns.push(Unknown { at, what: call.title }),
    }
}

/// Words after a call among which its arguments are looked for.
const NEAR: usize = 120;

/// The value of an argument by name: a string, or what is written there after a `$`.
fn argument(words: &Words<'_>, index: usize, name: &str) -> Option<String> {
    let at = (index..index + NEAR).find(|&at| words.raw(at) == name)? + 2;
    words.at(at)?;
    Some(words.string(at).unwrap_or_else(|| format!("${}", words.raw(at))))
}

fn own_repository(path: &str) -> String {
    let path = path.replace("${context.repo.owner}/${context.repo.repo}", OWN);
    path.replace("${owner}/${repo}", OWN)
}
