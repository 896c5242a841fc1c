//! Check 11: the bundle that comes along is that of the same run.

use super::job::Job;
use super::refusal::{Check, Refusal};
use provost_verify::claims::{CertificateClaims, Claim};

/// Compares the token with the certificate of a bundle whose signature stands: repository and
/// owner by number, commit, ref, run with attempt, signing workflow and runner. A stolen token can
/// then only send true evidence of its own run again.
pub(crate) fn check(job: &Job, certificate: &CertificateClaims) -> Result<(), Refusal> {
    // The address of the repository is the certificate's own: its number was compared already.
    let repository = certificate.get(Claim::SourceRepositoryUri).unwrap_or_default();
    let run = format!("{repository}/actions/runs/{}/attempts/{}", job.run_id, job.run_attempt);
    let pairs = [
        (Claim::RunInvocationUri, run),
        (Claim::SourceRepositoryIdentifier, job.repository_id.to_string()),
        (Claim::SourceRepositoryOwnerIdentifier, job.owner_id.to_string()),
        (Claim::SourceRepositoryDigest, job.sha.clone()),
        (Claim::SourceRepositoryRef, job.git_ref.clone()),
        (Claim::BuildSignerUri, format!("{}/{}", job.server_url, job.job_workflow_ref)),
        (Claim::BuildSignerDigest, job.job_workflow_sha.clone()),
        (Claim::RunnerEnvironment, job.runner_environment.clone()),
    ];
    for (claim, expected) in pairs {
        if certificate.get(claim) != Some(expected.as_str()) {
            return Err(differs(claim, certificate, &expected));
        }
    }
    Ok(())
}

fn differs(claim: Claim, certificate: &CertificateClaims, expected: &str) -> Refusal {
    let found = provost_sink::visible(certificate.get(claim).unwrap_or("missing"), 200);
    let expected = provost_sink::visible(expected, 200);
    let oid = claim.oid();
    Refusal::new(
        Check::Evidence,
        format!("certificate claim {oid} is {found:?} and the token says {expected:?}"),
    )
}
