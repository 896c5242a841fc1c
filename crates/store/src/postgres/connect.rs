//! The way to the server.

use super::fault::Fault;
use crate::access::Access;
use crate::error::StoreError;
use crate::postgres_url::{PostgresHost, PostgresUrl, SslMode};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection, PgPool};
use std::time::Duration;

/// How long one statement may take when the URL does not say it.
pub(super) const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a lock is waited for.
pub(super) const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the first connection is waited for.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection of the pool is waited for: one that is in use, or, while the server is
/// away, one that the pool keeps trying to open. Who waits behind a request wants to hear soon that
/// it must come again.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// How many connections one process has when the URL does not say it.
const POOL_MAX: u32 = 4;

/// Everything that opens a connection. A password of the environment is taken before one of the URL.
pub(super) fn options(url: &PostgresUrl, access: &Access) -> PgConnectOptions {
    let application = url.application_name.as_deref().unwrap_or("provost");
    let mut options = PgConnectOptions::new_without_pgpass()
        .port(url.port)
        .username(&url.user)
        .database(&url.database)
        .application_name(application)
        .ssl_mode(match url.ssl_mode {
            SslMode::Disable => PgSslMode::Disable,
            SslMode::Prefer => PgSslMode::Prefer,
            SslMode::Require => PgSslMode::Require,
            SslMode::VerifyCa => PgSslMode::VerifyCa,
            SslMode::VerifyFull => PgSslMode::VerifyFull,
        })
        .disable_statement_logging();
    options = match &url.host {
        PostgresHost::Name(name) => options.host(name),
        PostgresHost::Socket(folder) => options.socket(folder),
    };
    if let Some(path) = &url.ssl_root_certificate {
        options = options.ssl_root_cert(path);
    }
    if let Some(password) = access.password.as_ref().or(url.password.as_ref()) {
        options = options.password(password.expose());
    }
    if !url.prepared {
        // A pooler takes no parameter that it does not know, and lends another connection to the
        // next transaction, which has none of what was prepared.
        options = options.statement_cache_capacity(0).extra_float_digits(None);
    }
    options
}

/// Opens one connection, for the sake of what is said when it fails: a pool only says that none came.
pub(super) async fn try_once(place: &str, options: &PgConnectOptions) -> Result<(), StoreError> {
    let error = |fault: Fault| StoreError::Postgres(fault.at(place));
    let opened = tokio::time::timeout(CONNECT_TIMEOUT, options.connect()).await;
    let seconds = CONNECT_TIMEOUT.as_secs();
    let connection = opened
        .map_err(|_| error(Fault::Unreachable(format!("no answer for {seconds} s"))))?
        .map_err(|source| error(Fault::of_connecting(&source)))?;
    connection.close().await.ok();
    Ok(())
}

pub(super) fn pool(url: &PostgresUrl, options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(url.pool_max.unwrap_or(POOL_MAX))
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(Duration::from_secs(300))
        .max_lifetime(Duration::from_secs(1800))
        .connect_lazy_with(options)
}
