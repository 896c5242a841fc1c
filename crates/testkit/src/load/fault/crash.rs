//! PostgreSQL crashes under load.

use super::{PATIENCE, WRITERS};
use crate::load::{Broken, Crowd, Dice, Stage};
use std::time::{Duration, Instant};

/// After one crash in so many the database stays away until the server says so to the writers; after
/// the others it is back before that.
const AWAY_OF: u64 = 10;

/// Stops PostgreSQL so many times as a crash would, and starts it again. The server keeps running:
/// it waits, or says no, and writes again afterwards.
///
/// # Errors
/// [`Broken`] when something is lost or doubled, or the server does not go on; also when the event
/// log is not in PostgreSQL.
pub fn crash_postgres(stage: &Stage, crashes: u64) -> Result<String, Broken> {
    let Some(cluster) = stage.cluster() else {
        return Err(Broken("the event log is not in PostgreSQL".to_owned()));
    };
    let mut dice = Dice::new(crashes);
    let mut service = stage.serve()?;
    let crowd = Crowd::start(service.address(), WRITERS, 0);
    let mut longest = Duration::ZERO;
    for crash in 0..crashes {
        crowd.wait_for_more(1 + usize::try_from(dice.below(100)).unwrap_or(0), PATIENCE)?;
        std::thread::sleep(Duration::from_micros(dice.below(20_000)));
        cluster.crash();
        if crash % AWAY_OF == 0 {
            if service.is_ready() {
                return Err(Broken("/readyz says yes without a database".to_owned()));
            }
            crowd.wait_for_trouble(crowd.trouble() + 1, PATIENCE)?;
        }
        cluster.start_again();
        let start = Instant::now();
        crowd.wait_for_more(1, PATIENCE)?;
        longest = longest.max(start.elapsed());
    }
    crowd.wait_for_more(100, PATIENCE)?;
    let tally = crowd.finish()?;
    if !service.is_running() {
        return Err(Broken("the server ended with its database".to_owned()));
    }
    let judgement = stage.judge(&tally.acknowledged)?;
    let longest = longest.as_millis();
    Ok(format!(
        "{crashes} crashes: {judgement}; {tally}; {} commits of unknown outcome found written; the \
         server wrote again within {longest} ms",
        tally.taken_for_repeats
    ))
}
