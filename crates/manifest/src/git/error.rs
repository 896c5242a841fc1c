//! Why git, or the remote behind it, did not do it.

use crate::error::ManifestError;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why entries could not be brought to the remote's branch. They are in the queue then.
///
/// What git said is repeated in one line and without credentials.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PushError {
    /// The branch moved before every try.
    #[error(
        "{branch} of {remote} moved before each of {tries} tries; nothing is wrong, run \
         `provost manifest flush` when fewer push at once"
    )]
    Contended {
        /// The remote.
        remote: String,
        /// The branch.
        branch: String,
        /// How often it was tried.
        tries: u32,
    },
    /// The commit would not have been what was planned; the repository's owner looks at the path.
    #[error(
        "nothing was pushed: {path} stands on the branch as something else than a file or folder \
         of the manifest; move it away"
    )]
    Crossed {
        /// The first path that is not as it must be.
        path: String,
    },
    /// Git failed.
    #[error("git {command} failed ({status}): {detail}")]
    Failed {
        /// The git command.
        command: &'static str,
        /// How it ended.
        status: String,
        /// What it said.
        detail: String,
    },
    /// There is no git; the operator installs it.
    #[error("git was not found on PATH; install git, then run `provost manifest flush`")]
    GitMissing,
    /// The branch's own files cannot be read; their owner mends them.
    #[error("the manifest on {branch} of {remote} cannot be used")]
    Manifest {
        /// The remote.
        remote: String,
        /// The branch.
        branch: String,
        /// What is wrong.
        source: Box<ManifestError>,
    },
    /// Nobody said which branch; the caller does.
    #[error(
        "{remote} has no default branch and no branch is checked out here; name one with \
         `--branch` or `[manifest].branch`"
    )]
    NoBranch {
        /// The remote.
        remote: String,
    },
    /// The remote is not configured in this repository.
    #[error(
        "the repository has no remote {remote:?}; add it with `git remote add`, or name another \
         with `--remote` or `[manifest].remote`"
    )]
    NoRemote {
        /// The remote.
        remote: String,
    },
    /// The root is in no repository.
    #[error("{} is in no git work tree: {detail}; run this in a clone of the repository", .root.display())]
    NotARepository {
        /// The manifest's root.
        root: PathBuf,
        /// What git said.
        detail: String,
    },
    /// The remote does not want it: protection, freeze, a hook, no permission.
    #[error(
        "{remote} refused the push to {branch}: {detail}; allow this writer on the branch or name \
         another branch, then run `provost manifest flush`"
    )]
    Refused {
        /// The remote.
        remote: String,
        /// The branch.
        branch: String,
        /// What it said.
        detail: String,
    },
    /// Git could not be started or heard, or a file for it not be written.
    #[error("cannot {action}")]
    System {
        /// What was tried.
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// Git hung and was killed.
    #[error(
        "git {command} did not end within {} s and was stopped; check the network, then run \
         `provost manifest flush`", .waited.as_secs()
    )]
    TimedOut {
        /// The git command.
        command: &'static str,
        /// How long it was waited for.
        waited: Duration,
    },
    /// Git answered something that it should not.
    #[error("git {command} gave an answer that cannot be used: {detail}")]
    Unexpected {
        /// The git command.
        command: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// The remote cannot be reached, or does not let this writer in.
    #[error(
        "cannot reach {remote}: git {command} failed: {detail}; check network and permission, \
         then run `provost manifest flush`"
    )]
    Unreachable {
        /// The remote.
        remote: String,
        /// The git command.
        command: &'static str,
        /// What it said.
        detail: String,
    },
}

impl PushError {
    /// The stable kebab-case code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Contended { .. } => "contended",
            Self::Crossed { .. } => "crossed-path",
            Self::Failed { .. } | Self::Unexpected { .. } => "git",
            Self::GitMissing => "git-missing",
            Self::Manifest { .. } => "remote-manifest",
            Self::NoBranch { .. } => "no-branch",
            Self::NoRemote { .. } => "no-remote",
            Self::NotARepository { .. } => "no-repository",
            Self::Refused { .. } => "push-refused",
            Self::System { .. } => "system",
            Self::TimedOut { .. } => "timed-out",
            Self::Unreachable { .. } => "unreachable",
        }
    }
}
