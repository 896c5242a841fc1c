//! The event log in PostgreSQL: what its SQL promises, asked in plain SQL.

mod append_only;
mod columns;
mod concurrency;
mod keys;
mod migrations;
mod projection;
mod rejections;
mod rights;
mod scale;
mod script;
mod service;

use provost_testkit::postgres::{self, Database, Flavour};

/// A database with the migrations, or `None` after saying what is not checked.
pub(crate) fn database(flavour: Flavour) -> Option<Database> {
    or_say(postgres::database(flavour))
}

/// A database without them, or `None` after saying what is not checked.
pub(crate) fn empty_database(flavour: Flavour) -> Option<Database> {
    or_say(postgres::empty_database(flavour))
}

fn or_say<T>(found: Result<T, postgres::Unavailable>) -> Option<T> {
    found.inspect_err(|reason| println!("not checked here: PostgreSQL ({reason})")).ok()
}
