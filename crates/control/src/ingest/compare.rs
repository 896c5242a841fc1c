//! What two event logs know differently.

use crate::error::ControlError;
use provost_record::{Event, EventKind, FACTS};
use provost_store::EventLog;
use provost_wire::v1::EventDocument;
use serde_json::Value;
use std::collections::BTreeMap;

/// An event that one of two logs has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedEvent {
    /// What happened.
    pub kind: EventKind,
    /// The run; 0 when none ever started.
    pub run: u64,
    /// The tag.
    pub tag: String,
    /// By what it is known.
    pub key: String,
}

/// An event that both have, and of which they know different things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The event.
    pub event: LoggedEvent,
    /// The column.
    pub column: &'static str,
    /// Its value in the other log.
    pub there: String,
    /// Its value in the rebuilt one.
    pub here: String,
}

/// What another log knows differently from one that was rebuilt from the manifests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Events that both have and know alike.
    pub same: u64,
    /// Events of the other log that git keeps nothing of: dispatches and comparisons.
    pub operational: u64,
    /// Outcomes and announcements that only the other log has.
    pub only_there: Vec<LoggedEvent>,
    /// Events that only the rebuilt log has.
    pub only_here: Vec<LoggedEvent>,
    /// What both know, and differently.
    pub differing: Vec<Difference>,
}

impl Comparison {
    /// Whether the logs agree about everything that the manifests keep.
    pub fn is_agreement(&self) -> bool {
        self.only_there.is_empty() && self.only_here.is_empty() && self.differing.is_empty()
    }
}

/// Compares another log with the rebuilt one.
pub(super) fn compare(there: &EventLog, here: &EventLog) -> Result<Comparison, ControlError> {
    let mut rebuilt: BTreeMap<String, Event> = BTreeMap::new();
    here.each_event(|stored| {
        rebuilt.insert(stored.event.key.as_str().to_owned(), stored.event);
        Ok::<(), ControlError>(())
    })?;
    let mut comparison = Comparison::default();
    there.each_event(|stored| {
        comparison.take(&stored.event, rebuilt.remove(stored.event.key.as_str()));
        Ok::<(), ControlError>(())
    })?;
    comparison.only_here = rebuilt.values().map(logged).collect();
    Ok(comparison)
}

impl Comparison {
    fn take(&mut self, there: &Event, here: Option<Event>) {
        match here {
            Some(here) => match first_difference(there, &here) {
                None => self.same += 1,
                Some(difference) => self.differing.push(difference),
            },
            None if is_operational(there.kind) => self.operational += 1,
            None => self.only_there.push(logged(there)),
        }
    }
}

/// The first column in which both know a value and the values differ: a manifest keeps less than
/// the gate knew.
fn first_difference(there: &Event, here: &Event) -> Option<Difference> {
    let values = |event: &Event| serde_json::to_value(EventDocument::from(event)).ok();
    let (of_there, of_here) = (values(there)?, values(here)?);
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    FACTS.into_iter().find_map(|column| {
        let (one, other) = (of_there.get(column)?, of_here.get(column)?);
        let differs = !one.is_null() && !other.is_null() && one != other;
        differs.then(|| Difference {
            event: logged(here),
            column,
            there: text(one),
            here: text(other),
        })
    })
}

/// Whether the manifests keep nothing of such an event.
fn is_operational(kind: EventKind) -> bool {
    match kind {
        EventKind::Dispatched | EventKind::Reconciled | EventKind::RolledBack => true,
        EventKind::Provenance | EventKind::Validated | EventKind::Notified => false,
    }
}

fn logged(event: &Event) -> LoggedEvent {
    LoggedEvent {
        kind: event.kind,
        run: event.run_id,
        tag: event.tag.clone(),
        key: event.key.as_str().to_owned(),
    }
}
