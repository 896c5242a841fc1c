//! The stores that a behaviour is asked of. What is written here once holds for all of them.
//!
//! A log behind HTTPS is asked whatever a program asks of it. Four things are the databases' alone:
//! the figures of a *period*, which an endpoint ends by its own clock and not by the test's; the
//! outbox, the deadlines, and submissions with tokens and deliveries, which are how a service writes
//! and what it keeps for itself; seals, since what an endpoint says about its rows proves nothing
//! about them; and the text of errors about a file or a server that the program does not see. The
//! endpoint's refusal of these is asked in `endpoint`.

use crate::sample::Place;
use crate::served::{Served, TOKEN};
use provost_store::{Access, Database, EventLog, StoreError, StoreUrl};
use provost_testkit::postgres::{self, Flavour};
use std::path::Path;
use tokio::runtime::{Builder, Runtime};

/// A store of its own, empty.
pub(crate) enum Target {
    Sqlite(Place),
    Postgres(postgres::Database),
    /// `provost serve` before an SQLite log.
    Endpoint(Served),
}

/// Asks every log as its users do: the databases, and one behind HTTPS.
pub(crate) fn on_every_log(ask: impl Fn(&Target)) {
    on_every_store(&ask);
    ask(&Target::Endpoint(Served::start()));
}

/// Asks every log, and makes sure that all of them give the same answer.
pub(crate) fn answer_of_every_log<T: PartialEq + std::fmt::Debug>(ask: impl Fn(&Target) -> T) -> T {
    let answer = answer_of_every_store(&ask);
    assert_eq!(ask(&Target::Endpoint(Served::start())), answer, "the endpoint answers differently");
    answer
}

/// Asks every database, each of them empty.
pub(crate) fn on_every_store(ask: impl Fn(&Target)) {
    answers_of_every_store(|target| ask(target));
}

/// Asks every database, and makes sure that all of them give the same answer.
pub(crate) fn answer_of_every_store<T: PartialEq + std::fmt::Debug>(
    ask: impl Fn(&Target) -> T,
) -> T {
    let mut answers = answers_of_every_store(ask).into_iter();
    let (_, first) = answers.next().unwrap();
    for (name, answer) in answers {
        assert_eq!(answer, first, "{name} answers differently");
    }
    first
}

fn answers_of_every_store<T>(ask: impl Fn(&Target) -> T) -> Vec<(&'static str, T)> {
    let mut answers = Vec::new();
    for target in [Some(Target::Sqlite(Place::new())), postgres()].into_iter().flatten() {
        answers.push((target.name(), ask(&target)));
    }
    answers
}

/// A PostgreSQL database, or `None` after saying what is not checked.
fn postgres() -> Option<Target> {
    let database = postgres::database(Flavour::Plain)
        .inspect_err(|reason| println!("not checked here: PostgreSQL ({reason})"))
        .ok()?;
    Some(Target::Postgres(database))
}

impl Target {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
            Self::Endpoint(_) => "an endpoint",
        }
    }

    pub(crate) fn url(&self) -> StoreUrl {
        match self {
            Self::Sqlite(place) => place.url(),
            Self::Endpoint(served) => served.url.clone(),
            Self::Postgres(database) => {
                StoreUrl::parse(&database.url(false), Path::new(".")).unwrap()
            }
        }
    }

    pub(crate) fn access(&self) -> Access {
        let (name, value) = match self {
            Self::Sqlite(_) => return Access::default(),
            Self::Postgres(_) => ("PROVOST_STORE_PASSWORD", postgres::PASSWORD),
            Self::Endpoint(_) => ("PROVOST_STORE_TOKEN", TOKEN),
        };
        Access::read(|asked| (asked == name).then(|| value.to_owned())).unwrap()
    }

    pub(crate) fn log(&self) -> EventLog {
        EventLog::open_with(&self.url(), &self.access()).unwrap()
    }

    pub(crate) fn service(&self) -> Service {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let database = runtime.block_on(Database::open(&self.url(), &self.access())).unwrap();
        Service { runtime, database }
    }

    /// Runs statements past the store, as somebody who may do everything.
    pub(crate) fn execute(&self, statements: &str) -> Result<(), String> {
        match self {
            Self::Sqlite(place) | Self::Endpoint(Served { place, .. }) => {
                place.execute(statements).map_err(|error| error.to_string())
            }
            Self::Postgres(database) => database
                .superuser()
                .execute(statements)
                .map(|_| ())
                .map_err(|refused| refused.to_string()),
        }
    }

    /// The one value that a query gives, as text.
    pub(crate) fn value(&self, query: &str) -> Option<String> {
        match self {
            Self::Sqlite(place) | Self::Endpoint(Served { place, .. }) => place.value(query),
            Self::Postgres(database) => {
                let value =
                    database.superuser().execute(&format!("select ({query})::text")).unwrap();
                (value != "∅").then_some(value)
            }
        }
    }

    /// The keys that are in the log, sorted.
    pub(crate) fn keys(&self) -> Vec<String> {
        let keys = match self {
            Self::Sqlite(_) | Self::Endpoint(_) => {
                "group_concat(event_key, ' ' order by event_key)"
            }
            Self::Postgres(_) => "string_agg(event_key, ' ' order by event_key collate \"C\")",
        };
        let keys = self.value(&format!("select {keys} from provenance_audit_log"));
        keys.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    }

    /// How many rows are in the log.
    pub(crate) fn rows(&self) -> usize {
        self.value("select count(*) from provenance_audit_log").unwrap().parse().unwrap()
    }
}

/// An open database with tasks of its own.
pub(crate) struct Service {
    runtime: Runtime,
    pub(crate) database: Database,
}

impl Service {
    /// What comes of asking the database. That it may be asked from any task is part of the
    /// question.
    pub(crate) fn ask<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> T {
        self.runtime.block_on(self.runtime.spawn(work)).unwrap().unwrap()
    }
}

/// Asks the database of a service: `ask!(service.method(arguments))`.
macro_rules! ask {
    ($service:ident.$method:ident($($argument:expr),*)) => {{
        let database = $service.database.clone();
        $service.ask(async move { database.$method($($argument),*).await })
    }};
}
pub(crate) use ask;
