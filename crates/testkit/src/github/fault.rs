//! Faults on command: which calls they hit, how often, and what happens.

use std::time::Duration;

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::gate::Gate;
use super::request_log::Host;
use super::state::State;

/// What goes wrong with one request.
#[derive(Clone)]
pub enum Fault {
    /// The request waits at the gate, then is served as usual.
    Hold(Gate),
    /// The request waits so long (at most two seconds), then is served as usual.
    Delay(Duration),
    /// The connection breaks before anything was done.
    CutBeforeAnswer,
    /// The request is executed and the connection breaks before the first byte of the answer: a
    /// client that repeats it delivers twice.
    ExecuteThenCut,
    /// The request is executed; the head of the answer arrives and so many bytes of its body.
    CutAfter(usize),
    /// The request is executed; the answer arrives complete, but its body ends after so many
    /// bytes (a truncated zip).
    Truncate(usize),
    /// Nothing is executed; this status with GitHub's error body.
    Status(u16),
    /// Nothing is executed; 403 with the secondary rate limit's message and `Retry-After` (s).
    SecondaryRateLimit(u32),
    /// Nothing is executed; 429, with `Retry-After` (s) if given.
    TooManyRequests(Option<u32>),
    /// Nothing is executed; 403 with `x-ratelimit-remaining: 0` and this reset (seconds since
    /// 1970).
    PrimaryRateLimit(i64),
    /// Nothing is executed; 200 with a page of HTML.
    Html,
    /// The request is executed; every `OWNER/NAME` and repository number of the answer is another
    /// repository's (`other/elsewhere`, 1).
    OtherRepository,
    /// Nothing is executed; this status, and body and headers that repeat the `Authorization`
    /// header, as a proxy's debug page does: HTML, or JSON.
    Echo(u16, &'static str),
    /// The request is executed; every text of the answer that is a member of that name becomes
    /// this one.
    Spell(&'static str, String),
    /// Nothing is executed; this status, content type and body.
    Body(u16, &'static str, Vec<u8>),
    /// Nothing is executed; this status and a `Location`.
    Redirect(u16, String),
}

/// Which requests a fault hits.
#[derive(Clone, Debug)]
pub struct On {
    method: String,
    pattern: String,
    host: Host,
    skip: usize,
    times: usize,
}

impl On {
    /// The next request of that method (`*` for any) and path, in which a segment `*` stands for
    /// any one segment and a last segment `**` for all that follow.
    pub fn new(method: &str, pattern: &str) -> Self {
        let (method, pattern) = (method.to_owned(), pattern.to_owned());
        Self { method, pattern, host: Host::Api, skip: 0, times: 1 }
    }

    /// On another host than the API.
    #[must_use]
    pub fn host(mut self, host: Host) -> Self {
        self.host = host;
        self
    }

    /// So many requests pass unharmed first.
    #[must_use]
    pub fn after(mut self, requests: usize) -> Self {
        self.skip = requests;
        self
    }

    /// So many requests are hit, instead of one.
    #[must_use]
    pub fn times(mut self, requests: usize) -> Self {
        self.times = requests;
        self
    }

    /// Every request is hit.
    #[must_use]
    pub fn always(self) -> Self {
        self.times(usize::MAX)
    }

    fn fits(&self, host: Host, call: &Call) -> bool {
        let method = self.method == "*" || self.method.eq_ignore_ascii_case(&call.method);
        self.host == host && method && path_fits(&self.pattern, &call.path)
    }
}

fn path_fits(pattern: &str, path: &str) -> bool {
    let mut path = path.split('/');
    for expected in pattern.split('/') {
        match (expected, path.next()) {
            ("**", Some(_)) => return true,
            ("*", Some(_)) => {}
            (expected, Some(segment)) if expected == segment => {}
            _ => return false,
        }
    }
    path.next().is_none()
}

/// A fault that waits for its requests.
pub(crate) struct ArmedFault {
    pub(crate) on: On,
    pub(crate) fault: Fault,
}

impl State {
    /// The faults that hit this request, in the order in which they were set.
    pub(crate) fn take_faults(&mut self, host: Host, call: &Call) -> Vec<Fault> {
        let mut hit = Vec::new();
        for armed in &mut self.faults {
            if !armed.on.fits(host, call) {
                continue;
            }
            if armed.on.skip > 0 {
                armed.on.skip -= 1;
            } else if armed.on.times > 0 {
                armed.on.times -= 1;
                hit.push(armed.fault.clone());
            }
        }
        hit
    }
}

const SECONDARY: &str = "You have exceeded a secondary rate limit. Please wait a few minutes \
                         before you try again.";

impl Fault {
    /// The answer in place of the server's, for the faults that execute nothing.
    pub(crate) fn instead(&self, call: &Call) -> Option<Answer> {
        Some(match self {
            // Not a byte of it arrives.
            Self::CutBeforeAnswer => Answer::empty(500),
            Self::Status(404) => Answer::not_found(),
            Self::Status(status) => Answer::error(*status, "Server Error"),
            Self::SecondaryRateLimit(seconds) => {
                Answer::error(403, SECONDARY).header("retry-after", &seconds.to_string())
            }
            Self::TooManyRequests(seconds) => {
                let answer = Answer::error(429, "Too Many Requests");
                match seconds {
                    Some(seconds) => answer.header("retry-after", &seconds.to_string()),
                    None => answer,
                }
            }
            Self::PrimaryRateLimit(reset) => Answer::error(403, "API rate limit exceeded")
                .header("x-ratelimit-limit", "5000")
                .header("x-ratelimit-remaining", "0")
                .header("x-ratelimit-used", "5000")
                .header("x-ratelimit-reset", &reset.to_string())
                .header("x-ratelimit-resource", "core"),
            Self::Html => {
                let page = "<!DOCTYPE html>\n<html><title>Sign in</title></html>\n";
                Answer::bytes(200, "text/html; charset=utf-8", page.into())
            }
            Self::Echo(status, content_type) => echo(*status, content_type, call),
            Self::Body(status, content_type, body) => {
                Answer::bytes(*status, content_type, body.clone())
            }
            Self::Redirect(status, to) => Answer::empty(*status).header("location", to),
            _ => return None,
        })
    }
}

fn echo(status: u16, content_type: &str, call: &Call) -> Answer {
    let heard = call.header("authorization").unwrap_or_default();
    let body = match (content_type, status) {
        ("application/json", 200) => json!(heard),
        ("application/json", _) => json!({ "message": heard, "errors": [{ "message": heard }] }),
        _ => json!(null),
    };
    let page = format!("<!DOCTYPE html>\n<pre>Authorization: {heard}</pre>\n");
    let body = if body.is_null() { page } else { body.to_string() };
    Answer::bytes(status, content_type, body.into())
        .header("x-accepted-github-permissions", heard)
        .header("x-echo", heard)
}

/// Puts `text` in the place of every text that is a member `name`, at any depth.
pub(crate) fn spell(answer: &mut Answer, name: &str, text: &str) {
    fn replace(value: &mut Value, name: &str, text: &str) {
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    match member {
                        Value::String(own) if key == name => *own = text.to_owned(),
                        member => replace(member, name, text),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| replace(item, name, text)),
            _ => {}
        }
    }
    if let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) {
        replace(&mut body, name, text);
        answer.body = body.to_string().into_bytes();
    }
}
