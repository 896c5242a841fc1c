//! A server on loopback with everything around it: GitHub, its issuer, Slack, a Sigstore, a clock.

use jiff::{SignedDuration, Timestamp};
use provost_control::config::LoadedConfig;
use provost_outbound::Retry;
use provost_server::{Clock, Server, ServerSecrets, Settings};
use provost_store::{Access, Database, StoreUrl};
use provost_testkit::github::{FakeGithub, IdentityKey};
use reqwest::blocking::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

pub(crate) const AUDIENCE: &str = "https://provost.example.com";
pub(crate) const REPOSITORY: &str = "example-org/artifact";
pub(crate) const WORKFLOW: &str = ".github/workflows/release.yml";
pub(crate) const TAG: &str = "v1.2.3";
pub(crate) const COMMIT: &str = "693130cb6cb840a7bc9cb18c6510d536a95dc7e6";
pub(crate) const WEBHOOK_SECRET: &str = "webhook-secret-of-the-tests";

/// The hash of a token, as `[[server.token]]` wants it.
fn sha256(text: &str) -> String {
    hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()))
}

/// What a test changes before the server starts.
pub(crate) struct Scene {
    pub(crate) github: FakeGithub,
    /// Lines of `[server]`.
    pub(crate) server: String,
    /// Sections beside it.
    pub(crate) more: String,
    /// Variables of the environment.
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) listen: String,
    pub(crate) edit: Box<dyn FnOnce(&mut Settings)>,
    pub(crate) folder: tempfile::TempDir,
    /// Instead of an SQLite file in the folder.
    pub(crate) store: Option<String>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self {
            github: FakeGithub::start(),
            server: format!("audience = \"{AUDIENCE}\"\n"),
            more: String::new(),
            variables: vec![("PROVOST_WEBHOOK_SECRET".into(), WEBHOOK_SECRET.into())],
            listen: "127.0.0.1:0".into(),
            edit: Box::new(|_| ()),
            folder: tempfile::tempdir().expect("folder"),
            store: None,
        }
    }

    pub(crate) fn server(mut self, line: &str) -> Self {
        self.server.push_str(line);
        self.server.push('\n');
        self
    }

    pub(crate) fn more(mut self, text: &str) -> Self {
        self.more.push_str(text);
        self
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn edit(mut self, edit: impl FnOnce(&mut Settings) + 'static) -> Self {
        self.edit = Box::new(edit);
        self
    }

    fn config(&self) -> String {
        format!(
            r#"
[source]
repository = "github.com/{REPOSITORY}"
repository_id = 486325809
owner_id = 80431187

[policy]
trusted_root = "trusted_root.json"

[[policy.builder]]
signer_workflow = "{REPOSITORY}/{WORKFLOW}"
refs = ["refs/tags/v*"]

[dispatch]
workflow = "release.yml"

[github]
oidc_issuer = "{issuer}"
api_url = "{api}"

{more}

[server]
{server}

[[server.token]]
name = "all"
sha256 = "{all}"
scopes = ["ingest", "notify", "read", "verify"]

[[server.token]]
name = "reader"
sha256 = "{reader}"
scopes = ["read"]

[[server.repository]]
repository = "{REPOSITORY}"
repository_id = 486325809
owner_id = 80431187
workflows = ["{REPOSITORY}/{WORKFLOW}@{{ref}}"]
events = ["push", "workflow_dispatch"]
branches = ["refs/heads/nightly"]

[[server.policy]]
name = "default"
config = "provost.toml"
"#,
            issuer = self.github.services_url(),
            api = self.github.api_url(),
            more = self.more,
            server = self.server,
            all = sha256("all-scopes"),
            reader = sha256("read-only"),
        )
    }

    /// Writes the files and gives the settings.
    pub(crate) fn settings(&mut self, clock: Clock) -> Settings {
        let path = self.folder.path().join("provost.toml");
        std::fs::write(&path, self.config()).expect("config");
        let loaded = LoadedConfig::from_file(&path).expect("a configuration");
        let variables = self.variables.clone();
        let secrets = ServerSecrets::read(|name| {
            variables.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
        });
        let listen: SocketAddr = self.listen.parse().expect("address");
        let mut settings = Settings::new(listen, loaded, secrets.expect("secrets"));
        settings.clock = clock;
        settings.retry = Retry { tries: 1, ..Retry::default() };
        settings.limits.look = Duration::from_millis(20);
        settings.limits.notice = Duration::ZERO;
        let edit = std::mem::replace(&mut self.edit, Box::new(|_| ()));
        edit(&mut settings);
        settings
    }

    pub(crate) fn start(self) -> World {
        World::start(self)
    }
}

/// A running server.
pub(crate) struct World {
    pub(crate) github: FakeGithub,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) address: SocketAddr,
    pub(crate) store: String,
    pub(crate) client: Client,
    ahead: Arc<AtomicI64>,
    running: Option<Running>,
    next: AtomicI64,
}

pub(crate) struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Running {
    /// Tells the server to stop and waits until it has.
    pub(crate) fn stop(self) {
        let _ = self.stop.send(());
        self.thread.join().expect("the server ends well");
    }
}

