//! Issues and their comments.

use crate::error::GithubError;
use crate::github::parse;
use crate::repository::Repository;
use crate::web_address::web_address;
use provost_outbound::Method;
use serde::Deserialize;
use serde_json::json;

/// The most issues of one label that are looked through.
const MAX_ISSUES: usize = 5_000;

/// An issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// Its number.
    pub number: u64,
    /// Login of who opened it.
    pub author: String,
    /// Whether it is open.
    pub is_open: bool,
    /// Its text.
    pub body: String,
    /// Its page.
    pub html_url: String,
}

/// An issue to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewIssue {
    /// Its title.
    pub title: String,
    /// Its text, Markdown.
    pub body: String,
    /// Its label.
    pub label: String,
}

#[derive(Deserialize)]
struct Listed {
    number: u64,
    user: Option<Author>,
    state: String,
    body: Option<String>,
    #[serde(deserialize_with = "web_address")]
    html_url: String,
    repository_url: String,
    pull_request: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Author {
    login: String,
}

impl From<Listed> for Issue {
    fn from(listed: Listed) -> Self {
        Self {
            number: listed.number,
            author: listed.user.map(|user| user.login).unwrap_or_default(),
            is_open: listed.state == "open",
            body: listed.body.unwrap_or_default(),
            html_url: listed.html_url,
        }
    }
}

fn is_refusal(error: &GithubError) -> bool {
    matches!(error, GithubError::Refused { .. })
}

impl Repository<'_> {
    /// Every issue with a label, open or closed. Pull requests are left out.
    ///
    /// # Errors
    /// [`GithubError`].
    pub fn issues(&self, label: &str) -> Result<Vec<Issue>, GithubError> {
        let mut url = self.url(&["issues"]);
        url.query_pairs_mut().append_pair("labels", label).append_pair("state", "all");
        let what = self.of(format!("the issues labelled {label}"));
        let issues = self.github.pages(url, &what).all(MAX_ISSUES, |page: Vec<Listed>| page)?;
        self.check_own(issues.iter().map(|issue| issue.repository_url.as_str()), &what)?;
        let own = issues.into_iter().filter(|issue| issue.pull_request.is_none());
        Ok(own.map(Issue::from).collect())
    }

    /// Makes a label when there is none of that name; GitHub ignores letter case in them.
    ///
    /// # Errors
    /// [`GithubError`].
    pub fn ensure_label(&self, name: &str) -> Result<(), GithubError> {
        if self.has_label(name)? {
            return Ok(());
        }
        let what = self.of(format!("a new label {name}"));
        let body = json!({ "name": name, "color": "b60205" });
        match self.github.order(Method::Post, self.url(&["labels"]), &body, &what) {
            Ok(_) => Ok(()),
            // Another run may have made it meanwhile; so may this call, if its answer was lost.
            Err(error) if is_refusal(&error) || error.is_ambiguous() => {
                match self.has_label(name)? {
                    true => Ok(()),
                    false => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    fn has_label(&self, name: &str) -> Result<bool, GithubError> {
        #[derive(Deserialize)]
        struct Label {
            name: String,
            url: String,
        }
        let what = self.of("the labels");
        let labels = self.github.pages(self.url(&["labels"]), &what);
        let labels = labels.all(MAX_ISSUES, |page: Vec<Label>| page)?;
        self.check_own(labels.iter().map(|label| label.url.as_str()), &what)?;
        Ok(labels.iter().any(|label| label.name.eq_ignore_ascii_case(name)))
    }

    /// Opens an issue. It is ordered once; after an ambiguous error, list before trying again.
    ///
    /// # Errors
    /// [`GithubError`].
    pub fn open_issue(&self, issue: &NewIssue) -> Result<Issue, GithubError> {
        let body = json!({ "title": issue.title, "body": issue.body, "labels": [issue.label] });
        let what = self.of("a new issue");
        let answer = self.github.order(Method::Post, self.url(&["issues"]), &body, &what)?;
        let opened: Listed = parse(&answer, &what)?;
        self.check_own([opened.repository_url.as_str()], &what)?;
        Ok(opened.into())
    }

    /// Writes a comment below an issue.
    ///
    /// # Errors
    /// [`GithubError`].
    pub fn comment(&self, number: u64, body: &str) -> Result<(), GithubError> {
        let url = self.url(&["issues", &number.to_string(), "comments"]);
        let what = self.of(format!("a comment on issue {number}"));
        self.github.order(Method::Post, url, &json!({ "body": body }), &what).map(|_| ())
    }

    /// The texts of an issue's comments with their authors' logins, oldest first.
    ///
    /// # Errors
    /// [`GithubError`].
    pub fn comments(&self, number: u64) -> Result<Vec<(String, String)>, GithubError> {
        #[derive(Deserialize)]
        struct Comment {
            user: Option<Author>,
            body: Option<String>,
            issue_url: String,
        }
        let url = self.url(&["issues", &number.to_string(), "comments"]);
        let what = self.of(format!("the comments on issue {number}"));
        let comments = self.github.pages(url, &what).all(MAX_ISSUES, |page: Vec<Comment>| page)?;
        self.check_own(comments.iter().map(|comment| comment.issue_url.as_str()), &what)?;
        let pair = |comment: Comment| {
            let author = comment.user.map(|user| user.login).unwrap_or_default();
            (author, comment.body.unwrap_or_default())
        };
        Ok(comments.into_iter().map(pair).collect())
    }

    /// Closes an issue as completed, or opens it again.
    ///
    /// # Errors
    /// [`GithubError`].
    pub fn set_issue_open(&self, number: u64, open: bool) -> Result<(), GithubError> {
        let url = self.url(&["issues", &number.to_string()]);
        let body = match open {
            true => json!({ "state": "open" }),
            false => json!({ "state": "closed", "state_reason": "completed" }),
        };
        let what = self.of(format!("a change of issue {number}"));
        self.github.order(Method::Patch, url, &body, &what).map(|_| ())
    }
}
