//! The operations, by the `operationId` of GitHub's description.

mod account;
mod actions;
mod attestations;
mod contents;
mod dispatch;
mod git;
mod issues;
mod labels;
mod pages;
mod releases;
mod repositories;
mod rulesets;

use std::sync::Arc;

use serde_json::{Value, json};

use super::access::Caller;
use super::call::{Answer, Call};
use super::contract::{Edition, Matched};
use super::repository::{RepositoryHandle, RepositoryState, Settings, number_of};
use super::state::{Shared, State};

/// Status of an operation that GitHub describes and the fake does not know.
pub(crate) const UNKNOWN: u16 = 501;

/// An answer that ends the route early is an error to `?` alone.
pub(crate) type Routed = Result<Answer, Answer>;

/// One call on its way through a route.
pub(crate) struct Route<'a> {
    shared: &'a Arc<Shared>,
    state: &'a mut State,
    call: &'a Call,
    matched: &'a Matched,
    caller: &'a Caller,
    edition: Edition,
    /// What happens once the state is unlocked, before the answer is sent.
    pub(crate) afterwards: Vec<Box<dyn FnOnce()>>,
}

impl<'a> Route<'a> {
    pub(crate) fn new(
        shared: &'a Arc<Shared>,
        state: &'a mut State,
        call: &'a Call,
        matched: &'a Matched,
        caller: &'a Caller,
        edition: Edition,
    ) -> Self {
        Self { shared, state, call, matched, caller, edition, afterwards: Vec::new() }
    }

    pub(crate) fn answer(&mut self) -> Answer {
        let (Ok(answer) | Err(answer)) = self.routed();
        answer
    }

    fn routed(&mut self) -> Routed {
        match self.matched.id.as_str() {
            "rate-limit/get" => self.rate_limit(),
            "users/get-authenticated" => self.user(),
            "repos/get" => self.get_repository(),
            "repos/update" => self.update_repository(),
            "repos/list-tags" => self.list_tags(),
            "repos/get-commit" => self.get_commit(),
            "repos/list-pull-requests-associated-with-commit" => self.list_pulls_of_commit(),
            "repos/get-content" => self.get_content(),
            "repos/create-or-update-file-contents" => self.put_content(),
            "repos/delete-file" => self.delete_content(),
            "git/get-ref" => self.get_ref(),
            "git/list-matching-refs" => self.list_matching_refs(),
            "git/get-tag" => self.get_tag(),
            "repos/list-releases" => self.list_releases(),
            "repos/create-release" => self.create_release(),
            "repos/get-release" => self.get_release(),
            "repos/get-release-by-tag" => self.get_release_by_tag(),
            "repos/update-release" => self.update_release(),
            "repos/delete-release" => self.delete_release(),
            "repos/list-release-assets" => self.list_assets(),
            "repos/upload-release-asset" => self.upload_asset(),
            "repos/get-release-asset" => self.get_asset(),
            "repos/update-release-asset" => self.update_asset(),
            "repos/delete-release-asset" => self.delete_asset(),
            "actions/get-workflow" => self.get_workflow(),
            "actions/create-workflow-dispatch" => self.dispatch(),
            "actions/list-workflow-runs" | "actions/list-workflow-runs-for-repo" => {
                self.list_runs()
            }
            "actions/get-workflow-run" => self.get_run(),
            "actions/get-workflow-run-attempt" => self.get_run_attempt(),
            "actions/delete-workflow-run" => self.delete_run(),
            "actions/re-run-workflow" => self.rerun(),
            "actions/list-jobs-for-workflow-run" => self.list_jobs(),
            "actions/list-jobs-for-workflow-run-attempt" => self.list_jobs_of_attempt(),
            "actions/list-workflow-run-artifacts" => self.list_artifacts(),
            "actions/list-artifacts-for-repo" => self.list_artifacts_of_repository(),
            "actions/download-artifact" => self.download_artifact(),
            "repos/list-attestations" => self.list_attestations(),
            "issues/list-for-repo" => self.list_issues(),
            "issues/create" => self.create_issue(),
            "issues/get" => self.get_issue(),
            "issues/update" => self.update_issue(),
            "issues/list-comments" => self.list_comments(),
            "issues/create-comment" => self.create_comment(),
            "issues/list-labels-on-issue" => self.list_labels_of_issue(),
            "issues/add-labels" => self.add_labels(),
            "issues/set-labels" => self.set_labels(),
            "issues/remove-all-labels" => self.remove_labels(),
            "issues/list-labels-for-repo" => self.list_labels(),
            "issues/create-label" => self.create_label(),
            "repos/get-repo-rulesets" => self.list_rulesets(),
            "repos/create-repo-ruleset" => self.create_ruleset(),
            "repos/get-repo-ruleset" => self.get_ruleset(),
            "repos/get-branch-rules" => self.list_branch_rules(),
            other => Err(Answer::error(UNKNOWN, &format!("the fake does not know {other}"))),
        }
    }

