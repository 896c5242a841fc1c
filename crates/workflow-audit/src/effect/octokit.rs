//! `script:` of `actions/github-script`: calls by name (`github.rest.actions.createWorkflowDispatch`)
//! and by path (`github.request('POST /repos/…')`).
//!
//! The script is read word by word, without comments; what stands in a string is no call.

use super::gh::acts;
use super::rest::{Endpoint, Request};
use super::setting::OWN;
use super::{Act, At, Effect, Need, Setting, StepFacts, Token, Unknown};
use crate::scope::Scope;
use crate::script::Script;

pub(super) fn script(script: &Script, setting: &Setting<'_>, token: &Token, facts: &mut StepFacts) {
    let tokens = tokens(&script.text);
    let mut seen = Vec::new();
    for (index, token_at) in tokens.iter().enumerate() {
        let call = match &token_at.kind {
            Kind::Name => named(&tokens, index, &script.text),
            Kind::String => None,
            Kind::Other => None,
        };
        let Some(call) = call else { continue };
        if seen.contains(&(call.start, call.end)) {
            continue;
        }
        seen.push((call.start, call.end));
        let at = setting.at(script.place(call.start, call.end));
        report(call, at, &tokens[index..], &script.text, token, facts);
    }
}

struct Call {
    start: usize,
    end: usize,
    title: String,
    request: Option<Request>,
    any_of: Option<Vec<(Scope, crate::scope::Access)>>,
}

/// `x.rest.NAMESPACE.METHOD`, `x.NAMESPACE.METHOD`, `x.request('METHOD /path')`.
fn named(tokens: &[TokenAt], index: usize, text: &str) -> Option<Call> {
    let word = |offset: usize| -> Option<&str> {
        let token = tokens.get(index + offset)?;
        (token.kind == Kind::Name).then(|| &text[token.range.0..token.range.1])
    };
    let dot = |offset: usize| {
        is(tokens.get(index + offset), text, ".") || is(tokens.get(index + offset), text, "?.")
    };
    let start = tokens[index].range.0;
    if matches!(word(0)?, "request" | "paginate" | "graphql")
        && index > 0
        && is(tokens.get(index - 1), text, ".")
    {
        let title = word(0)?.to_owned();
        let argument = tokens.get(index + 2).filter(|token| token.kind == Kind::String);
        if title == "graphql" {
            return Some(Call {
                start,
                end: tokens[index].range.1,
                title: "`graphql`".into(),
                request: None,
                any_of: None,
            });
        }
        let argument = argument?;
        let route = unquoted(&text[argument.range.0..argument.range.1]);
        let (method, path) = route.split_once(' ').unwrap_or(("GET", route.as_str()));
        let path = own_repository(path);
        let request = Request::parse(method, &path);
        let any_of = request.as_ref().and_then(Request::endpoint).map(|e| e.any_of().to_vec());
        return Some(Call {
            start,
            end: argument.range.1,
            title: format!("`{title} {route}`"),
            request,
            any_of,
        });
    }
    // A word of `rest`'s namespaces, followed by one of its methods.
    if !(dot(1) && index > 1 && is(tokens.get(index - 1), text, ".")) {
        return None;
    }
    let name = format!("{}.{}", word(0)?, word(2)?);
    let endpoint = Endpoint::named(&name)?;
    let request = Request {
        method: endpoint.method().to_owned(),
        segments: endpoint.path(),
        elsewhere: false,
    };
    Some(Call {
        start,
        end: tokens[index + 2].range.1,
        title: format!("`{name}`"),
        request: Some(request),
        any_of: Some(endpoint.any_of().to_vec()),
    })
}

fn report(call: Call, at: At, rest: &[TokenAt], text: &str, token: &Token, facts: &mut StepFacts) {
    if let Some(mut request) = call.request {
        // Arguments by name, as `workflow_id: 'x.yml'`.
        let event = argument(rest, text, "event_type");
        if let (Some(target), true) =
            (argument(rest, text, "workflow_id"), request.segments.len() > 2)
        {
            request.segments[2] = target;
        }
        let mut inputs = Vec::new();
        if argument_is(rest, text, "draft", "true") {
            inputs.push("draft".to_owned());
        }
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

/// The value of an argument by name: a string, or what is written there.
fn argument(tokens: &[TokenAt], text: &str, name: &str) -> Option<String> {
    let near = &tokens[..tokens.len().min(120)];
    let at = near.iter().position(|token| &text[token.range.0..token.range.1] == name)?;
    let value = near.get(at + 2)?;
    let raw = &text[value.range.0..value.range.1];
    Some(if value.kind == Kind::String { unquoted(raw) } else { format!("${raw}") })
}

fn argument_is(tokens: &[TokenAt], text: &str, name: &str, value: &str) -> bool {
    argument(tokens, text, name).is_some_and(|found| found == format!("${value}"))
}

fn own_repository(path: &str) -> String {
    let path = path.replace("${context.repo.owner}/${context.repo.repo}", OWN);
    path.replace("${owner}/${repo}", OWN)
}

fn unquoted(raw: &str) -> String {
    raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

fn is(token: Option<&TokenAt>, text: &str, expected: &str) -> bool {
    token.is_some_and(|token| &text[token.range.0..token.range.1] == expected)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    String,
    Other,
}

#[derive(Debug, Clone, Copy)]
struct TokenAt {
    kind: Kind,
    range: (usize, usize),
}

/// The words of a JavaScript text, without blanks and comments.
fn tokens(text: &str) -> Vec<TokenAt> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let kind = match bytes[at] {
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at = text[at..].find('\n').map_or(bytes.len(), |length| at + length);
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = text[at + 2..].find("*/").map_or(bytes.len(), |length| at + length + 4);
                continue;
            }
            quote @ (b'\'' | b'"' | b'`') => {
                at += 1;
                while at < bytes.len() && bytes[at] != quote {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at = (at + 1).min(bytes.len());
                while !text.is_char_boundary(at) {
                    at += 1;
                }
                Kind::String
            }
            byte if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') => {
                while at < bytes.len()
                    && (bytes[at].is_ascii_alphanumeric() || matches!(bytes[at], b'_' | b'$'))
                {
                    at += 1;
                }
                Kind::Name
            }
            _ => {
                at += text[at..].chars().next().map_or(1, char::len_utf8);
                if &text[start..at] == "?" && text[at..].starts_with('.') {
                    at += 1;
                }
                Kind::Other
            }
        };
        tokens.push(TokenAt { kind, range: (start, at) });
    }
    tokens
}
