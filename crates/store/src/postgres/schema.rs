//! The schema: what is there, and bringing it up to date.

use super::PostgresStore;
use super::fault::Fault;
use super::statement::Statement;
use super::transaction::Mode;
use crate::error::StoreError;
use serde::Deserialize;

/// The files of `supabase/migrations` in their order. A file's number is the version that it leads
/// to, and stands in `provenance_schema` once it was applied, by whomever.
const MIGRATIONS: [(i64, &str); 5] = [
    (20_260_201, include_str!("../../../../supabase/migrations/20260201_provenance_audit.sql")),
    (20_260_215, include_str!("../../../../supabase/migrations/20260215_provenance_seal.sql")),
    (20_260_301, include_str!("../../../../supabase/migrations/20260301_provenance_service.sql")),
    (20_260_401, include_str!("../../../../supabase/migrations/20260401_provenance_bounds.sql")),
    (20_260_501, include_str!("../../../../supabase/migrations/20260501_provenance_dashboard.sql")),
];

/// Newest version that this program knows.
pub(super) const SUPPORTED: i64 = MIGRATIONS[MIGRATIONS.len() - 1].0;

/// What a database is to this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing of the log is in it.
    Empty,
    /// An event log with all migrations up to this one, which is not newer than [`SUPPORTED`].
    Version(i64),
}

/// What the catalogue says.
#[derive(Deserialize)]
struct Look {
    has_schema: bool,
    /// A relation with a name of the log's.
    relation: Option<String>,
    /// Whether the trigger that keeps the log append-only is there and always fires.
    is_append_only: bool,
}

const LOOK: &str = "
    select jsonb_build_object(
      'has_schema', to_regclass('public.provenance_schema') is not null,
      'relation', (
        select min(relname) from pg_catalog.pg_class
        where relnamespace = to_regnamespace('public')
          and relname in ('provenance_audit_log', 'provenance_run', 'provenance_day',
            'provenance_latest', 'provenance_kpi', 'provenance_incidents',
            'provenance_open_incidents', 'provenance_kpi_daily')),
      'is_append_only', exists (
        select 1 from pg_catalog.pg_trigger
        where tgrelid = to_regclass('public.provenance_audit_log')
          and tgname = 'provenance_audit_log_append_only' and tgenabled = 'A')
    )::text";

const VERSIONS: &str = "select version::text from public.provenance_schema";

/// Looks without writing.
pub(super) async fn inspect(store: &PostgresStore) -> Result<Standing, StoreError> {
    let rows = store.read(&Statement::new(LOOK)).await?;
    let look: Look = store.document(first(&rows))?;
    let versions = match look.has_schema {
        true => store.read(&Statement::new(VERSIONS)).await?,
        false => Vec::new(),
    };
    judge(store, &look, &numbers(&versions))
}

fn first(rows: &[String]) -> &str {
    rows.first().map_or("", String::as_str)
}

fn numbers(rows: &[String]) -> Vec<i64> {
    rows.iter().filter_map(|row| row.parse().ok()).collect()
}

fn judge(store: &PostgresStore, look: &Look, versions: &[i64]) -> Result<Standing, StoreError> {
    if !look.has_schema {
        return match &look.relation {
            Some(object) => Err(store.error(Fault::Foreign(object.clone()))),
            None => Ok(Standing::Empty),
        };
    }
    if let Some(&found) = versions.iter().filter(|&&it| it > SUPPORTED).max() {
        return Err(StoreError::NewerSchema { place: store.place(), found, supported: SUPPORTED });
    }
    let applied = MIGRATIONS.iter().take_while(|(version, _)| versions.contains(version));
    let found = applied.last().map_or(0, |(version, _)| *version);
    if found > 0 && !look.is_append_only {
        return Err(StoreError::SchemaAltered {
            place: store.place(),
            object: "trigger provenance_audit_log_append_only".to_owned(),
        });
    }
    Ok(Standing::Version(found))
}

/// Applies what is missing, in one transaction. Another process that does the same is waited for.
pub(super) async fn migrate(store: &PostgresStore) -> Result<(), StoreError> {
    let error = |fault| store.error(fault);
    let sql = |source: sqlx::Error| store.error(Fault::of(&source));
    let mut transaction = store.begin(Mode::Write).await.map_err(error)?;
    // A number of our own; the lock ends with the transaction, as poolers want it.
    let lock = Statement::new("select 'locked' from pg_advisory_xact_lock(5786912370412847617)");
    store.rows(&mut transaction, &lock).await.map_err(error)?;
    let rows = store.rows(&mut transaction, &Statement::new(LOOK)).await.map_err(error)?;
    let look: Look = store.document(first(&rows))?;
    let versions = match look.has_schema {
        true => {
            let versions = store.rows(&mut transaction, &Statement::new(VERSIONS)).await;
            numbers(&versions.map_err(error)?)
        }
        false => Vec::new(),
    };
    judge(store, &look, &versions)?;
    sqlx::raw_sql("set local client_min_messages = warning")
        .execute(&mut *transaction)
        .await
        .map_err(sql)?;
    for (_, file) in MIGRATIONS.iter().filter(|(version, _)| !versions.contains(version)) {
        sqlx::raw_sql(*file).execute(&mut *transaction).await.map_err(sql)?;
    }
    transaction.commit().await.map_err(sql)
}
