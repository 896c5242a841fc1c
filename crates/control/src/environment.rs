//! What GitHub Actions tells a job through its environment.

use provost_outbound::{Secret, SecretError};

/// The variables that are used, as they stand when the program starts. Set and empty is not set.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// `GITHUB_API_URL`.
    pub api_url: Option<String>,
    /// `GITHUB_RUN_ID`.
    pub run_id: Option<u64>,
    /// `GITHUB_ACTOR`.
    pub actor: Option<String>,
    /// `GITHUB_TOKEN`, else `GH_TOKEN`: the job's own.
    pub token: Option<Secret>,
    /// `PROVENANCE_DISPATCH_TOKEN`: starts the provenance workflow and nothing else.
    pub dispatch_token: Option<Secret>,
}

impl Environment {
    /// Reads the variables through `variable`.
    ///
    /// # Errors
    /// [`SecretError`] for a token that is set and cannot be used.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SecretError> {
        let text = |name: &str| variable(name).filter(|text| !text.is_empty());
        let secret = |name: &str| Secret::from_environment(name, &variable);
        let token = match secret("GITHUB_TOKEN")? {
            Some(token) => Some(token),
            None => secret("GH_TOKEN")?,
        };
        Ok(Self {
            api_url: text("GITHUB_API_URL"),
            run_id: text("GITHUB_RUN_ID").and_then(|id| id.parse().ok()),
            actor: text("GITHUB_ACTOR"),
            token,
            dispatch_token: secret("PROVENANCE_DISPATCH_TOKEN")?,
        })
    }

    /// Every secret that was read.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.token.iter().chain(&self.dispatch_token)
    }
}
