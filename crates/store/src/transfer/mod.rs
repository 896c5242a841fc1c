//! Events as lines of JSON, out of one log and into another.
//!
//! The first line is a header, the last a trailer with the number of events, and between them
//! stands one event a line. Nothing is held in memory but a few hundred events.

mod export;
mod import;
mod lines;

use crate::error::StoreError;
use std::io;
use thiserror::Error;

pub(crate) use export::export;
pub(crate) use import::import;

/// What an export came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exported {
    /// Events that were written.
    pub events: u64,
}

/// What an import came to, or had come to when it ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Events that are new.
    pub inserted: u64,
    /// Events that were there already.
    pub duplicates: u64,
}

/// Why an export or import ended early. What was taken before stays, and the same lines may be
/// imported again.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TransferError {
    /// A line is not what it should be.
    #[error(
        "line {line} was not imported: {problem}; {} events were new and {} known before it was \
         met", taken.inserted, taken.duplicates
    )]
    BadLine {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        problem: String,
        /// What was taken.
        taken: Imported,
    },
    /// The lines end before the trailer.
    #[error(
        "the export is cut off after line {line}: its last line, which tells the number of events, \
         is missing; {} events were new and {} known: export it again", taken.inserted,
         taken.duplicates
    )]
    CutOff {
        /// The last line, from 1.
        line: u64,
        /// What was taken.
        taken: Imported,
    },
    /// The lines cannot be read.
    #[error("cannot read the export after line {line}")]
    Read {
        /// The last line that was read, from 1.
        line: u64,
        /// What was taken.
        taken: Imported,
        /// Why.
        source: io::Error,
    },
    /// The log cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The lines cannot be written.
    #[error("cannot write the export")]
    Write {
        /// Why.
        source: io::Error,
    },
}
