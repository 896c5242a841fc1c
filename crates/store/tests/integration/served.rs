//! A log behind HTTPS: the real server before an SQLite log, on loopback.

use crate::sample::Place;
use provost_control::config::LoadedConfig;
use provost_control::sha256_hex;
use provost_server::{Server, ServerSecrets, Settings};
use provost_store::{Access, Database, StoreUrl};
use std::sync::mpsc;
use std::thread::JoinHandle;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

/// The token that the server knows.
pub(crate) const TOKEN: &str = "canary-token-of-the-endpoint";

/// A server, and the log behind it. It ends with this value.
pub(crate) struct Served {
    pub(crate) place: Place,
    pub(crate) url: StoreUrl,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    pub(crate) fn start() -> Self {
        let place = Place::new();
        let (url, settings) = (place.url(), settings(&place));
        let (stop, stopped) = oneshot::channel::<()>();
        let (bound, address) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build();
            runtime.unwrap().block_on(async move {
                let database = Database::open(&url, &Access::default()).await.unwrap();
                let server = Server::bind(settings, database).await.unwrap();
                bound.send(server.local_addr()).unwrap();
                let shutdown = async {
                    // Told, or nobody is left to tell.
                    stopped.await.ok();
                };
                server.serve(shutdown).await.unwrap();
            });
        });
        let url = format!("http://{}/functions/v1", address.recv().unwrap());
        let url = StoreUrl::parse(&url, place.folder()).unwrap();
        Self { place, url, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A server that failed has said so.
            thread.join().ok();
        }
    }
}

fn settings(place: &Place) -> Settings {
    let path = place.folder().join("provost.toml");
    let configuration = format!(
        "[source]\nrepository = \"github.com/acme/app\"\n[server]\nnotify = false\n\
         [[server.token]]\nname = \"test\"\nsha256 = \"{}\"\nscopes = [\"ingest\", \"read\"]\n",
        sha256_hex(TOKEN.as_bytes())
    );
    std::fs::write(&path, configuration).unwrap();
    let loaded = LoadedConfig::from_file(&path).unwrap();
    let secrets = ServerSecrets::read(|_| None).unwrap();
    Settings::new("127.0.0.1:0".parse().unwrap(), loaded, secrets)
}
