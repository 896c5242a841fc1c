//! The job that a good token speaks for.

use super::circumstances::Tags;
use super::claims::Claims;
use super::refusal::{Check, Refusal};
use jiff::Timestamp;
use provost_control::config::RepositorySection;
use std::sync::Arc;

/// A job of GitHub Actions, once checks 1 to 10 let its token through.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// What is registered of its repository.
    pub(crate) registered: Arc<RepositorySection>,
    /// GitHub's web address, such as `https://github.com`.
    pub(crate) server_url: Arc<str>,
    /// The issuer of the token.
    pub(crate) issuer: Arc<str>,
    /// Id of the repository.
    pub(crate) repository_id: u64,
    /// Id of its owner.
    pub(crate) owner_id: u64,
    /// The full ref it runs on.
    pub(crate) git_ref: String,
    /// The commit it runs on.
    pub(crate) sha: String,
    /// The run.
    pub(crate) run_id: u64,
    /// The attempt.
    pub(crate) run_attempt: u32,
    /// The workflow that holds the job, with its ref.
    pub(crate) job_workflow_ref: String,
    /// The commit of that workflow.
    pub(crate) job_workflow_sha: String,
    /// Whose runner it is.
    pub(crate) runner_environment: String,
    /// The token's id.
    pub(crate) jti: String,
    /// When the token ends.
    pub(crate) expires_at: Timestamp,
    /// About which tags it may speak.
    pub(crate) tags: Tags,
    /// Who started the run; display only.
    pub(crate) actor: Option<String>,
}

/// The longest id of a token, in bytes.
const MAX_ID: usize = 256;

impl Job {
    pub(super) fn read(
        claims: &Claims,
        registered: &Arc<RepositorySection>,
        tags: Tags,
        (server_url, issuer): (&Arc<str>, &Arc<str>),
        expires_at: Timestamp,
    ) -> Result<Self, Refusal> {
        let text = |check, name| claims.text(check, name).map(str::to_owned);
        let attempt = claims.digits(Check::Circumstances, "run_attempt")?;
        let attempt = u32::try_from(attempt).ok().filter(|attempt| *attempt > 0);
        let run_id = claims.digits(Check::Circumstances, "run_id")?;
        let is_run = run_id > 0 && i64::try_from(run_id).is_ok();
        let jti = claims.text(Check::Replay, "jti")?;
        if !(1..=MAX_ID).contains(&jti.len()) || !jti.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Refusal::new(Check::Replay, "jti is empty, too long or no plain word"));
        }
        Ok(Self {
            registered: Arc::clone(registered),
            server_url: Arc::clone(server_url),
            issuer: Arc::clone(issuer),
            repository_id: registered.repository_id,
            owner_id: registered.owner_id,
            git_ref: text(Check::Circumstances, "ref")?,
            sha: text(Check::Circumstances, "sha")?,
            run_id: Some(run_id)
                .filter(|_| is_run)
                .ok_or_else(|| Refusal::new(Check::Circumstances, "run_id is no run"))?,
            run_attempt: attempt
                .ok_or_else(|| Refusal::new(Check::Circumstances, "run_attempt is no attempt"))?,
            job_workflow_ref: text(Check::Workflow, "job_workflow_ref")?,
            job_workflow_sha: text(Check::Workflow, "job_workflow_sha")?,
            runner_environment: text(Check::Circumstances, "runner_environment")?,
            jti: jti.to_owned(),
            expires_at,
            tags,
            actor: claims.text(Check::Circumstances, "actor").ok().map(str::to_owned),
        })
    }

    /// `OWNER/NAME`, as it is registered.
    pub(crate) fn repository(&self) -> &str {
        &self.registered.repository
    }
}
