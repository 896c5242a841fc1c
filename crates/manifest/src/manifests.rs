//! All manifest files below one root: find, record, ask.

use crate::accepted::AcceptedDigests;
use crate::artifacts::Artifacts;
use crate::day::{Day, MANIFEST};
use crate::entry::{Entry, EntryKey, Notified};
use crate::error::ManifestError;
use crate::file::DayFile;
use crate::folder::Folder;
use crate::lint;
use crate::lock::Lock;
use crate::merge::{notified, settle};
use crate::problem::LintProblem;
use crate::relative_path::RelativePath;
use crate::soundness::unsound;
use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use provost_attestation::git_ref::Tag;
use provost_record::Verdict;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a writer waits for the one before it; each needs some milliseconds.
const LOCK_WAIT: Duration = Duration::from_secs(60);

/// The manifests below a root, `docs/reports/<YYYY-MM-DD>/manifest.json`.
#[derive(Debug, Clone)]
pub struct Manifests {
    root: PathBuf,
    lock_wait: Duration,
}

/// An entry and the file it stands in.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The entry.
    pub entry: Entry,
    /// Its file, below the root.
    pub path: RelativePath,
}

/// One day's file as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingFile {
    /// The day.
    pub day: Day,
    /// The file, below the root.
    pub path: RelativePath,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What recording came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// The entry as it now stands; its `validated_at` is the time of this outcome.
    pub entry: Entry,
    /// The file it stands in, below the root.
    pub path: RelativePath,
    /// SHA-256 of that file's bytes, hex.
    pub sha256: String,
    /// Whether it was new.
    pub outcome: SettleOutcome,
}

/// Whether recording changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettleOutcome {
    /// A new entry.
    Added,
    /// An entry that stood already says something else now.
    Updated,
    /// The same was recorded before; nothing was written.
    Unchanged,
}

