//! The event log: append-only rows in SQLite or PostgreSQL, or behind an ingestion endpoint.
//!
//! [`EventLog`] is for programs that do one thing after the other: its calls block, and must not be
//! made on a thread that runs asynchronous tasks. [`Database`] is for a service. Both keep
//! [`Event`](provost_record::Event)s and answer what is asked of them. An event counts as written
//! when the call that wrote it returned: committed and synced, so that neither a crash nor a power
//! failure takes it back.
//!
//! [`StoreUrl`] says where the log is, [`Access`] holds the secrets that open it. A service writes
//! [`Submission`]s, many in one transaction, together with the messages that follow from them.
//! Seals ([`Anchor`], [`Verification`]) show what was altered afterwards.

mod access;
mod append;
mod database;
mod day;
mod endpoint;
mod error;
mod event_log;
mod expectation;
mod kpi;
mod log_mark;
mod outbox;
mod outward;
mod page;
mod postgres;
mod postgres_url;
mod release_cursor;
mod release_filter;
mod seal;
mod sqlite;
mod store_url;
mod stored_event;
mod submission;
mod summary;
mod transfer;

pub use access::{Access, JobIdentity};
pub use append::{Appended, Outcome};
pub use database::{Counts, Database, Schema};
pub use day::Day;
pub use endpoint::EndpointError;
pub use error::StoreError;
pub use event_log::EventLog;
pub use expectation::{Expectation, Overdue, Settlement};
pub use kpi::{Dispatch, EventFilter, Incident, KpiFilter, KpiRow, Release, SettledIncident};
pub use log_mark::LogMark;
pub use outbox::{DeadLetter, LeasedMessage, OutboxState};
pub use outward::UnreadableDocument;
pub use page::{InvalidCursor, Page, Position, Positioned};
pub use postgres::PostgresError;
pub use postgres_url::{PostgresHost, PostgresProblem, PostgresUrl, SslMode};
pub use release_cursor::ReleaseCursor;
pub use release_filter::{ReleaseFilter, ReleaseOrder, ReleasePage};
pub use seal::{Anchor, Fault, InvalidAnchor, RowFault, SealFault, Sealed, Verification};
pub use store_url::{StoreUrl, StoreUrlError};
pub use stored_event::StoredEvent;
pub use submission::{
    EntryOutcome, EntryStanding, ManifestEntry, OutboxMessage, Submission, SubmissionBody,
    Submitted, TokenUse,
};
pub use summary::{Coverage, KpiSummary, ReleaseHistory, TimeToAccepted};
pub use transfer::{Exported, Imported, TransferError};
