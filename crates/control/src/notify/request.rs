//! What is to be told, and how.

use super::runner::Runner;
use super::secrets::NotifySecrets;
use crate::config::{LoadedConfig, NotifySection, StoreSection};
use crate::error::ControlError;
use jiff::Timestamp;
use provost_attestation::git_ref::Tag;
use provost_manifest::{Entry, EntryKey, Manifests};
use provost_notify::{FailureNotice, Incident, Slack};
use provost_outbound::{Limits, Retry};
use provost_record::Status;
use provost_store::StoreUrl;
use provost_wire::v1;
use std::path::{Path, PathBuf};

/// Longest reason and longest URL that are kept, in characters.
const MAX_REASON: usize = 2000;
const MAX_URL: usize = 2048;

const NEXT_STEP: &str = "open the run, mend what failed there, and start the provenance of this \
                         tag again; `provost explain CHECK` says what a failed check means";

/// One failure, and what is needed to tell it.
#[derive(Debug, Clone)]
pub struct NotifyRequest {
    /// The tag of the release.
    pub tag: Tag,
    /// The run that failed; 0 when none ever started.
    pub run: u64,
    /// Why it failed.
    pub reason: String,
    /// URL of the release; empty when unknown.
    pub release_url: String,
    /// The configuration, when there is one: a failure is told without.
    pub config: Option<LoadedConfig>,
    /// The folder of the manifest, instead of the configured one.
    pub root: Option<PathBuf>,
    /// The event log, instead of the configured one.
    pub store: Option<StoreUrl>,
    /// The job that reports.
    pub runner: Runner,
    /// The secrets of the ways to Slack.
    pub secrets: NotifySecrets,
    /// How long a call may take.
    pub limits: Limits,
    /// How often a call is repeated.
    pub retry: Retry,
}

impl NotifyRequest {
    /// A request about that tag and run. A reason that says nothing is replaced, and a long one is
    /// cut: an alarm is not lost for its wording.
    ///
    /// # Errors
    /// [`ControlError::Configuration`] for a tag that is none, or a URL of the release that is too
    /// long for one.
    pub fn new(
        config: Option<LoadedConfig>,
        tag: &str,
        run: u64,
        reason: &str,
        release_url: &str,
    ) -> Result<Self, ControlError> {
        let invalid = |text: String| ControlError::Configuration(text);
        let tag = tag.parse().map_err(|error| invalid(format!("--tag: {error}")))?;
        if i64::try_from(run).is_err() {
            return Err(invalid(format!("--run: {run} is no run id")));
        }
        if release_url.chars().count() > MAX_URL {
            return Err(invalid(format!("--release-url: longer than {MAX_URL} characters")));
        }
        Ok(Self {
            tag,
            run,
            reason: one_line(reason),
            release_url: release_url.to_owned(),
            config,
            root: None,
            store: None,
            runner: Runner::default(),
            secrets: NotifySecrets { function_token: Ok(None), webhook: Ok(None) },
            limits: Slack::limits(),
            retry: Retry::default(),
        })
    }

    /// `[notify]`, or its defaults.
    pub fn section(&self) -> NotifySection {
        self.config
            .as_ref()
            .map_or_else(NotifySection::default, |loaded| loaded.config.notify.clone())
    }

    /// Whether events would go to the default log although nobody named one.
    pub fn uses_default_store(&self) -> bool {
        let configured = self.config.as_ref().map(|loaded| loaded.config.store.url.as_str());
        self.store.is_none() && configured.is_none_or(|url| url == StoreSection::DEFAULT_URL)
    }

    pub(super) fn manifests(&self) -> Manifests {
        let configured = || {
            let loaded = self.config.as_ref()?;
            Some(loaded.resolve(&loaded.config.manifest.root))
        };
        let root = self.root.clone().or_else(configured);
        Manifests::at(&root.unwrap_or_else(|| PathBuf::from(".")))
    }

    pub(super) fn store_url(&self) -> Result<StoreUrl, ControlError> {
        match (&self.store, &self.config) {
            (Some(url), _) => Ok(url.clone()),
            (None, Some(loaded)) => loaded.store_url(),
            (None, None) => Ok(StoreUrl::parse(StoreSection::DEFAULT_URL, Path::new("."))?),
        }
    }

    /// What the manifest is told.
    pub(super) fn entry(&self, now: Timestamp) -> Entry {
        let key = EntryKey { run: self.run, tag: self.tag.clone() };
        let mut entry = Entry::new(key, Status::Failure, now);
        entry.failure_reason = Some(self.reason.clone());
        entry.release_url = self.release_url.clone();
        entry.repository = self.repository();
        // The attempt is this job's, and so is known only when it reports about its own run.
        entry.attempt = self.runner.attempt.filter(|_| self.runner.run == Some(self.run));
        entry
    }

    /// Whose release it is: the configured source, else the repository of the job.
    pub(super) fn repository(&self) -> Option<String> {
        let configured = self.config.as_ref().and_then(|it| it.config.repository().ok());
        configured.or(self.runner.repository.clone()).map(|repository| repository.slug())
    }

    /// Web address of the repository whose runs are meant: the job's, else the configured source.
    fn repository_url(&self) -> Option<String> {
        let configured = || self.config.as_ref().and_then(|it| it.config.repository().ok());
        self.runner.repository.clone().or_else(configured).map(|repository| repository.url())
    }

    /// Web address of the run: of the one that failed, else of the one that reports.
    pub(super) fn run_url(&self) -> Option<String> {
        let run = self.linked_run();
        (run != 0).then(|| Some(format!("{}/actions/runs/{run}", self.repository_url()?)))?
    }

    fn linked_run(&self) -> u64 {
        if self.run != 0 { self.run } else { self.runner.run.unwrap_or(0) }
    }

    pub(super) fn notice(&self, entry: &Entry, failure: &v1::Failure) -> FailureNotice {
        let section = self.section();
        FailureNotice {
            incident: incident_of(entry),
            reason: failure.failure_reason.clone(),
            checks_failed: failure.checks_failed.clone(),
            workflow: failure.workflow.clone(),
            repository_url: self.repository_url(),
            linked_run: self.linked_run(),
            release_url: failure.release_url.clone(),
            occurred_at: entry.validated_at,
            mark: String::new(),
            next_step: section.next_step.unwrap_or_else(|| NEXT_STEP.to_owned()),
            runbook_url: section.runbook_url,
            failure_json: failure.to_json(),
        }
    }

    /// Slack as it is configured; the function wins over the webhook.
    pub(super) fn slack(&self) -> Option<Slack> {
        self.secrets.slack(&self.section(), self.limits, &self.retry)
    }
}

/// By what the entry's failure is known where it is told.
pub(super) fn incident_of(entry: &Entry) -> Incident {
    Incident {
        repository: entry.repository.clone().unwrap_or_default(),
        tag: entry.tag.to_string(),
        run: entry.run,
    }
}

/// The words of a reason on one line.
fn one_line(reason: &str) -> String {
    let line = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return "it failed, and no reason was given".to_owned();
    }
    match line.char_indices().nth(MAX_REASON) {
        None => line,
        Some(_) => line.chars().take(MAX_REASON - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_that_says_something() {
        assert_eq!(one_line(" a\n\tb\r\n c "), "a b c");
        for empty in ["", " \n "] {
            assert_eq!(one_line(empty), "it failed, and no reason was given");
        }
        assert_eq!(one_line(&"x".repeat(MAX_REASON)).chars().count(), MAX_REASON);
        assert!(one_line(&"漢".repeat(MAX_REASON + 1)).ends_with("漢…"));
    }
}
