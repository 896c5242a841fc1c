//! The stream that says that a page is out of date: server-sent events (HTML Standard, 9.2).

use crate::app::App;
use crate::http::{Problem, stopped};
use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use http_body_util::channel::{Channel, Sender};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Streams at the same time: each holds a connection.
const STREAMS: usize = 64;

/// How often a quiet stream says that it is still there, so that what lies between does not cut it.
const BREATH: Duration = Duration::from_secs(15);

/// How soon a browser comes again, in milliseconds, and that the stream is there.
const GREETING: &str = "retry: 3000\n: here\n\n";
const STILL_HERE: &str = ": here\n\n";

/// Who looks, and what they are told.
#[derive(Debug)]
pub(crate) struct Updates {
    /// Counts the changes.
    changes: watch::Sender<u64>,
    room: Arc<Semaphore>,
}

impl Default for Updates {
    fn default() -> Self {
        Self { changes: watch::Sender::new(0), room: Arc::new(Semaphore::new(STREAMS)) }
    }
}

impl Updates {
    /// Says that something is new.
    pub(super) fn announce(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }
}

/// Looks into the log while somebody watches, whichever process wrote there.
pub(crate) async fn watch(app: Arc<App>) {
    let mut stopping = app.stopping.subscribe();
    let mut seen = None;
    loop {
        tokio::select! {
            () = stopped(&mut stopping) => return,
            () = tokio::time::sleep(app.limits.look) => {}
        }
        if app.updates.changes.receiver_count() == 0 {
            seen = None;
            continue;
        }
        // What is away is told by the pages themselves, and by what serves them.
        let Ok(mark) = app.database.mark().await else {
            continue;
        };
        if seen.replace(mark).is_some_and(|before| before != mark) {
            app.updates.announce();
        }
    }
}

/// A stream for one reader.
pub(super) fn stream(app: &Arc<App>) -> Result<Response, Problem> {
    let room = Arc::clone(&app.updates.room).try_acquire_owned();
    let permit = room.map_err(|_| {
        Problem::busy("too many pages are followed live at the moment", Duration::from_secs(30))
    })?;
    let (sender, body) = Channel::<Bytes, Infallible>::new(4);
    let changes = app.updates.changes.subscribe();
    tokio::spawn(tell(sender, changes, app.stopping.subscribe(), permit));
    let mut response = Response::new(Body::new(body));
    let kind = HeaderValue::from_static("text/event-stream");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(response)
}

/// Ends when the reader is gone, and when the server stops.
async fn tell(
    mut reader: Sender<Bytes, Infallible>,
    mut changes: watch::Receiver<u64>,
    mut stopping: watch::Receiver<bool>,
    _permit: OwnedSemaphorePermit,
) {
    let mut line = Bytes::from_static(GREETING.as_bytes());
    loop {
        if reader.send_data(line).await.is_err() {
            return;
        }
        line = tokio::select! {
            biased;
            () = stopped(&mut stopping) => return,
            changed = changes.changed() => match changed {
                Ok(()) => {
                    let count = *changes.borrow_and_update();
                    Bytes::from(format!("event: change\ndata: {count}\n\n"))
                }
                Err(_) => return,
            },
            () = tokio::time::sleep(BREATH) => Bytes::from_static(STILL_HERE.as_bytes()),
        };
    }
}
