//! Writing events, each once.

use super::value::{LogRow, time_text};
use crate::append::{Appended, Outcome};
use crate::error::{StoreError, is_constraint};
use crate::stored_event::StoredEvent;
use jiff::Timestamp;
use provost_record::{Event, FACTS};
use sqlx::sqlite::SqliteConnection;
use std::path::Path;
use uuid::Uuid;

/// Writes all events or none.
pub(crate) async fn append(
    connection: &mut SqliteConnection,
    path: &Path,
    events: &[Event],
) -> Result<Vec<Appended>, StoreError> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    if let [event] = events
        && let Some(appended) = append_new(connection, path, event).await?
    {
        return Ok(vec![appended]);
    }
    // The write lock is taken first: between the look and the insert nobody else writes.
    run(connection, path, "BEGIN IMMEDIATE").await?;
    let mut appended = Vec::with_capacity(events.len());
    for event in events {
        appended.push(append_one(connection, path, event).await?);
    }
    commit(connection, path, appended.iter().any(|it| it.outcome == Outcome::Inserted)).await?;
    Ok(appended)
}

/// Writes one event by one statement, which is its own transaction: the way through the connection's
/// thread is a good part of the cost of an event. `None`, with nothing written, when the log refuses
/// it, most likely because it is there already.
async fn append_new(
    connection: &mut SqliteConnection,
    path: &Path,
    event: &Event,
) -> Result<Option<Appended>, StoreError> {
    let (id, facts) = (Uuid::now_v7(), Facts::of(event)?);
    let Some(created_at) = time_text(Timestamp::now()) else {
        return Ok(None);
    };
    match insert(connection, id, &created_at, event, &facts).await {
        Ok(()) => Ok(Some(Appended { id, outcome: Outcome::Inserted })),
        Err(source) if is_constraint(&source) => Ok(None),
        Err(source) => Err(StoreError::from_sql(path, source)),
    }
}

/// Ends a transaction so that all that it saw is on disk.
pub(super) async fn commit(
    connection: &mut SqliteConnection,
    path: &Path,
    wrote: bool,
) -> Result<(), StoreError> {
    run(connection, path, "COMMIT").await?;
    if !wrote {
        // The commit had nothing to sync, and the first writer of what is there already may have
        // been killed between writing and syncing: a duplicate is acknowledged only once a
        // checkpoint has synced it.
        run(connection, path, "PRAGMA wal_checkpoint(PASSIVE)").await?;
    }
    Ok(())
}

/// Writes one event in a transaction that is open.
pub(super) async fn append_one(
    connection: &mut SqliteConnection,
    path: &Path,
    event: &Event,
) -> Result<Appended, StoreError> {
    append_as(connection, path, event, Uuid::now_v7(), Timestamp::now()).await
}

/// Writes an event of another log with the id and the time that it has there.
pub(super) async fn append_stored(
    connection: &mut SqliteConnection,
    path: &Path,
    stored: &StoredEvent,
) -> Result<Appended, StoreError> {
    append_as(connection, path, &stored.event, stored.id, stored.created_at).await
}

async fn append_as(
    connection: &mut SqliteConnection,
    path: &Path,
    event: &Event,
    id: Uuid,
    created_at: Timestamp,
) -> Result<Appended, StoreError> {
    let key = || event.key.as_str().to_owned();
    let facts = Facts::of(event)?;
    let created_at = time_text(created_at)
        .ok_or_else(|| StoreError::Unstorable { key: key(), column: "created_at" })?;
    // Most events are new, so the look comes after a refusal. The refusal undoes the statement and
    // leaves the transaction as it was.
    let source = match insert(connection, id, &created_at, event, &facts).await {
        Ok(()) => return Ok(Appended { id, outcome: Outcome::Inserted }),
        Err(source) if is_constraint(&source) => source,
        Err(source) => return Err(StoreError::from_sql(path, source)),
    };
    let Some((id, recorded)) = recorded(connection, path, event.key.as_str()).await? else {
        return Err(StoreError::Rejected { key: key(), problem: source.to_string() });
    };
    if let Some(column) = facts.contradiction(&recorded) {
        return Err(StoreError::KeyConflict { key: key(), id, column });
    }
    Ok(Appended { id, outcome: Outcome::Duplicate })
}

