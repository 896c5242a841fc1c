//! Whole events read back.

use super::PostgresStore;
use super::kpi::{newest_first, of_repository, since};
use super::statement::Statement;
use crate::database::Counts;
use crate::error::StoreError;
use crate::kpi::EventFilter;
use crate::stored_event::StoredEvent;
use provost_wire::v1::EventDocument;
use serde::Deserialize;

#[derive(Deserialize)]
struct Numbered {
    seq: i64,
    event: EventDocument,
}

#[derive(Deserialize)]
struct Counted {
    events: u64,
    unsealed: u64,
}

impl PostgresStore {
    /// The events that are asked for, newest first.
    pub(crate) async fn events(
        &self,
        filter: &EventFilter,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let mut statement = Statement::new(
            "select (to_jsonb(x) - 'seq')::text from public.provenance_audit_log as x where true",
        );
        if let Some(repository) = &filter.repository {
            of_repository(&mut statement, repository);
        }
        if let Some(tag) = &filter.tag {
            if tag.contains('\0') {
                return Ok(Vec::new());
            }
            statement.push(" and tag = ").push_text(tag, "text");
        }
        if let Some(kind) = filter.kind {
            // The kind itself, not a value, so that the indexes of single kinds apply.
            statement.push(&format!(" and event = '{}'", kind.as_str()));
        }
        since(&mut statement, filter.since);
        newest_first(&mut statement, filter.after, filter.limit);
        let documents: Vec<EventDocument> = self.documents(&statement).await?;
        documents.into_iter().map(|document| self.row(document)).collect()
    }

    /// The events with a number above `seq`, in the order of their numbers.
    pub(crate) async fn events_after(
        &self,
        seq: i64,
        limit: u32,
    ) -> Result<Vec<(i64, StoredEvent)>, StoreError> {
        let statement = Statement::new(
            "select jsonb_build_object('seq', seq, 'event', to_jsonb(x) - 'seq')::text
             from public.provenance_audit_log as x where seq > $1 order by seq limit $2",
        );
        let statement = statement.number(seq).number(i64::from(limit));
        let numbered: Vec<Numbered> = self.documents(&statement).await?;
        numbered.into_iter().map(|it| Ok((it.seq, self.row(it.event)?))).collect()
    }

    /// How much is in the log. What a seal says about its rows saves counting them.
    pub(crate) async fn counts(&self) -> Result<Counts, StoreError> {
        let statement = Statement::new(
            "select jsonb_build_object('events', sealed.rows + fresh.rows, 'unsealed', fresh.rows)::text
             from (select coalesce(sum(rows), 0) as rows, coalesce(max(last_seq), 0) as last_seq
               from public.provenance_seal) as sealed
             cross join lateral (select count(*) as rows from public.provenance_audit_log
               where seq > sealed.last_seq) as fresh",
        );
        let counted: Vec<Counted> = self.documents(&statement).await?;
        let counted = counted.first().ok_or_else(|| self.unreadable("counts", "nothing"))?;
        Ok(Counts { events: counted.events, unsealed: counted.unsealed })
    }
}
