//! Starting a workflow.

use crate::error::GithubError;
use crate::github::parse;
use crate::repository::Repository;
use crate::settings::ApiVersion;
use crate::web_address::web_address;
use provost_outbound::Method;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// Inputs of a dispatched workflow, at most 25.
pub type Inputs = BTreeMap<String, String>;

/// What a dispatch answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dispatched {
    /// The run that was started (200).
    Run {
        /// Its id.
        id: u64,
        /// Its page.
        html_url: String,
    },
    /// It was accepted, and the server does not say as which run (204): look for it.
    Unnamed,
}

#[derive(Deserialize)]
struct Details {
    workflow_run_id: u64,
    run_url: String,
    #[serde(deserialize_with = "web_address")]
    html_url: String,
}

impl Repository<'_> {
    /// Starts a workflow file on a full ref. It is ordered once: an answer that did not come is an
    /// error, as the run may have been started all the same.
    ///
    /// # Errors
    /// [`GithubError::Refused`] for a ref or inputs that GitHub refuses, [`GithubError::NotFound`]
    /// for a workflow that is not there; [`GithubError::is_ambiguous`] tells whether a run may have
    /// been started.
    pub fn dispatch(
        &self,
        workflow: &str,
        git_ref: &str,
        inputs: &Inputs,
    ) -> Result<Dispatched, GithubError> {
        let mut body = json!({ "ref": git_ref, "inputs": inputs });
        // The newer version always answers so, and refuses the flag.
        if self.github.settings().api_version == ApiVersion::V20221128 {
            body["return_run_details"] = json!(true);
        }
        let url = self.url(&["actions", "workflows", workflow, "dispatches"]);
        let what = self.of(format!("a dispatch of {workflow} on {git_ref}"));
        let answer = self.github.order(Method::Post, url, &body, &what)?;
        if answer.status == 204 || answer.body.is_empty() {
            return Ok(Dispatched::Unnamed);
        }
        let Details { workflow_run_id: id, run_url, html_url } = parse(&answer, &what)?;
        self.check_own([run_url.as_str()], &what)?;
        Ok(Dispatched::Run { id, html_url })
    }
}