impl Manifests {
    /// The manifests below `root`, the folder that holds `docs/reports` and `artifacts/slsa`. It
    /// must exist; what is missing below it is made when something is written.
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned(), lock_wait: LOCK_WAIT }
    }

    /// The same, waiting that long for another writer instead of 60 seconds.
    #[must_use]
    pub fn with_lock_wait(mut self, wait: Duration) -> Self {
        self.lock_wait = wait;
        self
    }

    /// What is kept of each tag beside the manifests, under the same lock.
    pub fn artifacts(&self) -> Artifacts {
        Artifacts::at(self.root.clone(), self.lock_wait)
    }

    /// The entry of that run and tag, in whatever day's file it stands.
    ///
    /// # Errors
    /// [`ManifestError::InvalidFile`] when any day's file does not parse: the entry might be in it.
    /// [`ManifestError::Io`], [`ManifestError::InvalidPath`].
    pub fn find(&self, run: u64, tag: &Tag) -> Result<Option<Standing>, ManifestError> {
        let key = EntryKey { run, tag: tag.clone() };
        Ok(self
            .load()?
            .first(&key)
            .map(|(day, entry)| Standing { entry: entry.clone(), path: day.path() }))
    }

    /// Every entry, oldest day first, each day in the order of its file.
    ///
    /// # Errors
    /// As [`Manifests::find`].
    pub fn entries(&self) -> Result<Vec<Standing>, ManifestError> {
        let days = self.load()?;
        let standing = |(day, loaded): (&Day, &Loaded)| {
            let path = day.path();
            let standing =
                move |entry: &Entry| Standing { entry: entry.clone(), path: path.clone() };
            loaded.file.entries().map(standing).collect::<Vec<_>>()
        };
        Ok(days.0.iter().flat_map(standing).collect())
    }

    /// Every day's file with its bytes as they stand, oldest day first.
    ///
    /// # Errors
    /// As [`Manifests::find`]: none is given when one of them does not parse.
    pub fn files(&self) -> Result<Vec<StandingFile>, ManifestError> {
        let days = self.load()?;
        let standing = |(day, loaded): (Day, Loaded)| StandingFile {
            day,
            path: day.path(),
            bytes: loaded.bytes,
        };
        Ok(days.0.into_iter().map(standing).collect())
    }

    /// Every digest that was accepted, with its tags, from one reading of all days.
    ///
    /// # Errors
    /// As [`Manifests::find`].
    pub fn accepted_digests(&self) -> Result<AcceptedDigests, ManifestError> {
        Ok(self.load()?.accepted().collect())
    }

    /// Settles what is reported of one run and tag in the file where it first stood, else in the
    /// file of `now`'s UTC date, and returns how it stands then.
    ///
    /// 1. One writer at a time: an exclusive lock on the root, released when its holder dies.
    /// 2. A known entry is merged: what the report knows replaces what stood, unknown keys and
    ///    what it does not know stay, what was announced stays announced. A refusal gives way only
    ///    to another decision, and a report of an earlier attempt changes no later outcome.
    /// 3. `validated_at` is set here, to `now` in whole seconds, when the outcome is new; a repeat
    ///    keeps the time that stands and writes nothing. The report's own time does not count.
    /// 4. The file is replaced atomically. On success it is durable, with every folder above it.
    ///
    /// # Errors
    /// [`ManifestError::InvalidEntry`] when the result is one that lint would refuse;
    /// [`ManifestError::InvalidFile`] when a day's file does not parse, which is left as it is;
    /// [`ManifestError::LockTimeout`]; [`ManifestError::InvalidPath`] for a link in the way;
    /// [`ManifestError::Io`]. After an error the old file stands, or, when only making it durable
    /// failed, the new one; recording again settles it.
    pub fn record(&self, report: Entry, now: Timestamp) -> Result<Settled, ManifestError> {
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let key = report.key();
        let root = Folder::open_root(&self.root)?;
        let lock = Lock::hold(&root, self.lock_wait)?;
        let days = Days::load(&root, Some(&lock))?;
        let (day, entry, outcome) = match days.first(&key) {
            None => {
                let added = Entry { validated_at: now, ..report };
                (Day::of(now), added, SettleOutcome::Added)
            }
            Some((day, standing)) => match settle(standing, &report, now) {
                Some(updated) => (day, updated, SettleOutcome::Updated),
                None => (day, standing.clone(), SettleOutcome::Unchanged),
            },
        };
        settled(&root, &lock, days, (day, entry, outcome))
    }

    /// Remembers where the failure of that run and tag was announced, and nothing else: what
    /// another writer recorded in the meantime stays, and so does every earlier announcement.
    /// `None` when there is no such entry.
    ///
    /// # Errors
    /// As [`Manifests::record`].
    pub fn record_announcement(
        &self,
        key: &EntryKey,
        announced: &Notified,
    ) -> Result<Option<Settled>, ManifestError> {
        self.change(key, |standing| Entry {
            notified: notified(standing.notified.as_ref(), Some(announced)),
            ..standing.clone()
        })
    }

    /// Remembers in an entry which run was started in its place; nothing else of it changes.
    /// `None` when there is no such entry.
    ///
    /// # Errors
    /// As [`Manifests::record`].
    pub fn record_recovery(
        &self,
        key: &EntryKey,
        run: u64,
    ) -> Result<Option<Settled>, ManifestError> {
        self.change(key, |standing| Entry { recovered_by_run: Some(run), ..standing.clone() })
    }

    /// Changes what is no part of an entry's outcome; `None` when there is no such entry.
    fn change(
        &self,
        key: &EntryKey,
        changed: impl Fn(&Entry) -> Entry,
    ) -> Result<Option<Settled>, ManifestError> {
        let root = Folder::open_root(&self.root)?;
        let lock = Lock::hold(&root, self.lock_wait)?;
        let days = Days::load(&root, Some(&lock))?;
        let Some((day, standing)) = days.first(key) else {
            return Ok(None);
        };
        let entry = changed(standing);
        let outcome = match entry == *standing {
            true => SettleOutcome::Unchanged,
            false => SettleOutcome::Updated,
        };
        settled(&root, &lock, days, (day, entry, outcome)).map(Some)
    }

    /// Everything that is wrong in the files below `docs/reports`, in the order of files and
    /// places. See [`crate::LintCode`] for what is checked.
    ///
    /// # Errors
    /// [`ManifestError::Io`], [`ManifestError::InvalidPath`]: what could not be read was not
    /// checked.
    pub fn lint(&self) -> Result<Vec<LintProblem>, ManifestError> {
        lint::lint_root(&Folder::open_root(&self.root)?)
    }

    /// The folder that holds everything.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// How long a writer waits for the one before it.
    pub(crate) fn lock_wait(&self) -> Duration {
        self.lock_wait
    }

    fn load(&self) -> Result<Days, ManifestError> {
        Days::load(&Folder::open_root(&self.root)?, None)
    }
}

