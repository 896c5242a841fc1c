//! `cargo xtask campaign push`: many writers, one bare repository, and a fifth of the pushes killed.
//!
//! Each writer has a clone of its own and pushes its tags one by one with the built program. After a
//! kill it goes on in one of two ways: it pushes again, or its clone is lost and only the queue's
//! file reaches another clone, as from a runner whose disk vanished. At the end every entry must be
//! on the branch exactly once, with its bundle, in a linear history.

mod judge;
mod writer;

use super::program;
use crate::screen::say;
use crate::workspace::Workspace;
use anyhow::{Result, bail};
use std::sync::Mutex;
use std::time::Instant;
use writer::{Tally, Writer};

/// How large the campaign is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    writers: u64,
    tags: u64,
}

impl Plan {
    /// `[--writers N] [--tags N]`; `None` for anything else.
    pub(crate) fn parse(words: &[&str]) -> Option<Self> {
        let mut plan = Self { writers: 50, tags: 1000 };
        for pair in words.chunks(2) {
            let [flag, number] = pair else { return None };
            let number = number.parse().ok().filter(|number| *number > 0)?;
            match *flag {
                "--writers" => plan.writers = number,
                "--tags" => plan.tags = number,
                _ => return None,
            }
        }
        Some(plan)
    }
}

/// Runs the campaign; an entry lost or doubled is an error.
pub(crate) fn run(workspace: &Workspace, plan: &Plan) -> Result<()> {
    let program = program::development(workspace)?;
    let folder = tempfile::tempdir()?;
    let bare = folder.path().join("bare.git");
    judge::make(&bare)?;
    say!("{} writers push {} tags to one bare repository", plan.writers, plan.tags);
    let start = Instant::now();
    let total = Mutex::new(Tally::default());
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for number in 0..plan.writers {
            let tags: Vec<u64> =
                (1..=plan.tags).filter(|tag| tag % plan.writers == number).collect();
            let writer = Writer::new(&program, &bare, folder.path(), number);
            let (total, failed) = (&total, &failed);
            scope.spawn(move || match writer.and_then(|writer| writer.run(&tags)) {
                Ok(tally) => lock(total).add(&tally),
                Err(error) => lock(failed).push(format!("writer {number}: {error:#}")),
            });
        }
    });
    let seconds = start.elapsed().as_secs_f64();
    let failed = failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(first) = failed.first() {
        bail!("{} writers gave up; {first}", failed.len());
    }
    let total = total.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let commits = judge::judge(&bare, plan.tags)?;
    say!("{} entries, each exactly once, {commits} commits, no merge, fsck clean", plan.tags);
    say!("{total}");
    say!("{seconds:.0} s, {:.1} tags a second", plan.tags as f64 / seconds);
    say!("Not checked here: a remote over the network, protected branches, loss of power.");
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_has_two_numbers() {
        let plan = |words: &[&str]| Plan::parse(words);
        assert_eq!(plan(&[]), Some(Plan { writers: 50, tags: 1000 }));
        assert_eq!(plan(&["--tags", "7"]), Some(Plan { writers: 50, tags: 7 }));
        let both = Some(Plan { writers: 3, tags: 7 });
        assert_eq!(plan(&["--writers", "3", "--tags", "7"]), both);
        for wrong in [&["--tags"][..], &["--tags", "0"], &["--tags", "x"], &["--more", "1"]] {
            assert_eq!(plan(wrong), None, "{wrong:?}");
        }
    }
}
