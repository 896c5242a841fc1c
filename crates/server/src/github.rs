//! Looking hints up: what GitHub itself says about a run or a release that a webhook named.

use crate::error::ServerError;
use crate::settings::Settings;
use jiff::Timestamp;
use provost_control::{ControlError, chain};
use provost_github::{GitHub, GithubError, RepositoryName, Run};
use provost_record::{Event, EventKey, EventKind, Status};
use std::collections::BTreeMap;

/// Ends of a run that are no success and that a job of the run may not have told.
const ENDS: [&str; 4] = ["cancelled", "failure", "startup_failure", "timed_out"];

/// Who is listened to, and how GitHub is asked.
#[derive(Debug)]
pub(crate) struct Hints {
    /// `OWNER/NAME` by the repository's number.
    repositories: BTreeMap<u64, String>,
    /// Path of the workflow that makes the provenance.
    workflow: String,
    /// `None` without a token: then nothing is looked up.
    github: Option<GitHub>,
}

/// What a look-up found.
#[derive(Debug, Clone)]
pub(crate) enum Finding {
    /// There is nothing to record.
    Nothing(&'static str),
    /// A run failed.
    Failed(Box<Event>),
    /// A release was published.
    Published {
        /// When.
        at: Timestamp,
        /// Its page.
        url: String,
    },
}

/// Why GitHub was not asked, or did not answer.
#[derive(Debug, Clone)]
pub(crate) struct Unasked {
    pub(crate) why: String,
    /// When it may be asked again, if it limits its callers and says so.
    pub(crate) limited_until: Option<Timestamp>,
}

impl Finding {
    /// What was found, for the log.
    pub(crate) fn shown(&self) -> &'static str {
        match self {
            Self::Nothing(why) => why,
            Self::Failed(_) => "the run failed",
            Self::Published { .. } => "the release was published",
        }
    }
}

impl Hints {
    /// The repositories of `[server]`, and that of `[source]` when its number is known.
    pub(crate) fn new(settings: &Settings) -> Result<Self, ServerError> {
        let config = &settings.loaded.config;
        let registered = config.server.repositories.iter();
        let mut repositories: BTreeMap<u64, String> =
            registered.map(|own| (own.repository_id, own.repository.clone())).collect();
        if let (Some(id), Ok(source)) = (config.source.repository_id, config.repository()) {
            repositories.entry(id).or_insert_with(|| source.slug());
        }
        let environment = &settings.secrets.environment;
        let github = match &environment.token {
            None => None,
            Some(token) => {
                let api = environment.api_url.as_deref();
                let mut github =
                    config.github.settings(api).map_err(ControlError::Configuration)?;
                github.retry = settings.retry.clone();
                let github = GitHub::new(github, Some(token.clone()), &[]);
                Some(github.map_err(ControlError::from)?)
            }
        };
        let workflow = format!(".github/workflows/{}", config.dispatch.workflow);
        Ok(Self { repositories, workflow, github })
    }

    /// `OWNER/NAME` of a repository that is listened to.
    pub(crate) fn repository(&self, id: u64) -> Option<&str> {
        self.repositories.get(&id).map(String::as_str)
    }

    /// Whether a run of that workflow file makes provenance.
    pub(crate) fn is_provenance(&self, path: &str) -> bool {
        path.split('@').next() == Some(self.workflow.as_str())
    }

    /// Whether GitHub can be asked.
    pub(crate) fn can_ask(&self) -> bool {
        self.github.is_some()
    }

    /// What GitHub says about a run. It waits for GitHub: not on a thread that runs tasks.
    ///
    /// # Errors
    /// Why it could not be asked, in words.
    pub(crate) fn run(&self, repository: &str, run_id: u64) -> Result<Finding, Unasked> {
        let Some((github, name)) = self.github.as_ref().zip(RepositoryName::parse(repository))
        else {
            return Ok(Finding::Nothing("no token to ask GitHub with"));
        };
        let run = match github.repository(name.clone()).run(run_id) {
            Ok(run) => run,
            Err(error) if error.is_not_found() => {
                return Ok(Finding::Nothing("GitHub has no such run"));
            }
            Err(error) => return Err(error.into()),
        };
        if !self.is_provenance(&run.path) {
            return Ok(Finding::Nothing("the run is of another workflow"));
        }
        if !run.is_completed() {
            return Ok(Finding::Nothing("the run goes on"));
        }
        let own = self.repositories.iter().find(|(_, own)| own.as_str() == repository);
        if own.is_none_or(|(id, _)| *id != run.repository_id()) {
            return Ok(Finding::Nothing("the run is of another repository"));
        }
        if !ENDS.contains(&run.state()) {
            return Ok(Finding::Nothing("the run did not fail"));
        }
        // A run on a branch is about no release that could be named.
        let tag = run.head_branch.clone().unwrap_or_default();
        let tagged = github.repository(name).peeled_tag(&tag)?;
        Ok(match tagged {
            Some(_) => Finding::Failed(Box::new(failed(repository, &tag, &run))),
            None => Finding::Nothing("the run is on no tag"),
        })
    }

    /// What GitHub says about the release of a tag. It waits for GitHub: not on a thread that runs
    /// tasks.
    ///
    /// # Errors
    /// Why it could not be asked, in words.
    pub(crate) fn release(&self, repository: &str, tag: &str) -> Result<Finding, Unasked> {
        let Some((github, name)) = self.github.as_ref().zip(RepositoryName::parse(repository))
        else {
            return Ok(Finding::Nothing("no token to ask GitHub with"));
        };
        let release = github.repository(name).release_of(tag)?;
        Ok(match release {
            Some(release) if !release.draft => Finding::Published {
                at: release.published_at.unwrap_or(release.created_at),
                url: release.html_url,
            },
            Some(_) => Finding::Nothing("the release is a draft"),
            None => Finding::Nothing("GitHub has no such release"),
        })
    }
}

/// The failure of a run as the event `provenance`, whose key is that of a manifest entry of the
/// same time.
fn failed(repository: &str, tag: &str, run: &Run) -> Event {
    let (kind, at) = (EventKind::Provenance, run.updated_at);
    let state = run.state().replace('_', " ");
    let status = Status::Failure;
    Event {
        key: EventKey::of_entry(kind, Some(repository), run.id, tag, status, at),
        kind,
        status: status.into(),
        run_id: run.id,
        attempt: Some(run.run_attempt),
        repository: Some(repository.to_owned()),
        release_url: None,
        artifact_path: None,
        failure_reason: Some(format!("the provenance run ended with: {state}")),
        occurred_at: at,
        validated_at: None,
        commit_sha: Some(run.head_sha.clone()),
        builder_id: None,
        slsa_build_level: None,
        decision: None,
        manifest_sha256: None,
        actor: run.actor.as_ref().map(|actor| actor.login.clone()),
        tag: tag.to_owned(),
    }
}

impl From<GithubError> for Unasked {
    fn from(error: GithubError) -> Self {
        Self { why: chain(&error), limited_until: error.limited_until() }
    }
}
