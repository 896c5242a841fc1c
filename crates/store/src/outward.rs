//! The log's rows as version 1 documents, and back.

use crate::kpi::{Dispatch, Incident, KpiRow, Release};
use crate::page::Page;
use crate::stored_event::StoredEvent;
use crate::submission::{EntryOutcome, EntryStanding};
use crate::summary::{Coverage, KpiSummary, TimeToAccepted};
use jiff::{SignedDuration, Timestamp};
use provost_record::Event;
use provost_wire::v1::{self, EventDocument, RunId, parse_time};
use std::fmt::{self, Display};
use std::str::FromStr;

/// A document that is no row of a log: which member is wrong, and what it must be.
pub type UnreadableDocument = v1::InvalidDocument;

impl From<&StoredEvent> for EventDocument {
    fn from(stored: &StoredEvent) -> Self {
        Self {
            id: Some(stored.id.to_string()),
            created_at: Some(stored.created_at.to_string()),
            ..Self::from(&stored.event)
        }
    }
}

impl TryFrom<EventDocument> for StoredEvent {
    type Error = UnreadableDocument;

    fn try_from(document: EventDocument) -> Result<Self, UnreadableDocument> {
        Ok(Self {
            id: word("id", document.id.as_deref().unwrap_or_default())?,
            created_at: parse_time(
                "created_at",
                document.created_at.as_deref().unwrap_or_default(),
            )?,
            event: Event::try_from(document)?,
        })
    }
}

impl<'a, T, D: From<&'a T>> From<&'a Page<T>> for v1::Page<D> {
    fn from(page: &'a Page<T>) -> Self {
        Self {
            items: page.items.iter().map(D::from).collect(),
            next: page.next.map(|position| position.to_string()),
        }
    }
}

impl From<&KpiRow> for v1::KpiRow {
    fn from(row: &KpiRow) -> Self {
        Self {
            tag: row.tag.clone(),
            run_id: RunId(row.run_id),
            status: row.status.as_str().to_owned(),
            created_at: row.created_at.to_string(),
            release_url: row.release_url.clone(),
            validated_at: row.validated_at.map(|at| at.to_string()),
            repository: row.repository.clone(),
            builder_id: row.builder_id.clone(),
            slsa_build_level: row.slsa_build_level,
            failure_reason: row.failure_reason.clone(),
            event: row.event.as_str().to_owned(),
            attempt: row.attempt,
            occurred_at: row.occurred_at.to_string(),
            id: row.id.to_string(),
        }
    }
}

impl TryFrom<v1::KpiRow> for KpiRow {
    type Error = UnreadableDocument;

    fn try_from(row: v1::KpiRow) -> Result<Self, UnreadableDocument> {
        let validated_at = row.validated_at.map(|text| parse_time("validated_at", &text));
        Ok(Self {
            tag: row.tag,
            run_id: row.run_id.0,
            status: word("status", &row.status)?,
            created_at: parse_time("created_at", &row.created_at)?,
            release_url: row.release_url,
            validated_at: validated_at.transpose()?,
            repository: row.repository,
            builder_id: row.builder_id,
            slsa_build_level: row.slsa_build_level,
            failure_reason: row.failure_reason,
            event: word("event", &row.event)?,
            attempt: row.attempt,
            occurred_at: parse_time("occurred_at", &row.occurred_at)?,
            id: word("id", &row.id)?,
        })
    }
}

impl From<&Incident> for v1::Incident {
    fn from(row: &Incident) -> Self {
        Self {
            tag: row.tag.clone(),
            run_id: RunId(row.run_id),
            failure_reason: row.failure_reason.clone(),
            created_at: row.created_at.to_string(),
            repository: row.repository.clone(),
            event: row.event.as_str().to_owned(),
            attempt: row.attempt,
            occurred_at: row.occurred_at.to_string(),
            id: row.id.to_string(),
        }
    }
}

impl TryFrom<v1::Incident> for Incident {
    type Error = UnreadableDocument;

    fn try_from(row: v1::Incident) -> Result<Self, UnreadableDocument> {
        Ok(Self {
            tag: row.tag,
            run_id: row.run_id.0,
            failure_reason: row.failure_reason,
            created_at: parse_time("created_at", &row.created_at)?,
            repository: row.repository,
            event: word("event", &row.event)?,
            attempt: row.attempt,
            occurred_at: parse_time("occurred_at", &row.occurred_at)?,
            id: word("id", &row.id)?,
        })
    }
}

