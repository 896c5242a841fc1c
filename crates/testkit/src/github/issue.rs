//! Issues, their comments and labels.

use jiff::Timestamp;

use super::repository::RepositoryState;

/// An issue, or a pull request, which GitHub lists among them.
#[derive(Clone, Debug)]
pub struct Issue {
    /// GitHub's number among all issues; given when it is added.
    pub id: u64,
    /// Number in the repository; given when it is added.
    pub number: u64,
    /// Title.
    pub title: String,
    /// Text.
    pub body: Option<String>,
    /// Names of its labels.
    pub labels: Vec<String>,
    /// The login that opened it.
    pub author: String,
    /// Open or closed.
    pub open: bool,
    /// Why it is closed or open again, in GitHub's words.
    pub state_reason: Option<String>,
    /// A pull request.
    pub pull_request: bool,
    /// Comments in order.
    pub comments: Vec<Comment>,
    pub(crate) created: Option<Timestamp>,
}

/// A comment on an issue.
#[derive(Clone, Debug)]
pub struct Comment {
    /// GitHub's number.
    pub id: u64,
    /// Text.
    pub body: String,
    /// The login that wrote it.
    pub author: String,
    pub(crate) created: Timestamp,
}

/// A label of a repository.
#[derive(Clone, Debug)]
pub(crate) struct Label {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) color: String,
    pub(crate) description: Option<String>,
}

impl Issue {
    /// An open issue of `author`.
    pub fn new(author: &str, title: &str) -> Self {
        Self {
            id: 0,
            number: 0,
            title: title.to_owned(),
            body: None,
            labels: Vec::new(),
            author: author.to_owned(),
            open: true,
            state_reason: None,
            pull_request: false,
            comments: Vec::new(),
            created: None,
        }
    }

    /// With a text.
    #[must_use]
    pub fn body(mut self, text: &str) -> Self {
        self.body = Some(text.to_owned());
        self
    }

    /// With a label; can be repeated.
    #[must_use]
    pub fn label(mut self, name: &str) -> Self {
        self.labels.push(name.to_owned());
        self
    }

    /// Closed as completed.
    #[must_use]
    pub fn closed(mut self) -> Self {
        self.open = false;
        self.state_reason = Some("completed".into());
        self
    }

    /// Closed for a reason in GitHub's words; others would violate its description.
    pub fn closed_as(&mut self, reason: &str) {
        self.open = false;
        self.state_reason = Some(reason.to_owned());
    }

    /// A pull request instead.
    #[must_use]
    pub fn pull_request(mut self) -> Self {
        self.pull_request = true;
        self
    }
}

impl RepositoryState {
    /// Adds an issue with the labels it names; its number.
    pub(crate) fn add_issue(&mut self, mut issue: Issue, id: u64, now: Timestamp) -> u64 {
        issue.id = id;
        issue.number = self.issues.len() as u64 + 1;
        issue.created.get_or_insert(now);
        for name in issue.labels.clone() {
            self.ensure_label(&name);
        }
        self.issues.push(issue);
        self.issues.len() as u64
    }

    /// The label of that name (GitHub compares without case), made if there is none.
    pub(crate) fn ensure_label(&mut self, name: &str) {
        let known = self.labels.iter().any(|label| label.name.eq_ignore_ascii_case(name));
        if !known {
            let id = self.settings.id * 100 + self.labels.len() as u64;
            let (name, color) = (name.to_owned(), "ededed".into());
            self.labels.push(Label { id, name, color, description: None });
        }
    }
}
