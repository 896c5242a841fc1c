//! Version 1.

mod answer;
mod audit;
mod decision;
mod event;
mod failure;
mod figures;
mod report;
mod run_id;
mod service;

pub use answer::{
    EntryAnswer, EntryOutcome, ErrorDetail, ErrorsDocument, RejectedEntry, TelemetryAnswer,
    ValidateAnswer,
};
pub use audit::{
    AUDIT_SCHEMA, AuditFile, AuditFinding, AuditJob, AuditReason, AuditReleasePath, AuditReport,
    AuditSecretReader, AuditSpot, AuditSuppressed, AuditVerdict,
};
pub use decision::{
    Context, Decision, DecisionCheck, DecisionOutcome, Identity, OtherBundle, Rejection, Run,
    Source, SubjectDigests,
};
pub use event::{EventDocument, InvalidDocument, parse_time};
pub use failure::Failure;
pub use figures::{Coverage, Dispatch, Incident, KpiRow, Page, Release, Summary, TimeToAccepted};
pub use report::{REPORT_SCHEMA, Report, ReportError};
pub use run_id::RunId;
pub use service::{
    DeadLetter, Delivery, EventList, Health, HintAnswer, ManifestAddress, SlackAnswer, SlackNotice,
    Standing, Telemetry, Validation, VerifyAnswer, VerifyRequest,
};
