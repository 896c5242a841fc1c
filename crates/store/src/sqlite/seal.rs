//! Seals of an SQLite log: written, and compared with the rows.

use super::append::run;
use super::value::{LogRow, stored_time};
use crate::error::StoreError;
use crate::seal::walk::{Place, SealSource, walk};
use crate::seal::{Anchor, BATCH, COLUMNS, Leaf, RowTexts, Seal, Sealed, Verification};
use jiff::Timestamp;
use sqlx::AssertSqlSafe;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::path::Path;
use uuid::Uuid;

/// Puts every row that is under no seal yet under new ones, each in a transaction of its own.
pub(super) async fn seal(
    connection: &mut SqliteConnection,
    path: &Path,
    now: Timestamp,
) -> Result<Sealed, StoreError> {
    let mut sealed = Sealed { newest: newest(connection, path).await?, ..Sealed::default() };
    while let Some((anchor, rows)) = seal_batch(connection, path, now).await? {
        sealed.newest = Some(anchor);
        sealed.seals += 1;
        sealed.rows += rows;
    }
    Ok(sealed)
}

/// Puts the next rows under one seal; `None` when all are.
async fn seal_batch(
    connection: &mut SqliteConnection,
    path: &Path,
    now: Timestamp,
) -> Result<Option<(Anchor, u64)>, StoreError> {
    run(connection, path, "BEGIN IMMEDIATE").await?;
    let before = newest_row(connection, path).await?;
    let last_seq = before.as_ref().map_or(0, |seal| seal.last_seq);
    let places = Source { connection: &mut *connection, path }.places(last_seq, BATCH).await?;
    let rows: Vec<(i64, Leaf)> =
        places.iter().filter_map(|it| Some((it.seq, it.texts.as_ref()?.leaf()))).collect();
    let before = before.as_ref().and_then(Seal::anchor);
    let seal = Seal::of_rows(before.as_ref(), &rows, now);
    if let Some(seal) = &seal {
        insert(connection, path, seal).await?;
    }
    run(connection, path, "COMMIT").await?;
    Ok(seal.and_then(|seal| Some((seal.anchor()?, rows.len() as u64))))
}

/// The newest seal.
pub(super) async fn newest(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<Option<Anchor>, StoreError> {
    Ok(newest_row(connection, path).await?.as_ref().and_then(Seal::anchor))
}

/// Compares the log with its seals, as both are at this moment.
pub(super) async fn verify(
    connection: &mut SqliteConnection,
    path: &Path,
    anchors: &[Anchor],
) -> Result<Verification, StoreError> {
    run(connection, path, "BEGIN").await?;
    let verification = walk(&mut Source { connection: &mut *connection, path }, anchors).await?;
    run(connection, path, "COMMIT").await?;
    Ok(verification)
}

async fn newest_row(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<Option<Seal>, StoreError> {
    let row = sqlx::query("select * from provenance_seal order by seal desc limit 1")
        .fetch_optional(connection)
        .await
        .map_err(|source| StoreError::from_sql(path, source))?;
    row.map(|row| Seal::read(&LogRow { row: &row, path })).transpose()
}

async fn insert(
    connection: &mut SqliteConnection,
    path: &Path,
    seal: &Seal,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into provenance_seal (seal, first_id, last_id, first_seq, last_seq, rows, leaves,
           hash, previous, sealed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(seal.seal)
    .bind(seal.first_id.to_string())
    .bind(seal.last_id.to_string())
    .bind(seal.first_seq)
    .bind(seal.last_seq)
    .bind(seal.rows)
    .bind(&seal.leaves)
    .bind(&seal.hash)
    .bind(&seal.previous)
    .bind(stored_time(seal.sealed_at))
    .execute(connection)
    .await
    .map_err(|source| StoreError::from_sql(path, source))?;
    Ok(())
}

impl Seal {
    fn read(row: &LogRow<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            seal: row.value("seal")?,
            first_id: row.id("first_id")?,
            last_id: row.id("last_id")?,
            first_seq: row.value("first_seq")?,
            last_seq: row.value("last_seq")?,
            rows: row.value("rows")?,
            leaves: row.value("leaves")?,
            hash: row.value("hash")?,
            previous: row.value("previous")?,
            sealed_at: row.time("sealed_at")?,
        })
    }
}

struct Source<'a> {
    connection: &'a mut SqliteConnection,
    path: &'a Path,
}

