//! The HTTPS client.

use crate::address::is_public;
use crate::answer::{Answer, Stream};
use crate::error::OutboundError;
use crate::origin::{address_of, is_allowed_scheme, is_loopback, shown};
use crate::request::{Method, Request};
use crate::resolver::GuardedResolver;
use reqwest::Url;
use reqwest::blocking::{Client as Inner, ClientBuilder};
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use std::sync::Arc;
use std::time::Duration;

/// What the far side is told about who calls.
const USER_AGENT: &str = concat!("provost/", env!("CARGO_PKG_VERSION"));

/// How long and how much.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Time for making a connection.
    pub connect: Duration,
    /// Time for a whole call, body included.
    pub total: Duration,
    /// Size of a whole answer in bytes.
    pub max_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            total: Duration::from_secs(60),
            max_bytes: 16 * 1024 * 1024,
        }
    }
}

/// Variables that name a proxy for `https`. `http` is for loopback alone, where no proxy has part.
const PROXY_VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// Sends requests. It follows no redirect by itself and keeps no cookie.
///
/// A proxy of the environment (`HTTPS_PROXY`, `NO_PROXY`) is used except for loopback. Behind one
/// the names are resolved by the proxy, and where they may lead is its rule.
#[derive(Debug, Clone)]
pub struct Client {
    inner: Inner,
    /// Past every proxy.
    direct: Inner,
    limits: Limits,
    configured: Arc<[String]>,
}

impl Client {
    /// A client that may reach the named hosts wherever they are, and any other at public
    /// addresses alone.
    ///
    /// # Errors
    /// [`OutboundError::Client`], as when the system's certificates cannot be read.
    pub fn new(configured_hosts: Vec<String>, limits: Limits) -> Result<Self, OutboundError> {
        let proxies = proxy_hosts(|name| std::env::var(name).ok());
        let resolvable = configured_hosts.iter().chain(&proxies).cloned().collect();
        let resolver = Arc::new(GuardedResolver { configured: resolvable });
        let build = |builder: ClientBuilder| {
            builder
                .user_agent(USER_AGENT)
                .redirect(Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .connect_timeout(limits.connect)
                .timeout(limits.total)
                .dns_resolver(Arc::clone(&resolver))
                .build()
                .map_err(|error| OutboundError::Client(causes(&error)))
        };
        let direct = build(Inner::builder().no_proxy())?;
        let inner = match proxies.is_empty() {
            true => direct.clone(),
            false => build(Inner::builder())?,
        };
        let configured = configured_hosts.into();
        Ok(Self { inner, direct, limits, configured })
    }

    /// The same client with another limit on the size of an answer and on its time.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sends a request once and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// [`OutboundError`].
    pub fn send(&self, request: &Request) -> Result<Answer, OutboundError> {
        self.open(request)?.read()
    }

    /// Sends a request once and leaves the body to be read.
    ///
    /// # Errors
    /// [`OutboundError`].
    pub fn open(&self, request: &Request) -> Result<Stream, OutboundError> {
        let place = shown(&request.url);
        self.check_target(request, &place)?;
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Patch => reqwest::Method::PATCH,
        };
        let invalid =
            |why: &str| OutboundError::InvalidRequest { place: place.clone(), why: why.to_owned() };
        // What stays on this machine is nothing that a proxy should see.
        let inner = if is_loopback(&request.url) { &self.direct } else { &self.inner };
        let mut builder = inner.request(method, request.url.clone()).timeout(self.limits.total);
        for (name, value) in &request.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid("header"))?;
            let value = HeaderValue::from_str(value).map_err(|_| invalid("header value"))?;
            builder = builder.header(name, value);
        }
        if let Some(token) = &request.bearer {
            let value = format!("Bearer {}", token.expose());
            let mut value = HeaderValue::from_str(&value).map_err(|_| invalid("token"))?;
            value.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, value);
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let response = builder.send().map_err(|error| failed(place, &error))?;
        Ok(Stream::new(response, self.limits.max_bytes, request.bearer.clone()))
    }

    /// An address in a URL is never resolved, so it is looked at here.
    fn check_target(&self, request: &Request, place: &str) -> Result<(), OutboundError> {
        let invalid = |why: &str| OutboundError::InvalidRequest {
            place: place.to_owned(),
            why: why.to_owned(),
        };
        if !is_allowed_scheme(&request.url) {
            return Err(invalid("only https:// is spoken"));
        }
        let host = request.url.host_str().unwrap_or_default();
        let is_configured = self.configured.iter().any(|known| known.eq_ignore_ascii_case(host));
        match address_of(&request.url) {
            Some(address) if !is_configured && !is_public(address) => {
                Err(invalid("the address is not a public one and not configured"))
            }
            _ => Ok(()),
        }
    }
}

/// Hosts of the proxies that the environment names, which may be in a private network.
fn proxy_hosts(variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let named = PROXY_VARIABLES.iter().filter_map(|name| variable(name));
    let host = |text: String| {
        // `proxy.example:3128` is understood as well, and as a URL it would be a scheme.
        let text = if text.contains("://") { text } else { format!("http://{text}") };
        Url::parse(&text).ok()?.host_str().map(str::to_owned)
    };
    named.filter_map(host).collect()
}

fn failed(place: String, error: &reqwest::Error) -> OutboundError {
    if error.is_connect() || error.is_dns() {
        return OutboundError::Connect { place, why: causes(error) };
    }
    if error.is_timeout() {
        return OutboundError::Timeout { place };
    }
    if error.is_builder() {
        return OutboundError::InvalidRequest { place, why: "it is malformed".into() };
    }
    OutboundError::Interrupted { place }
}

/// The innermost reason: the outer ones repeat the URL.
fn causes(error: &reqwest::Error) -> String {
    let mut cause = std::error::Error::source(error);
    let mut text = String::from("no reason was given");
    while let Some(inner) = cause {
        text = inner.to_string();
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::proxy_hosts;

    #[test]
    fn a_proxy_is_known_by_its_host() {
        let of = |value: &str| {
            proxy_hosts(|name| (name == "https_proxy").then(|| value.to_owned())).join(" ")
        };
        assert_eq!(of("http://user:pass@proxy.example:3128/"), "proxy.example");
        assert_eq!(of("proxy.example:3128"), "proxy.example");
        assert_eq!(of("10.0.0.1:3128"), "10.0.0.1");
        for none in ["", "http://", ":", "::"] {
            assert_eq!(of(none), "", "{none}");
        }
    }
}
