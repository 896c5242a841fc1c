//! Waiting between two tries, as a value that tests replace.

use std::sync::Arc;
use std::time::Duration;

/// Waits. A test counts instead.
pub trait Pause: Send + Sync {
    /// Returns after that time.
    fn pause(&self, time: Duration);
}

/// Really waits.
#[derive(Debug, Clone, Copy)]
pub struct Sleep;

impl Pause for Sleep {
    fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

impl Pause for Arc<dyn Pause> {
    fn pause(&self, time: Duration) {
        self.as_ref().pause(time);
    }
}
