//! A client without any opinion, and a fake with one repository.

use provost_testkit::github::{FakeGithub, Repository, RepositoryHandle, Token};
use reqwest::Method;
use reqwest::blocking::{Client, Response};
use reqwest::redirect::Policy;
use serde_json::Value;

pub(crate) const COMMIT: &str = "693130cb6cb840a7bc9cb18c6510d536a95dc7e6";
pub(crate) const REPOSITORY: &str = "/repos/example-org/artifact";

/// A fake with one repository, a commit on `main` and the tag `v1`, and a client with a token.
pub(crate) struct World {
    pub(crate) github: FakeGithub,
    pub(crate) repository: RepositoryHandle,
    pub(crate) token: String,
    client: Client,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    fn read(response: Response) -> reqwest::Result<Self> {
        let headers = response.headers().iter().map(|(name, value)| {
            (name.as_str().to_owned(), value.to_str().unwrap_or_default().to_owned())
        });
        let headers = headers.collect();
        let status = response.status().as_u16();
        Ok(Self { status, headers, body: response.bytes()?.to_vec() })
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn message(&self) -> String {
        self.json()["message"].as_str().unwrap_or_default().to_owned()
    }
}

/// Permissions of a token that may do everything here.
pub(crate) const EVERYTHING: &[&str] = &[
    "contents:write",
    "actions:write",
    "issues:write",
    "attestations:read",
    "administration:write",
    "pull_requests:read",
];

impl World {
    pub(crate) fn new() -> Self {
        Self::of(Repository::new("example-org/artifact"))
    }

    pub(crate) fn of(repository: Repository) -> Self {
        let world = Self::bare(repository);
        world.repository.branch("main", COMMIT);
        world.repository.tag("v1", COMMIT);
        world
    }

    /// Without any ref, for a repository that git backs.
    pub(crate) fn bare(repository: Repository) -> Self {
        let github = FakeGithub::start();
        let repository = github.add(repository);
        let token = github.token(Token::fine_grained("release-bot", EVERYTHING));
        let client = Client::builder().redirect(Policy::none()).user_agent("test").no_proxy();
        Self { github, repository, token, client: client.build().unwrap() }
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.call("GET", path, None)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        self.call("POST", path, Some(body))
    }

    pub(crate) fn patch(&self, path: &str, body: &Value) -> Reply {
        self.call("PATCH", path, Some(body))
    }

    pub(crate) fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        self.send(method, path, body, &[]).unwrap()
    }

    /// With more headers, which come in place of the token's if they name `authorization`.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> reqwest::Result<Reply> {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.github.api_url())
        };
        let mut request = self.client.request(method.parse::<Method>().unwrap(), url);
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            request = request.bearer_auth(&self.token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        Reply::read(request.send()?)
    }

    /// Without any token.
    pub(crate) fn anonymously(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let url = format!("{}{path}", self.github.api_url());
        let mut request = self.client.request(method.parse::<Method>().unwrap(), url);
        if let Some(body) = body {
            request = request.body(body.to_string());
        }
        Reply::read(request.send().unwrap()).unwrap()
    }

    /// Without any token, from an absolute address.
    pub(crate) fn anonymously_at(&self, url: &str) -> Reply {
        self.get_anonymously(url).unwrap()
    }

    pub(crate) fn get_anonymously(&self, url: &str) -> reqwest::Result<Reply> {
        Reply::read(self.client.get(url).send()?)
    }

    /// With the token of another person or job.
    pub(crate) fn with_token(&self, token: &str, method: &str, path: &str) -> Reply {
        let authorization = format!("Bearer {token}");
        self.send(method, path, None, &[("authorization", &authorization)]).unwrap()
    }
}
