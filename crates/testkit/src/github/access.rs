//! Who may call what: authentication, then GitHub's permission of the operation.
//!
//! Stricter than GitHub in one point: a token that carries permissions needs the named one also
//! to read a public repository, so that a test sees what a private repository would refuse.
//! Without any token a public repository can be read, except for artifacts.

use super::call::{Answer, Call};
use super::contract::Matched;
use super::state::State;
use super::token::{Kind, Level, Token};

/// Who calls.
#[derive(Clone)]
pub(crate) enum Caller {
    Anonymous,
    Known(Token),
}

impl Caller {
    pub(crate) fn token(&self) -> Option<&Token> {
        match self {
            Self::Known(token) => Some(token),
            Self::Anonymous => None,
        }
    }

    /// The login under which things are made.
    pub(crate) fn login(&self) -> String {
        self.token().map_or_else(|| "ghost".to_owned(), |token| token.login.clone())
    }
}

impl State {
    /// The caller of a request, or 401.
    pub(crate) fn authenticate(&self, call: &Call) -> Result<Caller, Answer> {
        let Some(header) = call.header("authorization") else {
            return Ok(Caller::Anonymous);
        };
        let secret = header.split_once(' ').and_then(|(scheme, secret)| {
            let known = ["bearer", "token"].iter().any(|name| scheme.eq_ignore_ascii_case(name));
            known.then_some(secret)
        });
        let token = secret.and_then(|secret| self.tokens.iter().find(|own| own.secret == secret));
        match token {
            Some(token) => Ok(Caller::Known(token.clone())),
            None => Err(Answer::error(401, "Bad credentials")),
        }
    }

    /// Refuses with GitHub's status and words what the caller may not do.
    pub(crate) fn authorize(&mut self, caller: &Caller, call: &Matched) -> Result<(), Answer> {
        let Some((permission, level)) = needed(&call.id) else {
            return Ok(());
        };
        let repository = self.repository(call.parameter("owner"), call.parameter("repo"));
        let Some(settings) = repository.map(|repository| &repository.settings) else {
            return Err(Answer::not_found());
        };
        let (full_name, private) = (settings.full_name(), settings.private);
        let accepted = format!("{permission}={}", level.name());
        let Some(token) = caller.token() else {
            return match (private, level, call.id.as_str()) {
                (true, ..) => Err(Answer::not_found()),
                (_, Level::Write, _) | (.., "actions/download-artifact") => {
                    Err(Answer::error(401, "Requires authentication"))
                }
                _ => Ok(()),
            };
        };
        if token.covers(&full_name) && token.allows(permission, level, private) {
            return Ok(());
        }
        let seen = token.covers(&full_name) || !private;
        let classic = matches!(token.kind, Kind::Classic { .. });
        let answer = if seen && !classic {
            Answer::error(403, token.refusal())
        } else {
            // GitHub does not tell whether what a token cannot see exists.
            Answer::not_found()
        };
        Err(answer
            .header("x-accepted-github-permissions", &accepted)
            .header("x-accepted-oauth-scopes", "repo"))
    }
}

/// The permission of an operation; none for those that are not about a repository.
pub(crate) fn needed(operation: &str) -> Option<(&'static str, Level)> {
    use Level::{Read, Write};
    Some(match operation {
        "rate-limit/get" | "users/get-authenticated" | "users/update-authenticated" => return None,
        "repos/get" | "repos/get-repo-rulesets" | "repos/get-branch-rules" => ("metadata", Read),
        "repos/get-repo-ruleset" => ("metadata", Read),
        "repos/delete" | "repos/update" | "repos/create-repo-ruleset" => ("administration", Write),
        "actions/delete-workflow-run" | "actions/re-run-workflow" => ("actions", Write),
        "actions/create-workflow-dispatch" => ("actions", Write),
        "repos/list-attestations" => ("attestations", Read),
        "repos/list-pull-requests-associated-with-commit" => ("pull_requests", Read),
        "repos/delete-file" | "repos/create-or-update-file-contents" => ("contents", Write),
        "repos/create-release" | "repos/update-release" | "repos/delete-release" => {
            ("contents", Write)
        }
        "repos/upload-release-asset" | "repos/update-release-asset" => ("contents", Write),
        "repos/delete-release-asset" => ("contents", Write),
        "issues/create" | "issues/update" | "issues/create-comment" => ("issues", Write),
        "issues/remove-all-labels" | "issues/add-labels" | "issues/set-labels" => ("issues", Write),
        "issues/create-label" => ("issues", Write),
        other if other.starts_with("actions/") => ("actions", Read),
        other if other.starts_with("issues/") => ("issues", Read),
        _ => ("contents", Read),
    })
}
