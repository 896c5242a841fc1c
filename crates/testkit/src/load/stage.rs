//! A program over an event log of its own.

use super::judge::{self, Judgement, Row};
use super::service::{Preload, Service};
use super::{Acknowledged, Broken};
use crate::postgres::{Cluster, Contents, Database, Settings, Unavailable};
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use tempfile::TempDir;

/// Where the event log is.
#[derive(Debug)]
pub enum Place {
    /// A file.
    Sqlite(PathBuf),
    /// A database in a cluster that syncs to the disk.
    Postgres(Database),
}

/// The program, a folder, and an event log.
#[derive(Debug)]
pub struct Stage {
    program: PathBuf,
    place: Place,
    folder: TempDir,
}

impl Stage {
    /// The event log is a file, in `above` or in the stage's own folder.
    ///
    /// # Errors
    /// When no folder can be made.
    pub fn sqlite(program: &Path, above: Option<&Path>) -> Result<Self, Broken> {
        let folder = folder()?;
        let file = above.unwrap_or(folder.path()).join("events.db");
        Ok(Self { program: program.to_owned(), place: Place::Sqlite(file), folder })
    }

    /// The event log is a migrated database in a new cluster.
    ///
    /// # Errors
    /// [`Unavailable`] where PostgreSQL cannot be had.
    ///
    /// # Panics
    /// When it is there and does not start, and when no folder can be made.
    pub fn postgres(program: &Path, settings: &Settings) -> Result<Self, Unavailable> {
        let cluster = Arc::new(Cluster::start(settings)?);
        let database = Database::of(&cluster, Contents::Migrated)?;
        let folder = folder().expect("a folder");
        Ok(Self { program: program.to_owned(), place: Place::Postgres(database), folder })
    }

    /// Starts a server over it.
    ///
    /// # Errors
    /// [`Broken`] when it does not become ready.
    pub fn serve(&self) -> Result<Service, Broken> {
        Service::start(self, None)
    }

    /// The same with a library loaded first.
    ///
    /// # Errors
    /// [`Broken`] when it does not become ready.
    pub fn serve_with(&self, preload: Preload) -> Result<Service, Broken> {
        Service::start(self, Some(preload))
    }

    /// The program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The working directory of the program.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the event log is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The cluster, when the event log is in PostgreSQL.
    pub fn cluster(&self) -> Option<&Arc<Cluster>> {
        match &self.place {
            Place::Sqlite(_) => None,
            Place::Postgres(database) => Some(database.cluster()),
        }
    }

    /// What `PROVOST_STORE_URL` says.
    pub fn store_url(&self) -> String {
        match &self.place {
            Place::Sqlite(file) => format!("sqlite:{}", file.display()),
            Place::Postgres(database) => database.url(true),
        }
    }

    /// Compares what was acknowledged with what is there, seals it, and verifies every seal.
    ///
    /// # Errors
    /// [`Broken`] for an event that is lost or doubled, and for a seal that does not hold.
    pub fn judge(&self, acknowledged: &[Acknowledged]) -> Result<Judgement, Broken> {
        let judgement = judge::judge(acknowledged, &self.rows()?)?;
        self.seal()?;
        self.store("verify")?;
        Ok(judgement)
    }

    /// Puts the rows that are there under a seal, with the program.
    ///
    /// # Errors
    /// [`Broken`] with what the program said.
    pub fn seal(&self) -> Result<(), Broken> {
        self.store("seal")
    }

    fn store(&self, verb: &str) -> Result<(), Broken> {
        let output = Command::new(&self.program)
            .args(["store", verb])
            .current_dir(self.folder())
            .env_clear()
            .env("PROVOST_STORE_URL", self.store_url())
            .stdin(Stdio::null())
            .output()
            .map_err(|error| Broken::at("starting the program", error))?;
        match output.status.success() {
            true => Ok(()),
            false => {
                let said = String::from_utf8_lossy(&output.stderr);
                Err(Broken(format!("`provost store {verb}`: {}, {}", output.status, said.trim())))
            }
        }
    }

    /// The years of `created_at`, each once.
    ///
    /// # Errors
    /// [`Broken`] when the event log cannot be read.
    pub(super) fn years_written(&self) -> Result<Vec<u32>, Broken> {
        let years = match &self.place {
            Place::Sqlite(file) => sqlite_texts(
                file,
                "select distinct substr(created_at, 1, 4) from provenance_audit_log order by 1",
            )
            .map_err(|it| Broken::at("years", it))?,
            Place::Postgres(database) => database
                .owner()
                .execute(
                    "select distinct to_char(created_at, 'YYYY') from provenance_audit_log order by 1",
                )
                .map_err(|it| Broken::at("years", it))?
                .lines()
                .map(str::to_owned)
                .collect(),
        };
        years.iter().map(|year| year.parse().map_err(|it| Broken::at("a year", it))).collect()
    }

    /// The rows of the event log, read without the program.
    fn rows(&self) -> Result<Vec<Row>, Broken> {
        const ROWS: &str = "select id, tag, run_id from provenance_audit_log";
        match &self.place {
            Place::Sqlite(file) => sqlite_rows(file, ROWS).map_err(|it| Broken::at("rows", it)),
            Place::Postgres(database) => {
                let text = database.owner().execute(ROWS).map_err(|it| Broken::at("rows", it))?;
                let row = |line: &str| Row::of(&mut line.split('|').map(str::to_owned));
                text.lines()
                    .map(|line| row(line).ok_or_else(|| Broken::at("a row", line)))
                    .collect()
            }
        }
    }
}

fn sqlite_rows(file: &Path, statement: &str) -> rusqlite::Result<Vec<Row>> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let mut statement = connection.prepare(statement)?;
    let rows = statement.query_map([], |row| {
        Ok(Row { id: row.get(0)?, tag: row.get(1)?, run_id: row.get::<_, i64>(2)?.to_string() })
    })?;
    rows.collect()
}

fn sqlite_texts(file: &Path, statement: &str) -> rusqlite::Result<Vec<String>> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let mut statement = connection.prepare(statement)?;
    statement.query_map([], |row| row.get(0))?.collect()
}

fn folder() -> Result<TempDir, Broken> {
    tempfile::Builder::new()
        .prefix("provost-stage-")
        .tempdir()
        .map_err(|error| Broken::at("a folder", error))
}
