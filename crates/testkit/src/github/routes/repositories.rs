//! The repository itself.

use serde_json::{Value, json};

use super::super::call::Answer;
use super::{Names, Route, Routed, node};

impl Route<'_> {
    pub(super) fn get_repository(&mut self) -> Routed {
        Ok(Answer::json(200, &self.names().full_repository()))
    }

    /// Default branch and visibility can change; the rest is taken and forgotten.
    pub(super) fn update_repository(&mut self) -> Routed {
        let wish = self.call.json();
        let repository = self.repository();
        if let Some(branch) = wish["default_branch"].as_str() {
            if repository.objects.find_ref(&format!("refs/heads/{branch}")).is_none() {
                return Err(Answer::invalid("Repository", "default_branch", "invalid"));
            }
            repository.settings.default_branch = branch.to_owned();
        }
        if let Some(private) = wish["private"].as_bool() {
            repository.settings.private = private;
        }
        self.get_repository()
    }
}

impl Names {
    /// `minimal-repository`.
    pub(crate) fn repository(&self) -> Value {
        let settings = &self.settings;
        let mut body = json!({
            "id": settings.id, "node_id": node("R", settings.id), "name": settings.name,
            "full_name": settings.full_name(), "private": settings.private,
            "owner": self.owner(), "html_url": self.page(""), "description": null, "fork": false,
            "url": self.url(""),
        });
        for (name, path) in ADDRESSES {
            body[format!("{name}_url")] = json!(self.url(path));
        }
        body
    }

    /// `minimal-repository` of another repository of which only the name is known (a fork).
    pub(crate) fn repository_named(&self, full_name: &str) -> Value {
        let (owner, name) = full_name.split_once('/').unwrap_or((full_name, ""));
        let mut settings = self.settings.clone();
        settings.id = super::number_of(full_name);
        settings.owner_id = super::number_of(owner);
        (settings.owner, settings.name) = (owner.to_owned(), name.to_owned());
        let other = Self { settings, api: self.api.clone(), edition: self.edition };
        let mut body = other.repository();
        body["fork"] = json!(true);
        body
    }

    /// `full-repository`.
    fn full_repository(&self) -> Value {
        let mut body = self.repository();
        let page = self.page("");
        let more = json!({
            "clone_url": format!("{page}.git"), "git_url": format!("git:{}.git", &page[6..]),
            "ssh_url": format!("git@github.com:{}.git", self.settings.full_name()),
            "svn_url": page, "mirror_url": null, "homepage": null, "language": null,
            "license": null, "default_branch": self.settings.default_branch,
            "visibility": if self.settings.private { "private" } else { "public" },
            "forks": 0, "forks_count": 0, "stargazers_count": 0, "watchers": 0,
            "watchers_count": 0, "size": 1, "open_issues": 0, "open_issues_count": 0,
            "network_count": 0, "subscribers_count": 0, "has_issues": true,
            "has_projects": false, "has_wiki": false, "has_pages": false,
            "has_discussions": false, "archived": false, "disabled": false,
            "pushed_at": "2026-01-02T03:04:05Z", "created_at": "2020-01-02T03:04:05Z",
            "updated_at": "2026-01-02T03:04:05Z",
        });
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        body
    }
}

/// The addresses that every repository lists.
const ADDRESSES: &[(&str, &str)] = &[
    ("archive", "/{archive_format}{/ref}"),
    ("assignees", "/assignees{/user}"),
    ("blobs", "/git/blobs{/sha}"),
    ("branches", "/branches{/branch}"),
    ("collaborators", "/collaborators{/collaborator}"),
    ("comments", "/comments{/number}"),
    ("commits", "/commits{/sha}"),
    ("compare", "/compare/{base}...{head}"),
    ("contents", "/contents/{+path}"),
    ("contributors", "/contributors"),
    ("deployments", "/deployments"),
    ("downloads", "/downloads"),
    ("events", "/events"),
    ("forks", "/forks"),
    ("git_commits", "/git/commits{/sha}"),
    ("git_refs", "/git/refs{/sha}"),
    ("git_tags", "/git/tags{/sha}"),
    ("hooks", "/hooks"),
    ("issue_comment", "/issues/comments{/number}"),
    ("issue_events", "/issues/events{/number}"),
    ("issues", "/issues{/number}"),
    ("keys", "/keys{/key_id}"),
    ("labels", "/labels{/name}"),
    ("languages", "/languages"),
    ("merges", "/merges"),
    ("milestones", "/milestones{/number}"),
    ("notifications", "/notifications{?since,all,participating}"),
    ("pulls", "/pulls{/number}"),
    ("releases", "/releases{/id}"),
    ("stargazers", "/stargazers"),
    ("statuses", "/statuses/{sha}"),
    ("subscribers", "/subscribers"),
    ("subscription", "/subscription"),
    ("tags", "/tags"),
    ("teams", "/teams"),
    ("trees", "/git/trees{/sha}"),
];
