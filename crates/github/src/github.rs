//! One server with one token.

use crate::error::GithubError;
use crate::page::Pages;
use crate::repository::{Repository, RepositoryName};
use crate::settings::Settings;
use provost_outbound::{
    Answer, Client, Limits, Method, OutboundError, Request, Secret, Stream, Url,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

/// Bounds of one download: release assets may have up to 2 GiB.
const DOWNLOAD: Limits = Limits {
    connect: Duration::from_secs(10),
    total: Duration::from_secs(30 * 60),
    max_bytes: 4 * 1024 * 1024 * 1024,
};

/// The longest part of GitHub's own words that is passed on.
const MAX_MESSAGE: usize = 300;

/// A GitHub server, spoken to with one token or with none.
#[derive(Debug, Clone)]
pub struct GitHub {
    settings: Settings,
    client: Client,
    token: Option<Secret>,
}

impl GitHub {
    /// `more_hosts` are hosts in a private network that downloads may come from.
    ///
    /// # Errors
    /// [`GithubError::Outbound`] when no HTTPS client can be made.
    pub fn new(
        settings: Settings,
        token: Option<Secret>,
        more_hosts: &[String],
    ) -> Result<Self, GithubError> {
        let client = Client::new(settings.configured_hosts(more_hosts), settings.limits)?;
        Ok(Self { settings, client, token })
    }

    /// One repository of the server.
    pub fn repository(&self, name: RepositoryName) -> Repository<'_> {
        Repository::new(self, name)
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn token(&self) -> Option<&Secret> {
        self.token.as_ref()
    }

    /// The URL of a path of the API.
    pub(crate) fn url(&self, segments: &[&str]) -> Url {
        self.settings.api.join(segments)
    }

    /// Reads a URL of the API; `what` names it in errors.
    pub(crate) fn get(&self, url: Url, what: &str) -> Result<Answer, GithubError> {
        let answer = self.send(Request::get(url))?;
        check(answer, what)
    }

    pub(crate) fn get_json<T: DeserializeOwned>(
        &self,
        url: Url,
        what: &str,
    ) -> Result<T, GithubError> {
        parse(&self.get(url, what)?, what)
    }

    /// The same, with `None` for what is not there.
    pub(crate) fn find_json<T: DeserializeOwned>(
        &self,
        url: Url,
        what: &str,
    ) -> Result<Option<T>, GithubError> {
        match self.get_json(url, what) {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Every item of a list, over all pages.
    pub(crate) fn pages(&self, url: Url, what: &str) -> Pages<'_> {
        Pages::new(self, url, what)
    }

    /// Orders something, once: what may have been done is not ordered again.
    pub(crate) fn order(
        &self,
        method: Method,
        url: Url,
        body: &Value,
        what: &str,
    ) -> Result<Answer, GithubError> {
        check(self.send(Request::json(method, url, body))?, what)
    }

    /// Opens a download of the API, which may redirect to a store elsewhere. `accept` is the
    /// media type that asks for the bytes.
    pub(crate) fn download(
        &self,
        url: Url,
        accept: &str,
        what: &str,
    ) -> Result<Stream, GithubError> {
        let is_api = self.settings.api.is_of(&url);
        let request = match is_api {
            true => self.dressed(Request::get(url)),
            // The token is for the API alone.
            false => Request::get(url),
        };
        let request = request.header("accept", accept);
        let client = self.client.clone().with_limits(DOWNLOAD);
        let opened = self.settings.retry.follow(&client, &request, &self.settings.download_hosts);
        opened?.map_err(|answer| refusal(&answer, what))
    }

    /// Whether a URL that an answer named may be downloaded: the API's own, or a download host's.
    pub(crate) fn may_download(&self, url: &Url) -> bool {
        self.settings.api.is_of(url) || self.settings.download_hosts.contain(url)
    }

    fn send(&self, request: Request) -> Result<Answer, OutboundError> {
        let request = self.dressed(request).header("accept", "application/vnd.github+json");
        self.settings.retry.send(&self.client, &request)
    }

    fn dressed(&self, request: Request) -> Request {
        request
            .bearer(self.token.as_ref())
            .header("x-github-api-version", self.settings.api_version.as_str())
    }
}

/// Lets a success through and turns anything else into an error with its remedy.
fn check(answer: Answer, what: &str) -> Result<Answer, GithubError> {
    match answer.is_success() {
        true => Ok(answer),
        false => Err(refusal(&answer, what)),
    }
}

fn refusal(answer: &Answer, what: &str) -> GithubError {
    let what = what.to_owned();
    let needed = answer.header("x-accepted-github-permissions").map(str::to_owned);
    match answer.status {
        300..=399 => GithubError::Moved { what },
        400 | 422 => GithubError::Refused { what, message: message(answer) },
        401 => GithubError::Unauthorized { what },
        403 => GithubError::Forbidden { what, message: message(answer), needed },
        404 => GithubError::NotFound { what },
        410 => GithubError::Expired { what },
        status => GithubError::Status { what, status },
    }
}

/// GitHub's own words, shortened; they may repeat what was sent, but never the token.
fn message(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let mut text = body["message"].as_str().unwrap_or_default().to_owned();
    let details = body["errors"].as_array().into_iter().flatten();
    for detail in details {
        // `{"resource": "Label", "code": "already_exists", "field": "name"}` has no message.
        let words = detail["message"].as_str().or(detail.as_str());
        let [field, code] = ["field", "code"].map(|key| detail[key].as_str().unwrap_or_default());
        text.push_str("; ");
        text.push_str(&words.map_or_else(|| format!("{field} {code}"), str::to_owned));
    }
    if text.is_empty() {
        text = format!("HTTP {}", answer.status);
    }
    text.chars().take(MAX_MESSAGE).collect()
}

/// Parses an answer's body.
pub(crate) fn parse<T: DeserializeOwned>(answer: &Answer, what: &str) -> Result<T, GithubError> {
    serde_json::from_slice(&answer.body).map_err(|error| {
        let kind = answer.header("content-type").unwrap_or("no content type").to_owned();
        let why = match kind.starts_with("application/json")
            || kind.starts_with("application/vnd.github")
        {
            true => error.to_string(),
            false => format!("it is {kind} instead of JSON; does something stand in between?"),
        };
        GithubError::InvalidAnswer { what: what.to_owned(), why }
    })
}
