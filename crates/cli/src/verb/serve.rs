//! `provost serve`

use super::environment::{mask, variable};
use super::event_log::named;
use crate::args::ServeArgs;
use crate::exit::Exit;
use crate::output::{Output, Shown, WriteFailure};
use crate::sink::terminal;
use provost_control::config::LoadedConfig;
use provost_control::{ControlError, chain};
use provost_outbound::Secret;
use provost_server::{Server, ServerError, ServerSecrets, Settings, demo};
use provost_store::{Access, Database, StoreUrl};
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

const NOT_DONE: &str = "nothing is served";

/// What serving came to.
enum Ended {
    /// It was told to end, and everything under way was finished.
    Gracefully,
    /// It was told to end twice.
    AtOnce,
}

/// Why nothing is served, or no longer.
enum Failure {
    Control(ControlError),
    Server(ServerError),
    /// The address could not be told.
    Output(WriteFailure),
}

impl From<ControlError> for Failure {
    fn from(error: ControlError) -> Self {
        Self::Control(error)
    }
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        Self::Server(error)
    }
}

pub(crate) fn run(args: &ServeArgs, output: &Output) -> Shown {
    log_to_stderr(output);
    match serve(args, output) {
        Ok(Ended::Gracefully) => Ok(Exit::Fine),
        Ok(Ended::AtOnce) => {
            output.tell_error(
                "ended at once by a second signal: requests under way were not answered, and \
                 nothing of them was acknowledged",
            );
            Ok(Exit::CouldNot)
        }
        Err(Failure::Control(error)) => {
            output.error(NOT_DONE, error.code(), &error)?;
            Ok(Exit::from(&error))
        }
        Err(Failure::Server(error)) => {
            output.error(NOT_DONE, "server", &error)?;
            Ok(Exit::of_error(error.exit_code()))
        }
        Err(Failure::Output(failure)) => Err(failure),
    }
}

fn serve(args: &ServeArgs, output: &Output) -> Result<Ended, Failure> {
    // Its folder goes with it.
    let demo = args.demo.then(Demo::new).transpose()?;
    let config = demo.as_ref().map_or(args.config.as_path(), |demo| demo.config.as_path());
    let loaded = LoadedConfig::from_file(config).map_err(ControlError::from)?;
    let store = match named(args.store.as_deref())? {
        Some(url) if demo.is_none() => url,
        _ => loaded.store_url()?,
    };
    if store.endpoint().is_some() {
        let text = format!("{store} is itself an endpoint: `provost serve` needs a database");
        return Err(ControlError::Configuration(text).into());
    }
    let access = Access::read(variable).map_err(ControlError::from)?;
    let secrets = match demo {
        // Made failures are nobody's business.
        Some(_) => ServerSecrets::read(|_| None),
        None => ServerSecrets::read(variable),
    };
    let secrets = secrets.map_err(ControlError::from)?;
    mask(secrets.webhook.iter().chain(&secrets.docs_key).map(Secret::expose));
    mask(secrets.environment.secrets().map(Secret::expose));
    mask(secrets.notify.to_mask().into_iter());
    let mut settings = Settings::new(args.listen, loaded, secrets);
    settings.is_demo = args.demo;
    let runtime = runtime()?;
    let ended = runtime.block_on(until_told(settings, &store, &access, output));
    // What still blocks then is not waited for.
    runtime.shutdown_timeout(Duration::from_millis(100));
    ended
}

/// The documents of this project's own pipeline, so that the page about it has something to show.
const DEMO_DOCUMENTS: [(&str, &str); 3] = [
    ("workflow-summary.md", include_str!("../../../../docs/ops/workflow-summary.md")),
    ("workflows.mmd", include_str!("../../../../docs/ops/workflows.mmd")),
    ("INCIDENT_RUNBOOK.md", include_str!("../../../../docs/ops/INCIDENT_RUNBOOK.md")),
];

/// A throw-away folder with a configuration; the event log is made in it.
struct Demo {
    _folder: tempfile::TempDir,
    config: PathBuf,
}

impl Demo {
    fn new() -> Result<Self, ControlError> {
        let cannot = |error: io::Error| {
            ControlError::Internal(format!("no folder for the made events: {}", chain(&error)))
        };
        let folder = tempfile::Builder::new().prefix("provost-demo-").tempdir().map_err(cannot)?;
        let config = folder.path().join("provost.toml");
        std::fs::write(&config, demo::CONFIG).map_err(cannot)?;
        let documents = folder.path().join("docs/ops");
        std::fs::create_dir_all(&documents).map_err(cannot)?;
        for (name, text) in DEMO_DOCUMENTS {
            std::fs::write(documents.join(name), text).map_err(cannot)?;
        }
        Ok(Self { _folder: folder, config })
    }
}

async fn until_told(
    settings: Settings,
    store: &StoreUrl,
    access: &Access,
    output: &Output,
) -> Result<Ended, Failure> {
    let mut signals = Signals::new()?;
    let database = Database::open(store, access).await.map_err(ControlError::from)?;
    if settings.is_demo {
        let count =
            demo::fill(&database, settings.clock.now()).await.map_err(ControlError::from)?;
        output.tell(&format!("{count} made events of a year; nothing of it is kept\n"));
    }
    let place = database.place();
    let server = Server::bind(settings, database).await?;
    let address = server.local_addr();
    let json = serde_json::json!({
        "schema": "https://provost.dev/serve/v1",
        "url": format!("http://{address}"),
        "store": place,
    });
    let text = format!("listening on http://{address}  event log {}\n", terminal(&place));
    output.document(&format!("{json}\n"), &text).map_err(Failure::Output)?;
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = server.serve(async {
        // Told, or nobody is left to tell.
        stopped.await.ok();
    });
    tokio::pin!(serving);
    tokio::select! {
        ended = &mut serving => return Ok(ended.map(|()| Ended::Gracefully)?),
        () = signals.next() => drop(stop),
    }
    output.tell("stopping: what is under way is finished; a second signal ends at once\n");
    tokio::select! {
        ended = &mut serving => Ok(ended.map(|()| Ended::Gracefully)?),
        () = signals.next() => Ok(Ended::AtOnce),
    }
}

/// SIGINT and SIGTERM.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> Result<Self, ControlError> {
        let take = |kind| {
            signal(kind).map_err(|error| {
                ControlError::Internal(format!("signals cannot be taken: {}", chain(&error)))
            })
        };
        let interrupt = take(SignalKind::interrupt())?;
        Ok(Self { interrupt, terminate: take(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

fn runtime() -> Result<Runtime, ControlError> {
    Builder::new_multi_thread().enable_all().build().map_err(|error| {
        ControlError::Internal(format!("no runtime could be started: {}", chain(&error)))
    })
}

/// JSON, one object a line; text where a person reads it. Of other crates nothing below a warning
/// is said: what they say at lower levels may hold what was sent.
fn log_to_stderr(output: &Output) {
    let own = match (output.is_quiet(), output.is_verbose()) {
        (true, _) => LevelFilter::WARN,
        (false, true) => LevelFilter::DEBUG,
        (false, false) => LevelFilter::INFO,
    };
    let targets = Targets::new().with_default(LevelFilter::WARN).with_target("provost", own);
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let is_person = io::stderr().is_terminal();
    let text = is_person.then(|| lines.compact().with_target(false));
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).json();
    let json = (!is_person).then(|| lines.flatten_event(true));
    // A subscriber that is there already, as in a test, stays.
    tracing_subscriber::registry().with(targets).with(text).with(json).try_init().ok();
}
