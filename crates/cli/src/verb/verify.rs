//! `provost verify`

use super::actions;
use super::decisions::{self, Call};
use crate::args::VerifyArgs;
use crate::exit::Exit;
use crate::output::{Output, Shown, write_file};
use crate::sink::terminal;
use jiff::Timestamp;
use provost_attestation::digest::ArtifactDigest;
use provost_control::config::LoadedConfig;
use provost_control::{
    ArtifactInput, ControlError, Expectations, Judgement, Summary, sha256_hex, trusted_roots,
    verify,
};
use provost_policy::Policy;
use provost_trust::is_stale;
use provost_verify::{ManagedKey, Verifier};
use std::path::{Path, PathBuf};

const NOT_DONE: &str = "no artifact was judged";

pub(crate) fn run(args: &VerifyArgs, output: &Output) -> Shown {
    let now = Timestamp::now();
    let prepared = match Prepared::new(args, output, now) {
        Ok(prepared) => prepared,
        Err(error) => return failed(&error, output),
    };
    let judgements = match verify(
        &prepared.artifacts,
        &args.bundle,
        &prepared.verifier,
        &prepared.policy,
        now,
    ) {
        Ok(judgements) => judgements,
        Err(error) => return failed(&error, output),
    };
    let call = Call {
        not_done: NOT_DONE,
        policy_sha256: prepared.policy_sha256.clone(),
        now,
        recorded: None,
    };
    let mut report = decisions::report(&judgements, &call);
    let mut exit = decisions::exit_of(&judgements);
    if let Some(path) = &args.vsa_out {
        match write_summary(path, &judgements, &prepared, now) {
            Ok(()) => {
                let path = path.display().to_string();
                output.tell(&format!("wrote the unsigned VSA {}\n", terminal(&path)));
            }
            Err(failure) => {
                exit = exit.worst(decisions::unwritten(&failure, &mut report, output));
            }
        }
    }
    let reported = output.report(&report);
    if args.print_provenance {
        output.print_raw(&decisions::provenance(&judgements))?;
    }
    decisions::show(&judgements, &call, output)?;
    reported?;
    actions::tell(&judgements, output)?;
    Ok(exit)
}

fn failed(error: &ControlError, output: &Output) -> Shown {
    output.error(NOT_DONE, error.code(), error)?;
    Ok(Exit::from(error))
}

struct Prepared {
    artifacts: Vec<ArtifactInput>,
    verifier: Verifier,
    policy: Policy,
    policy_sha256: String,
    policy_uri: String,
    resource_uri: String,
}

impl Prepared {
    fn new(args: &VerifyArgs, output: &Output, now: Timestamp) -> Result<Self, ControlError> {
        let config = args.config.as_deref().map(LoadedConfig::from_file).transpose()?;
        let expectations = expectations(args);
        let policy = expectations.policy(config.as_ref().map(|loaded| &loaded.config))?;
        if args.builder_id.is_none() && args.signer_workflow.is_none() && config.is_none() {
            output.tell(
                "note: no builder is named, so only workflows of slsa-github-generator are \
                 accepted (built-in list)\n",
            );
        }
        let root = args.trusted_root.clone().or_else(|| config.as_ref()?.trusted_root_file());
        let artifacts: Result<Vec<_>, _> =
            args.artifacts.iter().map(|text| artifact(text)).collect();
        Ok(Self {
            artifacts: artifacts?,
            verifier: verifier(root, args.key.as_deref(), output, now)?,
            policy_sha256: match &config {
                Some(config) => config.sha256.clone(),
                None => sha256_hex(format!("{policy:?}").as_bytes()),
            },
            policy_uri: match &args.config {
                Some(path) => path.display().to_string(),
                None => "command line".to_owned(),
            },
            resource_uri: args.source_uri.clone().unwrap_or_default(),
            policy,
        })
    }
}

/// A digest, or else a file. What begins like a digest and is none is an error, unless a file has
/// that very name.
fn artifact(text: &str) -> Result<ArtifactInput, ControlError> {
    let looks_like_digest = ["sha256:", "sha384:", "sha512:", "sha1:", "md5:"]
        .iter()
        .any(|prefix| text.starts_with(prefix));
    if text.starts_with("oci:") || text.starts_with("oci-layout:") || text.starts_with("npm:") {
        let scheme = text.split(':').next().unwrap_or_default();
        return Err(ControlError::NotSupported(format!(
            "{scheme}: artifacts are not supported yet"
        )));
    }
    if !looks_like_digest {
        return Ok(ArtifactInput::File(PathBuf::from(text)));
    }
    match text.parse::<ArtifactDigest>() {
        Ok(digest) => Ok(ArtifactInput::digest(digest)),
        Err(error) => Err(ControlError::Configuration(format!("{text:?}: {error}"))),
    }
}

fn verifier(
    root: Option<PathBuf>,
    key: Option<&Path>,
    output: &Output,
    now: Timestamp,
) -> Result<Verifier, ControlError> {
    if root.is_none() {
        warn_of_stale_roots(output, now);
    }
    let verifier = Verifier::new(trusted_roots(root.as_deref())?);
    let Some(path) = key else { return Ok(verifier) };
    let pem = std::fs::read_to_string(path)
        .map_err(|source| ControlError::Unreadable { path: path.to_owned(), source })?;
    let key = ManagedKey::from_pem(&pem).map_err(|error| {
        ControlError::Configuration(format!("--key {}: {error}", path.display()))
    })?;
    Ok(verifier.with_key(key))
}

/// The embedded roots may lack authorities that started after they were built in.
pub(super) fn warn_of_stale_roots(output: &Output, now: Timestamp) {
    if is_stale(now) {
        output.warn(&format!(
            "the embedded trusted roots are of {}, more than {} days old; update provost, or give \
             a current one with --trusted-root",
            &provost_trust::EMBEDDED_ON[..10],
            provost_trust::STALE_AFTER_DAYS
        ));
    }
}

fn expectations(args: &VerifyArgs) -> Expectations {
    Expectations {
        source_uri: args.source_uri.clone(),
        unsafe_any_source: args.unsafe_any_source,
        source_tag: args.source_tag.clone(),
        source_versioned_tag: args.source_versioned_tag.clone(),
        source_branch: args.source_branch.clone(),
        source_digest: args.source_digest.clone(),
        builder_id: args.builder_id.clone(),
        signer_workflow: args.signer_workflow.clone(),
        signer_digest: args.signer_digest.clone(),
        build_workflow_inputs: args.build_workflow_input.clone(),
        predicate_types: args.predicate_type.clone(),
        min_level: args.min_level,
        deny_self_hosted_runners: args.deny_self_hosted_runners,
        certificate_identity: args.certificate_identity.clone(),
        certificate_oidc_issuer: args.certificate_oidc_issuer.clone(),
    }
}

/// One summary over everything that was decided; it passes only when every artifact did.
fn write_summary(
    path: &Path,
    judgements: &[Judgement],
    prepared: &Prepared,
    now: Timestamp,
) -> Result<(), crate::output::WriteFailure> {
    let decided: Vec<_> = decisions::judged(judgements).map(|judged| &judged.decision).collect();
    let passed = decided.len() == judgements.len() && decided.iter().all(|d| d.is_accepted());
    let summary = Summary {
        resource_uri: prepared.resource_uri.clone(),
        policy_uri: prepared.policy_uri.clone(),
        policy_sha256: prepared.policy_sha256.clone(),
        verified_at: now,
        passed,
    };
    write_file(path, summary.text(&decided).as_bytes())
}
