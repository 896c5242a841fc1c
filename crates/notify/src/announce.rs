//! The ladder: Slack, then an issue.

use crate::notice::FailureNotice;
use crate::reports::OwnIssues;
use crate::slack::Slack;
use crate::tracker::{IssueTracker, TrackerError};
use jiff::Timestamp;

/// What the caller remembers of earlier announcements of the incident.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// Slack took the message.
    pub slack: bool,
    /// The issue that tells it.
    pub issue: Option<u64>,
}

/// A way of telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Slack, configured so that it cannot be used.
    Slack,
    /// A function that posts to Slack.
    SlackFunction,
    /// An incoming webhook of Slack.
    SlackWebhook,
    /// A GitHub issue.
    Issue,
}

impl Way {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::SlackFunction => "slack-function",
            Self::SlackWebhook => "slack-webhook",
            Self::Issue => "issue",
        }
    }
}

/// What one way came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Try {
    /// The way.
    pub way: Way,
    /// `None` when it delivered; otherwise why it does not count as delivered.
    pub failure: Option<String>,
    /// When it may be tried again, if the far side limits its callers and says so.
    pub limited_until: Option<Timestamp>,
}

/// What an announcement came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announcement {
    /// Where the incident was told by now, also earlier.
    pub told: Told,
    /// What was tried now, in order; empty when there was nothing more to tell.
    pub tries: Vec<Try>,
    /// Whether this outcome is told, now or earlier.
    pub is_delivered: bool,
}

impl Announcement {
    /// When the first way may be tried again, if every way that failed limits its callers and says
    /// until when: before that another announcement is in vain.
    pub fn limited_until(&self) -> Option<Timestamp> {
        let failed = self.tries.iter().filter(|tried| tried.failure.is_some());
        let times: Option<Vec<_>> = failed.map(|tried| tried.limited_until).collect();
        times?.into_iter().min()
    }
}

/// Tells a failure: by Slack once an incident, otherwise in the incident's one issue, where a
/// later outcome becomes a comment. The issue is also taken when it is unknown whether Slack got
/// the message: twice told is better than not at all.
///
/// `told` is what was told before. What comes back must be remembered before the next call, or
/// Slack may get one message more.
pub fn announce(
    notice: &FailureNotice,
    told: Told,
    slack: Option<&Slack>,
    tracker: Option<(&dyn IssueTracker, &str)>,
) -> Announcement {
    let mut announcement = Announcement { told, tries: Vec::new(), is_delivered: told.slack };
    if told.slack {
        return announcement;
    }
    // Who was told in an issue looks there for what comes later.
    let goes_on_there = told.issue.is_some() && tracker.is_some();
    if let Some(slack) = slack.filter(|_| !goes_on_there) {
        let error = slack.post(notice).err();
        let limited_until = error.as_ref().and_then(|error| error.limited_until);
        let failure = error.map(|error| match error.may_have_arrived {
            true => format!("{error}; it may have arrived"),
            false => error.to_string(),
        });
        announcement.told.slack = failure.is_none();
        announcement.is_delivered = failure.is_none();
        announcement.tries.push(Try { way: slack.way(), failure, limited_until });
    }
    if announcement.is_delivered {
        return announcement;
    }
    let Some((tracker, label)) = tracker else {
        return announcement;
    };
    let issue = OwnIssues::of(tracker, label).and_then(|issues| issues.tell(notice));
    let limited_until = match &issue {
        Err(TrackerError::Limited { until, .. }) => *until,
        _ => None,
    };
    let failure = match issue {
        Ok(number) => {
            announcement.told.issue = Some(number);
            announcement.is_delivered = true;
            None
        }
        Err(error) => Some(error.to_string()),
    };
    announcement.tries.push(Try { way: Way::Issue, failure, limited_until });
    announcement
}