impl From<&Dispatch> for v1::Dispatch {
    fn from(row: &Dispatch) -> Self {
        Self {
            tag: row.tag.clone(),
            run_id: RunId(row.run_id),
            repository: row.repository.clone(),
            release_url: row.release_url.clone(),
            occurred_at: row.occurred_at.to_string(),
            actor: row.actor.clone(),
            id: row.id.to_string(),
        }
    }
}

impl TryFrom<v1::Dispatch> for Dispatch {
    type Error = UnreadableDocument;

    fn try_from(row: v1::Dispatch) -> Result<Self, UnreadableDocument> {
        Ok(Self {
            tag: row.tag,
            run_id: row.run_id.0,
            repository: row.repository,
            release_url: row.release_url,
            occurred_at: parse_time("occurred_at", &row.occurred_at)?,
            actor: row.actor,
            id: word("id", &row.id)?,
        })
    }
}

impl From<&Release> for v1::Release {
    fn from(row: &Release) -> Self {
        Self {
            tag: row.tag.clone(),
            repository: row.repository.clone(),
            run_id: RunId(row.run_id),
            status: row.status.as_str().to_owned(),
            event: row.event.as_str().to_owned(),
            occurred_at: row.occurred_at.to_string(),
            failure_reason: row.failure_reason.clone(),
            release_url: row.release_url.clone(),
            builder_id: row.builder_id.clone(),
            slsa_build_level: row.slsa_build_level,
            id: row.id.to_string(),
        }
    }
}

impl KpiSummary {
    /// The document of the figures of the period that began at `since`.
    pub fn document(&self, since: Option<Timestamp>) -> v1::Summary {
        let coverage = |it: Coverage| v1::Coverage { releases: it.releases, accepted: it.accepted };
        let seconds = |duration: SignedDuration| duration.as_secs().unsigned_abs();
        v1::Summary {
            since: since.map(|since| since.to_string()),
            coverage: coverage(self.coverage),
            before: self.before.map(coverage),
            time_to_accepted: self.time_to_accepted.map(|times| v1::TimeToAccepted {
                p50_seconds: seconds(times.p50),
                p95_seconds: seconds(times.p95),
                releases: times.releases,
            }),
            open_incidents: self.open_incidents,
        }
    }
}

impl From<v1::Summary> for KpiSummary {
    fn from(summary: v1::Summary) -> Self {
        let coverage = |it: v1::Coverage| Coverage { releases: it.releases, accepted: it.accepted };
        let duration =
            |seconds: u64| SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
        Self {
            coverage: coverage(summary.coverage),
            before: summary.before.map(coverage),
            time_to_accepted: summary.time_to_accepted.map(|times| TimeToAccepted {
                p50: duration(times.p50_seconds),
                p95: duration(times.p95_seconds),
                releases: times.releases,
            }),
            open_incidents: summary.open_incidents,
        }
    }
}

impl EntryOutcome {
    /// The document of this outcome of the entry at `index`, counted from 0.
    pub fn document(&self, index: u64) -> v1::EntryAnswer {
        v1::EntryAnswer {
            index,
            outcome: self.outcome.into(),
            event_id: self.id.map(|id| id.to_string()),
            problem: self.problem.clone(),
        }
    }
}

impl From<EntryStanding> for v1::EntryOutcome {
    fn from(standing: EntryStanding) -> Self {
        match standing {
            EntryStanding::Inserted => Self::Inserted,
            EntryStanding::Duplicate => Self::Duplicate,
            EntryStanding::Rejected => Self::Rejected,
        }
    }
}

impl From<v1::EntryOutcome> for EntryStanding {
    fn from(outcome: v1::EntryOutcome) -> Self {
        match outcome {
            v1::EntryOutcome::Inserted => Self::Inserted,
            v1::EntryOutcome::Duplicate => Self::Duplicate,
            v1::EntryOutcome::Rejected => Self::Rejected,
        }
    }
}

/// A member that is one word of several, or an id.
fn word<T>(member: &'static str, text: &str) -> Result<T, UnreadableDocument>
where
    T: FromStr,
    T::Err: Display,
{
    text.parse().map_err(|problem: T::Err| UnreadableDocument {
        member,
        problem: fmt::format(format_args!("{problem}")),
    })
}
