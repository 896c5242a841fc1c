//! HTTP: ingestion, JSON API, dashboard, probes, metrics.
//!
//! [`Server`] takes what jobs and other senders tell into the event log, and answers what is asked
//! of it. A request passes the same steps on every route: who asks ([`Operation`] by operation),
//! the body up to its limit, the operation, one answer. 2xx says that the event log holds what was
//! sent, durably.
//!
//! Reading order: `route` (the table), `router` (the steps), `caller` and `oidc` (who asks),
//! `handler` (the operations), `writer` (many requests, few transactions), `worker` (what goes on
//! beside them), `dashboard` (pages for people), `server`.

mod alarm;
mod app;
mod caller;
mod clock;
mod dashboard;
pub mod demo;
mod docs_bucket;
mod error;
mod github;
mod handler;
mod host;
mod http;
mod message;
mod metrics;
mod oidc;
mod openapi;
mod policies;
mod route;
mod router;
mod secrets;
mod server;
mod settings;
mod signature;
mod token;
mod worker;
mod writer;

pub use clock::Clock;
pub use error::ServerError;
pub use oidc::{Allowance, Check};
pub use openapi::openapi;
pub use route::Operation;
pub use secrets::ServerSecrets;
pub use server::Server;
pub use settings::{Limits, Settings};
