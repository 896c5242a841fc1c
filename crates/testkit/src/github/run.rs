//! Runs of a workflow and the identity that each has.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::job::Job;
use super::repository::{Settings, number_of};
use super::state::State;
use crate::identity::{WorkflowIdentity, WorkflowRun};

/// A run to be added with [`RepositoryHandle::run`](super::RepositoryHandle::run); it completed with success unless told
/// otherwise.
#[derive(Clone, Debug)]
pub struct Run {
    /// GitHub's number; given when it is added unless set.
    pub id: u64,
    /// Path of the workflow file.
    pub workflow_path: String,
    /// `name:` of the workflow.
    pub workflow_name: String,
    /// Title in the listing.
    pub title: String,
    /// Triggering event.
    pub event: String,
    /// Full ref, such as `refs/tags/v1`.
    pub git_ref: String,
    /// Commit, 40 hexadecimal digits.
    pub commit: String,
    /// `queued`, `in_progress` or `completed`.
    pub status: String,
    /// `success`, `failure`, `cancelled` and so on, once completed.
    pub conclusion: Option<String>,
    /// From 1.
    pub attempt: u64,
    /// The login that started it.
    pub actor: String,
    /// `OWNER/NAME` from which the commit comes, for a pull request of a fork; absent for the
    /// repository itself.
    pub head_repository: Option<String>,
    /// Inputs of the dispatch.
    pub inputs: Map<String, Value>,
    /// Jobs of all attempts.
    pub jobs: Vec<Job>,
    pub(crate) created: Option<Timestamp>,
    /// How many more listings do not show it.
    pub(crate) hidden_listings: usize,
    /// After so many more looks the run completes with this conclusion.
    pub(crate) completes: Option<(usize, String)>,
}

impl Run {
    /// A run of the workflow file on a full ref that is this commit: event `push`, completed with
    /// success.
    pub fn new(workflow_path: &str, git_ref: &str, commit: &str) -> Self {
        Self {
            id: 0,
            workflow_path: workflow_path.to_owned(),
            workflow_name: "Release".into(),
            title: "Release".into(),
            event: "push".into(),
            git_ref: git_ref.to_owned(),
            commit: commit.to_owned(),
            status: "completed".into(),
            conclusion: Some("success".into()),
            attempt: 1,
            actor: "release-engineer".into(),
            head_repository: None,
            inputs: Map::new(),
            jobs: Vec::new(),
            created: None,
            hidden_listings: 0,
            completes: None,
        }
    }

    /// Another event than `push`.
    #[must_use]
    pub fn event(mut self, event: &str) -> Self {
        self.event = event.to_owned();
        self
    }

    /// This number, instead of one of the fake's choice.
    #[must_use]
    pub fn id(mut self, id: u64) -> Self {
        self.id = id;
        self
    }

    /// Started by this login.
    #[must_use]
    pub fn actor(mut self, login: &str) -> Self {
        self.actor = login.to_owned();
        self
    }

    /// Of a commit of this fork, `OWNER/NAME`.
    #[must_use]
    pub fn from_fork(mut self, full_name: &str) -> Self {
        self.head_repository = Some(full_name.to_owned());
        self
    }

    /// Still going on.
    #[must_use]
    pub fn in_progress(mut self) -> Self {
        self.status = "in_progress".into();
        self.conclusion = None;
        self
    }

    /// Completed with this conclusion.
    #[must_use]
    pub fn conclusion(mut self, conclusion: &str) -> Self {
        self.status = "completed".into();
        self.conclusion = Some(conclusion.to_owned());
        self
    }

    /// Name of branch or tag, as `head_branch` says it.
    pub(crate) fn short_ref(&self) -> &str {
        let ends = ["refs/heads/", "refs/tags/"];
        ends.iter().find_map(|end| self.git_ref.strip_prefix(end)).unwrap_or(&self.git_ref)
    }

    /// One more look at it, which may be the one after which it is completed.
    pub(crate) fn looked_at(&mut self) {
        match &mut self.completes {
            Some((0, conclusion)) => {
                self.conclusion = Some(std::mem::take(conclusion));
                self.status = "completed".into();
                self.completes = None;
            }
            Some((looks, _)) => *looks -= 1,
            None => {}
        }
    }

    /// The claims that GitHub signs for a job of this run.
    pub(crate) fn identity(&self, settings: &Settings) -> WorkflowIdentity {
        let run = WorkflowRun {
            repository: settings.full_name(),
            repository_id: settings.id.to_string(),
            owner_id: settings.owner_id.to_string(),
            workflow_path: self.workflow_path.clone(),
            git_ref: self.git_ref.clone(),
            commit: self.commit.clone(),
            event: self.event.clone(),
            run_id: self.id.to_string(),
            attempt: self.attempt.to_string(),
        };
        let mut identity = WorkflowIdentity::github_actions(run);
        identity.workflow_name = self.workflow_name.clone();
        identity.visibility = visibility(settings).into();
        identity
    }

    /// The claims of the identity token, without audience and times.
    pub(crate) fn claims(&self, settings: &Settings) -> Map<String, Value> {
        let full_name = settings.full_name();
        let workflow_ref = format!("{full_name}/{}@{}", self.workflow_path, self.git_ref);
        let tag = self.git_ref.starts_with("refs/tags/");
        let claims = json!({
            "iss": "https://token.actions.githubusercontent.com",
            "sub": format!("repo:{full_name}:ref:{}", self.git_ref),
            "aud": format!("https://github.com/{}", settings.owner),
            "ref": self.git_ref, "sha": self.commit, "ref_protected": "false",
            "ref_type": if tag { "tag" } else { "branch" },
            "repository": full_name, "repository_id": settings.id.to_string(),
            "repository_owner": settings.owner,
            "repository_owner_id": settings.owner_id.to_string(),
            "repository_visibility": visibility(settings),
            "run_id": self.id.to_string(), "run_number": "1",
            "run_attempt": self.attempt.to_string(),
            "actor": self.actor, "actor_id": number_of(&self.actor).to_string(),
            "workflow": self.workflow_name, "event_name": self.event,
            "workflow_ref": workflow_ref, "workflow_sha": self.commit,
            "job_workflow_ref": workflow_ref, "job_workflow_sha": self.commit,
            "head_ref": "", "base_ref": "",
            "runner_environment": "github-hosted",
        });
        claims.as_object().cloned().unwrap_or_default()
    }
}

fn visibility(settings: &Settings) -> &'static str {
    if settings.private { "private" } else { "public" }
}

impl State {
    /// Adds a run to a repository; its number.
    pub(crate) fn add_run(&mut self, repository: u64, mut run: Run) -> u64 {
        let (number, now) = (self.next_id(), self.now());
        if run.id == 0 {
            run.id = number;
        }
        let id = run.id;
        run.created.get_or_insert(now);
        let count = (1..).zip(&mut run.jobs);
        count.for_each(|(number, job)| job.id = id * 1_000 + number);
        self.repository_by_id(repository).runs.push(run);
        id
    }
}
