//! Names that differ without end: the metrics must not grow with them.

use crate::load::{Broken, Connection, Release, Service, TOKEN, get, post};
use std::time::Duration;

/// Entries of one manifest.
const MANIFEST: u64 = 1_000;

/// The most that the metrics may be, in bytes.
const LIMIT: usize = 200 * 1024;

/// Paths that are asked for beside the tags that are written.
const PATHS: u64 = 500;

/// Writes so many different tags, a thousand at a time, asks for some of them and for paths that do
/// not exist, and then looks at the size of `/metrics`.
///
/// # Errors
/// [`Broken`] when they are 200 KiB or more, and when a manifest is not taken whole.
pub fn many_tags(service: &Service, tags: u64) -> Result<String, Broken> {
    const FIRST: u64 = 700_000_000;
    let broken = |error| Broken::at("many tags", error);
    let mut connection =
        Connection::open(service.address(), Duration::from_secs(60)).map_err(broken)?;
    for first in (FIRST..FIRST + tags).step_by(usize::try_from(MANIFEST).unwrap_or(1)) {
        let request = post("/functions/v1/telemetry", TOKEN, &Release(first).manifest(MANIFEST));
        let answer = connection.call(&request).map_err(broken)?;
        let document: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if answer.status != 200 || document["inserted"] != MANIFEST {
            return Err(Broken(format!("a manifest: {} {}", answer.status, answer.text())));
        }
    }
    for number in 0..PATHS {
        let tag = Release(FIRST + number % tags).tag();
        let known = format!("/api/v1/releases/{tag}?repository={}", Release::REPOSITORY);
        for path in [known, format!("/no/such/path/{number}")] {
            connection.call(&get(&path, TOKEN)).map_err(broken)?;
        }
    }
    let metrics = connection.call(&get("/metrics", TOKEN)).map_err(broken)?;
    let (status, size) = (metrics.status, metrics.body.len());
    if status != 200 || size >= LIMIT {
        return Err(Broken(format!("/metrics: {status} with {size} bytes")));
    }
    let peak = service.peak_memory_kib().unwrap_or(0) as f64 / 1024.0;
    Ok(format!(
        "{tags} different tags: /metrics has {:.1} KiB; peak memory {peak:.1} MiB",
        size as f64 / 1024.0
    ))
}
