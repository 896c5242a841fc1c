//! A gate that a test opens: requests wait there without anybody sleeping.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

/// Longest wait for a request that a test says will come.
const PATIENCE: Duration = Duration::from_secs(20);

/// Holds requests until [`Self::open`]. Clones are the same gate.
#[derive(Clone)]
pub struct Gate {
    open: Arc<watch::Sender<bool>>,
    arrived: Arc<(Mutex<usize>, Condvar)>,
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Self { open: Arc::new(watch::Sender::new(false)), arrived: Arc::default() }
    }

    /// Lets everyone through, now and later.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    /// Blocks until `count` requests have come to the gate. Panics after 20 seconds.
    pub fn wait_for_arrivals(&self, count: usize) {
        let (arrived, changed) = &*self.arrived;
        let guard = arrived.lock().unwrap_or_else(PoisonError::into_inner);
        let (guard, _) = changed
            .wait_timeout_while(guard, PATIENCE, |arrived| *arrived < count)
            .unwrap_or_else(PoisonError::into_inner);
        assert!(*guard >= count, "{count} requests were expected at the gate, {} came", *guard);
    }

    /// The server's side: counts the request and waits.
    pub(crate) async fn pass(&self) {
        let (arrived, changed) = &*self.arrived;
        *arrived.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        changed.notify_all();
        // The sender lives as long as this gate, so an error cannot come.
        let _ = self.open.subscribe().wait_for(|open| *open).await;
    }
}
