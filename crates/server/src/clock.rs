//! What time it is.

use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// The clock that everything here reads; a test brings its own.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// The last microsecond that [`Clock::next`] gave.
    given: Arc<AtomicI64>,
}

impl Clock {
    /// A clock that asks `now`.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { now: Arc::new(now), given: Arc::new(AtomicI64::new(i64::MIN)) }
    }

    /// A time that this clock has not given by this way before, in whole microseconds, as a row of
    /// the event log keeps it: two outcomes of one release in one moment are two events.
    pub(crate) fn next(&self) -> Timestamp {
        let now = self.now().as_microsecond();
        let given = self.given.fetch_max(now, Ordering::SeqCst);
        let next = match given < now {
            true => now,
            false => self.given.fetch_add(1, Ordering::SeqCst) + 1,
        };
        Timestamp::from_microsecond(next).unwrap_or_else(|_| self.now())
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }
}

impl Default for Clock {
    /// The system's clock.
    fn default() -> Self {
        Self::new(Timestamp::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
