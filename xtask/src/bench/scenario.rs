//! Two commands that are run in turn, the goal of their ratio, and what came of it.

use super::child::sample;
use super::sample::{Sample, Spread};
use anyhow::Result;
use std::ffi::OsString;

/// Two commands, run in turn.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(super) ours: Vec<OsString>,
    pub(super) theirs: Vec<OsString>,
    pub(super) reference: &'static str,
    pub(super) goal: &'static str,
    pub(super) runs: usize,
    /// How the ratio of the two times is to be read.
    pub(super) reading: Reading,
}

/// Which way round the ratio stands.
#[derive(Clone, Copy)]
pub(crate) enum Reading {
    /// Ours over the reference: at most so much.
    AtMost(f64),
    /// The reference over ours: at least so much faster.
    AtLeast(f64),
}

/// The figures of one scenario.
pub(crate) struct Outcome {
    pub(crate) name: &'static str,
    pub(crate) reference: &'static str,
    pub(crate) goal: &'static str,
    pub(crate) runs: usize,
    pub(crate) ours_ms: Spread,
    pub(crate) theirs_ms: Spread,
    pub(crate) ratio: Spread,
    pub(crate) ours_mib: Spread,
    pub(crate) theirs_mib: Spread,
    pub(crate) met: bool,
}

impl Outcome {
    pub(crate) fn line(&self) -> String {
        format!(
            "  ratio {}  ours {} ms, {} MiB  reference {} ms, {} MiB",
            self.ratio.show(2),
            self.ours_ms.show(2),
            self.ours_mib.show(1),
            self.theirs_ms.show(2),
            self.theirs_mib.show(1)
        )
    }
}

impl Scenario {
    /// Runs both commands in turn, one uncounted pair first.
    pub(crate) fn measure(&self) -> Result<Outcome> {
        let (mut ours, mut theirs): (Vec<Sample>, Vec<Sample>) = (Vec::new(), Vec::new());
        for run in 0..=self.runs {
            let (our, their) = (sample(&self.ours)?, sample(&self.theirs)?);
            if run > 0 {
                ours.push(our);
                theirs.push(their);
            }
        }
        let ms = |samples: &[Sample]| {
            Spread::of(samples.iter().map(|s| s.nanoseconds as f64 / 1e6).collect())
        };
        let mib = |samples: &[Sample]| {
            Spread::of(samples.iter().map(|s| s.peak_kib as f64 / 1024.0).collect())
        };
        let ratio = Spread::of(
            ours.iter()
                .zip(&theirs)
                .map(|(our, their)| match self.reading {
                    Reading::AtMost(_) => our.nanoseconds as f64 / their.nanoseconds as f64,
                    Reading::AtLeast(_) => their.nanoseconds as f64 / our.nanoseconds as f64,
                })
                .collect(),
        );
        let met = match self.reading {
            Reading::AtMost(limit) => ratio.median <= limit,
            Reading::AtLeast(limit) => ratio.median >= limit,
        };
        Ok(Outcome {
            name: self.name,
            reference: self.reference,
            goal: self.goal,
            runs: self.runs,
            ours_ms: ms(&ours),
            theirs_ms: ms(&theirs),
            ratio,
            ours_mib: mib(&ours),
            theirs_mib: mib(&theirs),
            met,
        })
    }
}

pub(super) fn words<const N: usize>(words: [&str; N]) -> Vec<OsString> {
    words.into_iter().map(OsString::from).collect()
}
