//! A private PostgreSQL: real, on loopback and a socket, gone when the test process is.
//!
//! [`database`] gives a test a database of its own, made from a template that holds the project's
//! migrations. Where PostgreSQL is not installed it says why ([`Unavailable`]), and the test tells
//! that as `not checked here: …`.
//!
//! Reading order: `database`, `flavour`, `cluster`, `programs`, `guarded`; then `pool`, a PgBouncer
//! before a database, `cutter`, a bad line to it, and `psql`.

mod cluster;
mod cutter;
mod database;
mod flavour;
mod guarded;
mod pool;
mod programs;
mod psql;

pub use cluster::{Cluster, Settings};
pub use cutter::{Cut, Cutter};
pub use database::{Contents, Database, database, empty_database};
pub use flavour::Flavour;
pub(crate) use guarded::Guard;
pub use pool::Pool;
pub use programs::{Unavailable, program};
pub use psql::{Refused, Session};

/// Password of every role that may connect. Roles are asked for it on loopback, not on the socket.
pub const PASSWORD: &str = "canary-password-of-the-database";

/// The project's migrations in their order, as name and text.
pub const MIGRATIONS: [(&str, &str); 5] = [
    (
        "20260201_provenance_audit.sql",
        include_str!("../../../../supabase/migrations/20260201_provenance_audit.sql"),
    ),
    (
        "20260215_provenance_seal.sql",
        include_str!("../../../../supabase/migrations/20260215_provenance_seal.sql"),
    ),
    (
        "20260301_provenance_service.sql",
        include_str!("../../../../supabase/migrations/20260301_provenance_service.sql"),
    ),
    (
        "20260401_provenance_bounds.sql",
        include_str!("../../../../supabase/migrations/20260401_provenance_bounds.sql"),
    ),
    (
        "20260501_provenance_dashboard.sql",
        include_str!("../../../../supabase/migrations/20260501_provenance_dashboard.sql"),
    ),
];
