//! The use cases, one function each, and what they are configured with.
//!
//! Reading order: [`verify()`], [`gate()`] (the main line), [`init`] (what a repository needs for
//! it), then [`config`].

pub mod config;
pub mod init;

mod audit;
mod candidate;
mod connection;
mod dispatch;
mod entries;
mod environment;
mod error;
mod expectations;
mod gate;
mod hash;
mod ingest;
mod notify;
mod parallel;
mod publish;
mod reconcile;
mod recover;
mod roots;
mod ruleset;
mod summary;
mod token;
mod tracker;
mod verify;
mod verify_document;
mod workflow_docs;
mod workflow_files;

pub use audit::{AuditError, AuditRequest, Audited, UnreadFile, audit_workflows};
pub use candidate::BundleSource;
pub use connection::Connection;
pub use dispatch::{
    DispatchOutcome, DispatchRequest, DispatchToken, Patience, TokenProblem, dispatch, wait,
};
pub use environment::Environment;
pub use error::{ControlError, chain};
pub use expectations::Expectations;
pub use gate::{
    Again, ArtifactSet, EntrySelection, Found, GateOutcome, GateRequest, Online, Publication,
    REQUIRED_CHECK, Recorded, Recording, SelectedEntries, gate, gate_again, gate_entries,
};
pub use hash::{hash_file, sha256_hex};
pub use ingest::{
    Comparison, Difference, IngestSource, Ingested, IngestedEntry, LoggedEvent, Rebuilt,
    events_of_entry, ingest, rebuild,
};
pub use notify::{
    NotifyOutcome, NotifyRequest, NotifySecrets, Runner, Step, notify_failure,
    notify_failure_watched, notify_recovery,
};
pub use provost_notify::{
    Announcement, Comment, Issue, IssueState, IssueTracker, TrackerError, Try,
};
pub use publish::{DaySelection, DocsBucket, PublishRequest, PublishState, PublishedFile, publish};
pub use reconcile::{Gap, GapKind, LookedAt, ReconcileRequest, Reconciliation, Telling, reconcile};
pub use recover::{RecoverRequest, Recovered, recover};
pub use roots::trusted_roots;
pub use ruleset::{RulesetReport, RulesetState, apply_ruleset, ruleset_body};
pub use summary::Summary;
pub use token::{TokenReport, check_token, note_rotation};
pub use tracker::GithubIssues;
pub use verify::{ArtifactInput, Judged, Judgement, verify};
pub use verify_document::{JudgedDocument, verify_document};
pub use workflow_docs::{
    DocumentCheck, DocumentReport, DocumentState, check_workflow_documents, default_picture,
    render_diagram, write_workflow_documents,
};
