//! Requests over kept connections, as fast as they are answered.

use anyhow::{Context, Result, bail};
use provost_testkit::load::Connection;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// Requests that were served.
    pub(super) requests: usize,
    /// From the first request to the last answer.
    pub(super) seconds: f64,
    /// How long each took.
    latencies: Vec<Duration>,
}

impl Run {
    pub(super) fn a_second(&self, rows: u64) -> f64 {
        self.requests as f64 * rows as f64 / self.seconds
    }

    /// The latency that 99 of 100 stayed below, in milliseconds.
    pub(super) fn p99_ms(mut self) -> f64 {
        self.latencies.sort_unstable();
        let at = (self.latencies.len() * 99).div_ceil(100).saturating_sub(1);
        self.latencies.get(at).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3)
    }

    /// Of latencies that were measured elsewhere, in microseconds.
    pub(super) fn of(microseconds: impl Iterator<Item = u64>, seconds: f64) -> Self {
        let latencies: Vec<Duration> = microseconds.map(Duration::from_micros).collect();
        Self { requests: latencies.len(), seconds, latencies }
    }
}

/// Sends on so many connections, each by a thread of its own, until `is_enough` says so of a
/// connection's start and count. `request` makes the bytes of the next one.
pub(super) fn run(
    address: SocketAddr,
    connections: usize,
    request: impl Fn() -> Vec<u8> + Sync,
    is_enough: impl Fn(Instant, usize) -> bool + Sync,
) -> Result<Run> {
    let start = Instant::now();
    let parts: Vec<Result<Vec<Duration>>> = std::thread::scope(|scope| {
        let sending = || scope.spawn(|| send(address, &request, |count| is_enough(start, count)));
        let threads: Vec<_> = (0..connections).map(|_| sending()).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| bail!("a client panicked")))
            .collect()
    });
    let mut all = Run { seconds: start.elapsed().as_secs_f64(), ..Run::default() };
    for part in parts {
        all.latencies.extend(part?);
    }
    all.requests = all.latencies.len();
    Ok(all)
}

fn send(
    address: SocketAddr,
    request: &impl Fn() -> Vec<u8>,
    is_enough: impl Fn(usize) -> bool,
) -> Result<Vec<Duration>> {
    let mut connection = Connection::open(address, Duration::from_secs(60))?;
    let mut latencies = Vec::new();
    while !is_enough(latencies.len()) {
        let bytes = request();
        let start = Instant::now();
        let answer = connection.call(&bytes).context("an answer")?;
        latencies.push(start.elapsed());
        if answer.status != 200 {
            bail!("{} {}", answer.status, answer.text());
        }
    }
    Ok(latencies)
}
