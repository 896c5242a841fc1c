//! The stores that a behaviour is asked of. What is written here once holds for all of them.

use crate::sample::Place;
use provost_store::{Access, Database, EventLog, StoreError, StoreUrl};
use provost_testkit::postgres::{self, Flavour};
use std::path::Path;
use tokio::runtime::{Builder, Runtime};

/// A store of its own, empty.
pub(crate) enum Target {
    Sqlite(Place),
    Postgres(postgres::Database),
}

/// Asks every store, each of them empty.
pub(crate) fn on_every_store(ask: impl Fn(&Target)) {
    answers_of_every_store(|target| ask(target));
}

/// Asks every store, and makes sure that all of them give the same answer.
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
    let target = Target::Postgres(database);
    match EventLog::open_with(&target.url(), &target.access()) {
        Err(StoreError::NotSupported { .. }) => {
            println!("not checked here: PostgreSQL (it cannot be used yet)");
            None
        }
        _ => Some(target),
    }
}

impl Target {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    pub(crate) fn url(&self) -> StoreUrl {
        match self {
            Self::Sqlite(place) => place.url(),
            Self::Postgres(database) => {
                StoreUrl::parse(&database.url(false), Path::new(".")).unwrap()
            }
        }
    }

    pub(crate) fn access(&self) -> Access {
        let set = match self {
            Self::Sqlite(_) => None,
            Self::Postgres(_) => Some(postgres::PASSWORD.to_owned()),
        };
        Access::read(|name| set.clone().filter(|_| name == "PROVOST_STORE_PASSWORD")).unwrap()
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
            Self::Sqlite(place) => place.execute(statements).map_err(|error| error.to_string()),
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
            Self::Sqlite(place) => place.value(query),
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
            Self::Sqlite(_) => "group_concat(event_key, ' ' order by event_key)",
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
