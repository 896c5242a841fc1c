//! What a page is asked for.

use crate::app::App;
use crate::http::Problem;
use axum::http::StatusCode;
use jiff::Timestamp;
use provost_store::LogMark;
use std::collections::BTreeMap;

/// How many repositories the switch offers.
const REPOSITORIES: u32 = 500;

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// Somebody on this machine, or with a token in a header.
    Present,
    /// Somebody with the cookie, who can leave.
    SignedIn,
}

/// What a page is asked for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) reader: Reader,
    pub(super) query: BTreeMap<&'static str, String>,
    pub(super) path: String,
    /// The repository that is looked at; `None` for all.
    pub(super) repository: Option<String>,
    /// Those that the log knows.
    pub(super) repositories: Vec<String>,
    pub(super) now: Timestamp,
    /// What the log had when the page was asked for.
    pub(super) mark: LogMark,
    /// Whether the checkout has a runbook, which has its own page.
    pub(super) has_runbook: bool,
}

impl Asked {
    pub(super) async fn new(
        app: &App,
        reader: Reader,
        query: BTreeMap<&'static str, String>,
        path: &str,
    ) -> Result<Self, Problem> {
        let mark = app.database.mark().await.map_err(|error| app.unavailable(&error))?;
        let repositories = app.database.repositories(REPOSITORIES).await;
        let repositories = repositories.map_err(|error| app.unavailable(&error))?;
        // The form sends an empty text for "all".
        let repository = query.get("repository").filter(|name| !name.is_empty()).cloned();
        if let Some(name) = &repository
            && !repositories.contains(name)
            && repositories.len() < REPOSITORIES as usize
        {
            let detail = "the event log knows no repository of that name; choose one above";
            return Err(Problem::new(StatusCode::NOT_FOUND, "not-found", detail));
        }
        let now = app.clock.now();
        let has_runbook = app.has_runbook();
        Ok(Self {
            reader,
            query,
            path: path.to_owned(),
            repository,
            repositories,
            now,
            mark,
            has_runbook,
        })
    }

    /// A value of the query that is not empty.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn repository(&self) -> Option<&str> {
        self.repository.as_deref()
    }
}
