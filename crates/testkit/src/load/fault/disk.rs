//! The disk of the event log is full, and has room again.

use super::{PATIENCE, WRITERS};
use crate::load::{Broken, Crowd, SmallDisk, Stage};
use std::time::{Duration, Instant};

/// Requests that must be refused before it is believed that the disk is full.
const REFUSED: u64 = 8;

/// Fills the disk on which the stage's event log is, under load, and makes room again. The same
/// server goes on. A PostgreSQL that gave up is started again, as its supervisor would.
///
/// # Errors
/// [`Broken`] when an event was acknowledged that is not there, or the server does not go on.
pub fn fill_disk(stage: &Stage, disk: &SmallDisk) -> Result<String, Broken> {
    let mut service = stage.serve()?;
    let crowd = Crowd::start(service.address(), WRITERS, 0);
    crowd.wait_for_more(100, PATIENCE)?;
    // What the event log frees while it works is filled again, until it can do no more.
    let deadline = Instant::now() + PATIENCE;
    let refused = crowd.trouble() + REFUSED;
    loop {
        disk.fill()?;
        match crowd.wait_for_trouble(refused, Duration::from_millis(200)) {
            Ok(()) => break,
            Err(broken) if Instant::now() > deadline => return Err(broken),
            Err(_) => {}
        }
    }
    disk.free()?;
    let restarted = match stage.cluster() {
        Some(cluster) if cluster.bring_back() => ", PostgreSQL was started again",
        _ => "",
    };
    let start = Instant::now();
    crowd.wait_for_more(100, PATIENCE)?;
    let back = start.elapsed().as_millis();
    let tally = crowd.finish()?;
    if !service.is_running() {
        return Err(Broken("the server ended with its disk".to_owned()));
    }
    service.wait_until_ready(PATIENCE)?;
    let judgement = stage.judge(&tally.acknowledged)?;
    Ok(format!(
        "disk full: {judgement}; {tally}; with room again{restarted} the next 100 events took \
         {back} ms"
    ))
}
