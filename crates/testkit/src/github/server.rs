//! The listeners and the thread that serves them.

use std::net::{Ipv4Addr, TcpListener as StdListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use super::call::{Answer, Call};
use super::exchange;
use super::percent;
use super::request_log::Host;
use super::state::{Addresses, Shared};
use super::wire::{CuttableListener, Wire};

const LARGEST_BODY: usize = 256 << 20;

/// Runs until it is dropped.
pub(crate) struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on three ports of the loopback interface and serves them on a thread of its own.
    pub(crate) fn start() -> (Self, Arc<Shared>) {
        let [api, blob, services] = [listener(), listener(), listener()];
        let shared = Arc::new(Shared::new(Addresses {
            api: address(&api),
            blob: address(&blob),
            services: address(&services),
        }));
        let (stop, stopped) = oneshot::channel();
        let hosts = [(Host::Api, api), (Host::Blob, blob), (Host::Services, services)];
        let served = Arc::clone(&shared);
        let thread = thread::Builder::new().name("fake-github".into());
        let thread = thread.spawn(move || serve(&runtime(), hosts, &served, stopped));
        let thread = thread.expect("a thread starts");
        (Self { stop: Some(stop), thread: Some(thread) }, shared)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // Its panics are printed where they happen.
            let _ = thread.join();
        }
    }
}

fn listener() -> StdListener {
    let listener = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    listener.set_nonblocking(true).expect("a socket can be non-blocking");
    listener
}

fn address(listener: &StdListener) -> String {
    format!("http://{}", listener.local_addr().expect("a bound socket has an address"))
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime starts")
}

/// Serves until the sender of `stopped` is gone; open connections end with the runtime.
fn serve(
    runtime: &Runtime,
    hosts: [(Host, StdListener); 3],
    shared: &Arc<Shared>,
    stopped: oneshot::Receiver<()>,
) {
    runtime.block_on(async {
        for (host, listener) in hosts {
            let listener = TcpListener::from_std(listener).expect("the runtime takes a socket");
            let shared = Arc::clone(shared);
            let handler = move |ConnectInfo(wire): ConnectInfo<Wire>, request: Request| {
                respond(Arc::clone(&shared), host, wire, request)
            };
            let service =
                Router::new().fallback(handler).into_make_service_with_connect_info::<Wire>();
            let serving = axum::serve(CuttableListener(listener), service);
            tokio::spawn(async move { serving.await });
        }
        let _ = stopped.await;
    });
}

async fn respond(shared: Arc<Shared>, host: Host, wire: Wire, request: Request) -> Response {
    let answer = match read(request).await {
        Some(call) => exchange::answer(&shared, host, &wire, call).await,
        None => Answer::error(400, "the body could not be read"),
    };
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).expect("an answer is made of valid parts")
}

async fn read(request: Request) -> Option<Call> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, LARGEST_BODY).await.ok()?.to_vec();
    let headers = head.headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    Some(Call {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: percent::query_pairs(head.uri.query().unwrap_or_default()),
        headers: headers.collect(),
        body,
    })
}
