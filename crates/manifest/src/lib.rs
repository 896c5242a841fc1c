//! The git-kept release manifest: format, merge, atomic write, lint. Local files only.
//!
//! `docs/reports/<YYYY-MM-DD>/manifest.json` is the source of truth for release records. This crate
//! turns a [`provost_record::ReleaseRecord`] into an [`Entry`], settles it in the file where it
//! first stood, and keeps what belongs to a tag under `artifacts/slsa/<enc>/`. It runs no git and
//! opens no connection.
//!
//! Reading order: [`Entry`] (the format), [`Day`] and [`DayFile`] (one file), [`Manifests`] (all of
//! them, and the writing), [`Artifacts`], [`lint_files`], [`LintCode`], [`ManifestError`].

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
mod lint;
mod lock;
mod manifests;
mod members;
mod merge;
mod place;
mod problem;
mod relative_path;
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
pub use lint::lint_files;
pub use manifests::{Manifests, SettleOutcome, Settled, Standing};
pub use problem::{LintCode, LintProblem};
pub use relative_path::RelativePath;
pub use schema::schema;