impl World {
    fn start(mut scene: Scene) -> Self {
        // The event log reads the system's clock, so the server's goes with it.
        let ahead = Arc::new(AtomicI64::new(0));
        let hand = Arc::clone(&ahead);
        let clock = Clock::new(move || {
            Timestamp::now() + SignedDuration::from_secs(hand.load(Ordering::SeqCst))
        });
        std::fs::write(scene.folder.path().join("trusted_root.json"), trusted_root())
            .expect("trusted root");
        let settings = scene.settings(clock);
        let file = scene.folder.path().join("events.db");
        let store = scene.store.clone().unwrap_or(format!("sqlite:{}", file.display()));
        let (address, running) = run(settings, &store);
        Self {
            github: scene.github,
            folder: scene.folder,
            address,
            store,
            client: client(),
            ahead,
            running: Some(running),
            next: AtomicI64::new(1),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Moves the server's clock.
    pub(crate) fn pass(&self, time: SignedDuration) {
        self.ahead.fetch_add(time.as_secs(), Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> i64 {
        Timestamp::now().as_second() + self.ahead.load(Ordering::SeqCst)
    }

    /// So many seconds ago.
    pub(crate) fn ago(&self, seconds: i64) -> String {
        Timestamp::from_second(self.now() - seconds).expect("a time").to_string()
    }

    /// The claims of a good token, each with an id of its own.
    pub(crate) fn claims(&self) -> Value {
        let number = self.next.fetch_add(1, Ordering::SeqCst);
        let workflow = format!("{REPOSITORY}/{WORKFLOW}@refs/tags/{TAG}");
        json!({
            "iss": self.github.services_url(), "aud": AUDIENCE, "jti": format!("jti-{number}"),
            "iat": self.now(), "nbf": self.now(), "exp": self.now() + 300,
            "sub": format!("repo:{REPOSITORY}:ref:refs/tags/{TAG}"),
            "repository": REPOSITORY, "repository_id": "486325809",
            "repository_owner": "example-org", "repository_owner_id": "80431187",
            "ref": format!("refs/tags/{TAG}"), "ref_type": "tag", "sha": COMMIT,
            "event_name": "push", "head_ref": "", "base_ref": "",
            "runner_environment": "github-hosted",
            "run_id": "14095611671", "run_attempt": "1", "actor": "octocat",
            "workflow_ref": workflow, "workflow_sha": COMMIT,
            "job_workflow_ref": workflow, "job_workflow_sha": COMMIT,
        })
    }

    /// A good token with one thing changed.
    pub(crate) fn token(&self, edit: impl FnOnce(&mut Value)) -> String {
        let mut claims = self.claims();
        edit(&mut claims);
        IdentityKey::First.sign(&IdentityKey::First.header(), &claims)
    }

    pub(crate) fn post(&self, path: &str, bearer: &str, body: &Value) -> Response {
        self.posting(path, bearer, body).send().expect("an answer")
    }

    pub(crate) fn posting(&self, path: &str, bearer: &str, body: &Value) -> RequestBuilder {
        let request = self.client.post(self.url(path)).body(body.to_string());
        request.header("content-type", "application/json").bearer_auth(bearer)
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let response = self.client.get(self.url(path)).send().expect("an answer");
        let status = response.status();
        let body = response.text().expect("text");
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).expect("JSON")
    }

    /// The items of a page.
    pub(crate) fn items(&self, path: &str) -> Vec<Value> {
        self.get(path)["items"].as_array().expect("items").clone()
    }

    /// The value of a metric, by the whole beginning of its line; 0 when it is not there.
    pub(crate) fn metric(&self, line: &str) -> u64 {
        let response = self.client.get(self.url("/metrics")).send().expect("an answer");
        let text = response.text().expect("text");
        let found = text.lines().find_map(|own| own.strip_prefix(line)?.strip_prefix(' '));
        found.map_or(0, |value| value.parse().expect("a number"))
    }

    /// Asks again until it is so; the server does it beside the requests.
    pub(crate) fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        while !is_so() {
            assert!(std::time::Instant::now() < deadline, "{what} did not come");
            std::thread::yield_now();
            std::thread::park_timeout(Duration::from_millis(10));
        }
    }

    /// Gives the server away, to stop it beside what the test does.
    pub(crate) fn running(&mut self) -> Running {
        self.running.take().expect("it runs")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            let _ = running.stop.send(());
            let _ = running.thread.join();
        }
    }
}

/// Runs a server on a thread of its own.
pub(crate) fn run(settings: Settings, store: &str) -> (SocketAddr, Running) {
    let url = StoreUrl::parse(store, Path::new(".")).expect("a store");
    let (stop, stopped) = oneshot::channel::<()>();
    let (bound, address) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async move {
            let database = Database::open(&url, &Access::default()).await.expect("an event log");
            let server = Server::bind(settings, database).await.expect("a server");
            bound.send(server.local_addr()).expect("the test waits");
            let shutdown = async {
                let _ = stopped.await;
            };
            server.serve(shutdown).await.expect("it serves");
        });
    });
    (address.recv().expect("it is bound"), Running { stop, thread })
}

fn client() -> Client {
    Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().expect("a client")
}

/// One Sigstore for all tests: its keys take time to make.
pub(crate) fn sigstore() -> &'static provost_testkit::VirtualSigstore {
    static SIGSTORE: std::sync::LazyLock<provost_testkit::VirtualSigstore> =
        std::sync::LazyLock::new(provost_testkit::VirtualSigstore::new);
    &SIGSTORE
}

fn trusted_root() -> String {
    sigstore().trusted_root_json()
}

/// The outcome of a validation, as `provenance-validate` takes it.
pub(crate) fn validation(status: &str, at: &str) -> Value {
    let mut body = json!({
        "tag": TAG, "run_id": "14095611671", "status": status, "verified_at": at,
        "repository": REPOSITORY,
    });
    if status == "failure" {
        body["failure_reason"] = json!("source-ref failed");
    }
    body
}
