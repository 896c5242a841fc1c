//! How values stand in the columns of the log.

use crate::error::StoreError;
use jiff::Timestamp;
use provost_record::{EventKind, EventStatus};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite};
use std::path::Path;
use uuid::Uuid;

/// A time as the log keeps it: UTC, RFC 3339, always six digits of fraction, so that text order is
/// time order. Finer parts are cut off, as PostgreSQL's `timestamptz` does. `None` outside the
/// years 0 to 9999.
pub(crate) fn time_text(time: Timestamp) -> Option<String> {
    let years = -62_167_219_200..=253_402_300_799;
    years.contains(&time.as_second()).then(|| time.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string())
}

/// A time of the program's own, which is never outside of what the log can hold unless a clock is
/// far off: it then counts as the nearest that can be held.
pub(crate) fn stored_time(time: Timestamp) -> String {
    let nearest = if time < Timestamp::UNIX_EPOCH {
        "0000-01-01T00:00:00.000000Z"
    } else {
        "9999-12-31T23:59:59.999999Z"
    };
    time_text(time).unwrap_or_else(|| nearest.to_owned())
}

/// A row of a query, read with the path of the log at hand for the error.
pub(crate) struct LogRow<'a> {
    pub(crate) row: &'a SqliteRow,
    pub(crate) path: &'a Path,
}

impl LogRow<'_> {
    /// The value of a column.
    pub(crate) fn value<'r, T>(&'r self, column: &'static str) -> Result<T, StoreError>
    where
        T: sqlx::Decode<'r, Sqlite> + sqlx::Type<Sqlite>,
    {
        let value = self.row.try_get(column);
        value.map_err(|source| self.unreadable(column, source.to_string()))
    }

    /// The id of a row.
    pub(crate) fn id(&self, column: &'static str) -> Result<Uuid, StoreError> {
        let value: String = self.value(column)?;
        value.parse().map_err(|_| self.unreadable(column, value))
    }

    /// A number that is not negative.
    pub(crate) fn unsigned<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T, StoreError> {
        let value: i64 = self.value(column)?;
        T::try_from(value).map_err(|_| self.unreadable(column, value.to_string()))
    }

    /// A number that is not negative, or nothing.
    pub(crate) fn optional_unsigned<T: TryFrom<i64>>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, StoreError> {
        match self.value::<Option<i64>>(column)? {
            Some(_) => self.unsigned(column).map(Some),
            None => Ok(None),
        }
    }

    /// A time.
    pub(crate) fn time(&self, column: &'static str) -> Result<Timestamp, StoreError> {
        let value: String = self.value(column)?;
        value.parse().map_err(|_| self.unreadable(column, value))
    }

    /// A time, or nothing.
    pub(crate) fn optional_time(
        &self,
        column: &'static str,
    ) -> Result<Option<Timestamp>, StoreError> {
        match self.value::<Option<String>>(column)? {
            Some(_) => self.time(column).map(Some),
            None => Ok(None),
        }
    }

    /// How it came out.
    pub(crate) fn status(&self, column: &'static str) -> Result<EventStatus, StoreError> {
        let value: String = self.value(column)?;
        value.parse().map_err(|_| self.unreadable(column, value))
    }

    /// What happened.
    pub(crate) fn kind(&self, column: &'static str) -> Result<EventKind, StoreError> {
        let value: String = self.value(column)?;
        value.parse().map_err(|_| self.unreadable(column, value))
    }

    pub(crate) fn unreadable(&self, column: &'static str, value: String) -> StoreError {
        StoreError::UnreadableRow { place: self.path.display().to_string(), column, value }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is the failure of a test")]

    use super::*;

    #[test]
    fn text_order_is_time_order() {
        let times = [
            "0000-01-01T00:00:00Z",
            "1969-12-31T23:59:59.5Z",
            "2026-11-23T12:00:00Z",
            "2026-11-23T12:00:00.000001Z",
            "2026-11-23T12:00:00.5Z",
            "2026-11-23T12:00:01Z",
            "9999-12-30T22:00:00Z",
        ];
        let texts: Vec<String> = times.map(|time| time_text(time.parse().unwrap()).unwrap()).into();
        assert!(texts.is_sorted_by(|earlier, later| earlier < later), "{texts:?}");
        assert!(texts.iter().all(|text| text.len() == 27));
        for (text, time) in texts.iter().zip(times) {
            assert_eq!(text.parse::<Timestamp>().unwrap(), time.parse().unwrap());
        }
    }

    #[test]
    fn a_year_that_would_break_the_order_has_no_text() {
        assert_eq!(time_text(Timestamp::MIN), None);
        assert_eq!(time_text("-000001-12-31T23:59:59Z".parse().unwrap()), None);
        assert!(time_text(Timestamp::MAX).is_some());
    }
}
