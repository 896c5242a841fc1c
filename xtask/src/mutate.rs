//! `cargo xtask mutate`: good bundles with one thing changed, each refused, or accepted with
//! exactly the facts of the original.
//!
//! Reading order: [`specimen`] (the good bundles and the judge), [`facts`] (the oracle), [`space`]
//! (what is changed: [`byte_change`], [`json_change`], [`twin`]), [`explain`], [`report`].

mod byte_change;
mod der_tree;
mod explain;
mod facts;
mod json_change;
mod note;
mod part;
mod report;
mod space;
mod specimen;
mod tally;
mod twin;

use crate::screen::{complain, say};
use crate::step::Report;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail, ensure};
use space::Space;
use specimen::Specimen;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};
use tally::Tally;

/// The slice that `cargo xtask test` takes.
const TEST_SLICE: Slice = Slice { number: 1, of: 100 };
/// How often the progress is told.
const TELL_EVERY: Duration = Duration::from_secs(5);

/// Every `of`th mutant, beginning with the `number`th.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slice {
    number: usize,
    of: usize,
}

impl Slice {
    /// All of them.
    const WHOLE: Self = Self { number: 1, of: 1 };

    /// Reads `N/M`, N from 1 to M.
    fn parse(text: &str) -> Option<Self> {
        let (number, of) = text.split_once('/')?;
        let slice = Self { number: number.parse().ok()?, of: of.parse().ok()? };
        (1..=slice.of).contains(&slice.number).then_some(slice)
    }

    fn count(self, length: usize) -> usize {
        (length + self.of - self.number) / self.of
    }

    fn number(self, index: usize) -> usize {
        self.number - 1 + index * self.of
    }
}

/// What is to be mutated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    slice: Slice,
    bundle: Option<String>,
}

impl Plan {
    /// Reads `[--slice N/M] [--bundle NAME]`; `None` when it is anything else.
    pub(crate) fn parse(words: &[&str]) -> Option<Self> {
        let mut plan = Self { slice: Slice::WHOLE, bundle: None };
        for pair in words.chunks(2) {
            match pair {
                ["--slice", text] => plan.slice = Slice::parse(text)?,
                ["--bundle", name] => plan.bundle = Some((*name).to_owned()),
                _ => return None,
            }
        }
        Some(plan)
    }
}

/// The chore: mutates, prints tables, and fails unless every mutant was refused or explained.
pub(crate) fn run(workspace: &Workspace, plan: &Plan) -> Result<()> {
    let start = Instant::now();
    let (specimens, tally) = mutate(workspace, plan)?;
    say!("{}", report::markdown(&specimens, &tally));
    let covered = match plan.slice {
        Slice::WHOLE => "every mutant".to_owned(),
        Slice { number, of } => format!("slice {number}/{of}: every {of}th mutant"),
    };
    let bundles = match &plan.bundle {
        Some(name) => format!("of {name} alone"),
        None => format!("of all {} bundles", specimens.len()),
    };
    let seconds = start.elapsed().as_secs();
    say!("{covered} {bundles}, {seconds} s. {}", report::NOT_COVERED);
    verdict(&tally)
}

/// The step of `cargo xtask test`: a slice of everything.
pub(crate) fn step(workspace: &Workspace) -> Result<Report> {
    let (_, tally) = mutate(workspace, &Plan { slice: TEST_SLICE, bundle: None })?;
    verdict(&tally)?;
    let total = tally.total();
    let accepted = total.identical + total.fewer;
    let Slice { number, of } = TEST_SLICE;
    Ok(Report::checked(format!("{} mutants, {accepted} accepted and explained", total.mutants))
        .without(format!("all mutants but slice {number}/{of}; `cargo xtask mutate` runs all")))
}

