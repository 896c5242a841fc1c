//! The event log in PostgreSQL: what the SQL files of `supabase/migrations` promise, called.
//!
//! Every call is one explicit transaction, so that poolers that lend a connection for a transaction
//! work. A connection that is lost is tried once more; what is written has a key, so that nothing
//! doubles when the first try had arrived after all.

mod append;
mod connect;
mod events;
mod expectation;
mod fault;
mod kpi;
mod outbox;
mod overview;
mod releases;
mod schema;
mod seal;
mod statement;
mod submit;
mod summary;
mod transaction;

pub use fault::PostgresError;

use crate::access::Access;
use crate::database::Schema;
use crate::error::StoreError;
use crate::postgres_url::PostgresUrl;
use fault::Fault;
use schema::Standing;
use sqlx::PgPool;
use statement::Statement;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// An open database. Any number of processes may have the same one open.
#[derive(Clone)]
pub(crate) struct PostgresStore(Arc<Inner>);

struct Inner {
    place: String,
    pool: PgPool,
    /// Whether statements are kept prepared on a connection.
    prepared: bool,
    statement_timeout: Duration,
    /// Version of the schema when it was looked at last.
    schema: AtomicI64,
}

impl PostgresStore {
    /// Opens the database, and makes the schema when nothing of it is there.
    pub(crate) async fn open(url: &PostgresUrl, access: &Access) -> Result<Self, StoreError> {
        let place = url.to_string();
        let options = connect::options(url, access);
        connect::try_once(&place, &options).await?;
        let store = Self(Arc::new(Inner {
            place,
            pool: connect::pool(url, options),
            prepared: url.prepared,
            statement_timeout: url.statement_timeout.unwrap_or(connect::STATEMENT_TIMEOUT),
            schema: AtomicI64::new(0),
        }));
        if store.look().await? == Standing::Empty {
            store.migrate().await?;
        }
        Ok(store)
    }

    pub(crate) fn place(&self) -> String {
        self.0.place.clone()
    }

    pub(crate) async fn close(&self) {
        self.0.pool.close().await;
    }

    pub(crate) async fn ping(&self) -> Result<(), StoreError> {
        self.read(&Statement::new("select 'here'")).await.map(|_| ())
    }

    pub(crate) async fn schema(&self) -> Result<Schema, StoreError> {
        self.look().await?;
        Ok(self.known_schema())
    }

    /// Brings the schema up to date; of several processes one does it while the others wait.
    pub(crate) async fn migrate(&self) -> Result<Schema, StoreError> {
        schema::migrate(self).await?;
        self.look().await?;
        Ok(self.known_schema())
    }

    fn known_schema(&self) -> Schema {
        Schema { found: self.0.schema.load(Ordering::Relaxed), supported: schema::SUPPORTED }
    }

    async fn look(&self) -> Result<Standing, StoreError> {
        let standing = schema::inspect(self).await?;
        if let Standing::Version(found) = standing {
            self.0.schema.store(found, Ordering::Relaxed);
        }
        Ok(standing)
    }

    /// An older schema is only good for being migrated.
    fn is_current(&self) -> Result<(), StoreError> {
        let Schema { found, supported } = self.known_schema();
        if found == supported {
            return Ok(());
        }
        Err(StoreError::OlderSchema { place: self.place(), found, supported })
    }

    fn error(&self, fault: Fault) -> StoreError {
        StoreError::Postgres(fault.at(&self.0.place))
    }

    fn unreadable(&self, column: &'static str, value: impl ToString) -> StoreError {
        StoreError::UnreadableRow { place: self.place(), column, value: value.to_string() }
    }
}
