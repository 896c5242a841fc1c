//! The one issue of an incident: found, opened, commented on.

use crate::incident::{Incident, bears};
use crate::issue_text;
use crate::notice::FailureNotice;
use crate::tracker::{Issue, IssueState, IssueTracker, TrackerError};

/// How often opening is ordered when no answer says what became of it.
const TRIES: usize = 2;

/// The issues that we opened, as they stand now.
pub(crate) struct OwnIssues<'a> {
    tracker: &'a dyn IssueTracker,
    label: &'a str,
    login: String,
}

impl<'a> OwnIssues<'a> {
    pub(crate) fn of(tracker: &'a dyn IssueTracker, label: &'a str) -> Result<Self, TrackerError> {
        let login = tracker.own_login()?;
        if login.is_empty() {
            let why = "the login that issues are opened under is unknown".to_owned();
            return Err(TrackerError::Refused(why));
        }
        Ok(Self { tracker, label, login })
    }

    /// Tells the notice in the incident's issue, opened when there is none, and gives its number.
    /// What was told there before is not told again.
    pub(crate) fn tell(&self, notice: &FailureNotice) -> Result<u64, TrackerError> {
        // Without the label an issue could not be found again.
        self.tracker.ensure_label(self.label)?;
        match self.find(&notice.incident)? {
            Some(issue) => self.add(&issue, notice).map(|()| issue.number),
            None => self.open(notice),
        }
    }

    /// The oldest issue that bears the incident's marker and that we opened: a marker in somebody
    /// else's issue is a forgery.
    pub(crate) fn find(&self, incident: &Incident) -> Result<Option<Issue>, TrackerError> {
        Ok(self.find_all(incident)?.into_iter().min_by_key(|issue| issue.number))
    }

    /// Every such issue. There is one, unless a job was killed between opening a second one at the
    /// same moment as another and closing it.
    pub(crate) fn find_all(&self, incident: &Incident) -> Result<Vec<Issue>, TrackerError> {
        let marker = incident.marker();
        let mut issues = self.tracker.issues(self.label)?;
        issues.retain(|issue| self.is_own(&issue.author) && bears(&issue.body, &marker));
        Ok(issues)
    }

    /// Whether we said on the issue what the marker stands for.
    pub(crate) fn was_said(&self, issue: &Issue, marker: &str) -> Result<bool, TrackerError> {
        if bears(&issue.body, marker) {
            return Ok(true);
        }
        let comments = self.tracker.comments(issue.number)?;
        let is_it = |author: &str, body: &str| self.is_own(author) && bears(body, marker);
        Ok(comments.iter().any(|comment| is_it(&comment.author, &comment.body)))
    }

    /// Logins are the same in any letter case.
    fn is_own(&self, login: &str) -> bool {
        login.eq_ignore_ascii_case(&self.login)
    }

    fn add(&self, issue: &Issue, notice: &FailureNotice) -> Result<(), TrackerError> {
        let marker = notice.incident.report_marker(notice.occurred_at, &notice.mark);
        if self.was_said(issue, &marker)? {
            return Ok(());
        }
        // First open, then said: what is killed in between says it when it comes again.
        if issue.state == IssueState::Closed {
            self.tracker.set_state(issue.number, IssueState::Open)?;
        }
        self.tracker.comment(issue.number, &issue_text::report(notice))
    }

    fn open(&self, notice: &FailureNotice) -> Result<u64, TrackerError> {
        let (title, body) = (issue_text::title(notice), issue_text::issue(notice));
        let mut tried = 0;
        loop {
            tried += 1;
            let error = match self.tracker.create(&title, &body, self.label) {
                Ok(number) => return self.without_twin(number, notice),
                Err(error) => error,
            };
            if !matches!(error, TrackerError::Unknown(_)) {
                return Err(error);
            }
            // It may have been opened; only the list knows.
            if let Some(issue) = self.find(&notice.incident)? {
                return Ok(issue.number);
            }
            if tried >= TRIES {
                return Err(error);
            }
        }
    }

    /// Two jobs may have looked before either opened: the older issue goes on, and ours is closed
    /// as far as that can be done; a success closes both.
    fn without_twin(&self, number: u64, notice: &FailureNotice) -> Result<u64, TrackerError> {
        match self.find(&notice.incident) {
            Ok(Some(first)) if first.number < number => {
                let _ = self.tracker.comment(number, &issue_text::duplicate(first.number));
                let _ = self.tracker.set_state(number, IssueState::Closed);
                self.add(&first, notice)?;
                Ok(first.number)
            }
            // The list may be behind, or out of reach: the issue is there all the same.
            _ => Ok(number),
        }
    }
}
