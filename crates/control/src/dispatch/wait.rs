//! Following a run to its end.

use crate::error::ControlError;
use provost_github::{Repository, Run};
use provost_outbound::Retry;
use std::time::Duration;

/// How long and how often.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The time between two looks.
    pub between: Duration,
    /// The whole time.
    pub total: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { between: Duration::from_secs(10), total: Duration::from_secs(60 * 60) }
    }
}

/// Looks at a run until it is completed, and calls `seen` after every look.
///
/// # Errors
/// [`ControlError::Undecidable`] when it takes longer than that; [`ControlError::Github`].
pub fn wait(
    repository: &Repository<'_>,
    run: u64,
    patience: Patience,
    retry: &Retry,
    mut seen: impl FnMut(&Run),
) -> Result<Run, ControlError> {
    let mut waited = Duration::ZERO;
    loop {
        let now = repository.run(run)?;
        seen(&now);
        if now.is_completed() {
            return Ok(now);
        }
        if waited >= patience.total {
            return Err(ControlError::Undecidable(format!(
                "run {run} has not ended after {} minutes: {}; follow it at {}",
                patience.total.as_secs() / 60,
                now.state(),
                now.html_url
            )));
        }
        retry.pause.pause(patience.between);
        waited += patience.between;
    }
}
