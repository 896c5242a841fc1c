//! Issues and comments.

use serde_json::{Value, json};

use super::super::call::Answer;
use super::super::contract::Edition;
use super::super::issue::{Comment, Issue};
use super::super::state::written;
use super::{Names, Route, Routed, node};

impl Route<'_> {
    /// Newest first; open ones unless the query says otherwise; all of the labels.
    pub(super) fn list_issues(&mut self) -> Routed {
        let names = self.names();
        let query = |name: &str| self.call.query(name).map(str::to_owned);
        let state = query("state").unwrap_or_else(|| "open".into());
        let (creator, labels) = (query("creator"), query("labels").unwrap_or_default());
        let labels: Vec<_> = labels.split(',').filter(|label| !label.is_empty()).collect();
        let oldest_first = self.call.query("direction") == Some("asc");
        let mut issues = self.repository().issues.clone();
        issues.retain(|issue| {
            let has = |label: &&str| issue.labels.iter().any(|own| own.eq_ignore_ascii_case(label));
            let by = creator.as_ref().is_none_or(|login| login.eq_ignore_ascii_case(&issue.author));
            (state == "all" || (state == "open") == issue.open) && by && labels.iter().all(has)
        });
        if !oldest_first {
            issues.reverse();
        }
        let page = self.page_of(issues);
        let body: Vec<_> = page.items.iter().map(|issue| self.issue_json(&names, issue)).collect();
        Ok(page.answer(&json!(body)))
    }

    pub(super) fn create_issue(&mut self) -> Routed {
        let wish = self.call.json();
        let mut issue = Issue::new(&self.caller.login(), &text(&wish["title"]));
        if issue.title.trim().is_empty() {
            return Err(Answer::invalid("Issue", "title", "missing_field"));
        }
        issue.body = wish["body"].as_str().map(str::to_owned);
        // Labels of those who may not write are dropped without a word.
        if self.caller_writes("issues") {
            issue.labels = label_names(&wish["labels"]);
        }
        let (id, now) = (self.state.next_id(), self.state.now());
        let number = self.repository().add_issue(issue, id, now);
        let names = self.names();
        let body = self.issue_answer(number);
        Ok(Answer::json(201, &body).header("location", &names.url(&format!("/issues/{number}"))))
    }

    pub(super) fn get_issue(&mut self) -> Routed {
        let number = self.issue()?.number;
        Ok(Answer::json(200, &self.issue_answer(number)))
    }

    pub(super) fn update_issue(&mut self) -> Routed {
        let wish = self.call.json();
        let issue = self.issue()?;
        if !wish["title"].is_null() {
            issue.title = text(&wish["title"]);
        }
        if let Some(body) = wish["body"].as_str() {
            issue.body = Some(body.to_owned());
        }
        if let Some(state) = wish["state"].as_str() {
            let open = state == "open";
            let usual = if open { "reopened" } else { "completed" };
            let reason = wish["state_reason"].as_str().unwrap_or(usual);
            if open != issue.open {
                issue.state_reason = Some(reason.to_owned());
            }
            issue.open = open;
        }
        let number = issue.number;
        if wish["labels"].is_array() {
            self.replace_labels(number, label_names(&wish["labels"]));
        }
        Ok(Answer::json(200, &self.issue_answer(number)))
    }

    pub(super) fn list_comments(&mut self) -> Routed {
        let names = self.names();
        let issue = self.issue()?.clone();
        let page = self.page_of(issue.comments.clone());
        let body: Vec<_> = page.items.iter().map(|own| names.comment(&issue, own)).collect();
        Ok(page.answer(&json!(body)))
    }

    pub(super) fn create_comment(&mut self) -> Routed {
        let wish = self.call.json();
        let names = self.names();
        let (id, created) = (self.state.next_id(), self.state.now());
        let body = wish["body"].as_str().unwrap_or_default().to_owned();
        if body.trim().is_empty() {
            return Err(Answer::invalid("IssueComment", "body", "missing_field"));
        }
        let comment = Comment { id, body, author: self.caller.login(), created };
        let issue = self.issue()?;
        issue.comments.push(comment.clone());
        let (body, number) = (names.comment(issue, &comment), issue.number);
        let place = names.url(&format!("/issues/{number}#issuecomment-{id}"));
        Ok(Answer::json(201, &body).header("location", &place))
    }

    pub(super) fn issue(&mut self) -> Result<&mut Issue, Answer> {
        let number = self.number("issue_number");
        let mut issues = self.repository().issues.iter_mut();
        issues.find(|issue| issue.number == number).ok_or_else(Answer::not_found)
    }

    fn issue_answer(&mut self, number: u64) -> Value {
        let names = self.names();
        let issue = self.repository().issues.iter().find(|issue| issue.number == number).cloned();
        self.issue_json(&names, &issue.expect("the issue was just found"))
    }

    fn issue_json(&self, names: &Names, issue: &Issue) -> Value {
        let known = self.state.repositories.iter().find(|own| own.settings.id == names.settings.id);
        let known = known.map(|repository| repository.labels.as_slice()).unwrap_or_default();
        let labels = issue.labels.iter().filter_map(|name| {
            let label = known.iter().find(|label| label.name.eq_ignore_ascii_case(name))?;
            Some(names.label(label))
        });
        names.issue(issue, labels.collect())
    }
}

