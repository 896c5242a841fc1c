//! A statement with its values, and the rows that answer it.

use jiff::Timestamp;
use sqlx::postgres::{PgArguments, PgConnection};
use sqlx::query::QueryScalar;
use sqlx::{AssertSqlSafe, Postgres};
use std::fmt::Write;

/// A statement that answers rows of one text column, most of them JSON. Values travel as texts and
/// are cast in the statement.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    sql: String,
    values: Vec<Value>,
}

#[derive(Debug, Clone)]
enum Value {
    Text(Option<String>),
    Number(i64),
}

impl Statement {
    /// `sql` is never made of foreign text.
    pub(super) fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), values: Vec::new() }
    }

    /// The value of the next `$n`.
    pub(super) fn text(self, text: impl Into<String>) -> Self {
        self.optional_text(Some(text.into()))
    }

    /// The value of the next `$n`, or null.
    pub(super) fn optional_text(mut self, text: Option<String>) -> Self {
        self.values.push(Value::Text(text));
        self
    }

    /// The value of the next `$n`.
    pub(super) fn number(mut self, number: i64) -> Self {
        self.values.push(Value::Number(number));
        self
    }

    /// The value of the next `$n`.
    pub(super) fn time(self, time: Timestamp) -> Self {
        self.text(time_text(time))
    }

    /// Adds to the statement.
    pub(super) fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// Adds a value and its place with a cast.
    pub(super) fn push_text(&mut self, text: impl Into<String>, cast: &str) -> &mut Self {
        self.values.push(Value::Text(Some(text.into())));
        write!(self.sql, "${}::{cast}", self.values.len()).expect("a string takes all text");
        self
    }

    /// Runs it.
    pub(super) async fn rows(
        &self,
        connection: &mut PgConnection,
        prepared: bool,
    ) -> Result<Vec<String>, sqlx::Error> {
        let mut query: QueryScalar<'_, Postgres, String, PgArguments> =
            sqlx::query_scalar(AssertSqlSafe(self.sql.clone())).persistent(prepared);
        for value in &self.values {
            query = match value {
                Value::Text(text) => query.bind(text.as_deref()),
                Value::Number(number) => query.bind(*number),
            };
        }
        query.fetch_all(connection).await
    }
}

/// A time for a `timestamptz`. What is finer than a microsecond is cut off, and what PostgreSQL's
/// calendar of the program does not reach is before everything.
pub(super) fn time_text(time: Timestamp) -> String {
    match representable(time) {
        true => time.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
        false => "-infinity".to_owned(),
    }
}

/// Whether the log can hold the time: the year 1 or later.
pub(super) fn representable(time: Timestamp) -> bool {
    time.as_second() >= -62_135_596_800
}
