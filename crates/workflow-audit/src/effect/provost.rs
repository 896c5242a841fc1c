//! The verbs of provost itself.

use super::command::Call;
use super::{Act, Token};
use crate::scope::{Access, Scope};

/// The workflow that `provost dispatch` starts unless its configuration names another.
const DEFAULT_WORKFLOW: &str = "slsa-provenance.yml";

pub(super) fn run(call: &mut Call<'_, '_>) {
    let words: Vec<String> = call.command.words.iter().map(|word| word.text.clone()).collect();
    let token = call.token(&["GITHUB_TOKEN", "GH_TOKEN"]);
    verb(call, &words, token);
}

/// A verb with its words; also as the inputs of the action name it.
pub(super) fn verb(call: &mut Call<'_, '_>, words: &[String], token: Token) {
    let plain: Vec<&str> =
        words.iter().map(String::as_str).filter(|w| !w.starts_with('-')).collect();
    let (verb, second) =
        (plain.first().copied().unwrap_or(""), plain.get(1).copied().unwrap_or(""));
    let by = match verb {
        "manifest" | "token" | "store" | "workflows" => format!("`provost {verb} {second}`"),
        _ => format!("`provost {verb}`"),
    };
    let has = |flag: &str| words.iter().any(|word| word == flag);
    let online = token != Token::Absent && !has("--offline");
    match (verb, second) {
        ("gate", _) => {
            if online {
                call.need(Scope::ACTIONS, Access::Read, &token, &by);
                call.need(Scope::ATTESTATIONS, Access::Read, &token, &by);
                call.need(Scope::CONTENTS, Access::Read, &token, &by);
            }
            call.may(Scope::ID_TOKEN, Access::Write, &by);
            call.does(Act::Verify, token.clone(), &by);
            if has("--manifest") {
                call.does(Act::ReadRecord, token.clone(), &by);
            }
            if has("--publish") {
                call.need(Scope::CONTENTS, Access::Write, &token, &by);
                call.does(Act::Release { is_draft: false }, token, &by);
            }
        }
        ("verify", _) => call.does(Act::Verify, token, &by),
        ("dispatch", _) => dispatch(call, words, token, &by),
        ("notify", _) => {
            call.need(Scope::ACTIONS, Access::Read, &token, &by);
            call.need(Scope::ISSUES, Access::Write, &token, &by);
            call.may(Scope::CONTENTS, Access::Read, &by);
            call.may(Scope::ID_TOKEN, Access::Write, &by);
            call.does(Act::Notify, token, &by);
        }
        ("manifest", "push" | "flush") => {
            // Without a token and without credentials it queues what it cannot push.
            let token = token.or(call.setting.git.clone());
            if token != Token::Absent {
                call.need(Scope::CONTENTS, Access::Write, &token, &by);
                call.does(Act::Record, token, &by);
            }
        }
        ("reconcile", _) => {
            call.need(Scope::ACTIONS, Access::Read, &token, &by);
            call.need(Scope::CONTENTS, Access::Read, &token, &by);
            call.may(Scope::ATTESTATIONS, Access::Read, &by);
            call.may(Scope::ID_TOKEN, Access::Write, &by);
            if !has("--silent") {
                call.need(Scope::ISSUES, Access::Write, &token, &by);
                call.does(Act::Notify, token.clone(), &by);
            }
            call.does(Act::ReadRecord, token.clone(), &by);
            call.does(Act::Reconcile, token, &by);
        }
        ("recover", _) => {
            call.need(Scope::ACTIONS, Access::Write, &token, &by);
            call.need(Scope::CONTENTS, Access::Read, &token, &by);
        }
        ("ingest", _) => {
            call.may(Scope::ID_TOKEN, Access::Write, &by);
            call.does(Act::Ingest, token, &by);
        }
        ("kpi" | "store", _) => call.may(Scope::ID_TOKEN, Access::Write, &by),
        ("token", "rotated") => call.need(Scope::ISSUES, Access::Write, &token, &by),
        ("init", _) if has("--apply") => {
            if let Some(scope) = Scope::named("administration") {
                call.need(scope, Access::Write, &token, &by);
            }
        }
        _ => {}
    }
}

/// The dispatch token starts the run; the job's own looks at it.
fn dispatch(call: &mut Call<'_, '_>, words: &[String], own: Token, by: &str) {
    let token = call.token(&["PROVENANCE_DISPATCH_TOKEN"]);
    let named = words.iter().position(|word| word == "--workflow");
    let named = named.and_then(|at| words.get(at + 1)).map(|name| call.all(name));
    let targets = named.unwrap_or_else(|| vec![DEFAULT_WORKFLOW.to_owned()]);
    let inputs = ["tag", "release_url", "dispatched_by_run"].map(str::to_owned).to_vec();
    if token == Token::Absent {
        call.need(Scope::ACTIONS, Access::Write, &own, by);
    } else {
        call.need(Scope::ACTIONS, Access::Read, &own, by);
        call.may(Scope::ACTIONS, Access::Write, by);
    }
    call.need(Scope::CONTENTS, Access::Read, &own, by);
    let token = token.or(own);
    call.does(Act::Dispatch { targets, inputs, elsewhere: false }, token, by);
}
