//! Which run a dispatch became.

use crate::error::ControlError;
use jiff::{SignedDuration, Timestamp};
use provost_github::{GithubError, Repository, Run};
use provost_outbound::Retry;
use std::collections::BTreeSet;
use std::time::Duration;

/// How often the runs are listed before the search gives up.
const LOOKS: u32 = 12;
/// The time between two looks.
const BETWEEN: Duration = Duration::from_secs(5);
/// How much earlier than ours GitHub's clock may be.
const SKEW: SignedDuration = SignedDuration::from_mins(2);

/// What is known of the run that is sought.
pub(super) struct Search<'a> {
    pub(super) repository: &'a Repository<'a>,
    pub(super) workflow: &'a str,
    pub(super) git_ref: &'a str,
    /// The commit of the ref, when known.
    pub(super) commit: Option<String>,
    /// Our own run id, which the workflow's `run-name` repeats.
    pub(super) mark: Option<String>,
    pub(super) since: Timestamp,
    pub(super) retry: &'a Retry,
}

impl Search<'_> {
    /// The runs that were there before.
    pub(super) fn known(&self) -> Result<BTreeSet<u64>, ControlError> {
        Ok(self.list()?.into_iter().map(|run| run.id).collect())
    }

    /// The run that the answer named, as soon as the API shows it.
    pub(super) fn named(&self, id: u64) -> Result<Run, ControlError> {
        for look in 1.. {
            match self.repository.run(id) {
                Ok(run) => return Ok(run),
                Err(error) if error.is_not_found() && look < LOOKS => {
                    self.retry.pause.pause(BETWEEN);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(ControlError::Internal("a search without end".into()))
    }

    /// The one new run on this ref, for a server that does not name it.
    pub(super) fn unnamed(&self, before: &BTreeSet<u64>) -> Result<Run, ControlError> {
        for look in 1..=LOOKS {
            if let Some(run) = self.look(before)? {
                return Ok(run);
            }
            if look < LOOKS {
                self.retry.pause.pause(BETWEEN);
            }
        }
        Err(ControlError::Undecidable(format!(
            "the dispatch was accepted, but no run of {} on {} appeared; look at the workflow's \
             page before starting it again",
            self.workflow, self.git_ref
        )))
    }

    /// The same after an answer that did not come.
    pub(super) fn after(
        &self,
        before: &BTreeSet<u64>,
        error: GithubError,
    ) -> Result<Run, ControlError> {
        self.unnamed(before).map_err(|_| error.into())
    }

    fn look(&self, before: &BTreeSet<u64>) -> Result<Option<Run>, ControlError> {
        let mut new: Vec<Run> =
            self.list()?.into_iter().filter(|run| !before.contains(&run.id)).collect();
        if new.len() > 1
            && let Some(mark) = &self.mark
        {
            // Another dispatch on this ref may have come in between; ours repeats our run id.
            new.retain(|run| words(&run.display_title).any(|word| word == mark));
        }
        match new.len() {
            0 => Ok(None),
            1 => Ok(new.pop()),
            several => Err(ControlError::Undecidable(format!(
                "{several} runs of {} on {} were started at the same time, and none says which is \
                 ours; repeat `dispatched_by_run` in the workflow's run-name",
                self.workflow, self.git_ref
            ))),
        }
    }

    /// Dispatched runs of this workflow on this ref.
    fn list(&self) -> Result<Vec<Run>, ControlError> {
        let since = self.since.checked_sub(SKEW).unwrap_or(self.since);
        let runs = self.repository.runs_of(self.workflow, Some("workflow_dispatch"), since)?;
        let name = self.git_ref.split_once('/').and_then(|(_, rest)| rest.split_once('/'));
        let name = name.map(|(_, name)| name);
        let is_ours = |run: &Run| {
            run.event == "workflow_dispatch"
                && run.head_branch.as_deref() == name
                && self.commit.as_ref().is_none_or(|commit| *commit == run.head_sha)
        };
        Ok(runs.into_iter().filter(is_ours).collect())
    }
}

/// The decimal numbers and other words of a title.
fn words(title: &str) -> impl Iterator<Item = &str> {
    title.split(|char: char| !char.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
}