/// A title may be a number as well.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Names of labels, given as text or as objects.
pub(super) fn label_names(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    let names = items.filter_map(|item| item.as_str().or_else(|| item["name"].as_str()));
    names.map(str::to_owned).collect()
}

impl Names {
    fn issue(&self, issue: &Issue, labels: Vec<Value>) -> Value {
        let url = self.url(&format!("/issues/{}", issue.number));
        let kind = if issue.pull_request { "pull" } else { "issues" };
        let page = self.page(&format!("/{kind}/{}", issue.number));
        let created = issue.created.map(written);
        let mut body = json!({
            "id": issue.id, "node_id": node("I", issue.id), "number": issue.number,
            "title": issue.title, "body": issue.body, "user": self.user(&issue.author),
            "labels": labels, "state": if issue.open { "open" } else { "closed" },
            "state_reason": issue.state_reason, "locked": false, "assignees": [],
            "milestone": null, "comments": issue.comments.len(),
            "created_at": created, "updated_at": created,
            "closed_at": if issue.open { None } else { created.clone() },
            "author_association": "NONE", "active_lock_reason": null, "url": url,
            "html_url": page, "repository_url": self.url(""),
            "labels_url": format!("{url}/labels{{/name}}"),
            "comments_url": format!("{url}/comments"), "events_url": format!("{url}/events"),
            "performed_via_github_app": null,
        });
        if self.edition == Edition::V20221128 {
            body["assignee"] = Value::Null;
        }
        if issue.pull_request {
            let pull = self.url(&format!("/pulls/{}", issue.number));
            body["pull_request"] = json!({
                "url": pull, "html_url": page, "merged_at": null,
                "diff_url": format!("{page}.diff"), "patch_url": format!("{page}.patch"),
            });
            if self.edition != Edition::V20221128 {
                // There "merged_at" is not null but absent.
                body["pull_request"].as_object_mut().map(|pull| pull.remove("merged_at"));
            }
        }
        body
    }

    fn comment(&self, issue: &Issue, comment: &Comment) -> Value {
        let created = written(comment.created);
        let number = issue.number;
        json!({
            "id": comment.id, "node_id": node("IC", comment.id), "body": comment.body,
            "user": self.user(&comment.author), "author_association": "NONE",
            "created_at": created, "updated_at": created,
            "url": self.url(&format!("/issues/comments/{}", comment.id)),
            "html_url": self.page(&format!("/issues/{number}#issuecomment-{}", comment.id)),
            "issue_url": self.url(&format!("/issues/{number}")),
            "performed_via_github_app": null,
        })
    }
}
