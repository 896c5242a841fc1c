//! The use case *ruleset*: the gate's job as a required check, asked for by a rule of the
//! repository.

use crate::connection::Connection;
use crate::error::ControlError;
use crate::gate::{REQUIRED_CHECK, is_required_check};
use provost_github::{GithubError, Repository, Ruleset};
use serde_json::Value;
use std::collections::BTreeSet;

/// The name of the ruleset.
const NAME: &str = REQUIRED_CHECK;
/// The branches that releases are made from.
const BRANCHES: [&str; 2] = ["~DEFAULT_BRANCH", "refs/heads/release/**"];
/// How often the creation is tried when no answer comes.
const TRIES: u32 = 2;

/// What became of the ruleset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RulesetState {
    /// It was not there, and is now.
    Added,
    /// It is not there; nothing was to be changed.
    Missing,
    /// It is there and says the same.
    Unchanged,
    /// One of this name says something else; it was left alone.
    Differs,
}

/// The ruleset of a repository, held against the one that is wanted.
#[derive(Debug, Clone)]
pub struct RulesetReport {
    /// Its name.
    pub name: String,
    /// What became of it.
    pub state: RulesetState,
    /// Its id; `None` while it is missing.
    pub id: Option<u64>,
    /// What differs, a line each: `-` for what it says, `+` for what is wanted.
    pub difference: Vec<String>,
    /// How many people, teams or apps may bypass it; `None` when the token may not see that.
    pub bypass_actors: Option<usize>,
}

impl RulesetState {
    /// The word of the JSON form.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Missing => "missing",
            Self::Unchanged => "unchanged",
            Self::Differs => "differs",
        }
    }
}

/// The body that creates the ruleset (GitHub REST API, "Create a repository ruleset").
pub fn ruleset_body() -> Value {
    Ruleset::requiring(NAME, REQUIRED_CHECK, &BRANCHES.map(str::to_owned))
}

/// Creates the ruleset unless one of its name is there, which is compared and left alone. With
/// `dry_run` nothing is created.
///
/// # Errors
/// [`ControlError::Administration`] for a token that may not create one, else
/// [`ControlError::Github`].
pub fn apply_ruleset(
    connection: &Connection,
    dry_run: bool,
) -> Result<RulesetReport, ControlError> {
    let repository = connection.repository();
    if let Some(there) = find(&repository)? {
        return Ok(compared(&there));
    }
    if dry_run {
        return Ok(report(RulesetState::Missing, None));
    }
    let mut tried = 1;
    loop {
        let error = match repository.create_ruleset(&ruleset_body()) {
            Ok(created) => return Ok(report(RulesetState::Added, Some(&created))),
            Err(error) => error,
        };
        // It may be there all the same, made by this call or by another one in the meantime.
        let may_be_there = error.is_ambiguous() || matches!(error, GithubError::Refused { .. });
        if may_be_there && let Some(there) = find(&repository)? {
            let found = compared(&there);
            let is_ours = error.is_ambiguous() && found.state == RulesetState::Unchanged;
            return Ok(match is_ours {
                true => RulesetReport { state: RulesetState::Added, ..found },
                false => found,
            });
        }
        if !error.is_ambiguous() || tried == TRIES {
            return Err(match error {
                GithubError::Forbidden { .. } | GithubError::NotFound { .. } => {
                    ControlError::Administration { repository: connection.slug() }
                }
                error => error.into(),
            });
        }
        tried += 1;
    }
}

/// The ruleset of our name, whole.
fn find(repository: &Repository<'_>) -> Result<Option<Ruleset>, GithubError> {
    let rulesets = repository.rulesets()?;
    let named = rulesets.iter().find(|ruleset| ruleset.name == NAME);
    named.map(|ruleset| repository.ruleset(ruleset.id)).transpose()
}

fn report(state: RulesetState, ruleset: Option<&Ruleset>) -> RulesetReport {
    let actors = ruleset.and_then(|ruleset| ruleset.bypass_actors.as_ref());
    RulesetReport {
        name: NAME.to_owned(),
        state,
        id: ruleset.map(|ruleset| ruleset.id),
        difference: Vec::new(),
        bypass_actors: actors.map(Vec::len),
    }
}

fn compared(there: &Ruleset) -> RulesetReport {
    let body = ruleset_body();
    let found = terms(&there.target, &there.enforcement, &there.conditions, &there.rules);
    let text = |key: &str| body[key].as_str().unwrap_or_default();
    let rules = body["rules"].as_array().map(Vec::as_slice).unwrap_or_default();
    let wanted = terms(text("target"), text("enforcement"), &body["conditions"], rules);
    let more = found.difference(&wanted).map(|term| format!("-{term}"));
    let less = wanted.difference(&found).map(|term| format!("+{term}"));
    let difference: Vec<String> = more.chain(less).collect();
    let state = match difference.is_empty() {
        true => RulesetState::Unchanged,
        false => RulesetState::Differs,
    };
    RulesetReport { difference, ..report(state, Some(there)) }
}

