//! Opening the database: looking first, then write-ahead logging and schema.

use super::schema::{self, Standing};
use crate::error::{LOCK_PATIENCE, StoreError, is_busy, is_read_only};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Opens the event log at `path`, and makes it when it is missing. What is not an event log is
/// never written to.
pub(crate) async fn open(path: &Path) -> Result<SqliteConnection, StoreError> {
    match fs::metadata(path) {
        Err(_) => create_folder(path)?,
        // SQLite takes a file of a single byte for an empty one.
        Ok(file) if file.len() == 1 => {
            return Err(StoreError::NotADatabase { path: path.to_owned() });
        }
        Ok(_) if has_leftovers(path) => look(path).await?,
        Ok(_) => {}
    }
    connect(path, options(path)?.create_if_missing(true)).await
}

/// Opens the event log again after a failure; that it is gone is an error.
///
/// What the failed write may have left is first brought into the database file: the kernel drops
/// pages whose sync failed, and no later event may come to rest on such.
pub(crate) async fn reopen(path: &Path) -> Result<SqliteConnection, StoreError> {
    let mut connection = connect(path, options(path)?).await?;
    sqlx::raw_sql("PRAGMA wal_checkpoint(PASSIVE)")
        .execute(&mut connection)
        .await
        .map_err(|source| StoreError::from_sql(path, source))?;
    Ok(connection)
}

/// Whether beside the file lies what opening it for writing would bring into it.
fn has_leftovers(path: &Path) -> bool {
    ["-wal", "-journal"].iter().any(|suffix| {
        let mut beside = path.as_os_str().to_owned();
        beside.push(suffix);
        Path::new(&beside).exists()
    })
}

/// Reads the file on a connection that cannot write, so that not even the leftover journal of
/// another program's database is touched.
async fn look(path: &Path) -> Result<(), StoreError> {
    match inspect_read_only(path).await {
        // An interrupted transaction must be rolled back before anything can be read.
        Err(StoreError::ReadOnly { .. }) => Ok(()),
        looked => looked.map(|_| ()),
    }
}

async fn inspect_read_only(path: &Path) -> Result<Standing, StoreError> {
    let mut connection = establish(path, options(path)?.read_only(true)).await?;
    let standing = schema::inspect(&mut connection, path).await;
    connection.close().await.ok();
    standing
}

/// Connects for writing, once it is certain that this is an event log or an empty file.
async fn connect(
    path: &Path,
    options: SqliteConnectOptions,
) -> Result<SqliteConnection, StoreError> {
    let mut connection =
        options.connect().await.map_err(|source| StoreError::from_sql(path, source))?;
    match prepare(&mut connection, path).await {
        Ok(()) => Ok(connection),
        Err(error) => {
            connection.close().await.ok();
            Err(error)
        }
    }
}

async fn prepare(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let standing = schema::inspect(connection, path).await?;
    write_ahead(connection, path).await?;
    if standing != Standing::Current {
        schema::migrate(connection, path).await?;
    }
    Ok(())
}

/// Turns write-ahead logging on and makes sure that it is.
async fn write_ahead(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let sql = |source| StoreError::from_sql(path, source);
    let deadline = Instant::now() + LOCK_PATIENCE;
    loop {
        let mode =
            sqlx::query_scalar("PRAGMA journal_mode = WAL").fetch_one(&mut *connection).await;
        match mode {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(mode) => {
                return Err(StoreError::NoWriteAheadLog { path: path.to_owned(), mode });
            }
            // SQLite does not wait here while another process does the same; it does when a
            // transaction begins.
            Err(source) if is_busy(&source) && Instant::now() < deadline => {
                sqlx::raw_sql("BEGIN IMMEDIATE; ROLLBACK")
                    .execute(&mut *connection)
                    .await
                    .map_err(sql)?;
            }
            // A log on a read-only disk can still be read.
            Err(source) if is_read_only(&source) => return Ok(()),
            Err(source) => return Err(sql(source)),
        }
    }
}

async fn establish(
    path: &Path,
    options: SqliteConnectOptions,
) -> Result<SqliteConnection, StoreError> {
    options.connect().await.map_err(|source| StoreError::from_sql(path, source))
}

fn options(path: &Path) -> Result<SqliteConnectOptions, StoreError> {
    Ok(SqliteConnectOptions::new()
        .filename(absolute(path)?)
        .busy_timeout(LOCK_PATIENCE)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        .disable_statement_logging())
}

/// SQLite would take a relative path starting with `file:` for a URI.
fn absolute(path: &Path) -> Result<PathBuf, StoreError> {
    std::path::absolute(path)
        .map_err(|source| StoreError::Io { path: path.to_owned(), detail: source.to_string() })
}

/// Makes the folder of the database and the folders above it, durably, writable by nobody but the
/// user whatever the umask.
fn create_folder(path: &Path) -> Result<(), StoreError> {
    let path = absolute(path)?;
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    let missing: Vec<&Path> = folder.ancestors().take_while(|it| !it.exists()).collect();
    for folder in missing.into_iter().rev() {
        create_durably(folder)
            .map_err(|source| StoreError::CreateFolder { path: folder.to_owned(), source })?;
    }
    Ok(())
}

fn create_durably(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o755);
    }
    // `recursive` takes a folder that another process made meanwhile as done.
    builder.recursive(true).create(folder)?;
    #[cfg(unix)]
    if let Some(above) = folder.parent() {
        fs::File::open(above)?.sync_all()?;
    }
    Ok(())
}
