//! Counts of verdicts, by specimen and group, and every acceptance by its place.

use super::explain;
use super::space::Place;
use super::specimen::{Specimen, Verdict};
use std::collections::BTreeMap;

/// How many failures are kept with their words; the rest is counted.
const SHOWN: usize = 50;

/// The counts of one cell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) mutants: u64,
    pub(super) identical: u64,
    pub(super) fewer: u64,
}

/// What was counted; those of several threads add up.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) cells: BTreeMap<(String, &'static str), Cell>,
    /// Explanation, then specimen, place, and how many.
    pub(super) explained: BTreeMap<&'static str, BTreeMap<(String, Place), u64>>,
    /// Accepted with other facts, or a panic, or an acceptance that nothing explains.
    pub(super) failures: Vec<String>,
    pub(super) different: u64,
    pub(super) panicked: u64,
    pub(super) unexplained: u64,
}

impl Tally {
    /// Counts one verdict.
    pub(super) fn add(&mut self, specimen: &Specimen, place: Place, verdict: Verdict) {
        let cell = self.cells.entry((specimen.name.clone(), place.group)).or_default();
        cell.mutants += 1;
        match &verdict {
            Verdict::Refused => return,
            Verdict::Identical => cell.identical += 1,
            Verdict::FewerWitnesses => cell.fewer += 1,
            Verdict::Different(_) => self.different += 1,
            Verdict::Panicked(_) => self.panicked += 1,
        }
        let explanation = match &verdict {
            Verdict::Identical => explain::identical(specimen, &place),
            Verdict::FewerWitnesses => explain::fewer_witnesses(&place),
            _ => None,
        };
        match explanation {
            Some(why) => {
                let places = self.explained.entry(why).or_default();
                *places.entry((specimen.name.clone(), place)).or_default() += 1;
            }
            None => {
                let accepted = matches!(verdict, Verdict::Identical | Verdict::FewerWitnesses);
                self.unexplained += u64::from(accepted);
                self.fail(specimen, &place, &verdict);
            }
        }
    }

    fn fail(&mut self, specimen: &Specimen, place: &Place, verdict: &Verdict) {
        let Place { path, change, .. } = place;
        let line = format!("{}: {path}: {change}: {verdict:?}", specimen.name);
        if self.failures.len() < SHOWN && !self.failures.contains(&line) {
            self.failures.push(line);
        }
    }

    /// Adds what another thread counted.
    pub(super) fn merge(&mut self, other: Self) {
        for (key, cell) in other.cells {
            let sum = self.cells.entry(key).or_default();
            sum.mutants += cell.mutants;
            sum.identical += cell.identical;
            sum.fewer += cell.fewer;
        }
        for (why, places) in other.explained {
            let sums = self.explained.entry(why).or_default();
            for (place, count) in places {
                *sums.entry(place).or_default() += count;
            }
        }
        self.different += other.different;
        self.panicked += other.panicked;
        self.unexplained += other.unexplained;
        for line in other.failures {
            if self.failures.len() < SHOWN && !self.failures.contains(&line) {
                self.failures.push(line);
            }
        }
    }

    /// The sum over all cells.
    pub(super) fn total(&self) -> Cell {
        let mut total = Cell::default();
        for cell in self.cells.values() {
            total.mutants += cell.mutants;
            total.identical += cell.identical;
            total.fewer += cell.fewer;
        }
        total
    }

    /// Whether every mutant was refused, or accepted for a known reason with the same facts.
    pub(super) fn is_clean(&self) -> bool {
        self.different == 0 && self.panicked == 0 && self.unexplained == 0
    }
}