/// Writes the entry into its day's file, unless it stands there already.
fn settled(
    root: &Folder,
    lock: &Lock,
    mut days: Days,
    (day, entry, outcome): (Day, Entry, SettleOutcome),
) -> Result<Settled, ManifestError> {
    let loaded = days.0.remove(&day).unwrap_or_default();
    let writer = Writer { root, lock, day };
    let sha256 = match outcome {
        SettleOutcome::Unchanged => writer.keep(&loaded.bytes)?,
        _ => writer.write(loaded.file, &entry)?,
    };
    Ok(Settled { entry, path: day.path(), sha256, outcome })
}

/// Every day's file, as read.
struct Days(BTreeMap<Day, Loaded>);

#[derive(Default)]
struct Loaded {
    file: DayFile,
    bytes: Vec<u8>,
}

impl Days {
    /// Reads every day's file. A writer, who holds the lock, sweeps away what killed ones left.
    fn load(root: &Folder, lock: Option<&Lock>) -> Result<Self, ManifestError> {
        let mut days = BTreeMap::new();
        let Some(reports) = enter_reports(root)? else {
            return Ok(Self(days));
        };
        for name in reports.names()? {
            // What is no date is no day of ours; lint tells when it looks like one.
            let Some(day) = Day::from_folder(&name) else {
                continue;
            };
            let Some(folder) = reports.enter(&name)? else {
                continue;
            };
            if let Some(lock) = lock {
                folder.sweep(lock)?;
            }
            if let Some(bytes) = folder.read(MANIFEST)? {
                let file = DayFile::parse(day.path().as_str(), &bytes)?;
                days.insert(day, Loaded { file, bytes });
            }
        }
        Ok(Self(days))
    }

    /// The entry in the oldest day that has it.
    fn first(&self, key: &EntryKey) -> Option<(Day, &Entry)> {
        self.0.iter().find_map(|(day, loaded)| Some((*day, loaded.file.find(key)?)))
    }

    fn accepted(&self) -> impl Iterator<Item = &Entry> {
        self.0
            .values()
            .flat_map(|loaded| loaded.file.entries())
            .filter(|entry| entry.decision == Some(Verdict::Accepted))
    }
}

pub(crate) fn enter_reports(root: &Folder) -> Result<Option<Folder>, ManifestError> {
    match root.enter("docs")? {
        Some(docs) => docs.enter("reports"),
        None => Ok(None),
    }
}

/// Writes one day's file, under the lock.
struct Writer<'a> {
    root: &'a Folder,
    lock: &'a Lock,
    day: Day,
}

impl Writer<'_> {
    fn write(&self, mut file: DayFile, entry: &Entry) -> Result<String, ManifestError> {
        let invalid = |reason: String| ManifestError::InvalidEntry { key: entry.key(), reason };
        if let Some(first) = unsound(entry).into_iter().next() {
            return Err(invalid(format!("{}; {}", first.message, first.help)));
        }
        file.put(entry.clone());
        let text =
            file.render_readable(self.day.path().as_str()).map_err(|problems| {
                match problems.first() {
                    Some(first) => invalid(format!("could not be read again: {first}")),
                    None => invalid("could not be read again".to_owned()),
                }
            })?;
        self.durably(|folder| folder.replace(self.lock, MANIFEST, text.as_bytes()))?;
        Ok(sha256(text.as_bytes()))
    }

    /// The file stays; but the writer before may have been killed before it was durable.
    fn keep(&self, bytes: &[u8]) -> Result<String, ManifestError> {
        self.durably(|folder| folder.sync_file(MANIFEST))?;
        Ok(sha256(bytes))
    }

    fn durably(
        &self,
        write: impl FnOnce(&Folder) -> Result<(), ManifestError>,
    ) -> Result<(), ManifestError> {
        let docs = self.root.enter_or_create("docs")?;
        let reports = docs.enter_or_create("reports")?;
        let folder = reports.enter_or_create(&self.day.to_string())?;
        write(&folder)?;
        for folder in [&folder, &reports, &docs, self.root] {
            folder.sync()?;
        }
        Ok(())
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}
