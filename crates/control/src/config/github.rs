//! `[github]`: which server is meant.

use provost_attestation::repository::GITHUB;
use provost_github::{ApiVersion, Settings};
use schemars::JsonSchema;
use serde::Deserialize;

/// The API of github.com.
const GITHUB_API: &str = "https://api.github.com";

/// Which GitHub server is meant; the default is github.com.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GithubSection {
    /// The server, such as `https://github.example.com`.
    #[serde(default = "default_server")]
    pub server_url: String,
    /// The OIDC issuer of its Actions.
    #[serde(default = "default_issuer")]
    pub oidc_issuer: String,
    /// The REST API; default: `GITHUB_API_URL` inside GitHub Actions, else that of the server.
    pub api_url: Option<String>,
    /// Version of the REST API: `2022-11-28` (default) or `2026-03-10`.
    pub api_version: Option<String>,
    /// Hosts beside GitHub's own that downloads may be redirected to: a name, or `*.example.com`.
    /// A host in a private network must be named in full.
    #[serde(default)]
    pub download_hosts: Vec<String>,
}

fn default_server() -> String {
    GITHUB.to_owned()
}

fn default_issuer() -> String {
    provost_policy::GITHUB_ACTIONS_ISSUER.to_owned()
}

impl Default for GithubSection {
    fn default() -> Self {
        Self {
            server_url: default_server(),
            oidc_issuer: default_issuer(),
            api_url: None,
            api_version: None,
            download_hosts: Vec::new(),
        }
    }
}

impl GithubSection {
    pub(super) fn check(&self) -> Result<(), String> {
        self.settings(None).map(|_| ())
    }

    /// How the API is spoken to. `environment` is the API that the environment names, which the
    /// file overrides.
    ///
    /// # Errors
    /// What cannot be used, in words.
    pub fn settings(&self, environment: Option<&str>) -> Result<Settings, String> {
        let server = self.server_url.trim_end_matches('/');
        let of_server = match server == GITHUB {
            true => GITHUB_API.to_owned(),
            false => format!("{server}/api/v3"),
        };
        let api_url = self.api_url.as_deref().or(environment).unwrap_or(&of_server);
        let mut settings =
            Settings::new(api_url, &self.download_hosts).map_err(|error| error.to_string())?;
        if let Some(version) = &self.api_version {
            settings.api_version = ApiVersion::parse(version).ok_or_else(|| {
                format!("[github].api_version: {version:?} is neither 2022-11-28 nor 2026-03-10")
            })?;
        }
        Ok(settings)
    }
}
