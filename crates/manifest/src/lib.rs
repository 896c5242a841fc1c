//! The git-kept release manifest: format, merge, atomic write, lint, and the way to a remote.
//!
//! `docs/reports/<YYYY-MM-DD>/manifest.json` is the source of truth for release records. This crate
//! turns a [`provost_record::ReleaseRecord`] into an [`Entry`], settles it in the file where it
//! first stood, and keeps what belongs to a tag under `artifacts/slsa/<enc>/`. Reading and recording
//! touch local files only; [`push()`] and [`flush()`] run the program `git`, which opens what
//! connections there are.
//!
//! Reading order: [`Entry`] (the format), [`Day`] and [`DayFile`] (one file), [`Manifests`] (all of
//! them, and the writing), [`Artifacts`], [`lint_files`], [`LintCode`], [`ManifestError`]; then
//! [`push()`], [`flush()`], [`PushTarget`], [`Pushed`], [`PushError`].

mod accepted;
mod artifacts;

mod day;
mod decode;
mod entry;
mod error;
mod fields;
mod file;
mod folder;
mod format;
mod git;
mod lint;
mod lock;
mod manifests;
mod members;
mod merge;
mod place;
mod problem;
mod push;
mod relative_path;
mod revision;
mod schema;
mod soundness;
mod value;

pub use accepted::AcceptedDigests;
pub use artifacts::{ArtifactKind, Artifacts};
pub use day::Day;
pub use entry::{Entry, EntryKey, EntrySubject, Notified};
pub use error::ManifestError;
pub use file::DayFile;
pub use format::render;
pub use git::{BranchName, InvalidGitName, PushError, RemoteName};
pub use lint::lint_files;
pub use manifests::{Manifests, SettleOutcome, Settled, Standing, StandingFile};
pub use merge::{Reconciled, reconcile};
pub use problem::{LintCode, LintProblem};
pub use push::{Backoff, PushConflict, PushTarget, Pushed, Step, flush, push, queue_path};
pub use relative_path::RelativePath;
pub use revision::RevisionError;
pub use schema::schema;
