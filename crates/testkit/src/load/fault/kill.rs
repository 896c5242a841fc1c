//! `kill -9` of the server under load.

use super::{PATIENCE, WRITERS};
use crate::load::{Broken, Crowd, Dice, Stage};
use std::time::{Duration, Instant};

/// Before one kill in so many the rows are sealed.
const SEALED_OF: u64 = 5;

/// Kills the server so many times, each time after some more events and at a moment of chance.
/// What was acknowledged before any of the kills is there once.
///
/// # Errors
/// [`Broken`] when something is lost or doubled, or the server does not come back.
pub fn kill_server(stage: &Stage, kills: u64) -> Result<String, Broken> {
    let mut dice = Dice::new(kills);
    let mut service = stage.serve()?;
    let crowd = Crowd::start(service.address(), WRITERS, 0);
    let mut longest = Duration::ZERO;
    for kill in 0..kills {
        crowd.wait_for_more(1 + usize::try_from(dice.below(100)).unwrap_or(0), PATIENCE)?;
        std::thread::sleep(Duration::from_micros(dice.below(20_000)));
        if kill % SEALED_OF == 0 {
            stage.seal()?;
        }
        service.kill();
        let start = Instant::now();
        service.start_again()?;
        longest = longest.max(start.elapsed());
    }
    crowd.wait_for_more(100, PATIENCE)?;
    let tally = crowd.finish()?.called_by_its_name()?;
    let judgement = stage.judge(&tally.acknowledged)?;
    let longest = longest.as_millis();
    Ok(format!("{kills} kills: {judgement}; {tally}; ready again within {longest} ms"))
}
