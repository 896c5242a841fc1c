//! Out of a log.

use super::lines::{Header, SCHEMA, Trailer};
use super::{Exported, TransferError};
use crate::event_log::EventLog;
use provost_wire::v1::EventDocument;
use serde::Serialize;
use std::io::Write;

/// How many events are read at once.
const PART: u32 = 500;

/// Writes all events of a log.
pub(crate) fn export(log: &EventLog, to: &mut dyn Write) -> Result<Exported, TransferError> {
    let store_schema = log.schema()?.found;
    line(to, &Header { schema: SCHEMA.to_owned(), store_schema })?;
    let mut exported = Exported::default();
    let mut last = 0;
    loop {
        let part = log.events_after(last, PART)?;
        for (seq, stored) in &part {
            line(to, &EventDocument::from(stored))?;
            last = *seq;
            exported.events += 1;
        }
        if part.is_empty() {
            break;
        }
    }
    line(to, &Trailer { events: exported.events })?;
    to.flush().map_err(|source| TransferError::Write { source })?;
    Ok(exported)
}

fn line(to: &mut dyn Write, document: &impl Serialize) -> Result<(), TransferError> {
    let mut bytes =
        serde_json::to_vec(document).expect("documents have text keys and always serialise");
    bytes.push(b'\n');
    to.write_all(&bytes).map_err(|source| TransferError::Write { source })
}
