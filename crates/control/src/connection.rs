//! The configured repository on its GitHub server.

use crate::config::Config;
use crate::environment::Environment;
use crate::error::ControlError;
use provost_github::{GitHub, Repository, RepositoryName};
use provost_outbound::{Retry, Secret};

/// GitHub, spoken to with one token about one repository.
#[derive(Debug, Clone)]
pub struct Connection {
    github: GitHub,
    name: RepositoryName,
}

impl Connection {
    /// Connects to the server of `[github]`, else the one the environment names, about the
    /// repository of `[source]`. No request is made yet.
    ///
    /// # Errors
    /// [`ControlError::Configuration`] for what cannot be used.
    pub fn new(
        config: &Config,
        environment: &Environment,
        token: Option<Secret>,
        retry: &Retry,
    ) -> Result<Self, ControlError> {
        let api_url = environment.api_url.as_deref();
        let mut settings = config.github.settings(api_url).map_err(ControlError::Configuration)?;
        settings.retry = retry.clone();
        let slug = config.repository().map_err(ControlError::Configuration)?.slug();
        let name = RepositoryName::parse(&slug)
            .ok_or_else(|| ControlError::Configuration(format!("{slug} is no OWNER/NAME")))?;
        let private: Vec<String> = config
            .github
            .download_hosts
            .iter()
            .filter(|host| !host.starts_with("*."))
            .cloned()
            .collect();
        let github = GitHub::new(settings, token, &private)?;
        Ok(Self { github, name })
    }

    /// The server.
    pub fn github(&self) -> &GitHub {
        &self.github
    }

    /// The repository.
    pub fn repository(&self) -> Repository<'_> {
        self.github.repository(self.name.clone())
    }

    /// `OWNER/NAME`.
    pub fn slug(&self) -> String {
        self.name.to_string()
    }
}
