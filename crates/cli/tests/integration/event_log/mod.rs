//! The event log through the program: where it is, what `store`, `ingest` and `serve` do with it.

mod endpoint;
mod ingest;
mod postgres;
mod rebuild;
mod seal;
mod serve;
mod store;
mod url;

use crate::program::Provost;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder with manifest entries.
pub(super) struct Folder {
    folder: TempDir,
}

impl Folder {
    /// Runs 7 (`v1`, success) and 8 (`v2`, failure).
    pub(super) fn with_entries() -> Self {
        let folder = Self { folder: tempfile::tempdir().unwrap() };
        folder.add(&["--run=7", "--tag=v1", "--status=success"]);
        folder.add(&["--run=8", "--tag=v2", "--status=failure", "--failure-reason=no bundle"]);
        folder
    }

    pub(super) fn add(&self, entry: &[&str]) {
        let repository = ["--repository", "acme/app"];
        self.provost(&["manifest", "add"]).args(repository).args(entry).run().expect(0);
    }

    pub(super) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    pub(super) fn provost(&self, arguments: &[&str]) -> Provost {
        let call = Provost::new(arguments).cwd(self.root());
        // What is asked of a server that is not there is not waited for.
        call.env("PROVOST_TEST_NO_PAUSE", "1")
    }

    /// The only manifest file.
    pub(super) fn manifest(&self) -> PathBuf {
        let mut days = std::fs::read_dir(self.path("docs/reports")).unwrap();
        days.next().unwrap().unwrap().path().join("manifest.json")
    }

    /// Does something to an SQLite log past the program.
    pub(super) fn raw<T>(
        &self,
        log: &str,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> T,
    ) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let options = SqliteConnectOptions::new().filename(self.path(log));
            let mut connection = options.connect().await.unwrap();
            let done = work(&mut connection).await;
            connection.close().await.unwrap();
            done
        })
    }

    /// Changes a row past the triggers, as somebody with the file may.
    pub(super) fn tamper(&self, log: &str, statement: &str) {
        self.raw(log, async |connection| {
            let definitions: Vec<(String, String)> =
                sqlx::query_as("select name, sql from sqlite_schema where type = 'trigger'")
                    .fetch_all(&mut *connection)
                    .await
                    .unwrap();
            assert!(!definitions.is_empty());
            for (name, _) in &definitions {
                execute(connection, &format!("drop trigger {name}")).await;
            }
            execute(connection, statement).await;
            for (_, sql) in &definitions {
                execute(connection, sql).await;
            }
        });
    }
}

async fn execute(connection: &mut SqliteConnection, statement: &str) {
    let statement = sqlx::AssertSqlSafe(statement.to_owned());
    sqlx::raw_sql(statement).execute(connection).await.unwrap();
}
