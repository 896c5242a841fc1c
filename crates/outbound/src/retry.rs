//! When a call is repeated, and how long it waits before.

use crate::answer::{Answer, Stream};
use crate::client::{Client, Limits};
use crate::error::OutboundError;
use crate::follow::Hosts;
use crate::origin::shown;
use crate::pause::{Pause, Sleep};
use crate::request::Request;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How often and how patiently a call is repeated.
#[derive(Clone)]
pub struct Retry {
    /// Tries in all, at least 1.
    pub tries: u32,
    /// Upper bound of the first wait; it doubles with each try. The wait itself is random below
    /// its bound, so that many callers do not come back together.
    pub first: Duration,
    /// The longest wait, whatever the server asks for.
    pub longest: Duration,
    /// Waits, or counts in tests.
    pub pause: Arc<dyn Pause>,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            tries: 5,
            first: Duration::from_secs(1),
            longest: Duration::from_secs(60),
            pause: Arc::new(Sleep),
        }
    }
}

impl fmt::Debug for Retry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry").field("tries", &self.tries).finish_non_exhaustive()
    }
}

/// What an answer says about another try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the answer.
    Final,
    /// The server was not able to; nothing was done.
    Busy,
    /// Too often; not before this time has passed, if the server said so.
    Limited(Option<Duration>),
}

/// What GitHub waits for after a secondary limit of which it does not say how long it lasts.
const SECONDARY: Duration = Duration::from_secs(60);

/// Reads status and headers: 429, or 403 with `Retry-After`, an exhausted
/// `X-RateLimit-Remaining` or the words "secondary rate limit", is a limit (GitHub, "Rate limits
/// for the REST API"); 408, 500, 502, 503 and 504 are busy.
pub fn classify(answer: &Answer, now: Timestamp) -> Verdict {
    let number = |name: &str| answer.header(name)?.trim().parse::<i64>().ok();
    let retry_after = answer.header("retry-after");
    let exhausted = number("x-ratelimit-remaining") == Some(0);
    let secondary = || {
        let text = String::from_utf8_lossy(&answer.body);
        text.contains("secondary rate limit")
    };
    let limited = match answer.status {
        429 => true,
        403 => retry_after.is_some() || exhausted || secondary(),
        503 => retry_after.is_some(),
        _ => false,
    };
    if limited {
        let reset = || {
            let at = Timestamp::from_second(number("x-ratelimit-reset")?).ok()?;
            Some(Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO))
        };
        let wait = retry_after.and_then(|text| wait_of(text, now));
        let wait = wait.or_else(|| exhausted.then(reset).flatten());
        return Verdict::Limited(wait.or_else(|| secondary().then_some(SECONDARY)));
    }
    match answer.status {
        408 | 500 | 502 | 503 | 504 => Verdict::Busy,
        _ => Verdict::Final,
    }
}

/// `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3). A date that has passed is no
/// wait, a number that is too large the longest.
fn wait_of(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO))
}

impl Retry {
    /// Sends a request until there is an answer, or the tries are used up. The last answer is
    /// given back whatever its status, except for a limit, which is an error of its own.
    ///
    /// What may change something on the far side is sent again only when it surely was not done:
    /// after a failed connection or a limit (403, 429), never after a timeout or a broken
    /// connection, and after a 5xx only for a read: what stands in between may have passed it on.
    /// What is [`Request::idempotent`] is repeated as a read is.
    ///
    /// # Errors
    /// [`OutboundError`].
    pub fn send(&self, client: &Client, request: &Request) -> Result<Answer, OutboundError> {
        match self.repeat(request, || client.send(request).map(Err::<Infallible, _>))? {
            Ok(never) => match never {},
            Err(answer) => Ok(answer),
        }
    }

    /// Opens a download ([`Client::follow`]) in the same way: the stream of a 200, or the last
    /// answer that was none. What breaks while the stream is read is not repeated.
    ///
    /// # Errors
    /// [`OutboundError`].
    pub fn follow(
        &self,
        client: &Client,
        request: &Request,
        hosts: &Hosts,
    ) -> Result<Result<Stream, Answer>, OutboundError> {
        self.repeat(request, || {
            let stream = client.follow(request, hosts)?;
            match stream.status() {
                200 => Ok(Ok(stream)),
                // However large the download may be, its refusal is not.
                _ => Ok(Err(stream.with_limit(Limits::default().max_bytes).read()?)),
            }
        })
    }

    fn repeat<T>(
        &self,
        request: &Request,
        attempt: impl Fn() -> Result<Result<T, Answer>, OutboundError>,
    ) -> Result<Result<T, Answer>, OutboundError> {
        let repeatable = request.idempotent;
        let mut tried = 0;
        loop {
            tried += 1;
            let is_last = tried >= self.tries.max(1);
            let wait = match attempt() {
                Ok(Ok(done)) => return Ok(Ok(done)),
                Ok(Err(answer)) => match classify(&answer, Timestamp::now()) {
                    Verdict::Final => return Ok(Err(answer)),
                    _ if answer.status >= 500 && !repeatable => return Ok(Err(answer)),
                    Verdict::Busy if is_last || !repeatable => return Ok(Err(answer)),
                    Verdict::Busy => self.jitter(tried),
                    Verdict::Limited(asked) => {
                        let wait = asked.unwrap_or_else(|| self.jitter(tried));
                        if is_last || wait > self.longest {
                            return Err(limited(request, asked));
                        }
                        wait
                    }
                },
                Err(error) => {
                    let again = match &error {
                        OutboundError::Connect { .. } => true,
                        error => repeatable && error.is_transient(),
                    };
                    if is_last || !again {
                        return Err(error);
                    }
                    self.jitter(tried)
                }
            };
            self.pause.pause(wait);
        }
    }

    /// A random time below the bound of this try ("full jitter").
    pub fn jitter(&self, tried: u32) -> Duration {
        let bound = self.first.saturating_mul(1 << tried.saturating_sub(1).min(16));
        let bound = bound.min(self.longest);
        let mut bytes = [0; 4];
        // Without randomness the bound itself is waited.
        let share = match getrandom::fill(&mut bytes) {
            Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
            Err(_) => 1.0,
        };
        bound.mul_f64(share)
    }
}

fn limited(request: &Request, asked: Option<Duration>) -> OutboundError {
    // To the fraction of a second: who comes back a moment early is sent away again.
    let until = asked.and_then(|wait| Timestamp::now().checked_add(wait).ok());
    OutboundError::RateLimited { place: shown(request.url()), until }
}
