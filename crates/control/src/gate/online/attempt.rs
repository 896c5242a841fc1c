//! Which attempt of a run counts.

use provost_github::{GithubError, Repository, Run};
use provost_policy::RunId;
use std::collections::BTreeSet;

/// The most repetitions that are looked through.
const MAX_REPETITIONS: u32 = 10;

/// Whether what was attested in one attempt is still what the run made: it is the run's latest
/// attempt, or every later one repeated only jobs that had not succeeded in it ("re-run failed
/// jobs"). The job that attested had succeeded, so it was not among those.
pub(super) fn is_current(
    repository: &Repository<'_>,
    run: &Run,
    attested: RunId,
) -> Result<bool, GithubError> {
    let later = match run.run_attempt.checked_sub(attested.attempt) {
        Some(0) => return Ok(true),
        Some(later) if later <= MAX_REPETITIONS => later,
        _ => return Ok(false),
    };
    let jobs = repository.jobs(attested.id, attested.attempt)?;
    let stands: BTreeSet<&str> = jobs
        .iter()
        .filter(|job| job.conclusion.as_deref() == Some("success"))
        .map(|job| job.name.as_str())
        .collect();
    if stands.is_empty() {
        return Ok(false);
    }
    for attempt in (attested.attempt + 1)..=(attested.attempt + later) {
        let repeated = repository.jobs(attested.id, attempt)?;
        // A job that was kept is listed with the attempt in which it ran.
        let ran_then = |job: &&provost_github::Job| job.run_attempt.is_none_or(|at| at == attempt);
        if repeated.iter().filter(ran_then).any(|job| stands.contains(job.name.as_str())) {
            return Ok(false);
        }
    }
    Ok(true)
}
