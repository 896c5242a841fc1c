//! When a call is repeated, and how long it waits before.

use crate::answer::Answer;
use crate::client::Client;
use crate::error::OutboundError;
use crate::origin::shown;
use crate::pause::{Pause, Sleep};
use crate::request::{Method, Request};
use jiff::Timestamp;
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

/// Reads status and headers: 429, or 403 with `Retry-After` or an exhausted
/// `X-RateLimit-Remaining`, is a limit (GitHub, "Rate limits for the REST API"); 408, 500, 502,
/// 503 and 504 are busy.
pub fn classify(answer: &Answer, now: Timestamp) -> Verdict {
    let number = |name: &str| answer.header(name)?.trim().parse::<i64>().ok();
    let retry_after = number("retry-after").and_then(|seconds| u64::try_from(seconds).ok());
    let exhausted = number("x-ratelimit-remaining") == Some(0);
    let limited = match answer.status {
        429 => true,
        403 => retry_after.is_some() || exhausted,
        503 => retry_after.is_some(),
        _ => false,
    };
    if limited {
        let reset = || {
            let at = Timestamp::from_second(number("x-ratelimit-reset")?).ok()?;
            Some(Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO))
        };
        let wait = retry_after.map(Duration::from_secs);
        return Verdict::Limited(wait.or_else(|| exhausted.then(reset).flatten()));
    }
    match answer.status {
        408 | 500 | 502 | 503 | 504 => Verdict::Busy,
        _ => Verdict::Final,
    }
}

impl Retry {
    /// Sends a request until there is an answer, or the tries are used up. The last answer is
    /// given back whatever its status, except for a limit, which is an error of its own.
    ///
    /// What may change something on the far side is sent again only when it surely was not done:
    /// after a failed connection or a limit, never after a timeout or a broken connection, and
    /// after a 5xx only for a read.
    ///
    /// # Errors
    /// [`OutboundError`].
    pub fn send(&self, client: &Client, request: &Request) -> Result<Answer, OutboundError> {
        let reads = request.method() == Method::Get;
        let mut tried = 0;
        loop {
            tried += 1;
            let is_last = tried >= self.tries.max(1);
            let wait = match client.send(request) {
                Ok(answer) => match classify(&answer, Timestamp::now()) {
                    Verdict::Final => return Ok(answer),
                    Verdict::Busy if is_last || !reads => return Ok(answer),
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
                        error => reads && error.is_transient(),
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
    let until = asked.and_then(|wait| Timestamp::now().checked_add(wait).ok());
    let whole = until.and_then(|time| Timestamp::from_second(time.as_second()).ok());
    OutboundError::RateLimited { place: shown(request.url()), until: whole }
}
