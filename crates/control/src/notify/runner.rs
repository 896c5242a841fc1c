//! The job that reports: what GitHub Actions says about it.

use provost_attestation::repository::{GITHUB, Repository};
use provost_outbound::Origin;

/// Longest name of a workflow that is kept, in characters.
const MAX_WORKFLOW: usize = 300;

/// What the environment of a job says (GitHub documentation, "Default environment variables").
/// Outside of Actions all of it is unknown, and so is what cannot be what it should be: a failure
/// is told without it.
#[derive(Debug, Clone, Default)]
pub struct Runner {
    /// The repository whose workflow runs.
    pub repository: Option<Repository>,
    /// Name of the workflow.
    pub workflow: Option<String>,
    /// Its run.
    pub run: Option<u64>,
    /// The attempt of that run, from 1.
    pub attempt: Option<u32>,
}

impl Runner {
    /// Reads `GITHUB_SERVER_URL`, `GITHUB_REPOSITORY`, `GITHUB_WORKFLOW`, `GITHUB_RUN_ID` and
    /// `GITHUB_RUN_ATTEMPT`.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let server = set("GITHUB_SERVER_URL").unwrap_or_else(|| GITHUB.to_owned());
        let server = server.trim_end_matches('/');
        let is_server = Origin::parse(server, "GITHUB_SERVER_URL").is_ok();
        let repository = set("GITHUB_REPOSITORY")
            .filter(|_| is_server)
            .and_then(|slug| Repository::from_slug(&slug, server).ok());
        Self {
            repository,
            workflow: set("GITHUB_WORKFLOW").map(|name| name.chars().take(MAX_WORKFLOW).collect()),
            run: set("GITHUB_RUN_ID").and_then(|id| id.parse().ok()),
            attempt: set("GITHUB_RUN_ATTEMPT").and_then(|number| number.parse().ok()),
        }
    }
}
