//! Into a log.

use super::lines::{Header, LONGEST, SCHEMA, Trailer};
use super::{Imported, TransferError};
use crate::event_log::EventLog;
use crate::stored_event::StoredEvent;
use crate::submission::EntryStanding;
use provost_wire::v1::EventDocument;
use serde::Deserialize;
use std::io::{BufRead, Read};

/// How many events are written at once.
const PART: usize = 500;

/// Takes in the lines of an export.
pub(crate) fn import(log: &EventLog, from: &mut dyn BufRead) -> Result<Imported, TransferError> {
    let mut import = Import { log, line: 0, taken: Imported::default(), waiting: Vec::new() };
    let ended = import.all(from);
    // What came before a bad line is taken all the same.
    let written = import.write();
    let taken = import.taken;
    match (ended, written) {
        (Err(error), Ok(())) => Err(error.with(taken)),
        (_, Err(error)) => Err(error),
        (Ok(()), Ok(())) => Ok(taken),
    }
}

struct Import<'a> {
    log: &'a EventLog,
    /// The last line that was read.
    line: u64,
    taken: Imported,
    /// Events that are not written yet, each with its line.
    waiting: Vec<(u64, StoredEvent)>,
}

/// What a line after the header is.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Trailer(Trailer),
    Event(serde_json::Value),
}

impl Import<'_> {
    fn all(&mut self, from: &mut dyn BufRead) -> Result<(), TransferError> {
        self.header(from)?;
        let mut events = 0;
        loop {
            let Some(bytes) = self.next(from)? else {
                return Err(TransferError::CutOff { line: self.line, taken: self.taken });
            };
            let line = serde_json::from_slice(&bytes).map_err(|why| self.bad(&why))?;
            match line {
                Line::Trailer(trailer) if trailer.events != events => {
                    return Err(self.bad(&format_args!(
                        "it tells of {} events, and {events} stand before it",
                        trailer.events
                    )));
                }
                Line::Trailer(_) => return self.end(from),
                Line::Event(value) => {
                    let stored = self.event(value)?;
                    self.waiting.push((self.line, stored));
                    events += 1;
                }
            }
            if self.waiting.len() >= PART {
                self.write()?;
            }
        }
    }

    fn header(&mut self, from: &mut dyn BufRead) -> Result<(), TransferError> {
        let bytes = self.next(from)?.unwrap_or_default();
        let header: Option<Header> = serde_json::from_slice(&bytes).ok();
        if header.is_none_or(|header| header.schema != SCHEMA) {
            self.line = 1;
            return Err(self.bad(&format_args!("it must be the header of an export ({SCHEMA})")));
        }
        Ok(())
    }

    fn end(&mut self, from: &mut dyn BufRead) -> Result<(), TransferError> {
        match self.next(from)? {
            None => Ok(()),
            Some(_) => Err(self.bad(&"something follows after the end of the export")),
        }
    }

    fn event(&self, value: serde_json::Value) -> Result<StoredEvent, TransferError> {
        let document: EventDocument =
            serde_json::from_value(value).map_err(|why| self.bad(&why))?;
        StoredEvent::try_from(document).map_err(|why| self.bad(&why))
    }

    /// The next line without its end; `None` when there is no more. A last line that was cut off in
    /// its middle counts as one.
    fn next(&mut self, from: &mut dyn BufRead) -> Result<Option<Vec<u8>>, TransferError> {
        let mut bytes = Vec::new();
        let mut limited = from.take(LONGEST + 1);
        limited.read_until(b'\n', &mut bytes).map_err(|source| TransferError::Read {
            line: self.line,
            taken: self.taken,
            source,
        })?;
        if bytes.is_empty() {
            return Ok(None);
        }
        self.line += 1;
        if bytes.len() as u64 > LONGEST {
            return Err(self.bad(&format_args!("it has more than {LONGEST} bytes")));
        }
        Ok(Some(bytes))
    }

    /// Writes the events that wait.
    fn write(&mut self) -> Result<(), TransferError> {
        let (lines, events): (Vec<u64>, Vec<StoredEvent>) = self.waiting.drain(..).unzip();
        if events.is_empty() {
            return Ok(());
        }
        let outcomes = self.log.take_in(&events)?;
        let mut bad = None;
        for (line, outcome) in lines.into_iter().zip(outcomes) {
            match outcome.outcome {
                EntryStanding::Inserted => self.taken.inserted += 1,
                EntryStanding::Duplicate => self.taken.duplicates += 1,
                EntryStanding::Rejected => {
                    bad = bad.or(Some((line, outcome.problem.unwrap_or_default())));
                }
            }
        }
        match bad {
            Some((line, problem)) => {
                Err(TransferError::BadLine { line, problem, taken: self.taken })
            }
            None => Ok(()),
        }
    }

    fn bad(&self, problem: &dyn std::fmt::Display) -> TransferError {
        TransferError::BadLine { line: self.line, problem: problem.to_string(), taken: self.taken }
    }
}

impl TransferError {
    /// The same with what was taken in the end.
    fn with(mut self, all: Imported) -> Self {
        if let Self::BadLine { taken, .. } | Self::CutOff { taken, .. } | Self::Read { taken, .. } =
            &mut self
        {
            *taken = all;
        }
        self
    }
}