impl Source<'_> {
    fn error(&self) -> impl Fn(sqlx::Error) -> StoreError + '_ {
        |source| StoreError::from_sql(self.path, source)
    }
}

impl SealSource for Source<'_> {
    async fn seal_after(&mut self, after: i64) -> Result<Option<Seal>, StoreError> {
        let query = "select * from provenance_seal where seal > $1 order by seal limit 1";
        let row = sqlx::query(query).bind(after).fetch_optional(&mut *self.connection).await;
        let row = row.map_err(self.error())?;
        row.map(|row| Seal::read(&LogRow { row: &row, path: self.path })).transpose()
    }

    async fn places(&mut self, after: i64, limit: u32) -> Result<Vec<Place>, StoreError> {
        let texts = COLUMNS.map(|column| format!("cast(log.{column} as text) as {column}"));
        let query = format!(
            "select place.seq as place_seq, place.id as place_id, {}
             from provenance_order as place left join provenance_audit_log as log on log.id = place.id
             where place.seq > $1 order by place.seq limit $2",
            texts.join(", ")
        );
        let rows = sqlx::query(AssertSqlSafe(query))
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(&mut *self.connection)
            .await
            .map_err(self.error())?;
        rows.iter().map(|row| Place::read(row, self.path)).collect()
    }

    async fn seq_of(&mut self, id: Uuid) -> Result<Option<i64>, StoreError> {
        let query = "select place.seq
             from provenance_order as place join provenance_audit_log as log on log.id = place.id
             where place.id = $1";
        sqlx::query_scalar(query)
            .bind(id.to_string())
            .fetch_optional(&mut *self.connection)
            .await
            .map_err(self.error())
    }

    async fn count_after(&mut self, after: i64) -> Result<u64, StoreError> {
        let query = "select count(*) as rows from provenance_order where seq > $1";
        let row = sqlx::query(query).bind(after).fetch_one(&mut *self.connection).await;
        let row = row.map_err(self.error())?;
        LogRow { row: &row, path: self.path }.unsigned("rows")
    }

    async fn without_place(&mut self) -> Result<Option<Uuid>, StoreError> {
        let query = "select log.id from provenance_audit_log as log
             where not exists (select 1 from provenance_order as place where place.id = log.id)
             order by log.id limit 1";
        let row = sqlx::query(query).fetch_optional(&mut *self.connection).await;
        let row = row.map_err(self.error())?;
        row.map(|row| LogRow { row: &row, path: self.path }.id("id")).transpose()
    }

    async fn without_row(&mut self, after: i64) -> Result<Option<(i64, Uuid)>, StoreError> {
        let query = "select place.seq, place.id from provenance_order as place
             where place.seq > $1
               and not exists (select 1 from provenance_audit_log as log where log.id = place.id)
             order by place.seq limit 1";
        let row = sqlx::query(query).bind(after).fetch_optional(&mut *self.connection).await;
        let Some(row) = row.map_err(self.error())? else {
            return Ok(None);
        };
        let row = LogRow { row: &row, path: self.path };
        Ok(Some((row.value("seq")?, row.id("id")?)))
    }
}

impl Place {
    fn read(row: &SqliteRow, path: &Path) -> Result<Self, StoreError> {
        let row = LogRow { row, path };
        let mut texts = [const { None }; COLUMNS.len()];
        for (text, column) in texts.iter_mut().zip(COLUMNS) {
            *text = row.value(column)?;
        }
        let gone = texts[0].is_none();
        Ok(Self {
            seq: row.value("place_seq")?,
            id: row.value::<String>("place_id")?.parse().unwrap_or_default(),
            texts: (!gone).then_some(RowTexts(texts)),
        })
    }
}
