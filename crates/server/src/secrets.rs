//! The server's secrets, from the environment or from files that it names.

use provost_control::{Environment, NotifySecrets};
use provost_outbound::{Secret, SecretError};

/// Every secret of a server. None is an argument, and none is in the configuration.
#[derive(Debug, Clone)]
pub struct ServerSecrets {
    /// `PROVOST_WEBHOOK_SECRET`, then `PROVOST_WEBHOOK_SECRET_PREVIOUS` while it is rotated.
    pub webhook: Vec<Secret>,
    /// `PROVOST_DOCS_KEY`: opens a private bucket of manifests.
    pub docs_key: Option<Secret>,
    /// `SLACK_WEBHOOK_URL` and `OPS_NOTIFY_TOKEN`.
    pub notify: NotifySecrets,
    /// `GITHUB_TOKEN` and what else of the environment the calls to GitHub need.
    pub environment: Environment,
}

impl ServerSecrets {
    /// Reads the variables, or the files that `<NAME>_FILE` names, through `variable`.
    ///
    /// # Errors
    /// [`SecretError`] for a secret that is set and cannot be used.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SecretError> {
        let secret = |name: &str| Secret::from_environment(name, &variable);
        let names = ["PROVOST_WEBHOOK_SECRET", "PROVOST_WEBHOOK_SECRET_PREVIOUS"];
        let webhook = names.into_iter().filter_map(|name| secret(name).transpose());
        Ok(Self {
            webhook: webhook.collect::<Result<_, _>>()?,
            docs_key: secret("PROVOST_DOCS_KEY")?,
            notify: NotifySecrets::from_environment(&variable),
            environment: Environment::read(&variable)?,
        })
    }
}
