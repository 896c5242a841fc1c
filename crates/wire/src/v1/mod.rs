//! Version 1.

mod audit;
mod decision;
mod failure;
mod report;

pub use audit::{
    AUDIT_SCHEMA, AuditFile, AuditFinding, AuditJob, AuditReason, AuditReleasePath, AuditReport,
    AuditSecretReader, AuditSpot, AuditSuppressed, AuditVerdict,
};
pub use decision::{
    Context, Decision, DecisionCheck, DecisionOutcome, Identity, OtherBundle, Rejection, Run,
    Source, SubjectDigests,
};
pub use failure::Failure;
pub use report::{REPORT_SCHEMA, Report, ReportError};
