//! The schema of the log and its version.

use crate::error::StoreError;
use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteConnection;
use std::path::Path;

/// `PRAGMA application_id` of an event log: "Prov".
const APPLICATION_ID: i64 = 0x5072_6f76;

/// The migrations in order. A migration's number is the schema version that it leads to, kept in
/// `PRAGMA user_version`.
const MIGRATIONS: [(i64, &str); 1] =
    [(20_260_201, include_str!("../migrations/sqlite/20260201_provenance_audit.sql"))];

/// Newest schema version that this program knows.
pub(crate) const SUPPORTED: i64 = MIGRATIONS[MIGRATIONS.len() - 1].0;

/// What the migrations make, by name.
const OBJECTS: [&str; 12] = [
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
];

/// What a database is to this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing is in it yet.
    Empty,
    /// An event log with the newest schema.
    Current,
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
    match rows.first().ok_or_else(foreign)? {
        (0, 0, ..) if objects().next().is_none() => Ok(Standing::Empty),
        (APPLICATION_ID, SUPPORTED, ..) => match first_altered(objects) {
            None => Ok(Standing::Current),
            Some(object) => Err(StoreError::SchemaAltered { path: path.to_owned(), object }),
        },
        (APPLICATION_ID, found, ..) if *found > SUPPORTED => Err(StoreError::NewerSchema {
            path: path.to_owned(),
            found: *found,
            supported: SUPPORTED,
        }),
        _ => Err(foreign()),
    }
}

/// The first object that is missing or not as the migrations make it; others may stand beside them.
fn first_altered<'a, I>(objects: impl Fn() -> I) -> Option<&'static str>
where
    I: Iterator<Item = (&'a str, Option<&'a str>)>,
{
    OBJECTS.into_iter().find(|&expected| {
        let text = objects().find_map(|(name, sql)| (name == expected).then_some(sql?));
        // SQLite keeps the text of a definition, but writes its first two words itself.
        let body = text.and_then(|text| text.splitn(3, ' ').nth(2));
        !body.is_some_and(|body| MIGRATIONS.iter().any(|(_, sql)| sql.contains(body)))
    })
}

/// Makes the schema in an empty database, in one transaction. When another process was faster,
/// nothing is left to do.
pub(crate) async fn migrate(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<(), StoreError> {
    let sql = |source| StoreError::from_sql(path, source);
    let run = async |connection: &mut SqliteConnection, statements: String| {
        sqlx::raw_sql(AssertSqlSafe(statements)).execute(connection).await.map_err(sql)
    };
    run(connection, "BEGIN IMMEDIATE".to_owned()).await?;
    if inspect(connection, path).await? == Standing::Empty {
        let marks =
            format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SUPPORTED};");
        for (_, migration) in MIGRATIONS {
            run(connection, migration.to_owned()).await?;
        }
        run(connection, marks).await?;
    }
    run(connection, "COMMIT".to_owned()).await?;
    Ok(())
}
