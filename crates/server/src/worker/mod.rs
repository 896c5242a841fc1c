//! What goes on beside the requests: messages, deadlines, seals. Any number of servers on one event
//! log share the work: a message is told by who holds its lease, an expectation is settled once,
//! and a seal is written under the log's own lock.

mod deadline;
mod outbox;
mod sealer;

use crate::app::App;
use crate::dashboard;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Starts them; they end with what they are at when the server stops.
pub(crate) fn start(app: &Arc<App>) -> JoinSet<()> {
    let mut working = JoinSet::new();
    working.spawn(outbox::run(Arc::clone(app)));
    working.spawn(sealer::run(Arc::clone(app)));
    working.spawn(dashboard::watch(Arc::clone(app)));
    if app.section().deadline_minutes.is_some() {
        working.spawn(deadline::run(Arc::clone(app)));
    }
    working
}

/// Waits for the next look; `false` when the server stops.
async fn next(stopping: &mut watch::Receiver<bool>, wait: Duration) -> bool {
    tokio::select! {
        () = crate::http::stopped(stopping) => false,
        () = tokio::time::sleep(wait) => true,
    }
}