fn verdict(tally: &Tally) -> Result<()> {
    ensure!(tally.total().mutants > 0, "not a single mutant was judged");
    if !tally.is_clean() {
        bail!(
            "{} accepted with different facts, {} panics, {} accepted and not explained\n{}",
            tally.different,
            tally.panicked,
            tally.unexplained,
            tally.failures.join("\n")
        );
    }
    Ok(())
}

fn mutate(workspace: &Workspace, plan: &Plan) -> Result<(Vec<Specimen>, Tally)> {
    let mut specimens = specimen::all(&workspace.path("examples"))?;
    if let Some(name) = &plan.bundle {
        let names: Vec<String> = specimens.iter().map(|each| each.name.clone()).collect();
        specimens.retain(|specimen| specimen.name == *name);
        let known = names.join(", ");
        ensure!(!specimens.is_empty(), "{name:?} is no bundle; they are {known}");
    }
    // The panics of mutants are counted and told with their place; the hook would tell them twice.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let tallies: Result<Vec<Tally>> =
        specimens.iter().map(|specimen| judge_all(specimen, plan.slice)).collect();
    std::panic::set_hook(hook);
    let mut tally = Tally::default();
    tallies?.into_iter().for_each(|one| tally.merge(one));
    Ok((specimens, tally))
}

/// Judges a slice of one specimen's mutants on all cores. A mutant exists while it is judged.
fn judge_all(specimen: &Specimen, slice: Slice) -> Result<Tally> {
    let space = Space::of(&specimen.bundle);
    let count = slice.count(space.len());
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let next = AtomicUsize::new(0);
    let (done, tallies) = channel();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (done, space, next) = (done.clone(), &space, &next);
            scope.spawn(move || {
                // The receiver waits until every sender is gone.
                let _ = done.send(judge_some(specimen, space, slice, next));
            });
        }
        drop(done);
        let mut sum = Tally::default();
        let mut told = Instant::now();
        let mut finished = 0;
        loop {
            match tallies.recv_timeout(TELL_EVERY) {
                Ok(tally) => {
                    finished += 1;
                    sum.merge(tally);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if told.elapsed() >= TELL_EVERY {
                told = Instant::now();
                let begun = next.load(Ordering::Relaxed).min(count);
                complain!("{}: {begun} of {count} mutants", specimen.name);
            }
        }
        ensure!(finished == threads, "a thread of the mutation run ended early");
        let judged = usize::try_from(sum.total().mutants).context("a count")?;
        ensure!(judged == count, "{judged} of {count} mutants of {} were judged", specimen.name);
        Ok(sum)
    })
}

fn judge_some(specimen: &Specimen, space: &Space, slice: Slice, next: &AtomicUsize) -> Tally {
    let mut tally = Tally::default();
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(mutant) = space.mutant(slice.number(index)) else { return tally };
        let verdict = specimen.judge(&mutant.file);
        tally.add(specimen, mutant.place, verdict);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn slices_share_all_mutants_and_overlap_nowhere() {
        for length in [0, 1, 6, 7, 8, 100] {
            let mut seen = BTreeSet::new();
            for number in 1..=7 {
                let slice = Slice { number, of: 7 };
                for index in 0..slice.count(length) {
                    assert!(seen.insert(slice.number(index)), "twice");
                }
            }
            assert_eq!(seen, (0..length).collect());
        }
    }

    #[test]
    fn a_plan_is_read_whole_or_not_at_all() {
        let plan = Plan::parse(&["--slice", "2/5", "--bundle", "V03Tsa"]).expect("a plan");
        assert_eq!(plan.slice, Slice { number: 2, of: 5 });
        assert_eq!(plan.bundle.as_deref(), Some("V03Tsa"));
        assert_eq!(Plan::parse(&[]).map(|plan| plan.slice), Some(Slice::WHOLE));
        for wrong in [&["--slice"][..], &["--slice", "0/5"], &["--slice", "6/5"], &["--all", "1"]] {
            assert_eq!(Plan::parse(wrong), None, "{wrong:?}");
        }
    }
}
