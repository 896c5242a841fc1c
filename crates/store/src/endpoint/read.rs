//! What an endpoint is asked.

use super::Endpoint;
use super::error::EndpointError;
use super::taken::nonsense;
use crate::error::StoreError;
use crate::kpi::{Dispatch, Incident, KpiFilter, KpiRow};
use crate::seal::Anchor;
use crate::stored_event::StoredEvent;
use crate::summary::KpiSummary;
use jiff::Timestamp;
use provost_outbound::{Answer, Url};
use provost_wire::v1::{self, InvalidDocument};
use serde::de::DeserializeOwned;
use std::sync::PoisonError;

/// The most rows that one page may have.
const PAGE: u32 = 500;
/// The most pages that are read: beyond, the answer is an error and never a part.
const MAX_PAGES: usize = 4_000;

/// A row of an answer.
trait Row: Sized + TryFrom<Self::Wire, Error = InvalidDocument> {
    /// As it comes over the wire.
    type Wire: DeserializeOwned;

    fn repository(&self) -> Option<&str>;
    fn occurred_at(&self) -> Timestamp;
}

macro_rules! row {
    ($($row:ident),*) => {
        $(impl Row for $row {
            type Wire = v1::$row;

            fn repository(&self) -> Option<&str> {
                self.repository.as_deref()
            }

            fn occurred_at(&self) -> Timestamp {
                self.occurred_at
            }
        })*
    };
}

row!(Dispatch, Incident, KpiRow);

impl Row for StoredEvent {
    type Wire = v1::EventDocument;

    fn repository(&self) -> Option<&str> {
        self.event.repository.as_deref()
    }

    fn occurred_at(&self) -> Timestamp {
        self.event.occurred_at
    }
}

/// Where an export stands: how many events it gave, and where the next page begins.
#[derive(Default)]
pub(super) struct Exporting {
    given: i64,
    cursor: Option<String>,
}

impl Endpoint {
    /// The runs whose latest word is success, newest first.
    pub(crate) fn kpi(&self, filter: &KpiFilter) -> Result<Vec<KpiRow>, StoreError> {
        self.rows("kpi", filter, &[])
    }

    /// The latest word on every run, newest first.
    pub(crate) fn latest(&self, filter: &KpiFilter) -> Result<Vec<KpiRow>, StoreError> {
        self.rows("latest", filter, &[])
    }

    /// Every failure, newest first.
    pub(crate) fn incidents(&self, filter: &KpiFilter) -> Result<Vec<Incident>, StoreError> {
        self.rows("incidents", filter, &[("state", "all")])
    }

    /// The failures with no later success, newest first.
    pub(crate) fn open_incidents(&self, filter: &KpiFilter) -> Result<Vec<Incident>, StoreError> {
        self.rows("incidents", filter, &[("state", "open")])
    }

    /// The runs that were started, newest first.
    pub(crate) fn dispatches(&self, filter: &KpiFilter) -> Result<Vec<Dispatch>, StoreError> {
        self.rows("dispatches", filter, &[])
    }

    /// The figures of a period, which ends now by the endpoint's clock.
    pub(crate) fn summary(
        &self,
        filter: &KpiFilter,
        _now: Timestamp,
    ) -> Result<KpiSummary, StoreError> {
        let answer = self.caller.get(&self.question("summary", filter, &[]))?;
        Ok(document::<v1::Summary>(&answer)?.into())
    }

    /// All events of one release, newest first; as many as the endpoint gives in one answer.
    pub(crate) fn release_events(
        &self,
        repository: Option<&str>,
        tag: &str,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let mut url = self.place.question(&["releases", tag]);
        if let Some(repository) = repository {
            url.query_pairs_mut().append_pair("repository", repository);
        }
        // That there is no such release is an answer, unlike that there is no such question.
        let Some(answer) = self.caller.find(&url)? else { return Ok(Vec::new()) };
        let repository = repository.map(str::to_owned);
        let filter = KpiFilter { repository, ..KpiFilter::default() };
        let page: v1::Page<v1::EventDocument> = document(&answer)?;
        let (rows, next): (Vec<StoredEvent>, _) = rows_of(&answer, page, &filter)?;
        match next {
            None => Ok(rows),
            Some(_) => Err(self.too_many("the release").into()),
        }
    }

    /// The newest seal, as the endpoint tells it among how it stands.
    pub(super) fn seal_of_health(&self) -> Result<Option<Anchor>, StoreError> {
        let answer = self.caller.get(&self.place.question(&["health"]))?;
        let health: v1::Health = document(&answer)?;
        let seal = health.newest_seal.map(|seal| seal.parse());
        Ok(seal.transpose().map_err(|_| nonsense(&answer, "newest_seal is no seal"))?)
    }

