//! The stream that says that a page is out of date: server-sent events (HTML Standard, 9.2).

use crate::app::App;
use crate::http::{Problem, stopped};
use aws_lc_rs::digest::{SHA256, digest};
use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use http_body_util::channel::{Channel, Sender};
use hyper::body::{Body as HttpBody, Frame};
use provost_store::LogMark;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

/// Streams at the same time: each holds a connection.
const STREAMS: usize = 64;

/// How often a quiet stream says that it is still there, so that what lies between does not cut it.
const BREATH: Duration = Duration::from_secs(15);

/// How soon a browser comes again, in milliseconds, and that the stream is there.
const GREETING: &str = "retry: 3000\n: here\n\n";
const STILL_HERE: &str = ": here\n\n";
const CHANGE: &str = "event: change\ndata:\n\n";

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

/// Looks into the log, whichever process wrote there. It looks also while nobody watches: who comes
/// next must hear of what was written just before.
pub(crate) async fn watch(app: Arc<App>) {
    let mut stopping = app.stopping.subscribe();
    let mut seen = None;
    loop {
        tokio::select! {
            () = stopped(&mut stopping) => return,
            () = tokio::time::sleep(app.limits.look) => {}
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

/// A mark as pages carry it.
pub(super) fn shown(mark: &LogMark) -> String {
    let hash = hex::encode(digest(&SHA256, format!("{mark:?}").as_bytes()));
    hash[..16].to_owned()
}

/// A stream for one reader, whose page was made when the log had the mark `since`.
pub(super) async fn stream(app: &Arc<App>, since: Option<&str>) -> Result<Response, Problem> {
    let room = Arc::clone(&app.updates.room).try_acquire_owned();
    let permit = room.map_err(|_| {
        Problem::busy("too many pages are followed live at the moment", Duration::from_secs(30))
    })?;
    let (sender, body) = Channel::<Bytes, Infallible>::new(4);
    let changes = app.updates.changes.subscribe();
    // From here on the watcher tells what is new; what came before the page knew of it is told now.
    let mark = app.database.mark().await.map_err(|error| app.unavailable(&error))?;
    let is_late = since.is_some_and(|since| since != shown(&mark));
    let first = if is_late { format!("{GREETING}{CHANGE}") } else { GREETING.to_owned() };
    let mut telling = JoinSet::new();
    telling.spawn(tell(sender, Bytes::from(first), changes, app.stopping.subscribe()));
    let body = Followed { body, _telling: telling, _permit: permit };
    let mut response = Response::new(Body::new(body));
    let kind = HeaderValue::from_static("text/event-stream");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(response)
}

/// Ends when the server stops.
async fn tell(
    mut reader: Sender<Bytes, Infallible>,
    mut line: Bytes,
    mut changes: watch::Receiver<u64>,
    mut stopping: watch::Receiver<bool>,
) {
    loop {
        if reader.send_data(line).await.is_err() {
            return;
        }
        line = tokio::select! {
            biased;
            () = stopped(&mut stopping) => return,
            changed = changes.changed() => match changed {
                Ok(()) => Bytes::from_static(CHANGE.as_bytes()),
                Err(_) => return,
            },
            () = tokio::time::sleep(BREATH) => Bytes::from_static(STILL_HERE.as_bytes()),
        };
    }
}

/// The stream's body. It is dropped as soon as the reader is gone, and its place with it.
struct Followed {
    body: Channel<Bytes, Infallible>,
    _telling: JoinSet<()>,
    _permit: OwnedSemaphorePermit,
}

impl HttpBody for Followed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }
}
