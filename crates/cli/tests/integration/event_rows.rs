//! The rows of an event log, read without the program and without touching the file.

use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{ConnectOptions, Connection, Row};
use std::path::Path;

/// One row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EventRow {
    pub(crate) event: String,
    pub(crate) status: String,
    pub(crate) run_id: i64,
    pub(crate) tag: String,
    pub(crate) repository: Option<String>,
    pub(crate) artifact_path: Option<String>,
    pub(crate) failure_reason: Option<String>,
    pub(crate) validated_at: Option<String>,
    pub(crate) commit_sha: Option<String>,
    pub(crate) builder_id: Option<String>,
    pub(crate) slsa_build_level: Option<i64>,
    pub(crate) attempt: Option<i64>,
    pub(crate) release_url: Option<String>,
    pub(crate) decision: Option<String>,
    pub(crate) manifest_sha256: Option<String>,
}

/// Every row, the oldest first. A copy is read, so that the log stays as it is.
pub(crate) fn event_rows(log: &Path) -> Vec<EventRow> {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("events.db");
    std::fs::copy(log, &copy).unwrap();
    // What a program that still runs has written stands beside the file.
    let beside = log.with_extension("db-wal");
    if beside.exists() {
        std::fs::copy(beside, copy.with_extension("db-wal")).unwrap();
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(&copy);
        let mut connection = options.connect().await.unwrap();
        let rows = sqlx::query("select * from provenance_audit_log order by occurred_at, id")
            .fetch_all(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        rows.iter().map(event_row).collect()
    })
}

fn event_row(row: &SqliteRow) -> EventRow {
    EventRow {
        event: row.get("event"),
        status: row.get("status"),
        run_id: row.get("run_id"),
        tag: row.get("tag"),
        repository: row.get("repository"),
        artifact_path: row.get("artifact_path"),
        failure_reason: row.get("failure_reason"),
        validated_at: row.get("validated_at"),
        commit_sha: row.get("commit_sha"),
        builder_id: row.get("builder_id"),
        slsa_build_level: row.get("slsa_build_level"),
        attempt: row.get("attempt"),
        release_url: row.get("release_url"),
        decision: row.get("decision"),
        manifest_sha256: row.get("manifest_sha256"),
    }
}
