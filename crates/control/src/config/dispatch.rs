//! `[dispatch]`: how the provenance workflow is started, and what its token may be.

use provost_github::Inputs;
use schemars::JsonSchema;
use serde::Deserialize;

/// Scopes that a classic token may have: the least with which it can start a workflow.
const CLASSIC_SCOPES: [&str; 3] = ["repo", "public_repo", "workflow"];

/// How the provenance workflow is started.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DispatchSection {
    /// File name of the workflow below `.github/workflows`.
    #[serde(default = "default_workflow")]
    pub workflow: String,
    /// Inputs for every dispatch, beside `tag`, `release_url` and `dispatched_by_run`.
    #[serde(default)]
    pub inputs: Inputs,
    /// Use `GITHUB_TOKEN` where `PROVENANCE_DISPATCH_TOKEN` is not set. The job's token can do all
    /// that its permissions say, not this one thing.
    #[serde(default)]
    pub allow_github_token: bool,
    /// Scopes that a classic personal access token may have; one with more is refused.
    #[serde(default = "default_scopes")]
    pub allowed_scopes: Vec<String>,
    /// The oldest that the token may get before `provost token check` reports it, in days.
    #[serde(default = "default_age")]
    pub max_token_age_days: u32,
    /// The issue in which rotations of the token are noted.
    pub rotation_issue: Option<u64>,
}

fn default_workflow() -> String {
    "slsa-provenance.yml".to_owned()
}

fn default_scopes() -> Vec<String> {
    CLASSIC_SCOPES.map(str::to_owned).to_vec()
}

fn default_age() -> u32 {
    90
}

impl Default for DispatchSection {
    fn default() -> Self {
        Self {
            workflow: default_workflow(),
            inputs: Inputs::new(),
            allow_github_token: false,
            allowed_scopes: default_scopes(),
            max_token_age_days: default_age(),
            rotation_issue: None,
        }
    }
}

impl DispatchSection {
    pub(super) fn check(&self) -> Result<(), String> {
        let is_allowed =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let name = self.workflow.as_str();
        let is_file = (name.ends_with(".yml") || name.ends_with(".yaml"))
            && name.bytes().all(is_allowed)
            && !name.starts_with('.');
        if !is_file {
            return Err(format!(
                "[dispatch].workflow: {name:?} is no file name such as slsa-provenance.yml"
            ));
        }
        Ok(())
    }
}
