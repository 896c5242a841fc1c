//! How long to wait before the next try: full jitter, so that writers who met once do not meet
//! again.

use aws_lc_rs::rand;
use std::time::Duration;

/// Waits a random time between nothing and a bound that doubles from try to try.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    /// The bound after the first try.
    pub first: Duration,
    /// The bound never grows beyond this.
    pub longest: Duration,
    /// How to wait; a test counts instead.
    pub sleep: fn(Duration),
}

impl Default for Backoff {
    /// From 200 ms to 20 s.
    fn default() -> Self {
        let (first, longest) = (Duration::from_millis(200), Duration::from_secs(20));
        Self { first, longest, sleep: std::thread::sleep }
    }
}

impl Backoff {
    /// Waits after try number `tried`, counted from 1.
    pub(crate) fn pause(&self, tried: u32) {
        (self.sleep)(self.bound(tried).mul_f64(fraction()));
    }

    fn bound(&self, tried: u32) -> Duration {
        let factor = 2_u32.saturating_pow(tried.saturating_sub(1));
        self.first.saturating_mul(factor).min(self.longest)
    }
}

/// Between 0 and 1.
fn fraction() -> f64 {
    let mut bytes = [0; 4];
    // Without randomness the whole bound is as good as any part of it.
    match rand::fill(&mut bytes) {
        Ok(()) => f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_doubles_up_to_the_longest() {
        let backoff = Backoff::default();
        let bounds: Vec<u128> =
            [1, 2, 3, 7, 8, 12, 99].map(|tried| backoff.bound(tried).as_millis()).to_vec();
        assert_eq!(bounds, [200, 400, 800, 12_800, 20_000, 20_000, 20_000]);
    }

    #[test]
    fn the_wait_is_a_random_part_of_the_bound() {
        let fractions: Vec<f64> = (0..64).map(|_| fraction()).collect();
        assert!(fractions.iter().all(|fraction| (0.0..=1.0).contains(fraction)));
        assert!(fractions.windows(2).any(|pair| (pair[0] - pair[1]).abs() > 0.01));
    }
}
