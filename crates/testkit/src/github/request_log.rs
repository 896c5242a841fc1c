//! What came in, as it came in.

use std::fmt;

use serde_json::Value;

use super::call::Call;

/// The three addresses of the fake.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Host {
    /// `api.github.com` and `uploads.github.com`.
    Api,
    /// The second host, which redirects and `bundle_url` lead to.
    Blob,
    /// Everything that is not GitHub's REST API: Slack, functions, identity tokens.
    Services,
}

/// One request, recorded before anything was decided about it.
#[derive(Clone)]
pub struct LoggedRequest {
    /// The address it was sent to.
    pub host: Host,
    /// In capitals.
    pub method: String,
    /// As sent: percent-encoded, without the query.
    pub path: String,
    /// Decoded pairs in order.
    pub query: Vec<(String, String)>,
    /// Names in lower case, in order.
    pub headers: Vec<(String, String)>,
    /// The bytes.
    pub body: Vec<u8>,
}

impl LoggedRequest {
    pub(crate) fn new(host: Host, call: &Call) -> Self {
        Self {
            host,
            method: call.method.clone(),
            path: call.path.clone(),
            query: call.query.clone(),
            headers: call.headers.clone(),
            body: call.body.clone(),
        }
    }

    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The first query parameter of that name.
    pub fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as JSON; `Null` if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The body as text, with a replacement character for what is no UTF-8.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Method and path alone, for a failing assertion prints the whole log.
impl fmt::Debug for LoggedRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} {} {} {:?}", self.host, self.method, self.path, self.query)
    }
}
