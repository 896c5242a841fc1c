//! Connections: taken, bounded, served, and let go.

use super::peers::{Counted, Peers};
use super::steady::Steady;
use crate::metrics::Metrics;
use crate::settings::Limits;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tower::ServiceExt;

/// The largest head of a request, and the most headers.
const MAX_HEAD: usize = 32 * 1024;
const MAX_HEADERS: usize = 64;

/// Connections that are sent away at the same time; one more is closed without a word.
const MAX_TURNED_AWAY: usize = 64;

/// What somebody is told for whom there is no room.
const NO_ROOM: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\n\
    content-type: application/json\r\n\
    content-length: 99\r\n\
    retry-after: 2\r\n\
    cache-control: no-store\r\n\
    x-content-type-options: nosniff\r\n\
    connection: close\r\n\r\n\
    {\"errors\":[{\"code\":\"unavailable\",\"detail\":\"too many connections at the moment; come again later\"}]}";

/// What accepting needs.
#[derive(Debug)]
pub(crate) struct Accepting {
    pub(crate) listener: TcpListener,
    pub(crate) router: Router,
    pub(crate) limits: Limits,
    pub(crate) metrics: Arc<Metrics>,
}

/// Serves connections until `stopping` says true; then no new one is taken, those that are idle
/// end, and those that are in a request have [`Limits::drain`] for it.
pub(crate) async fn accept(accepting: Accepting, mut stopping: watch::Receiver<bool>) {
    let Accepting { listener, router, limits, metrics } = accepting;
    let room = Arc::new(Semaphore::new(limits.connections));
    let peers = Peers::new(limits.connections_per_address);
    let turned_away = Arc::new(Semaphore::new(MAX_TURNED_AWAY));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let (stream, address) = tokio::select! {
            biased;
            () = stopped(&mut stopping) => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => (stream, address.ip()),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    // Out of file descriptors: those that are there must end first.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let own = peers.count(address);
        match own.zip(Arc::clone(&room).try_acquire_owned().ok()) {
            Some(permits) => {
                let connection = Connection {
                    router: router.clone(),
                    limits,
                    stopping: stopping.clone(),
                    metrics: Arc::clone(&metrics),
                };
                connections.spawn(connection.serve(stream, permits));
            }
            None => {
                metrics.turned_away();
                if let Ok(permit) = Arc::clone(&turned_away).try_acquire_owned() {
                    connections.spawn(turn_away(stream, permit));
                }
            }
        }
    }
    drop(listener);
    let ended = async { while connections.join_next().await.is_some() {} };
    if timeout(limits.drain, ended).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "connections were cut: their requests did not end in time"
        );
        connections.shutdown().await;
    }
}

/// Waits until the server stops, or is gone.
pub(crate) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// Says that there is no room, and waits a moment for the client to read it.
async fn turn_away(mut stream: TcpStream, _permit: OwnedSemaphorePermit) {
    let farewell = async {
        stream.write_all(NO_ROOM).await?;
        stream.shutdown().await?;
        // Closed with bytes unread the answer could be lost on its way.
        let mut unread = [0; 1024];
        while stream.read(&mut unread).await? > 0 {}
        std::io::Result::Ok(())
    };
    let _ = timeout(Duration::from_secs(1), farewell).await;
}

struct Connection {
    router: Router,
    limits: Limits,
    stopping: watch::Receiver<bool>,
    metrics: Arc<Metrics>,
}

impl Connection {
    async fn serve(mut self, stream: TcpStream, _permits: (Counted, OwnedSemaphorePermit)) {
        let _counted = self.metrics.connection();
        // Answers are whole; waiting for more to send would only delay them.
        let _ = stream.set_nodelay(true);
        let router = self.router;
        let service = service_fn(move |request: Request<Incoming>| {
            let router = router.clone();
            async move { router.oneshot(request.map(Body::new)).await }
        });
        let io = Steady::new(TokioIo::new(stream), self.limits.stalled_answer);
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head)
            .max_headers(MAX_HEADERS)
            .max_buf_size(MAX_HEAD)
            .half_close(false)
            .serve_connection(io, service);
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = stopped(&mut self.stopping) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::NO_ROOM;

    #[test]
    fn the_farewell_is_as_long_as_it_says() {
        let text = std::str::from_utf8(NO_ROOM).expect("text");
        let (head, body) = text.split_once("\r\n\r\n").expect("head and body");
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{}", body.len());
        assert!(serde_json::from_str::<serde_json::Value>(body).is_ok());
    }
}
