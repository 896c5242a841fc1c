//! Which server is meant, and how it is spoken to.

use provost_outbound::{Hosts, Limits, Origin, OutboundError, Retry};

/// Hosts that GitHub redirects downloads to (artifacts, release assets, attestation bundles).
const DOWNLOAD_HOSTS: [&str; 3] =
    ["*.blob.core.windows.net", "*.githubusercontent.com", "*.actions.githubusercontent.com"];

/// The version of the REST API, header `X-GitHub-Api-Version`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ApiVersion {
    /// `2022-11-28`: the default of every server.
    #[default]
    V20221128,
    /// `2026-03-10`: a dispatch always answers with its run, attestations without inline bundles.
    V20260310,
}

impl ApiVersion {
    /// As it stands in the header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V20221128 => "2022-11-28",
            Self::V20260310 => "2026-03-10",
        }
    }

    /// Reads the header's form.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::V20221128, Self::V20260310].into_iter().find(|version| version.as_str() == text)
    }
}

/// One GitHub server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The API, such as `https://api.github.com`.
    pub api: Origin,
    /// Version of the API.
    pub api_version: ApiVersion,
    /// Hosts beside the API's own that downloads may come from.
    pub download_hosts: Hosts,
    /// Bounds of one call; downloads have larger ones of their own.
    pub limits: Limits,
    /// When a call is repeated.
    pub retry: Retry,
}

impl Settings {
    /// Settings for an API's base URL. `more_hosts` are download hosts beside GitHub's own.
    ///
    /// # Errors
    /// [`OutboundError::InvalidUrl`].
    pub fn new(api_url: &str, more_hosts: &[String]) -> Result<Self, OutboundError> {
        let api = Origin::parse(api_url, "the API URL of GitHub ([github].api_url)")?;
        let known = DOWNLOAD_HOSTS.map(str::to_owned);
        Ok(Self {
            download_hosts: Hosts::new(known.into_iter().chain(more_hosts.iter().cloned())),
            api,
            api_version: ApiVersion::default(),
            limits: Limits::default(),
            retry: Retry::default(),
        })
    }

    /// The hosts that may be anywhere, also in a private network: they are configured by name.
    pub(crate) fn configured_hosts(&self, more: &[String]) -> Vec<String> {
        std::iter::once(self.api.host().to_owned()).chain(more.iter().cloned()).collect()
    }
}
