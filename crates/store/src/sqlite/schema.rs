//! The schema of the log and its version.

use crate::error::StoreError;
use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteConnection;
use std::path::Path;

/// `PRAGMA application_id` of an event log: "Prov".
const APPLICATION_ID: i64 = 0x5072_6f76;

/// A step of the schema.
struct Migration {
    /// The schema version that it leads to, kept in `PRAGMA user_version`.
    version: i64,
    /// Its statements.
    sql: &'static str,
    /// What it makes, by name.
    objects: &'static [&'static str],
    /// What of an earlier one it takes away, by name.
    removed: &'static [&'static str],
}

/// The migrations in order.
const MIGRATIONS: [Migration; 4] = [
    Migration {
        version: 20_260_201,
        sql: include_str!("../../migrations/sqlite/20260201_provenance_audit.sql"),
        objects: &[
            "provenance_audit_log",
            "provenance_audit_log_failures",
            "provenance_audit_log_no_delete",
            "provenance_audit_log_no_replace",
            "provenance_audit_log_no_update",
            "provenance_audit_log_releases",
            "provenance_audit_log_words",
            "provenance_incidents",
            "provenance_kpi",
            "provenance_kpi_daily",
            "provenance_latest",
            "provenance_open_incidents",
        ],
        removed: &[],
    },
    Migration {
        version: 20_260_215,
        sql: include_str!("../../migrations/sqlite/20260215_provenance_seal.sql"),
        objects: &[
            "provenance_audit_log_order",
            "provenance_order",
            "provenance_order_no_delete",
            "provenance_order_no_replace",
            "provenance_order_no_update",
            "provenance_seal",
            "provenance_seal_no_delete",
            "provenance_seal_no_replace",
            "provenance_seal_no_update",
        ],
        removed: &[],
    },
    Migration {
        version: 20_260_301,
        sql: include_str!("../../migrations/sqlite/20260301_provenance_service.sql"),
        objects: &[
            "provenance_audit_log_times",
            "provenance_delivery",
            "provenance_delivery_age",
            "provenance_expectation",
            "provenance_expectation_deadline",
            "provenance_outbox",
            "provenance_outbox_dead",
            "provenance_outbox_due",
            "provenance_token_use",
            "provenance_token_use_expiry",
        ],
        removed: &[],
    },
    Migration {
        version: 20_260_401,
        sql: include_str!("../../migrations/sqlite/20260401_provenance_run.sql"),
        objects: &[
            "provenance_audit_log_failure_times",
            "provenance_audit_log_kinds",
            "provenance_audit_log_project",
            "provenance_audit_log_repository_kinds",
            "provenance_audit_log_repository_times",
            "provenance_audit_log_run_failures",
            "provenance_day",
            "provenance_day_repository",
            "provenance_kpi",
            "provenance_kpi_daily",
            "provenance_latest",
            "provenance_open_incidents",
            "provenance_run",
            "provenance_run_count",
            "provenance_run_first",
            "provenance_run_kpi",
            "provenance_run_latest",
            "provenance_run_open",
            "provenance_run_other",
            "provenance_run_repository_latest",
            "provenance_run_tag",
            "provenance_run_waiting",
        ],
        removed: &["provenance_audit_log_words"],
    },
];

/// Newest schema version that this program knows.
pub(crate) const SUPPORTED: i64 = MIGRATIONS[MIGRATIONS.len() - 1].version;

/// What a database is to this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing is in it yet.
    Empty,
    /// An event log with the schema of an older version of this program.
    Older(i64),
    /// An event log with the newest schema.
    Current,
}

impl Standing {
    /// The schema version that is there.
    fn version(self) -> i64 {
        match self {
            Self::Empty => 0,
            Self::Older(version) => version,
            Self::Current => SUPPORTED,
        }
    }
}

/// Whether the database answers.
pub(super) async fn ping(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    sqlx::query("select 1 from provenance_audit_log limit 1")
        .fetch_optional(connection)
        .await
        .map_err(|source| StoreError::from_sql(path, source))?;
    Ok(())
}

/// Looks at a database without writing.
pub(crate) async fn inspect(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<Standing, StoreError> {
    // Application, version and objects come from one statement, so from one moment.
    let rows: Vec<(i64, i64, Option<String>, Option<String>)> = sqlx::query_as(
        "select application_id, user_version, name, sql
         from pragma_application_id, pragma_user_version left join sqlite_schema on true",
    )
    .fetch_all(connection)
    .await
    .map_err(|source| StoreError::from_sql(path, source))?;
    let objects = || rows.iter().filter_map(|row| Some((row.2.as_deref()?, row.3.as_deref())));
    let foreign = || StoreError::ForeignDatabase { path: path.to_owned() };
    let place = || path.display().to_string();
    match rows.first().ok_or_else(foreign)? {
        (0, 0, ..) if objects().next().is_none() => Ok(Standing::Empty),
        (APPLICATION_ID, found, ..) if *found > SUPPORTED => {
            Err(StoreError::NewerSchema { place: place(), found: *found, supported: SUPPORTED })
        }
        (APPLICATION_ID, found, ..) if MIGRATIONS.iter().any(|it| it.version == *found) => {
            match first_altered(*found, objects) {
                Some(object) => {
                    Err(StoreError::SchemaAltered { place: place(), object: object.to_owned() })
                }
                None if *found == SUPPORTED => Ok(Standing::Current),
                None => Ok(Standing::Older(*found)),
            }
        }
        _ => Err(foreign()),
    }
}

/// The first object that is missing or not as the migrations up to a version make it; others may
/// stand beside them.
fn first_altered<'a, I>(version: i64, objects: impl Fn() -> I) -> Option<&'static str>
where
    I: Iterator<Item = (&'a str, Option<&'a str>)>,
{
    let migrations = || MIGRATIONS.iter().filter(|migration| migration.version <= version);
    let removed = |name: &str| migrations().any(|migration| migration.removed.contains(&name));
    let expected = migrations().flat_map(|migration| migration.objects).copied();
    expected.filter(|name| !removed(name)).find(|&expected| {
        let text = objects().find_map(|(name, sql)| (name == expected).then_some(sql?));
        // SQLite keeps the text of a definition, but writes its first two words itself.
        let body = text.and_then(|text| text.splitn(3, ' ').nth(2));
        // What was made anew is as the last one made it.
        let made = migrations().rfind(|migration| migration.objects.contains(&expected));
        !body.zip(made).is_some_and(|(body, made)| made.sql.contains(body))
    })
}

/// Brings an empty or older database to the newest schema, in one transaction. When another process
/// was faster, nothing is left to do.
pub(crate) async fn migrate(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<(), StoreError> {
    let sql = |source| StoreError::from_sql(path, source);
    let run = async |connection: &mut SqliteConnection, statements: String| {
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(connection).await.map_err(sql)
    };
    run(connection, "BEGIN IMMEDIATE".to_owned()).await?;
    let version = inspect(connection, path).await?.version();
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > version) {
        run(connection, migration.sql.to_owned()).await?;
    }
    if version < SUPPORTED {
        let marks =
            format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SUPPORTED};");
        run(connection, marks).await?;
    }
    run(connection, "COMMIT".to_owned()).await?;
    Ok(())
}
