//! Load and faults for a running `provost serve`, as small or as large as asked for.
//!
//! A [`Crowd`] of writers sends events over kept connections and sends again whatever was not
//! acknowledged, whichever way it was not. [`fault`] does the harm meanwhile: kills, crashes, a full
//! disk, a clock that jumps, clients that are slow or send far too much. What was acknowledged must
//! then be in the event log exactly once ([`Acknowledged`], [`Stage::judge`]).
//!
//! The tests take the short forms, `cargo xtask campaign` the long ones. Everything stays on
//! loopback, is bounded in count and time, and ends only what it started.
//!
//! Reading order: `stage`, `service`, `release`, `connection`, `crowd`, `judge`; then `fault`.

mod connection;
mod crowd;
mod dice;
pub mod fault;
mod judge;
mod release;
mod service;
mod small_disk;
mod stage;

pub use connection::{Answer, Connection, get, post};
pub use crowd::{Acknowledged, Crowd, Tally};
pub use dice::Dice;
pub use judge::Judgement;
pub use release::Release;
pub use service::{Preload, Service, TOKEN};
pub use small_disk::SmallDisk;
pub use stage::{Place, Stage};

use thiserror::Error;

/// What went otherwise than it must.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Broken(pub String);

impl Broken {
    /// A failure with what was being done.
    pub(crate) fn at(doing: &str, error: impl std::fmt::Display) -> Self {
        Self(format!("{doing}: {error}"))
    }
}