/// What a ruleset says, a line each. What GitHub adds of its own, and what changes nothing about
/// when a change can be merged, is not part of it.
fn terms(target: &str, enforcement: &str, conditions: &Value, rules: &[Value]) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    terms.insert(format!("target: {target}"));
    terms.insert(format!("enforcement: {enforcement}"));
    let names = &conditions["ref_name"];
    for (word, key) in [("branches", "include"), ("not the branches", "exclude")] {
        for name in names[key].as_array().into_iter().flatten() {
            terms.insert(format!("{word}: {}", name.as_str().unwrap_or_default()));
        }
    }
    for rule in rules {
        match rule["type"].as_str() {
            Some("required_status_checks") => terms.extend(check_terms(&rule["parameters"])),
            // A rule beside ours is somebody's decision, and no part of what is wanted.
            _ => {
                let kind = rule["type"].as_str().unwrap_or_default();
                terms.insert(format!("rule: {kind} {}", rule["parameters"]).replace(" null", ""));
            }
        }
    }
    terms
}

fn check_terms(parameters: &Value) -> impl Iterator<Item = String> {
    let checks = parameters["required_status_checks"].as_array().into_iter().flatten();
    let checks = checks.map(|check| match check["context"].as_str().unwrap_or_default() {
        own if is_required_check(own) => format!("required check: {REQUIRED_CHECK}"),
        other => format!("required check: {other}"),
    });
    let flags = [
        ("strict_required_status_checks_policy", "branches must be up to date"),
        ("do_not_enforce_on_create", "not asked of a new branch"),
    ];
    let set = flags.iter().filter(|(key, _)| parameters[*key] == true);
    let all: Vec<String> = checks.chain(set.map(|(_, text)| (*text).to_owned())).collect();
    all.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ruleset(change: impl FnOnce(&mut Value)) -> Ruleset {
        let mut body = ruleset_body();
        body["id"] = json!(7);
        body["bypass_actors"] = json!([]);
        change(&mut body);
        serde_json::from_value(body).expect("ruleset")
    }

    #[test]
    fn what_github_adds_of_its_own_is_no_difference() {
        let added = compared(&ruleset(|body| {
            body["node_id"] = json!("RRS_1");
            let parameters = &mut body["rules"][0]["parameters"];
            parameters["do_not_enforce_on_create"] = json!(false);
            parameters["required_status_checks"][0]["integration_id"] = json!(15368);
            body["conditions"]["ref_name"]["include"] =
                json!(["refs/heads/release/**", "~DEFAULT_BRANCH"]);
        }));
        assert_eq!((added.state, added.difference), (RulesetState::Unchanged, vec![]));
    }

    #[test]
    fn the_job_of_a_called_workflow_is_the_same_check() {
        let called = |context: &str| {
            compared(&ruleset(|body| {
                body["rules"][0]["parameters"]["required_status_checks"][0]["context"] =
                    json!(context);
            }))
        };
        for same in ["security-audit / provenance-validate", "a / b / provenance-validate"] {
            assert_eq!(called(same).state, RulesetState::Unchanged, "{same}");
        }
        for other in
            ["", "provenance-validate / x", "xprovenance-validate", "a/provenance-validate"]
        {
            assert_eq!(
                called(other).difference,
                [
                    format!("-required check: {other}"),
                    "+required check: provenance-validate".into()
                ]
            );
        }
    }

    #[test]
    fn every_other_difference_is_told() {
        type Change = fn(&mut Value);
        let changes: [(Change, &[&str]); 7] = [
            (
                |body| body["enforcement"] = json!("disabled"),
                &["-enforcement: disabled", "+enforcement: active"],
            ),
            (|body| body["target"] = json!("tag"), &["-target: tag", "+target: branch"]),
            (
                |body| body["conditions"]["ref_name"]["include"] = json!(["~DEFAULT_BRANCH"]),
                &["+branches: refs/heads/release/**"],
            ),
            (
                |body| body["conditions"]["ref_name"]["exclude"] = json!(["refs/heads/main"]),
                &["-not the branches: refs/heads/main"],
            ),
            (|body| body["rules"] = json!([]), &["+required check: provenance-validate"]),
            (
                |body| {
                    body["rules"][0]["parameters"]["do_not_enforce_on_create"] = json!(true);
                },
                &["-not asked of a new branch"],
            ),
            (
                |body| {
                    let rules = body["rules"].as_array_mut().expect("rules");
                    rules.push(json!({ "type": "deletion" }));
                },
                &["-rule: deletion"],
            ),
        ];
        for (change, difference) in changes {
            let found = compared(&ruleset(change));
            assert_eq!(found.state, RulesetState::Differs);
            assert_eq!(found.difference, difference);
        }
    }
}
