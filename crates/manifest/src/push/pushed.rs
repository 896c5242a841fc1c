//! What a push came to.

use crate::entry::EntryKey;
use crate::git::PushError;
use crate::problem::LintProblem;

/// What a push came to: what the remote now holds, and what waits in the queue.
#[derive(Debug, Default)]
pub struct Pushed {
    /// The branch, once it is known.
    pub branch: Option<String>,
    /// The commit that the remote took; `None` when it held everything already, or took nothing.
    pub commit: Option<String>,
    /// The entries that the commit records.
    pub recorded: Vec<EntryKey>,
    /// Bundles that the commit replaced by those of a newer acceptance of the same artifacts.
    pub replaced: Vec<String>,
    /// The entries that contradict the branch; they wait in the queue for a person.
    pub conflicts: Vec<PushConflict>,
    /// Every entry that waits in the queue, those in conflict too.
    pub queued: Vec<EntryKey>,
    /// Lines of a queue that are not understood. They are kept, and not pushed.
    pub problems: Vec<LintProblem>,
    /// A last line of a queue that was never finished; it is left out.
    pub cut_off: Vec<LintProblem>,
    /// How often the push was tried.
    pub tries: u32,
    /// Why not everything could be pushed.
    pub failure: Option<PushError>,
}

/// An entry that contradicts what the branch holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushConflict {
    /// The entry.
    pub key: EntryKey,
    /// What contradicts it, one line.
    pub reason: String,
}

impl Pushed {
    /// Whether the remote holds everything that there was to push.
    pub fn is_complete(&self) -> bool {
        self.failure.is_none()
            && self.conflicts.is_empty()
            && self.queued.is_empty()
            && self.problems.is_empty()
    }
}
