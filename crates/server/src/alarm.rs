//! Telling failures: Slack, then an issue, as `[notify]` says.

use crate::error::ServerError;
use crate::message::FailureMessage;
use crate::settings::Settings;
use provost_control::config::{LoadedConfig, NotifySection};
use provost_control::{Connection, GithubIssues};
use provost_github::RepositoryName;
use provost_notify::{Announcement, FailureNotice, Incident, Slack, Told, announce};
use provost_outbound::{Origin, Url};
use provost_wire::v1::Failure;

/// What is to be done when the configuration says nothing.
const NEXT_STEP: &str = "open the run, mend what failed there, and start the provenance of this \
                         tag again; `provost explain CHECK` says what a failed check means";

/// Longest reason that is told, in characters.
const MAX_REASON: usize = 2000;

/// Whom this server tells.
#[derive(Debug)]
pub(crate) struct Alarm {
    section: NotifySection,
    slack: Option<Slack>,
    server_url: String,
    tracker: Option<GithubIssues>,
}

/// What telling Slack came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ToldSlack {
    pub(crate) way: &'static str,
    /// `None` when it was delivered.
    pub(crate) problem: Option<String>,
}

impl Alarm {
    pub(crate) fn new(settings: &Settings) -> Result<Self, ServerError> {
        let loaded = &settings.loaded;
        let mut section = loaded.config.notify.clone();
        if leads_here(loaded, section.slack_function_url.as_deref()) {
            // The function of this server cannot be the way by which this server tells.
            section.slack_function_url = None;
        }
        let environment = &settings.secrets.environment;
        let tracker = match (&environment.token, section.issues) {
            (Some(token), true) => {
                let token = Some(token.clone());
                let connection =
                    Connection::new(&loaded.config, environment, token, &settings.retry)?;
                Some(GithubIssues::new(connection, section.login.clone()))
            }
            _ => None,
        };
        Ok(Self {
            slack: settings.secrets.notify.slack(&section, Slack::limits(), &settings.retry),
            server_url: loaded.config.github.server_url.trim_end_matches('/').to_owned(),
            tracker,
            section,
        })
    }

    /// Whether there is anybody to tell.
    pub(crate) fn is_configured(&self) -> bool {
        self.tracker.is_some() || self.slack.is_some()
    }

    /// Tells a failure, in Slack or in an issue. It waits for other servers: not on a thread that
    /// runs tasks.
    pub(crate) fn tell(&self, failure: &FailureMessage) -> Announcement {
        let tracker = self.tracker.as_ref();
        let tracker = tracker.map(|tracker| (tracker as _, self.section.label.as_str()));
        announce(&self.notice(failure), Told::default(), self.slack.as_ref(), tracker)
    }

    /// Tells Slack alone.
    pub(crate) fn tell_slack(&self, failure: &FailureMessage) -> ToldSlack {
        match &self.slack {
            None => ToldSlack {
                way: "slack",
                problem: Some("this server has no way to Slack".to_owned()),
            },
            Some(slack) => {
                let problem = slack.post(&self.notice(failure)).err();
                let problem = problem.map(|error| match error.may_have_arrived {
                    true => format!("{error}; it may have arrived"),
                    false => error.to_string(),
                });
                ToldSlack { way: slack.way().as_str(), problem }
            }
        }
    }

    fn notice(&self, failure: &FailureMessage) -> FailureNotice {
        let reason = one_line(&failure.reason);
        let repository = failure.repository.as_deref();
        let name = repository.and_then(RepositoryName::parse);
        let repository_url = name.map(|name| format!("{}/{name}", self.server_url));
        let mut document =
            Failure::reported(failure.run_id, &failure.tag, &reason, failure.occurred_at);
        document.repository = failure.repository.clone();
        document.checks_failed = failure.checks_failed.clone();
        document.release_url = failure.release_url.clone().unwrap_or_default();
        let run = (failure.run_id != 0).then_some(failure.run_id);
        document.run_url = repository_url
            .as_ref()
            .zip(run)
            .map(|(repository, run)| format!("{repository}/actions/runs/{run}"));
        FailureNotice {
            incident: Incident {
                repository: failure.repository.clone().unwrap_or_default(),
                tag: failure.tag.clone(),
                run: failure.run_id,
            },
            reason,
            checks_failed: failure.checks_failed.clone(),
            workflow: None,
            repository_url,
            linked_run: failure.run_id,
            release_url: document.release_url.clone(),
            occurred_at: failure.occurred_at,
            mark: String::new(),
            next_step: self.section.next_step.clone().unwrap_or_else(|| NEXT_STEP.to_owned()),
            runbook_url: self.section.runbook_url.clone(),
            failure_json: document.to_json(),
        }
    }
}

fn leads_here(loaded: &LoadedConfig, function: Option<&str>) -> bool {
    let audience = loaded.config.server.audience.as_deref();
    let Some((audience, function)) = audience.zip(function) else {
        return false;
    };
    let audience = Origin::parse(audience, "[server].audience").ok();
    let function = Url::parse(function).ok();
    audience.zip(function).is_some_and(|(audience, function)| audience.is_of(&function))
}

/// The words of a reason on one line.
fn one_line(reason: &str) -> String {
    let line = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_REASON) {
        None if line.is_empty() => "it failed, and no reason was given".to_owned(),
        None => line,
        Some(_) => line.chars().take(MAX_REASON - 1).chain(['…']).collect(),
    }
}
