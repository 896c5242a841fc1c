//! Which releases are asked for, in what order, and the page that answers.

use crate::kpi::{KpiFilter, Release};
use crate::page::InvalidCursor;
use crate::release_cursor::ReleaseCursor;
use jiff::Timestamp;
use provost_record::EventStatus;

/// Which releases are asked for. The default asks for the newest of all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReleaseFilter {
    /// Only those of this repository, `OWNER/NAME` exactly as recorded.
    pub repository: Option<String>,
    /// Only those whose word is of this time or later.
    pub since: Option<Timestamp>,
    /// Only those that stand so.
    pub status: Option<EventStatus>,
    /// Only those with this text somewhere in the tag. Every character means itself; the letters A
    /// to Z are found small and large.
    pub search: Option<String>,
    /// Which come first.
    pub order: ReleaseOrder,
    /// At most so many rows; 100 when nobody says how many.
    pub limit: Option<u32>,
    /// Only what comes after this row in the answer: where the page before ended.
    pub after: Option<ReleaseCursor>,
}

/// Which releases come first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReleaseOrder {
    /// Those with the newest word.
    #[default]
    Newest,
    /// Those with the oldest word.
    Oldest,
    /// By the bytes of the tag, then of the repository.
    Tag,
    /// The same backwards.
    TagDescending,
}

/// One page of releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasePage {
    /// The releases.
    pub items: Vec<Release>,
    /// The last of them when more follow, for the filter's `after`.
    pub next: Option<ReleaseCursor>,
}

impl ReleaseFilter {
    /// Makes sure that the page before was in this order.
    pub(crate) fn check(&self) -> Result<(), InvalidCursor> {
        match &self.after {
            Some(after) if after.order() != self.order => Err(InvalidCursor),
            _ => Ok(()),
        }
    }

    /// What the tag has to have in it, with small letters.
    pub(crate) fn needle(&self) -> Option<String> {
        self.search.as_ref().map(|search| search.to_ascii_lowercase())
    }
}

impl From<&KpiFilter> for ReleaseFilter {
    fn from(filter: &KpiFilter) -> Self {
        Self {
            repository: filter.repository.clone(),
            since: filter.since,
            limit: filter.limit,
            after: filter.after.map(|after| ReleaseCursor::of_time(ReleaseOrder::Newest, after)),
            ..Self::default()
        }
    }
}

impl ReleasePage {
    /// The page of at most `limit` rows that an answer of `limit + 1` makes.
    pub(crate) fn cut(mut items: Vec<Release>, limit: u32, order: ReleaseOrder) -> Self {
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = items.last().filter(|_| more).map(|last| ReleaseCursor::of(order, last));
        Self { items, next }
    }
}
