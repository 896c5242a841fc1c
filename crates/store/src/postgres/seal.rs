//! Seals of a PostgreSQL log: written, and compared with the rows.

use super::PostgresStore;
use super::append::Failure;
use super::fault::Fault;
use super::statement::{Statement, time_text};
use super::transaction::Mode;
use crate::error::StoreError;
use crate::seal::walk::{Place, SealSource, walk};
use crate::seal::{Anchor, BATCH, COLUMNS, Leaf, RowTexts, Seal, Sealed, Verification};
use jiff::Timestamp;
use serde::Deserialize;
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

/// A seal as it is read: bytes in hex.
const SEAL: &str = "select jsonb_build_object('seal', seal, 'first_id', first_id,
    'last_id', last_id, 'first_seq', first_seq, 'last_seq', last_seq, 'rows', rows,
    'leaves', encode(leaves, 'hex'), 'hash', encode(hash, 'hex'),
    'previous', encode(previous, 'hex'), 'sealed_at', sealed_at)::text
  from public.provenance_seal";

#[derive(Deserialize)]
struct SealRow {
    seal: i64,
    first_id: Uuid,
    last_id: Uuid,
    first_seq: i64,
    last_seq: i64,
    rows: i64,
    leaves: String,
    hash: String,
    previous: String,
    sealed_at: Timestamp,
}

#[derive(Deserialize)]
struct PlaceRow {
    seq: i64,
    id: Uuid,
    texts: [Option<String>; COLUMNS.len()],
}

impl PostgresStore {
    /// Puts the rows that are under no seal yet under new ones, each in a transaction of its own.
    pub(crate) async fn seal(&self, now: Timestamp) -> Result<Sealed, StoreError> {
        self.is_current()?;
        let mut sealed = Sealed { newest: self.newest_seal().await?, ..Sealed::default() };
        while let Some((anchor, rows)) = self.seal_batch(now).await? {
            sealed.newest = Some(anchor);
            sealed.seals += 1;
            sealed.rows += rows;
            // What is written meanwhile waits for the next call: under load there is always more.
            if rows < u64::from(BATCH) {
                break;
            }
        }
        Ok(sealed)
    }

    /// The newest seal.
    pub(crate) async fn newest_seal(&self) -> Result<Option<Anchor>, StoreError> {
        let newest = Statement::new(format!("{SEAL} order by seal desc limit 1"));
        let rows: Vec<SealRow> = self.documents(&newest).await?;
        let seal = rows.into_iter().next().map(|row| self.seal_of(row)).transpose()?;
        Ok(seal.as_ref().and_then(Seal::anchor))
    }

    /// Compares the log with its seals, as both are at one moment.
    pub(crate) async fn verify(&self, anchors: &[Anchor]) -> Result<Verification, StoreError> {
        self.is_current()?;
        let transaction = self.begin(Mode::Snapshot).await.map_err(|fault| self.error(fault))?;
        let mut source = Source { store: self, transaction };
        walk(&mut source, anchors).await
    }

    /// Puts the next rows under one seal; `None` when all are.
    async fn seal_batch(&self, now: Timestamp) -> Result<Option<(Anchor, u64)>, StoreError> {
        let mut tries = 1;
        loop {
            match self.seal_once(now).await {
                Err(Failure::Fault(fault)) if fault.is_worth_another_try(tries) => tries += 1,
                Err(Failure::Fault(fault)) => return Err(self.error(fault)),
                Err(Failure::Other(error)) => return Err(error),
                Ok(sealed) => return Ok(sealed),
            }
        }
    }

    async fn seal_once(&self, now: Timestamp) -> Result<Option<(Anchor, u64)>, Failure> {
        let mut transaction = self.begin(Mode::Write).await?;
        // Nobody writes meanwhile, so every row below the highest number is there to be sealed.
        let lock = Statement::new("select public.lock_provenance_log()::text");
        self.rows(&mut transaction, &lock).await?;
        let mut source = Source { store: self, transaction };
        let before = source.newest().await.map_err(Failure::Other)?;
        let last_seq = before.as_ref().map_or(0, |seal| seal.last_seq);
        let places = source.places(last_seq, BATCH).await.map_err(Failure::Other)?;
        let rows: Vec<(i64, Leaf)> =
            places.iter().filter_map(|it| Some((it.seq, it.texts.as_ref()?.leaf()))).collect();
        let before = before.as_ref().and_then(Seal::anchor);
        let Some(seal) = Seal::of_rows(before.as_ref(), &rows, now) else {
            return Ok(None);
        };
        let mut transaction = source.transaction;
        self.rows(&mut transaction, &insert(&seal)).await?;
        transaction.commit().await.map_err(|source| Fault::of(&source))?;
        Ok(seal.anchor().map(|anchor| (anchor, rows.len() as u64)))
    }

