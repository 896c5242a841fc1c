//! Answers in pages: where one ends and the next begins.

use crate::kpi::{Dispatch, Incident, KpiRow, Release, SettledIncident};
use crate::stored_event::StoredEvent;
use jiff::Timestamp;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// One page of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows, newest first.
    pub items: Vec<T>,
    /// The last of them when more follow, for the filter's `after`.
    pub next: Option<Position>,
}

/// The place of a row in an answer, newest first. Its text is the cursor of the HTTP routes; what
/// stands in it is the store's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// When it happened.
    pub occurred_at: Timestamp,
    /// Id of the row.
    pub id: Uuid,
}

/// A cursor that no page gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is not one that an answer gave: start again without it")]
pub struct InvalidCursor;

/// A row that has a place in an answer.
pub trait Positioned {
    /// Its place.
    fn position(&self) -> Position;
}

impl<T: Positioned> Page<T> {
    /// The page of at most `limit` rows that an answer of `limit + 1` makes: whether there is one
    /// too many tells whether more follow.
    pub fn cut(mut items: Vec<T>, limit: u32) -> Self {
        let limit = limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(Positioned::position);
        Self { items, next }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.occurred_at.as_microsecond(), self.id.simple())
    }
}

impl FromStr for Position {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let (time, id) = text.split_once('.').ok_or(InvalidCursor)?;
        let microseconds = time.parse().map_err(|_| InvalidCursor)?;
        Ok(Self {
            occurred_at: Timestamp::from_microsecond(microseconds).map_err(|_| InvalidCursor)?,
            id: id.parse().map_err(|_| InvalidCursor)?,
        })
    }
}

macro_rules! positioned {
    ($($row:ty),*) => {
        $(impl Positioned for $row {
            fn position(&self) -> Position {
                Position { occurred_at: self.occurred_at, id: self.id }
            }
        })*
    };
}

positioned!(Dispatch, Incident, KpiRow, Release);

impl Positioned for StoredEvent {
    fn position(&self) -> Position {
        Position { occurred_at: self.event.occurred_at, id: self.id }
    }
}

impl Positioned for SettledIncident {
    fn position(&self) -> Position {
        self.incident.position()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is the failure of a test")]

    use super::*;

    #[test]
    fn a_cursor_comes_back_and_anything_else_is_refused() {
        let position = Position {
            occurred_at: "1969-12-31T23:59:59.999999Z".parse().unwrap(),
            id: Uuid::from_u128(7),
        };
        assert_eq!(position.to_string().parse(), Ok(position));
        for other in ["", ".", "1", "x.00000000000000000000000000000007", "1.7", "1e3.7"] {
            assert_eq!(other.parse::<Position>(), Err(InvalidCursor), "{other}");
        }
    }

    #[test]
    fn a_page_names_its_last_row_only_when_more_follow() {
        let row = |micros| Dispatch {
            tag: String::new(),
            run_id: 0,
            repository: None,
            release_url: None,
            occurred_at: Timestamp::from_microsecond(micros).unwrap(),
            actor: None,
            id: Uuid::nil(),
        };
        let page = Page::cut(vec![row(3), row(2), row(1)], 2);
        assert_eq!((page.items.len(), page.next), (2, Some(row(2).position())));
        assert_eq!(Page::cut(vec![row(3), row(2)], 2).next, None);
        assert_eq!(Page::<Dispatch>::cut(Vec::new(), 2).next, None);
    }
}