/// What must be the same whenever an event is sent again, as texts in the order of [`FACTS`].
struct Facts([Option<String>; FACTS.len()]);

impl Facts {
    fn of(event: &Event) -> Result<Self, StoreError> {
        let unstorable =
            |column| StoreError::Unstorable { key: event.key.as_str().to_owned(), column };
        let time = |time: Timestamp, column| time_text(time).ok_or_else(|| unstorable(column));
        let run_id = i64::try_from(event.run_id).map_err(|_| unstorable("run_id"))?;
        let validated_at = event.validated_at.map(|at| time(at, "validated_at"));
        Ok(Self([
            Some(event.kind.as_str().to_owned()),
            Some(event.status.as_str().to_owned()),
            Some(run_id.to_string()),
            Some(event.tag.clone()),
            event.repository.clone(),
            Some(time(event.occurred_at, "occurred_at")?),
            event.attempt.map(|attempt| attempt.to_string()),
            validated_at.transpose()?,
            event.commit_sha.clone(),
            event.builder_id.clone(),
            event.slsa_build_level.map(|level| level.to_string()),
            event.failure_reason.clone(),
            event.release_url.clone(),
            event.artifact_path.clone(),
        ]))
    }

    /// The first column in which both know a value and the values differ. What one side does not
    /// know contradicts nothing: an event rebuilt from a manifest knows less than the gate did.
    fn contradiction(&self, recorded: &Self) -> Option<&'static str> {
        FACTS
            .into_iter()
            .zip(self.0.iter().zip(&recorded.0))
            .find(|(_, pair)| matches!(pair, (Some(sent), Some(there)) if sent != there))
            .map(|(column, _)| column)
    }
}

/// The row with this key.
async fn recorded(
    connection: &mut SqliteConnection,
    path: &Path,
    key: &str,
) -> Result<Option<(Uuid, Facts)>, StoreError> {
    let row = sqlx::query(
        "select id, event, status, cast(run_id as text) as run_id, tag, repository, occurred_at,
           cast(attempt as text) as attempt, validated_at, commit_sha, builder_id,
           cast(slsa_build_level as text) as slsa_build_level, failure_reason, release_url,
           artifact_path
         from provenance_audit_log where event_key = $1",
    )
    .bind(key)
    .fetch_optional(connection)
    .await
    .map_err(|source| StoreError::from_sql(path, source))?;
    let Some(row) = row else {
        return Ok(None);
    };
    let row = LogRow { row: &row, path };
    let mut facts = [const { None }; FACTS.len()];
    for (fact, column) in facts.iter_mut().zip(FACTS) {
        *fact = row.value(column)?;
    }
    Ok(Some((row.id("id")?, Facts(facts))))
}

async fn insert(
    connection: &mut SqliteConnection,
    id: Uuid,
    created_at: &str,
    event: &Event,
    facts: &Facts,
) -> Result<(), sqlx::Error> {
    // `FACTS` first; the integer affinity of their columns turns number texts into numbers.
    let mut query = sqlx::query(
        "insert into provenance_audit_log (event, status, run_id, tag, repository, occurred_at,
           attempt, validated_at, commit_sha, builder_id, slsa_build_level, failure_reason,
           release_url, artifact_path, id, event_key, decision, manifest_sha256, actor, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
           $19, $20)",
    );
    for fact in &facts.0 {
        query = query.bind(fact.as_deref());
    }
    query
        .bind(id.to_string())
        .bind(event.key.as_str())
        .bind(event.decision.as_ref().map(ToString::to_string))
        .bind(event.manifest_sha256.as_deref())
        .bind(event.actor.as_deref())
        .bind(created_at)
        .execute(connection)
        .await?;
    Ok(())
}

/// Runs a statement that answers nothing.
pub(super) async fn run(
    connection: &mut SqliteConnection,
    path: &Path,
    statement: &'static str,
) -> Result<(), StoreError> {
    sqlx::raw_sql(statement)
        .execute(connection)
        .await
        .map_err(|source| StoreError::from_sql(path, source))?;
    Ok(())
}
