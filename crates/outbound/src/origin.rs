//! Where a request may go: scheme, host and port of a configured server.

use crate::error::OutboundError;
use reqwest::Url;
use std::net::IpAddr;

/// In place of what no URL can hold, so that nothing else is asked for instead.
const UNNAMEABLE: &str = "\u{fffd}";

/// A server that the configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(Url);

impl Origin {
    /// Reads a base URL such as `https://api.github.com` or `https://ghe.example.com/api/v3`.
    ///
    /// Plain `http` is for this machine alone: a loopback address, spelled as one. User name,
    /// password, query and fragment have no place in it.
    ///
    /// # Errors
    /// [`OutboundError::InvalidUrl`], naming `what` and not repeating the URL.
    pub fn parse(text: &str, what: &str) -> Result<Self, OutboundError> {
        let invalid = |why: &str| OutboundError::InvalidUrl { what: what.into(), why: why.into() };
        let url = Url::parse(text).map_err(|error| invalid(&error.to_string()))?;
        if !is_allowed_scheme(&url) {
            return Err(invalid("it must start with https:// (http:// is for loopback alone)"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("it must not hold a user name or password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("it must not have a query or a fragment"));
        }
        Ok(Self(url))
    }

    /// The base URL.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The URL of a path below it, each segment encoded as one: a name that holds a `/`, `?` or
    /// `..` stays one segment.
    pub fn join(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty();
            for segment in segments {
                // The URL standard drops these, and then sees the dots that they keep apart.
                let segment = segment.replace(['\t', '\n', '\r'], UNNAMEABLE);
                // It resolves dot segments even when they are encoded.
                match segment.as_str() {
                    "." | ".." => path.push(UNNAMEABLE),
                    segment => path.push(segment),
                };
            }
        }
        url
    }

    /// Whether a URL is of this server: the same scheme, host and port.
    pub fn is_of(&self, url: &Url) -> bool {
        is_same_origin(&self.0, url)
    }

    /// Its host name.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }
}

pub(crate) fn is_same_origin(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host() == other.host()
        && one.port_or_known_default() == other.port_or_known_default()
}

/// `https` anywhere, `http` on loopback alone.
pub(crate) fn is_allowed_scheme(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.host_str().is_some_and(|host| !host.is_empty()),
        "http" => is_loopback(url),
        _ => false,
    }
}

/// Whether the host is a loopback address, written as an address or as `localhost`.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match address_of(url) {
        Some(address) => address.is_loopback(),
        None => url.host_str() == Some("localhost"),
    }
}

/// The address, when the host is one.
pub(crate) fn address_of(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// A URL without what may be secret: user, query and fragment.
pub fn shown(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    format!("{}://{host}{port}{}", url.scheme(), url.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_https_or_loopback_and_holds_no_secret() {
        for good in [
            "https://api.github.com",
            "https://ghe.example.com/api/v3/",
            "http://127.0.0.1:8080",
            "http://[::1]:8080",
            "http://localhost:1",
        ] {
            Origin::parse(good, "x").expect(good);
        }
        for bad in [
            "http://api.github.com",
            "http://127.0.0.1.example.com",
            "http://10.0.0.1",
            "ftp://api.github.com",
            "file:///etc/passwd",
            "https://user:hunter2@api.github.com",
            "https://api.github.com?hunter2",
            "https://api.github.com#hunter2",
            "api.github.com",
            "https://",
            "",
        ] {
            let error = Origin::parse(bad, "[github].api_url").expect_err(bad).to_string();
            assert!(error.contains("[github].api_url") && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_name_stays_one_segment() {
        let origin = Origin::parse("https://h/api/v3/", "x").expect("origin");
        assert_eq!(origin.join(&["a", "b"]).as_str(), "https://h/api/v3/a/b");
        for (hostile, path) in [
            ("x/../y", "/api/v3/x%2F..%2Fy/z"),
            ("a?b#c", "/api/v3/a%3Fb%23c/z"),
            ("..", "/api/v3/%EF%BF%BD/z"),
            ("%2e%2e", "/api/v3/%252e%252e/z"),
            (".\n.", "/api/v3/.%EF%BF%BD./z"),
            ("v1\n", "/api/v3/v1%EF%BF%BD/z"),
            ("\t..", "/api/v3/%EF%BF%BD../z"),
            ("..\r", "/api/v3/..%EF%BF%BD/z"),
            ("\\..\\", "/api/v3/%5C..%5C/z"),
            ("", "/api/v3//z"),
        ] {
            assert_eq!(origin.join(&[hostile, "z"]).path(), path, "{hostile}");
        }
    }

    #[test]
    fn what_is_shown_of_a_url_holds_no_query() {
        let url = Url::parse("https://u:p@blob.example:8443/a?sig=hunter2#x").expect("url");
        assert_eq!(shown(&url), "https://blob.example:8443/a");
    }
}
