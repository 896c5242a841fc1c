//! One request.

use crate::secret::Secret;
use reqwest::Url;

/// What is asked of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Create, or order something.
    Post,
    /// Change.
    Patch,
}

/// A request, ready to be sent any number of times.
#[derive(Debug, Clone)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) bearer: Option<Secret>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<Vec<u8>>,
    /// Doing it again does nothing more.
    pub(crate) idempotent: bool,
}

impl Request {
    /// Reads a URL.
    pub fn get(url: Url) -> Self {
        Self {
            method: Method::Get,
            url,
            bearer: None,
            headers: Vec::new(),
            body: None,
            idempotent: true,
        }
    }

    /// Sends JSON to a URL.
    pub fn json(method: Method, url: Url, body: &serde_json::Value) -> Self {
        let body = Some(body.to_string().into_bytes());
        let headers = vec![("content-type", "application/json".to_owned())];
        let idempotent = method == Method::Get;
        Self { method, url, bearer: None, headers, body, idempotent }
    }

    /// Sends bytes to a URL as they are.
    pub fn bytes(method: Method, url: Url, content_type: &str, body: Vec<u8>) -> Self {
        let headers = vec![("content-type", content_type.to_owned())];
        let idempotent = method == Method::Get;
        Self { method, url, bearer: None, headers, body: Some(body), idempotent }
    }

    /// With `Authorization: Bearer …`, when there is a token.
    #[must_use]
    pub fn bearer(mut self, token: Option<&Secret>) -> Self {
        self.bearer = token.cloned();
        self
    }

    /// With a header. A value that is no header value makes sending fail.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Says that the far side recognises a repeat and does nothing twice, so that the request may
    /// be sent again after an answer that never came.
    #[must_use]
    pub fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// What is asked.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Where it goes.
    pub fn url(&self) -> &Url {
        &self.url
    }
}
