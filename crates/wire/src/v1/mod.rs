//! Version 1.

mod decision;
mod failure;
mod report;

pub use decision::{
    Context, Decision, DecisionCheck, DecisionOutcome, Identity, OtherBundle, Rejection, Run,
    Source, SubjectDigests,
};
pub use failure::Failure;
pub use report::{REPORT_SCHEMA, Report, ReportError};
