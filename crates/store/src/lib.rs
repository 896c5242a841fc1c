//! The SQL event log: schema, append, KPI queries.
//!
//! [`EventLog`] keeps [`Event`](provost_record::Event)s in an SQLite database, append-only, and
//! answers what is asked of them. An event counts as written when [`EventLog::append`] returned it:
//! committed in write-ahead mode with `synchronous=FULL`, so that neither a crash nor a power
//! failure takes it back.
//!
//! All calls block. They must not be made on a thread that runs asynchronous tasks.

mod append;
mod connection;
mod error;
mod event_log;
mod kpi;
mod schema;
mod sql_value;
mod store_url;
mod summary;

pub use append::{Appended, Outcome};
pub use error::StoreError;
pub use event_log::EventLog;
pub use kpi::{Dispatch, Incident, KpiFilter, KpiRow};
pub use store_url::{StoreUrl, StoreUrlError};
pub use summary::{Coverage, KpiSummary, TimeToAccepted};
