//! `failure.json` of a failure that was reported.

use super::runner::Runner;
use provost_manifest::{Entry, Notified};
use provost_notify::Announcement;
use provost_record::Verdict;
use provost_wire::v1;
use serde_json::{Map, Value, json};

/// The document, made of what the manifest says and of what stood in it before.
pub(super) struct Document {
    pub(super) failure: v1::Failure,
}

impl Document {
    /// `before` is the document that stands; one about another run is of no use.
    pub(super) fn of(
        entry: &Entry,
        runner: &Runner,
        has_bundle: bool,
        run_url: Option<String>,
        before: Option<v1::Failure>,
    ) -> Self {
        let run = entry.run.to_string();
        let before = before.filter(|old| old.run == run && old.tag == entry.tag.as_str());
        let is_refused = entry.decision == Some(Verdict::Refused);
        let reason = entry.failure_reason.as_deref().unwrap_or_default();
        let mut failure =
            v1::Failure::reported(entry.run, entry.tag.as_str(), reason, entry.validated_at);
        failure.repository = entry.repository.clone();
        failure.checks_failed = entry.checks_failed.clone().unwrap_or_default();
        failure.release_url = entry.release_url.clone();
        failure.artifact_present = has_bundle;
        failure.notified = told(entry.notified.as_ref());
        let (workflow, run_url) = (runner.workflow.clone(), run_url);
        match before {
            // The gate wrote what was signed; who reports knows no better.
            Some(old) if is_refused => {
                failure.workflow = old.workflow.clone().or(workflow);
                failure.run_url = old.run_url.clone().or(run_url);
                failure.artifact_present |= old.artifact_present;
                failure.keep_tries(&old);
            }
            Some(old) => {
                failure.workflow = workflow.or(old.workflow.clone());
                failure.run_url = run_url.or(old.run_url.clone());
                failure.keep_tries(&old);
            }
            None => {
                failure.workflow = workflow;
                failure.run_url = run_url;
            }
        }
        Self { failure }
    }

    /// Who was told, and what was tried for it.
    pub(super) fn tell(&mut self, announcement: &Announcement) {
        let notified = Notified::new(announcement.told.slack, announcement.told.issue);
        let tried = self.failure.notified.remove("tried");
        self.failure.notified = told(Some(&notified));
        let tries: Vec<String> = announcement
            .tries
            .iter()
            .map(|tried| match &tried.failure {
                None => format!("{}: delivered", tried.way.as_str()),
                Some(why) => format!("{}: {why}", tried.way.as_str()),
            })
            .collect();
        // A repeat that had nothing to try leaves what the first wrote.
        let tried = if tries.is_empty() { tried } else { Some(json!(tries)) };
        self.failure.notified.extend(tried.map(|tried| ("tried".to_owned(), tried)));
    }
}

trait KeepTries {
    fn keep_tries(&mut self, old: &Self);
}

impl KeepTries for v1::Failure {
    /// What was tried for the same outcome.
    fn keep_tries(&mut self, old: &Self) {
        if let Some(tried) = old.notified.get("tried")
            && old.occurred_at == self.occurred_at
        {
            self.notified.insert("tried".to_owned(), tried.clone());
        }
    }
}

/// The member `notified`, as far as the manifest knows it.
pub(crate) fn told(notified: Option<&Notified>) -> Map<String, Value> {
    let mut told = Map::new();
    if let Some(notified) = notified {
        told.insert("slack".to_owned(), notified.slack.into());
        told.extend(notified.issue.map(|number| ("issue".to_owned(), number.into())));
    }
    told
}
