//! Downloads that redirect: each hop is looked at, and a token never leaves its server.

use crate::answer::Stream;
use crate::client::Client;
use crate::error::OutboundError;
use crate::origin::{is_allowed_scheme, is_loopback, is_same_origin, shown};
use crate::request::{Method, Request};
use reqwest::Url;

/// The longest chain of redirects that is followed.
const MAX_HOPS: usize = 5;

/// The hosts that a download may come from: names, or `*.example.com` for all names below one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts(Vec<String>);

impl Hosts {
    /// The list.
    pub fn new(hosts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(hosts.into_iter().map(|host| host.into().to_ascii_lowercase()).collect())
    }

    /// Whether the URL's host is on the list.
    pub fn contain(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        self.0.iter().any(|allowed| match allowed.strip_prefix("*.") {
            Some(parent) => host
                .strip_suffix(parent)
                .is_some_and(|below| below.len() > 1 && below.ends_with('.')),
            None => host == *allowed,
        })
    }
}

impl Client {
    /// Reads a URL through at most five redirects. The first request goes where it says; every
    /// further host must be among `hosts` and be spoken to over `https` (a loopback host over
    /// `http` when the first was one as well). Token and headers are dropped as soon as scheme,
    /// host or port changes, and do not come back.
    ///
    /// # Errors
    /// [`OutboundError::Redirect`] for a target that is refused; otherwise as [`Client::open`].
    pub fn follow(&self, request: &Request, hosts: &Hosts) -> Result<Stream, OutboundError> {
        let mut request = request.clone();
        let starts_on_loopback = is_loopback(&request.url);
        for _ in 0..=MAX_HOPS {
            let stream = self.open(&request)?;
            if !matches!(stream.status(), 301 | 302 | 303 | 307 | 308) {
                return Ok(stream);
            }
            let target = target(&request.url, stream.header("location"))?;
            let refuse = |why| OutboundError::Redirect {
                place: shown(&request.url),
                to: shown(&target),
                why,
            };
            if request.method != Method::Get {
                return Err(refuse("and only a download may be redirected"));
            }
            if !is_allowed_scheme(&target) || (is_loopback(&target) && !starts_on_loopback) {
                return Err(refuse("which is not spoken to over https"));
            }
            if !is_same_origin(&request.url, &target) {
                if !hosts.contain(&target) {
                    return Err(refuse(
                        "which is no host that downloads come from; if it is yours, name it in \
                         [github].download_hosts",
                    ));
                }
                request = Request::get(target);
            } else {
                request.url = target;
            }
        }
        let place = shown(&request.url);
        let to = place.clone();
        Err(OutboundError::Redirect { place, to, why: "and there are too many redirects" })
    }
}

fn target(from: &Url, location: Option<&str>) -> Result<Url, OutboundError> {
    let invalid = |why: &str| OutboundError::InvalidRequest {
        place: shown(from),
        why: format!("it redirects to {why}"),
    };
    let location = location.ok_or_else(|| invalid("nowhere"))?;
    let target = from.join(location).map_err(|_| invalid("what is no URL"))?;
    match target.username().is_empty() && target.password().is_none() {
        true => Ok(target),
        false => Err(invalid("a URL with a user name")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_on_the_list_by_its_whole_name() {
        let hosts = Hosts::new(["codeload.github.com", "*.blob.core.windows.net"]);
        let contain = |url: &str| hosts.contain(&Url::parse(url).expect(url));
        assert!(contain("https://codeload.github.com/x"));
        assert!(contain("https://CODELOAD.github.com/x"));
        assert!(contain("https://productionresults.blob.core.windows.net/x"));
        for other in [
            "https://codeload.github.com.evil.example/",
            "https://xcodeload.github.com/",
            "https://blob.core.windows.net/",
            "https://.blob.core.windows.net/",
            "https://evilblob.core.windows.net/",
            "https://evil.example/x.blob.core.windows.net",
            "https://evil.example#x.blob.core.windows.net",
        ] {
            assert!(Url::parse(other).map_or(true, |url| !hosts.contain(&url)), "{other}");
        }
    }
}
