//! Check 9: which workflow the job stands in, and which called it.

use super::claims::Claims;
use super::refusal::{Check, Refusal};
use provost_control::config::{OWN_REF, RepositorySection};

/// `job_workflow_ref` equals one of the list, or `job_workflow_sha` is one of the accepted
/// commits of a file of the list; and the calling workflow, where callers are named, is one of
/// them.
pub(crate) fn check(claims: &Claims, registered: &RepositorySection) -> Result<(), Refusal> {
    let git_ref = claims.text(Check::Workflow, "ref")?;
    let job = claims.text(Check::Workflow, "job_workflow_ref")?;
    let is_named = registered.workflows.iter().any(|own| equals(own, job, git_ref));
    if !is_named && !is_pinned(claims, registered, job)? {
        return Err(Refusal::differs(Check::Workflow, "job_workflow_ref", job));
    }
    if registered.callers.is_empty() {
        return Ok(());
    }
    let caller = claims.text(Check::Workflow, "workflow_ref")?;
    match registered.callers.iter().any(|own| equals(own, caller, git_ref)) {
        true => Ok(()),
        false => Err(Refusal::differs(Check::Workflow, "workflow_ref", caller)),
    }
}

/// Equality of the whole text, after `{ref}` was replaced by the ref of the job.
fn equals(own: &str, found: &str, git_ref: &str) -> bool {
    match own.strip_suffix(OWN_REF) {
        Some(file) => found.strip_prefix(file) == Some(git_ref),
        None => own == found,
    }
}

/// Whether the file is one of the list, at one of the accepted commits.
fn is_pinned(claims: &Claims, registered: &RepositorySection, job: &str) -> Result<bool, Refusal> {
    if registered.job_workflow_shas.is_empty() {
        return Ok(false);
    }
    let commit = claims.text(Check::Workflow, "job_workflow_sha")?;
    let file_of = |text: &str| text.split_once('@').map(|(file, _)| file.to_owned());
    let file = file_of(job);
    let is_file = file.is_some() && registered.workflows.iter().any(|own| file_of(own) == file);
    Ok(is_file && registered.job_workflow_shas.iter().any(|own| own == commit))
}