    /// The repository of the path; it exists, or access would have been refused.
    fn repository(&mut self) -> &mut RepositoryState {
        let (owner, name) = (self.matched.parameter("owner"), self.matched.parameter("repo"));
        self.state.repository(owner, name).expect("access was granted to a repository that exists")
    }

    fn handle(&mut self) -> RepositoryHandle {
        let id = self.repository().settings.id;
        RepositoryHandle { shared: Arc::clone(self.shared), id }
    }

    /// What names and addresses in answers are made of.
    fn names(&mut self) -> Names {
        let settings = self.repository().settings.clone();
        let api = self.shared.addresses.api.clone();
        Names { settings, api, edition: self.edition }
    }

    /// A number of the path; the contract has seen that it is one.
    fn number(&self, parameter: &str) -> u64 {
        self.matched.parameter(parameter).parse().unwrap_or_default()
    }

    /// May the caller write this permission? Drafts are shown to those alone.
    fn caller_writes(&mut self, permission: &str) -> bool {
        let settings = self.repository().settings.clone();
        self.caller.token().is_some_and(|token| {
            let write = super::token::Level::Write;
            token.covers(&settings.full_name()) && token.allows(permission, write, settings.private)
        })
    }
}

/// The parts of names and addresses in answers about a repository.
pub(crate) struct Names {
    pub(crate) settings: Settings,
    pub(crate) api: String,
    pub(crate) edition: Edition,
}

impl Names {
    /// Address in the API, below the repository.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/repos/{}{path}", self.api, self.settings.full_name())
    }

    /// Address of a page, below the repository.
    pub(crate) fn page(&self, path: &str) -> String {
        format!("https://github.com/{}{path}", self.settings.full_name())
    }

    /// `simple-user`.
    pub(crate) fn user(&self, login: &str) -> Value {
        account_json(&self.api, login, number_of(login), account_kind(login))
    }

    pub(crate) fn owner(&self) -> Value {
        account_json(&self.api, &self.settings.owner, self.settings.owner_id, "Organization")
    }
}

fn account_kind(login: &str) -> &'static str {
    if login.ends_with("[bot]") { "Bot" } else { "User" }
}

/// `simple-user` of GitHub's description.
fn account_json(api: &str, login: &str, id: u64, kind: &str) -> Value {
    let name = super::percent::encoded_value(login);
    let url = |rest: &str| format!("{api}/users/{name}{rest}");
    json!({
        "login": login, "id": id, "node_id": node("U", id), "type": kind, "site_admin": false,
        "avatar_url": format!("https://avatars.githubusercontent.com/u/{id}?v=4"),
        "gravatar_id": "", "url": url(""), "html_url": format!("https://github.com/{name}"),
        "followers_url": url("/followers"), "following_url": url("/following{/other_user}"),
        "gists_url": url("/gists{/gist_id}"), "starred_url": url("/starred{/owner}{/repo}"),
        "subscriptions_url": url("/subscriptions"), "organizations_url": url("/orgs"),
        "repos_url": url("/repos"), "events_url": url("/events{/privacy}"),
        "received_events_url": url("/received_events"), "user_view_type": "public",
    })
}

/// A `node_id` in GitHub's shape.
pub(crate) fn node(kind: &str, id: u64) -> String {
    format!("{kind}_kwDO{id:08x}")
}

/// Every `OWNER/NAME` and repository number of an answer becomes another repository's.
pub(crate) fn as_other_repository(answer: &mut Answer) {
    let Ok(mut value) = serde_json::from_slice::<Value>(&answer.body) else { return };
    let mut names = Vec::new();
    collect_names(&value, &mut names);
    rename(&mut value, &names);
    answer.body = value.to_string().into_bytes();
}

/// Name and number of the repositories that an answer holds.
fn collect_names(value: &Value, names: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(object) => {
            if let Some(name) = object.get("full_name").and_then(Value::as_str) {
                names.push((name.to_owned(), object["id"].clone()));
            }
            object.values().for_each(|child| collect_names(child, names));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_names(item, names)),
        _ => {}
    }
    // Answers about a part of a repository name it in their addresses alone.
    if let Some(text) = value.as_str() {
        let rest = text.split_once("/repos/").map(|(_, rest)| rest);
        let mut parts = rest.unwrap_or_default().split('/');
        if let (Some(owner), Some(name)) = (parts.next(), parts.next()) {
            names.push((format!("{owner}/{name}"), Value::Null));
        }
    }
}

fn rename(value: &mut Value, names: &[(String, Value)]) {
    match value {
        Value::Object(object) => {
            for (key, child) in object.iter_mut() {
                let number = names.iter().any(|(_, id)| child.is_number() && child == id);
                if number && (key == "id" || key.ends_with("repository_id")) {
                    *child = json!(1);
                } else {
                    rename(child, names);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names)),
        Value::String(text) => {
            for (name, _) in names {
                *text = text.replace(name.as_str(), "other/elsewhere");
            }
        }
        _ => {}
    }
}