    /// A part of an export: events are numbered as they come, the newest first, since an endpoint
    /// does not tell in which order they were written.
    pub(crate) fn events_after(
        &self,
        seq: i64,
        limit: u32,
    ) -> Result<Vec<(i64, StoredEvent)>, StoreError> {
        let mut exporting = self.exporting.lock().unwrap_or_else(PoisonError::into_inner);
        if seq == 0 {
            *exporting = Exporting::default();
        } else if seq != exporting.given {
            return Err(self.needs_database("be read from its middle"));
        } else if exporting.cursor.is_none() {
            return Ok(Vec::new());
        }
        let filter = KpiFilter { limit: Some(limit.min(PAGE)), ..KpiFilter::default() };
        let (rows, next) = self.page("events", &filter, &[], exporting.cursor.as_deref())?;
        let first = exporting.given + 1;
        let numbered: Vec<(i64, StoredEvent)> = (first..).zip(rows).collect();
        exporting.given = numbered.last().map_or(exporting.given, |(number, _)| *number);
        exporting.cursor = next;
        Ok(numbered)
    }

    fn rows<T: Row>(
        &self,
        name: &str,
        filter: &KpiFilter,
        more: &[(&str, &str)],
    ) -> Result<Vec<T>, StoreError> {
        let mut rows: Vec<T> = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let taken = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            let left = filter.limit.map_or(PAGE, |limit| limit.saturating_sub(taken));
            if left == 0 {
                return Ok(rows);
            }
            let of_page = KpiFilter { limit: Some(left.min(PAGE)), ..filter.clone() };
            let (page, next) = self.page(name, &of_page, more, cursor.as_deref())?;
            rows.extend(page);
            match next {
                None => return Ok(rows),
                Some(next) => cursor = Some(next),
            }
        }
        Err(self.too_many(name).into())
    }

    /// One page, and where the next one begins.
    fn page<T: Row>(
        &self,
        name: &str,
        filter: &KpiFilter,
        more: &[(&str, &str)],
        cursor: Option<&str>,
    ) -> Result<(Vec<T>, Option<String>), EndpointError> {
        let limit = filter.limit.unwrap_or(PAGE);
        let mut url = self.question(name, filter, more);
        url.query_pairs_mut()
            .append_pair("limit", &limit.to_string())
            .extend_pairs(cursor.map(|cursor| ("cursor", cursor)));
        let answer = self.caller.get(&url)?;
        let page: v1::Page<T::Wire> = document(&answer)?;
        if page.items.len() > limit as usize {
            return Err(nonsense(&answer, "a page has more rows than were asked for"));
        }
        let is_stuck = page.items.is_empty() || page.next.as_deref() == cursor;
        if page.next.is_some() && is_stuck {
            return Err(nonsense(&answer, "its pages do not end"));
        }
        rows_of(&answer, page, filter)
    }

    fn question(&self, name: &str, filter: &KpiFilter, more: &[(&str, &str)]) -> Url {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        pairs.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        pairs.extend(filter.repository.clone().map(|slug| ("repository", slug)));
        pairs.extend(filter.since.map(|since| ("since", since.to_string())));
        let mut url = self.place.question(&[name]);
        if !pairs.is_empty() {
            url.query_pairs_mut().extend_pairs(pairs);
        }
        url
    }

    fn too_many(&self, name: &str) -> EndpointError {
        EndpointError::Nonsense {
            place: self.place.shown(),
            why: format!(
                "{name} has more than {MAX_PAGES} pages; narrow the question, or name the \
                          database"
            ),
        }
    }
}

/// The rows of a page, each of them among those that were asked for, and where the next one begins.
fn rows_of<T: Row>(
    answer: &Answer,
    page: v1::Page<T::Wire>,
    filter: &KpiFilter,
) -> Result<(Vec<T>, Option<String>), EndpointError> {
    let mut rows = Vec::with_capacity(page.items.len());
    for item in page.items {
        let row = T::try_from(item).map_err(|why| nonsense(answer, &why.to_string()))?;
        if !is_asked_for(&row, filter) {
            return Err(nonsense(answer, "a row is not among those that were asked for"));
        }
        rows.push(row);
    }
    Ok((rows, page.next))
}

fn is_asked_for<T: Row>(row: &T, filter: &KpiFilter) -> bool {
    let is_of = filter.repository.as_deref().is_none_or(|asked| {
        row.repository().is_some_and(|found| found.eq_ignore_ascii_case(asked))
    });
    is_of && filter.since.is_none_or(|since| row.occurred_at() >= since)
}

fn document<T: DeserializeOwned>(answer: &Answer) -> Result<T, EndpointError> {
    serde_json::from_slice(&answer.body).map_err(|error| nonsense(answer, &error.to_string()))
}
