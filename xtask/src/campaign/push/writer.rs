//! One writer: its clone, its tags, and the kills that it survives.

use super::judge::git;
use anyhow::{Context, Result, bail};
use provost_testkit::load::Dice;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// One push in so many is killed.
const KILLED_OF: u64 = 5;

/// A push is killed at a random moment of its first milliseconds.
const KILL_WITHIN_MS: u64 = 600;

/// How often a tag is pushed until the writer gives up.
const PATIENCE: u32 = 100;

/// What a writer did.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pushes: u64,
    killed: u64,
    lost_clones: u64,
    repeated: u64,
    longest: Duration,
}

/// One writer.
pub(super) struct Writer<'a> {
    program: &'a Path,
    bare: &'a Path,
    folder: PathBuf,
    clones: u64,
    dice: Dice,
    tally: Tally,
}

impl<'a> Writer<'a> {
    pub(super) fn new(
        program: &'a Path,
        bare: &'a Path,
        folder: &Path,
        number: u64,
    ) -> Result<Self> {
        let folder = folder.join(format!("writer-{number}"));
        std::fs::create_dir(&folder)?;
        let dice = Dice::new(number + 1);
        Ok(Self { program, bare, folder, clones: 0, dice, tally: Tally::default() })
    }

    pub(super) fn run(mut self, tags: &[u64]) -> Result<Tally> {
        self.clone_again()?;
        for tag in tags {
            let start = Instant::now();
            self.release(*tag)?;
            self.tally.longest = self.tally.longest.max(start.elapsed());
        }
        Ok(self.tally)
    }

    /// Records the tag and pushes until it is there, whatever is killed on the way.
    fn release(&mut self, tag: u64) -> Result<()> {
        let name = format!("v1.0.{tag}");
        let artifact = format!("artifacts/slsa/{name}/provenance-{name}.json");
        let path = self.here().join(&artifact);
        std::fs::create_dir_all(path.parent().context("a folder")?)?;
        std::fs::write(path, format!("{{\"bundle\":{tag}}}"))?;
        let run = tag.to_string();
        let entry = ["--run", &run, "--tag", &name, "--status", "success", "--artifact", &artifact];
        let added = self.provost(&["manifest", "add"]).args(entry).status()?;
        if !added.success() {
            bail!("{name} could not be recorded: {added}");
        }
        let mut verb = vec!["manifest".to_owned(), "push".to_owned()];
        for _ in 0..PATIENCE {
            let is_to_die = self.dice.below(KILLED_OF) == 0;
            if self.pushed(&verb, is_to_die)? {
                return Ok(());
            }
            self.tally.repeated += 1;
            if is_to_die && self.dice.below(2) == 0 {
                verb = self.lose_clone(verb)?;
            }
        }
        bail!("{name} was not pushed in {PATIENCE} calls");
    }

    /// Whether the call came to its end and everything is there.
    fn pushed(&mut self, verb: &[String], is_to_die: bool) -> Result<bool> {
        self.tally.pushes += 1;
        let mut command = self.provost(&verb.iter().map(String::as_str).collect::<Vec<_>>());
        let mut child = command.spawn()?;
        if is_to_die {
            std::thread::sleep(Duration::from_millis(self.dice.below(KILL_WITHIN_MS)));
            // One that has ended already is not killed, and counts as what it came to.
            child.kill()?;
        }
        let status = child.wait()?;
        if status.code().is_none() {
            self.tally.killed += 1;
        }
        Ok(status.success())
    }

    /// The clone vanishes; what it had queued is flushed from a new one. An entry that was not even
    /// queued is still where the gate recorded it, so then the clone stays.
    fn lose_clone(&mut self, verb: Vec<String>) -> Result<Vec<String>> {
        let queue = self.here().join("out/provenance/queue.jsonl");
        if !queue.is_file() {
            return Ok(verb);
        }
        let saved = self.folder.join(format!("queue-{}.jsonl", self.clones));
        std::fs::copy(&queue, &saved)?;
        std::fs::remove_dir_all(self.here())?;
        self.tally.lost_clones += 1;
        self.clone_again()?;
        let saved = saved.to_string_lossy().into_owned();
        Ok(["manifest", "flush", "--from", &saved].map(str::to_owned).to_vec())
    }

    fn clone_again(&mut self) -> Result<()> {
        self.clones += 1;
        let (from, to) = (self.bare.to_string_lossy(), self.here());
        let to = to.to_string_lossy();
        git(&self.folder, &["clone", "--quiet", "--no-local", &from, &to]).map(drop)
    }

    fn here(&self) -> PathBuf {
        self.folder.join(format!("clone-{}", self.clones))
    }

    fn provost(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.program);
        command.args(arguments).current_dir(self.here());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

impl Tally {
    pub(super) fn add(&mut self, other: &Self) {
        self.pushes += other.pushes;
        self.killed += other.killed;
        self.lost_clones += other.lost_clones;
        self.repeated += other.repeated;
        self.longest = self.longest.max(other.longest);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} calls, {} killed, {} clones lost, {} calls repeated, longest tag {:.0} s",
            self.pushes,
            self.killed,
            self.lost_clones,
            self.repeated,
            self.longest.as_secs_f64()
        )
    }
}
