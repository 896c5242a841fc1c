//! Check 13: how much one repository may send.

use super::refusal::{Check, Refusal};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What one repository may do.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// Requests in a minute.
    pub per_minute: u32,
    /// Bytes in a day (UTC).
    pub bytes_per_day: u64,
    /// Requests at the same time.
    pub open: u32,
}

impl Default for Allowance {
    fn default() -> Self {
        Self { per_minute: 600, bytes_per_day: 2 << 30, open: 32 }
    }
}

/// What every registered repository did. No text of a token is a key here, so that strangers
/// cannot make it grow.
#[derive(Debug)]
pub(crate) struct Rates {
    allowance: Allowance,
    used: Mutex<BTreeMap<u64, Used>>,
}

#[derive(Debug, Default)]
struct Used {
    minute: i64,
    requests: u32,
    day: i64,
    bytes: u64,
    open: u32,
}

/// One request that is under way.
#[derive(Debug)]
pub(crate) struct Open {
    rates: Arc<Rates>,
    repository_id: u64,
}

impl Rates {
    pub(crate) fn new(allowance: Allowance) -> Arc<Self> {
        Arc::new(Self { allowance, used: Mutex::default() })
    }

    /// Counts a request of that repository, until what is returned is dropped.
    pub(crate) fn enter(
        self: &Arc<Self>,
        repository_id: u64,
        now: Timestamp,
    ) -> Result<Open, Refusal> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let used = used.entry(repository_id).or_default();
        used.turn(now);
        if used.requests >= self.allowance.per_minute {
            return Err(Refusal::new(Check::Rate, "too many requests in this minute"));
        }
        if used.open >= self.allowance.open {
            return Err(Refusal::new(Check::Rate, "too many requests at the same time"));
        }
        used.requests += 1;
        used.open += 1;
        Ok(Open { rates: Arc::clone(self), repository_id })
    }
}

impl Open {
    /// Counts the bytes of its body.
    pub(crate) fn bytes(&self, bytes: usize, now: Timestamp) -> Result<(), Refusal> {
        let mut used = self.rates.used.lock().unwrap_or_else(PoisonError::into_inner);
        let used = used.entry(self.repository_id).or_default();
        used.turn(now);
        let after = used.bytes.saturating_add(bytes as u64);
        if after > self.rates.allowance.bytes_per_day {
            return Err(Refusal::new(Check::Rate, "too many bytes on this day"));
        }
        used.bytes = after;
        Ok(())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut used = self.rates.used.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(used) = used.get_mut(&self.repository_id) {
            used.open = used.open.saturating_sub(1);
        }
    }
}

impl Used {
    fn turn(&mut self, now: Timestamp) {
        let (minute, day) = (now.as_second().div_euclid(60), now.as_second().div_euclid(86_400));
        if self.minute != minute {
            (self.minute, self.requests) = (minute, 0);
        }
        if self.day != day {
            (self.day, self.bytes) = (day, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("time")
    }

    #[test]
    fn each_repository_has_its_own_allowance() {
        let rates = Rates::new(Allowance { per_minute: 3, bytes_per_day: 10, open: 2 });
        let first = rates.enter(1, at(0)).expect("first");
        let second = rates.enter(1, at(0)).expect("second");
        assert!(rates.enter(1, at(0)).is_err(), "two at a time");
        assert!(rates.enter(2, at(0)).is_ok(), "another repository");
        drop(second);
        drop(rates.enter(1, at(0)).expect("third"));
        assert!(rates.enter(1, at(59)).is_err(), "three a minute");
        assert!(rates.enter(1, at(60)).is_ok(), "the next minute");
        assert!(first.bytes(10, at(60)).is_ok());
        assert!(first.bytes(1, at(60)).is_err(), "ten bytes a day");
        assert!(first.bytes(10, at(86_400)).is_ok(), "the next day");
    }
}
