//! The event log in PostgreSQL: what its SQL promises, asked in plain SQL.

mod append_only;
mod columns;
mod concurrency;
mod keys;
mod lost;
mod migrations;
mod open;
mod pooled;
pub(crate) mod projection;
mod rejections;
mod rights;
mod scale;
mod script;
mod service;
mod tls;

use provost_store::{Access, StoreError, StoreUrl};
use provost_testkit::postgres::{self, Database, Flavour};
use std::path::Path;
use tokio::runtime::{Builder, Runtime};

/// A database with the migrations, or `None` after saying what is not checked.
pub(crate) fn database(flavour: Flavour) -> Option<Database> {
    or_say(postgres::database(flavour))
}

/// A database without them, or `None` after saying what is not checked.
pub(crate) fn empty_database(flavour: Flavour) -> Option<Database> {
    or_say(postgres::empty_database(flavour))
}

pub(crate) fn or_say<T>(found: Result<T, postgres::Unavailable>) -> Option<T> {
    found.inspect_err(|reason| println!("not checked here: PostgreSQL ({reason})")).ok()
}

/// A program with the database open.
pub(crate) struct Program {
    runtime: Runtime,
    database: provost_store::Database,
}

impl Program {
    /// Opens the database of a URL with a password in it.
    pub(crate) fn open(url: &str) -> Self {
        Self::try_open(url).unwrap()
    }

    fn try_open(url: &str) -> Result<Self, StoreError> {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (bare, password) = without_password(url);
        let url = StoreUrl::parse(&bare, Path::new(".")).unwrap();
        let set = |name: &str| (name == "PROVOST_STORE_PASSWORD").then(|| password.clone());
        let access = Access::read(set).unwrap();
        let database = runtime.block_on(provost_store::Database::open(&url, &access))?;
        Ok(Self { runtime, database })
    }

    /// What comes of asking the database.
    pub(crate) fn run<T>(
        &self,
        work: impl AsyncFnOnce(&provost_store::Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.runtime.block_on(work(&self.database))
    }

    /// Closes its connections.
    pub(crate) fn close(&self) {
        self.runtime.block_on(self.database.close());
    }
}

/// Why a database cannot be opened.
pub(crate) fn unopened(url: &str) -> StoreError {
    Program::try_open(url).err().unwrap()
}

/// The URL without its password, and the password.
fn without_password(url: &str) -> (String, String) {
    let (before, after) = url.split_once('@').unwrap();
    let (user, password) = before.rsplit_once(':').unwrap();
    (format!("{user}@{after}"), password.to_owned())
}
