//! Events and logs to test with.

use jiff::{SignedDuration, Timestamp};
use provost_record::{Event, EventKey, EventKind, EventStatus, Status};
use provost_store::{EventLog, StoreUrl};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder of its own with the path of a log in it.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder().join("new/events.db")
    }

    pub(crate) fn url(&self) -> StoreUrl {
        StoreUrl::parse("sqlite:new/events.db", self.folder()).unwrap()
    }

    pub(crate) fn log(&self) -> EventLog {
        EventLog::open(&self.url()).unwrap()
    }

    /// A copy of the log and its write-ahead log as they lie there.
    pub(crate) fn log_of_a_copy(&self) -> Self {
        let copy = Self::new();
        let folder = copy.path().parent().unwrap().to_owned();
        std::fs::create_dir(&folder).unwrap();
        for name in ["events.db", "events.db-wal", "events.db-journal"] {
            let from = self.path().with_file_name(name);
            if from.exists() {
                std::fs::copy(from, folder.join(name)).unwrap();
            }
        }
        drop(copy.log());
        copy
    }

    /// Does something to the database with plain SQLite, past the event log.
    pub(crate) fn raw<T>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, sqlx::Error>,
    ) -> Result<T, sqlx::Error> {
        raw(&self.path(), work)
    }

    /// Runs statements with plain SQLite.
    pub(crate) fn execute(&self, statements: &str) -> Result<(), sqlx::Error> {
        self.raw(async |connection| {
            let statements = sqlx::AssertSqlSafe(statements.to_owned());
            sqlx::raw_sql(statements).execute(connection).await?;
            Ok(())
        })
    }

    /// The one value that a query gives, as text.
    pub(crate) fn value(&self, query: &str) -> Option<String> {
        let query = format!("select cast(({query}) as text)");
        self.raw(async |connection| {
            sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(connection).await
        })
        .unwrap()
    }

    /// The keys that are in the log, sorted.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.raw(async |connection| {
            let query = "select event_key from provenance_audit_log order by event_key";
            sqlx::query_scalar(query).fetch_all(connection).await
        })
        .unwrap()
    }

    /// What SQLite finds wrong with the file: `ok`.
    pub(crate) fn integrity(&self) -> String {
        self.raw(async |connection| {
            sqlx::query_scalar("PRAGMA integrity_check").fetch_one(connection).await
        })
        .unwrap()
    }
}

pub(crate) fn raw<T>(
    path: &Path,
    work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T, sqlx::Error>,
) -> Result<T, sqlx::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        let mut connection = options.connect().await?;
        let result = work(&mut connection).await;
        connection.close().await?;
        result
    })
}

/// So many seconds after the first moment of the tests.
pub(crate) fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}

/// An event of run 77 of tag v1.4.0 of acme/app; change its fields, then [`keyed`].
pub(crate) fn event(kind: EventKind, status: EventStatus, seconds: i64) -> Event {
    keyed(Event {
        key: EventKey::of_entry(kind, None, 0, "", Status::Success, at(0)),
        kind,
        status,
        run_id: 77,
        attempt: Some(1),
        tag: "v1.4.0".to_owned(),
        repository: Some("acme/app".to_owned()),
        release_url: Some("https://github.com/acme/app/releases/tag/v1.4.0".to_owned()),
        artifact_path: Some("artifacts/slsa/v1.4.0/provenance-v1.4.0.json".to_owned()),
        failure_reason: (status == EventStatus::Failure).then(|| "refused: source-ref".to_owned()),
        occurred_at: at(seconds),
        validated_at: (kind == EventKind::Validated).then(|| at(seconds)),
        commit_sha: Some("8f70009fde0c1a2b3c4d5e6f708192a3b4c5d6e7".to_owned()),
        builder_id: Some("https://github.com/acme/ci/.github/workflows/build.yml".to_owned()),
        slsa_build_level: (status == EventStatus::Success).then_some(3),
        decision: Some(serde_json::json!({"outcome": status.as_str()})),
        manifest_sha256: Some("ab".repeat(32)),
        actor: Some("octocat".to_owned()),
    })
}

/// The event with the key that its fields make.
pub(crate) fn keyed(mut event: Event) -> Event {
    let status = match event.status {
        EventStatus::Success => Status::Success,
        EventStatus::Failure | EventStatus::Pending => Status::Failure,
    };
    let repository = event.repository.as_deref();
    event.key = EventKey::of_entry(
        event.kind,
        repository,
        event.run_id,
        &event.tag,
        status,
        event.occurred_at,
    );
    event
}

/// A validated success of the given tag and run.
pub(crate) fn accepted(tag: &str, run_id: u64, seconds: i64) -> Event {
    told(EventKind::Validated, EventStatus::Success, tag, run_id, seconds)
}

/// A validated failure of the given tag and run.
pub(crate) fn refused(tag: &str, run_id: u64, seconds: i64) -> Event {
    told(EventKind::Validated, EventStatus::Failure, tag, run_id, seconds)
}

/// An event of the given tag and run.
pub(crate) fn told(
    kind: EventKind,
    status: EventStatus,
    tag: &str,
    run_id: u64,
    seconds: i64,
) -> Event {
    keyed(Event { tag: tag.to_owned(), run_id, ..event(kind, status, seconds) })
}

/// The event in another repository.
pub(crate) fn of_repository(event: Event, repository: Option<&str>) -> Event {
    keyed(Event { repository: repository.map(str::to_owned), ..event })
}

/// The event as another attempt of its run.
pub(crate) fn of_attempt(event: Event, attempt: Option<u32>) -> Event {
    Event { attempt, ..event }
}
