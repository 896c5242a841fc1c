//! Jobs of a run.

/// A job of a run.
#[derive(Clone, Debug)]
pub struct Job {
    /// GitHub's number; given when it is added.
    pub id: u64,
    /// Display name.
    pub name: String,
    /// Attempt it belongs to.
    pub attempt: u64,
    /// `queued`, `in_progress` or `completed`.
    pub status: String,
    /// `success`, `failure` and so on, once completed.
    pub conclusion: Option<String>,
    /// Labels of the runner, such as `ubuntu-24.04` or `self-hosted`.
    pub labels: Vec<String>,
}

impl Job {
    /// A job that succeeded in the first attempt on GitHub's runner.
    pub fn new(name: &str) -> Self {
        Self {
            id: 0,
            name: name.to_owned(),
            attempt: 1,
            status: "completed".into(),
            conclusion: Some("success".into()),
            labels: vec!["ubuntu-24.04".into()],
        }
    }

    /// Of another attempt.
    #[must_use]
    pub fn attempt(mut self, attempt: u64) -> Self {
        self.attempt = attempt;
        self
    }

    /// Completed with another conclusion.
    #[must_use]
    pub fn conclusion(mut self, conclusion: &str) -> Self {
        self.conclusion = Some(conclusion.to_owned());
        self
    }

    /// On a runner with these labels.
    #[must_use]
    pub fn labels(mut self, labels: &[&str]) -> Self {
        self.labels = labels.iter().map(|&label| label.to_owned()).collect();
        self
    }
}
