//! A server: bound, serving, stopped.

use crate::app::App;
use crate::error::ServerError;
use crate::http::{Accepting, accept};
use crate::metrics::Metrics;
use crate::router::router;
use crate::settings::Settings;
use crate::worker;
use crate::writer::{Writer, Writing};
use provost_store::Database;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

/// Writers of a database that takes several at a time.
const WRITERS: usize = 4;

/// A server that listens and does not answer yet.
#[derive(Debug)]
pub struct Server {
    app: Arc<App>,
    listener: TcpListener,
    writing: Writing,
    address: SocketAddr,
}

impl Server {
    /// Reads policies and keys, and listens.
    ///
    /// # Errors
    /// [`ServerError`] for a configuration that cannot be used, and for an address that cannot be
    /// listened on or that would show rows to everybody.
    pub async fn bind(settings: Settings, database: Database) -> Result<Self, ServerError> {
        settings.check()?;
        let listen = |source| ServerError::Listen { address: settings.listen, source };
        let listener = TcpListener::bind(settings.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let metrics = Arc::new(Metrics::default());
        let writers = match database.takes_one_writer() {
            true => 1,
            false => WRITERS,
        };
        let (writer, writing) = Writer::start(&database, writers, &settings.limits, &metrics);
        // The HTTPS clients and the files are made and read by calls that block.
        let making =
            tokio::task::spawn_blocking(move || App::new(&settings, database, writer, metrics));
        let app = making.await.map_err(|error| ServerError::Internal(error.to_string()))??;
        Ok(Self { app: Arc::new(app), listener, writing, address })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is there. Then `/readyz` says so; after
    /// [`Limits::notice`](crate::Limits::notice) no connection is taken any more, requests and
    /// messages under way have a limited time to end, and everything that was handed to the event
    /// log is written.
    ///
    /// # Errors
    /// None at present; a server that listens ends because it is told to.
    pub async fn serve(self, shutdown: impl Future<Output = ()> + Send) -> Result<(), ServerError> {
        let Self { app, listener, mut writing, address } = self;
        let drain = app.limits.drain;
        let mut working = worker::start(&app);
        let accepting = Accepting {
            listener,
            router: router(&app),
            limits: app.limits,
            metrics: Arc::clone(&app.metrics),
        };
        let closing = watch::Sender::new(false);
        let accepting = tokio::spawn(accept(accepting, closing.subscribe()));
        tracing::info!(%address, event_log = app.database.place(), "listening on {address}");
        shutdown.await;
        tracing::info!(%address, "stopping");
        app.stopping.send_replace(true);
        tokio::time::sleep(app.limits.notice).await;
        closing.send_replace(true);
        if accepting.await.is_err() {
            tracing::error!("taking connections failed");
        }
        let finished = async { while working.join_next().await.is_some() {} };
        if timeout(drain, finished).await.is_err() {
            tracing::warn!("messages under way were left: their leases end, and others tell them");
            working.shutdown().await;
        }
        let database = app.database.clone();
        // With the last way to the writers the queue is closed.
        drop(app);
        if timeout(drain, writing.ended()).await.is_err() {
            tracing::error!("the event log did not take what waited; none of it was acknowledged");
        }
        database.close().await;
        tracing::info!(%address, "stopped");
        Ok(())
    }
}
