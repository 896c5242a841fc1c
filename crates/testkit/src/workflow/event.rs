//! What starts a run.

use serde_json::{Map, Value, json};

/// An event, and the ref that it is about.
#[derive(Clone, Debug)]
pub struct Event {
    pub(super) name: String,
    pub(super) git_ref: String,
    pub(super) inputs: Map<String, Value>,
    /// `github.event`, without what every event has.
    pub(super) payload: Value,
}

impl Event {
    /// `gh workflow run` with these fields, on a full ref.
    pub fn dispatch(git_ref: &str, inputs: &[(&str, &str)]) -> Self {
        let mut event = Self::new("workflow_dispatch", git_ref, json!({}));
        let pair = |&(name, value): &(&str, &str)| (name.to_owned(), json!(value));
        event.inputs = inputs.iter().map(pair).collect();
        event
    }

    /// A push that moved the ref from the commit `before`.
    pub fn push(git_ref: &str, before: &str) -> Self {
        Self::new("push", git_ref, json!({ "before": before }))
    }

    /// A pull request of a branch of the repository itself, onto the commit `base`.
    pub fn pull_request(git_ref: &str, number: u64, base: &str) -> Self {
        let request = json!({ "number": number, "base": { "sha": base } });
        Self::new("pull_request", git_ref, json!({ "pull_request": request }))
    }

    /// A merge queue that would put the ref onto the commit `base`.
    pub fn merge_group(git_ref: &str, base: &str) -> Self {
        Self::new("merge_group", git_ref, json!({ "merge_group": { "base_sha": base } }))
    }

    /// The end of a run of another workflow, on the default branch; `head` is `OWNER/NAME`.
    pub fn workflow_run(default_branch: &str, head: &str, branch: &str, commit: &str) -> Self {
        let run = json!({
            "head_repository": { "full_name": head }, "head_branch": branch, "head_sha": commit,
        });
        let git_ref = format!("refs/heads/{default_branch}");
        Self::new("workflow_run", &git_ref, json!({ "workflow_run": run }))
    }

    /// The publication of a release by a person.
    pub fn release(repository: &str, tag: &str) -> Self {
        let page = format!("https://github.com/{repository}/releases/tag/{tag}");
        let release = json!({ "tag_name": tag, "html_url": page });
        Self::new("release", &format!("refs/tags/{tag}"), json!({ "release": release }))
    }

    /// The clock, on the default branch.
    pub fn schedule(default_branch: &str) -> Self {
        Self::new("schedule", &format!("refs/heads/{default_branch}"), json!({}))
    }

    pub(super) fn new(name: &str, git_ref: &str, payload: Value) -> Self {
        Self { name: name.to_owned(), git_ref: git_ref.to_owned(), inputs: Map::new(), payload }
    }

    /// Name of the branch or tag alone.
    pub(super) fn ref_name(&self) -> &str {
        let ends = ["refs/heads/", "refs/tags/", "refs/"];
        ends.iter().find_map(|end| self.git_ref.strip_prefix(end)).unwrap_or(&self.git_ref)
    }

    pub(super) fn ref_type(&self) -> &'static str {
        if self.git_ref.starts_with("refs/tags/") { "tag" } else { "branch" }
    }
}