    fn seal_of(&self, row: SealRow) -> Result<Seal, StoreError> {
        let bytes = |column, text: &str| {
            hex::decode(text).map_err(|source| self.unreadable(column, source))
        };
        Ok(Seal {
            seal: row.seal,
            first_id: row.first_id,
            last_id: row.last_id,
            first_seq: row.first_seq,
            last_seq: row.last_seq,
            rows: row.rows,
            leaves: bytes("leaves", &row.leaves)?,
            hash: bytes("hash", &row.hash)?,
            previous: bytes("previous", &row.previous)?,
            sealed_at: row.sealed_at,
        })
    }
}

fn insert(seal: &Seal) -> Statement {
    Statement::new(
        "insert into public.provenance_seal (seal, first_id, last_id, first_seq, last_seq, rows,
           leaves, hash, previous, sealed_at)
         values ($1, $2::uuid, $3::uuid, $4, $5, $6, decode($7, 'hex'), decode($8, 'hex'),
           decode($9, 'hex'), $10::timestamptz)
         returning seal::text",
    )
    .number(seal.seal)
    .text(seal.first_id.to_string())
    .text(seal.last_id.to_string())
    .number(seal.first_seq)
    .number(seal.last_seq)
    .number(seal.rows)
    .text(hex::encode(&seal.leaves))
    .text(hex::encode(&seal.hash))
    .text(hex::encode(&seal.previous))
    .text(time_text(seal.sealed_at))
}

/// A transaction in which the log is read.
struct Source<'a> {
    store: &'a PostgresStore,
    transaction: Transaction<'static, Postgres>,
}

impl Source<'_> {
    async fn rows(&mut self, statement: &Statement) -> Result<Vec<String>, StoreError> {
        let rows = self.store.rows(&mut self.transaction, statement).await;
        rows.map_err(|fault| self.store.error(fault))
    }

    async fn newest(&mut self) -> Result<Option<Seal>, StoreError> {
        self.seal_by(&Statement::new(format!("{SEAL} order by seal desc limit 1"))).await
    }

    async fn seal_by(&mut self, statement: &Statement) -> Result<Option<Seal>, StoreError> {
        let rows = self.rows(statement).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        self.store.seal_of(self.store.document(row)?).map(Some)
    }
}

impl SealSource for Source<'_> {
    async fn seal_after(&mut self, after: i64) -> Result<Option<Seal>, StoreError> {
        let statement = format!("{SEAL} where seal > $1 order by seal limit 1");
        self.seal_by(&Statement::new(statement).number(after)).await
    }

    async fn places(&mut self, after: i64, limit: u32) -> Result<Vec<Place>, StoreError> {
        let texts = COLUMNS.map(|column| match column {
            "created_at" | "occurred_at" | "validated_at" => {
                format!("to_char({column} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
            }
            _ => format!("{column}::text"),
        });
        let statement = Statement::new(format!(
            "select jsonb_build_object('seq', seq, 'id', id, 'texts', jsonb_build_array({}))::text
             from public.provenance_audit_log where seq > $1 order by seq limit $2",
            texts.join(", ")
        ));
        let rows = self.rows(&statement.number(after).number(i64::from(limit))).await?;
        rows.iter()
            .map(|row| {
                let row: PlaceRow = self.store.document(row)?;
                Ok(Place { seq: row.seq, id: row.id, texts: Some(RowTexts(row.texts)) })
            })
            .collect()
    }

    async fn seq_of(&mut self, id: Uuid) -> Result<Option<i64>, StoreError> {
        let statement = "select seq::text from public.provenance_audit_log where id = $1::uuid";
        let rows = self.rows(&Statement::new(statement).text(id.to_string())).await?;
        let seq = rows.first().map(|text| text.parse());
        seq.transpose().map_err(|_| self.store.unreadable("seq", "no number"))
    }

    async fn count_after(&mut self, after: i64) -> Result<u64, StoreError> {
        let statement = "select count(*)::text from public.provenance_audit_log where seq > $1";
        let rows = self.rows(&Statement::new(statement).number(after)).await?;
        let count = rows.first().map_or("", String::as_str);
        count.parse().map_err(|_| self.store.unreadable("rows", count))
    }

    /// The number stands in the row itself, so there is no row without one.
    async fn without_place(&mut self) -> Result<Option<Uuid>, StoreError> {
        Ok(None)
    }

    /// A number without a row proves nothing: one is also used up by what is not written.
    async fn without_row(&mut self, _after: i64) -> Result<Option<(i64, Uuid)>, StoreError> {
        Ok(None)
    }
}
