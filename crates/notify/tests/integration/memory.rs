//! A tracker in memory, with faults that a test asks for.

use provost_notify::{Comment, Issue, IssueState, IssueTracker, TrackerError};
use std::sync::Mutex;

/// Who writes.
pub(crate) const LOGIN: &str = "provost-bot[bot]";

/// What goes wrong at the next call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Opening is refused.
    CreateRefused,
    /// Opening is done, and no answer comes.
    CreateDoneUnknown,
    /// Opening is not done, and no answer comes.
    CreateLostUnknown,
    /// Another job opens the same issue a moment before.
    CreateRaced,
    /// Listing is refused.
    ListRefused,
    /// The label cannot be made.
    LabelRefused,
    /// Commenting is refused.
    CommentRefused,
}

#[derive(Default)]
pub(crate) struct Memory(Mutex<State>);

#[derive(Default)]
struct State {
    issues: Vec<(Issue, String, String)>,
    comments: Vec<(u64, Comment)>,
    faults: Vec<Fault>,
    login: Option<String>,
}

impl Memory {
    pub(crate) fn with(faults: &[Fault]) -> Self {
        let memory = Self::default();
        memory.state().faults = faults.to_vec();
        memory
    }

    /// An issue of somebody, as it could stand there before.
    pub(crate) fn plant(&self, author: &str, body: &str, state: IssueState) -> u64 {
        self.add(author, "planted", body, "ops-alert", state)
    }

    pub(crate) fn plant_comment(&self, number: u64, author: &str, body: &str) {
        let comment = Comment { author: author.to_owned(), body: body.to_owned() };
        self.state().comments.push((number, comment));
    }

    pub(crate) fn close(&self, number: u64) {
        self.set_state(number, IssueState::Closed).expect("closed");
    }

    pub(crate) fn rename(&self, login: &str) {
        self.state().login = Some(login.to_owned());
    }

    /// Number and state of every issue.
    pub(crate) fn states(&self) -> Vec<(u64, IssueState)> {
        self.state().issues.iter().map(|(issue, ..)| (issue.number, issue.state)).collect()
    }

    pub(crate) fn body(&self, number: u64) -> String {
        let state = self.state();
        let found = state.issues.iter().find(|(issue, ..)| issue.number == number);
        found.expect("issue").0.body.clone()
    }

    pub(crate) fn title(&self, number: u64) -> String {
        let state = self.state();
        let found = state.issues.iter().find(|(issue, ..)| issue.number == number);
        found.expect("issue").1.clone()
    }

    pub(crate) fn comments_on(&self, number: u64) -> Vec<String> {
        let comments = self.comments(number).expect("comments");
        comments.into_iter().map(|comment| comment.body).collect()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().expect("state")
    }

    fn add(&self, author: &str, title: &str, body: &str, label: &str, is: IssueState) -> u64 {
        let mut state = self.state();
        let number = state.issues.len() as u64 + 1;
        let (author, body) = (author.to_owned(), body.to_owned());
        let issue = Issue { number, author, state: is, body };
        state.issues.push((issue, title.to_owned(), label.to_owned()));
        number
    }

    fn meets(&self, fault: Fault) -> bool {
        let faults = &mut self.state().faults;
        let is_next = faults.first() == Some(&fault);
        if is_next {
            faults.remove(0);
        }
        is_next
    }
}

fn refused() -> TrackerError {
    TrackerError::Refused("refused".into())
}

fn unknown() -> TrackerError {
    TrackerError::Unknown("no answer".into())
}

impl IssueTracker for Memory {
    fn own_login(&self) -> Result<String, TrackerError> {
        Ok(self.state().login.clone().unwrap_or_else(|| LOGIN.to_owned()))
    }

    fn ensure_label(&self, _label: &str) -> Result<(), TrackerError> {
        if self.meets(Fault::LabelRefused) { Err(refused()) } else { Ok(()) }
    }

    fn issues(&self, label: &str) -> Result<Vec<Issue>, TrackerError> {
        if self.meets(Fault::ListRefused) {
            return Err(refused());
        }
        let state = self.state();
        let labelled = state.issues.iter().filter(|(_, _, of)| of == label);
        // Newest first, as GitHub lists them.
        Ok(labelled.rev().map(|(issue, ..)| issue.clone()).collect())
    }

    fn comments(&self, number: u64) -> Result<Vec<Comment>, TrackerError> {
        let state = self.state();
        let on = state.comments.iter().filter(|(on, _)| *on == number);
        Ok(on.map(|(_, comment)| comment.clone()).collect())
    }

    fn create(&self, title: &str, body: &str, label: &str) -> Result<u64, TrackerError> {
        if self.meets(Fault::CreateRefused) {
            return Err(refused());
        }
        if self.meets(Fault::CreateLostUnknown) {
            return Err(unknown());
        }
        if self.meets(Fault::CreateRaced) {
            self.add(LOGIN, title, body, label, IssueState::Open);
        }
        let number = self.add(LOGIN, title, body, label, IssueState::Open);
        if self.meets(Fault::CreateDoneUnknown) { Err(unknown()) } else { Ok(number) }
    }

    fn comment(&self, number: u64, body: &str) -> Result<(), TrackerError> {
        if self.meets(Fault::CommentRefused) {
            return Err(refused());
        }
        self.plant_comment(number, LOGIN, body);
        Ok(())
    }

    fn set_state(&self, number: u64, to: IssueState) -> Result<(), TrackerError> {
        let mut state = self.state();
        let found = state.issues.iter_mut().find(|(issue, ..)| issue.number == number);
        found.ok_or_else(refused)?.0.state = to;
        Ok(())
    }
}
