//! The issues of a repository on GitHub, as the announcements need them.

use crate::connection::Connection;
use crate::error::chain;
use provost_github::{GithubError, NewIssue};
use provost_notify::{Comment, Issue, IssueState, IssueTracker, TrackerError};

/// The issues of the configured repository.
#[derive(Debug, Clone)]
pub struct GithubIssues {
    connection: Connection,
    login: Option<String>,
}

impl GithubIssues {
    /// `login` is the one that issues are opened under, where the token does not tell it.
    pub fn new(connection: Connection, login: Option<String>) -> Self {
        Self { connection, login }
    }
}

impl IssueTracker for GithubIssues {
    fn own_login(&self) -> Result<String, TrackerError> {
        match &self.login {
            Some(login) => Ok(login.clone()),
            None => self.connection.github().own_login().map_err(of_github),
        }
    }

    fn ensure_label(&self, label: &str) -> Result<(), TrackerError> {
        self.connection.repository().ensure_label(label).map_err(of_github)
    }

    fn issues(&self, label: &str) -> Result<Vec<Issue>, TrackerError> {
        let issue = |issue: provost_github::Issue| Issue {
            number: issue.number,
            author: issue.author,
            state: if issue.is_open { IssueState::Open } else { IssueState::Closed },
            body: issue.body,
        };
        let issues = self.connection.repository().issues(label).map_err(of_github)?;
        Ok(issues.into_iter().map(issue).collect())
    }

    fn comments(&self, number: u64) -> Result<Vec<Comment>, TrackerError> {
        let comments = self.connection.repository().comments(number).map_err(of_github)?;
        Ok(comments.into_iter().map(|(author, body)| Comment { author, body }).collect())
    }

    fn create(&self, title: &str, body: &str, label: &str) -> Result<u64, TrackerError> {
        let issue =
            NewIssue { title: title.to_owned(), body: body.to_owned(), label: label.to_owned() };
        Ok(self.connection.repository().open_issue(&issue).map_err(of_github)?.number)
    }

    fn comment(&self, number: u64, body: &str) -> Result<(), TrackerError> {
        self.connection.repository().comment(number, body).map_err(of_github)
    }

    fn set_state(&self, number: u64, state: IssueState) -> Result<(), TrackerError> {
        let open = state == IssueState::Open;
        self.connection.repository().set_issue_open(number, open).map_err(of_github)
    }
}

fn of_github(error: GithubError) -> TrackerError {
    let text = chain(&error);
    if let Some(until) = error.limited_until() {
        return TrackerError::Limited { why: text, until: Some(until) };
    }
    match error.is_ambiguous() {
        true => TrackerError::Unknown(text),
        false => TrackerError::Refused(text),
    }
}
