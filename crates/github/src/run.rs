//! Workflow runs and their jobs.

use crate::error::GithubError;
use crate::repository::Repository;
use crate::web_address::web_address;
use jiff::Timestamp;
use provost_outbound::Method;
use serde::Deserialize;
use serde_json::json;

/// The most jobs of a run that are looked through; GitHub allows 256 of one matrix.
const MAX_JOBS: usize = 2_000;
/// The most runs that are looked through.
const MAX_RUNS: usize = 1_000;

/// A workflow run, as GitHub tells it now.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Run {
    /// Its id.
    pub id: u64,
    /// Its attempt, from 1.
    #[serde(default = "first")]
    pub run_attempt: u32,
    /// `queued`, `in_progress`, `completed`, …
    pub status: Option<String>,
    /// `success`, `failure`, `cancelled`, `timed_out`, …; `None` while it is not completed.
    pub conclusion: Option<String>,
    /// The event that started it.
    pub event: String,
    /// The branch or tag it runs on, without `refs/…/`.
    pub head_branch: Option<String>,
    /// The commit it runs on.
    pub head_sha: String,
    /// Path of its workflow file, with or without `@REF`.
    pub path: String,
    /// Its page.
    #[serde(deserialize_with = "web_address")]
    pub html_url: String,
    /// The title, from `run-name` when the workflow has one.
    #[serde(default)]
    pub display_title: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Who started it.
    pub actor: Option<Account>,
    repository: Named,
    head_repository: Option<Named>,
}

/// A user or an app.
#[derive(Debug, Clone, Deserialize)]
pub struct Account {
    /// The login.
    pub login: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Named {
    id: u64,
    full_name: String,
}

fn first() -> u32 {
    1
}

impl Run {
    /// The repository whose head was run: its id and `OWNER/NAME`. `None` when it was deleted.
    pub fn head_repository(&self) -> Option<(u64, &str)> {
        self.head_repository.as_ref().map(|named| (named.id, named.full_name.as_str()))
    }

    /// Id of the repository that the run belongs to.
    pub fn repository_id(&self) -> u64 {
        self.repository.id
    }

    /// Whether it came to an end.
    pub fn is_completed(&self) -> bool {
        self.status.as_deref() == Some("completed")
    }

    /// How it ended, or what it is doing.
    pub fn state(&self) -> &str {
        self.conclusion.as_deref().or(self.status.as_deref()).unwrap_or("unknown")
    }
}

/// One job of an attempt.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Job {
    /// Its id.
    pub id: u64,
    /// Its name; for a job of a reusable workflow `CALLER / JOB`.
    pub name: String,
    /// `queued`, `in_progress`, `completed`, …
    pub status: String,
    /// How it ended.
    pub conclusion: Option<String>,
    /// The attempt in which it ran, when GitHub says so.
    pub run_attempt: Option<u32>,
    run_id: u64,
    run_url: String,
}

#[derive(Deserialize)]
struct Jobs {
    jobs: Vec<Job>,
}

#[derive(Deserialize)]
struct Runs {
    workflow_runs: Vec<Run>,
}

impl Repository<'_> {
    /// A run, as it is in its latest attempt.
    ///
    /// # Errors
    /// [`GithubError::NotFound`] when there is none, [`GithubError::InvalidAnswer`] when the answer
    /// is about something else.
    pub fn run(&self, id: u64) -> Result<Run, GithubError> {
        let what = self.of(format!("run {id}"));
        let url = self.url(&["actions", "runs", &id.to_string()]);
        let run: Run = self.github.get_json(url, &what)?;
        if run.id != id || !self.name().is(&run.repository.full_name) {
            let why = format!("it is about run {} of {}", run.id, run.repository.full_name);
            return Err(GithubError::InvalidAnswer { what, why });
        }
        Ok(run)
    }

    /// The jobs of one attempt of a run.
    ///
    /// # Errors
    /// [`GithubError`].
    pub fn jobs(&self, run: u64, attempt: u32) -> Result<Vec<Job>, GithubError> {
        let (id, attempt) = (run.to_string(), attempt.to_string());
        let url = self.url(&["actions", "runs", &id, "attempts", &attempt, "jobs"]);
        let what = self.of(format!("the jobs of run {run}, attempt {attempt},"));
        let jobs = self.github.pages(url, &what).all(MAX_JOBS, |page: Jobs| page.jobs)?;
        self.check_own(jobs.iter().map(|job| job.run_url.as_str()), &what)?;
        match jobs.iter().find(|job| job.run_id != run) {
            None => Ok(jobs),
            Some(stranger) => {
                let why = format!("job {} is of run {}", stranger.id, stranger.run_id);
                Err(GithubError::InvalidAnswer { what, why })
            }
        }
    }

    /// The runs of a workflow file, newest first, made since a time; `event` narrows them.
    ///
    /// # Errors
    /// [`GithubError`].
    pub fn runs_of(
        &self,
        workflow: &str,
        event: Option<&str>,
        since: Timestamp,
    ) -> Result<Vec<Run>, GithubError> {
        let mut url = self.url(&["actions", "workflows", workflow, "runs"]);
        let seconds = Timestamp::from_second(since.as_second()).unwrap_or(since);
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("created", &format!(">={seconds}"));
            if let Some(event) = event {
                query.append_pair("event", event);
            }
        }
        let what = self.of(format!("the runs of workflow {workflow}"));
        let runs = self.github.pages(url, &what).all(MAX_RUNS, |page: Runs| page.workflow_runs)?;
        match runs.iter().find(|run| !self.name().is(&run.repository.full_name)) {
            None => Ok(runs),
            Some(stranger) => {
                let why = format!("run {} is of {}", stranger.id, stranger.repository.full_name);
                Err(GithubError::InvalidAnswer { what, why })
            }
        }
    }

    /// Runs all jobs of a run again.
    ///
    /// # Errors
    /// [`GithubError`]; [`GithubError::is_ambiguous`] tells whether it may have happened.
    pub fn rerun(&self, run: u64) -> Result<(), GithubError> {
        let url = self.url(&["actions", "runs", &run.to_string(), "rerun"]);
        let what = self.of(format!("a rerun of run {run}"));
        self.github.order(Method::Post, url, &json!({}), &what).map(|_| ())
    }
}
