//! `source-repository`

use super::Context;
use crate::family::Family;
use crate::policy::ExpectedSource;
use provost_attestation::provenance::ProvenanceVersion;
use provost_attestation::repository::{Repository, SourceUri};
use provost_verify::check::{Check, CheckId, CheckInfo};
use provost_verify::claims::Claim;

/// The id.
pub const ID: CheckId = CheckId::new("source-repository");

/// What it means.
pub const INFO: CheckInfo = CheckInfo {
    id: ID,
    question: "Was it built from the expected repository?",
    meaning: "The certificate (OID .12, or .5 of an old one), the source that the provenance \
        resolved and the workflow that triggered it must all name the expected repository. Names \
        are compared without case, and only after every odd byte was refused; numeric ids of \
        repository and owner (OIDs .15 and .17) are compared too when the policy gives them, since \
        a name can be re-used by another repository.",
    mend: "Check the spelling of the expected source. If the repository was renamed or moved, \
        change the policy after making sure that it is the same one.",
};

pub(crate) fn run(context: &Context<'_>) -> Check {
    let ExpectedSource::Repository { repository, id, owner_id } = &context.policy.source else {
        return Check::skipped(ID, "any source is accepted (unsafe)");
    };
    if let Some(failure) = by_certificate(context, repository) {
        return failure;
    }
    for (wanted, claim) in [
        (id, Claim::SourceRepositoryIdentifier),
        (owner_id, Claim::SourceRepositoryOwnerIdentifier),
    ] {
        let Some(wanted) = wanted else { continue };
        let found = context.facts.claims().and_then(|claims| claims.get(claim));
        if found != Some(wanted.to_string().as_str()) {
            let expected = format!("id {wanted} (OID {})", claim.oid());
            return Check::failed(ID, expected, found.unwrap_or("none"));
        }
    }
    if let Some(failure) = by_provenance(context, repository) {
        return failure;
    }
    Check::passed(ID, repository.to_string(), repository.to_string())
}

fn by_certificate(context: &Context<'_>, expected: &Repository) -> Option<Check> {
    context.facts.claims()?;
    let Some(url) = context.facts.repository_url() else {
        return Some(Check::failed(
            ID,
            expected.to_string(),
            "the certificate names no repository (OIDs .12 and .5)",
        ));
    };
    match Repository::from_url(&url, context.facts.server) {
        Ok(found) if found == *expected => None,
        _ => Some(Check::failed(ID, expected.to_string(), format!("{url} (certificate)"))),
    }
}

/// The source and the trigger that the provenance names.
fn by_provenance(context: &Context<'_>, expected: &Repository) -> Option<Check> {
    let fail = |found: String| Some(Check::failed(ID, expected.to_string(), found));
    let Some(source) = context.provenance.dependencies.first().and_then(|d| d.uri.as_deref())
    else {
        return fail("the provenance names no source".into());
    };
    let source = match SourceUri::parse(source) {
        Some(source) => source,
        None => return fail(format!("{source} (source of the provenance)")),
    };
    match source.repository(context.facts.server) {
        Ok(found) if found == *expected => {}
        _ => return fail(format!("{} (source of the provenance)", source.uri)),
    }
    if source.git_ref.unwrap_or_default().is_empty() && !may_lack_ref(context) {
        return fail(format!("{} without a ref", source.uri));
    }
    let Some(trigger) = trigger_uri(context) else {
        return match context.facts.family {
            Family::ManagedKey => None,
            _ => fail("the provenance names no triggering workflow".into()),
        };
    };
    let named = SourceUri::parse(&trigger).and_then(|trigger| {
        let git_ref = trigger.git_ref.filter(|git_ref| !git_ref.is_empty())?;
        Some((trigger.repository(context.facts.server).ok()?, git_ref.to_owned()))
    });
    match named {
        Some((found, _)) if found == *expected => None,
        _ => fail(format!("{trigger} (trigger of the provenance)")),
    }
}

/// Old npm provenance and builders behind a delegator may name their source without a ref.
fn may_lack_ref(context: &Context<'_>) -> bool {
    context.facts.family == Family::Delegator
        || context.provenance.build_type == "https://github.com/npm/cli/gha@v1"
}

/// The repository and ref whose workflow was triggered, as `git+https://…@ref`.
pub(crate) fn trigger_uri(context: &Context<'_>) -> Option<String> {
    let provenance = context.provenance;
    if provenance.version == ProvenanceVersion::V02 {
        return provenance.config_source.as_ref()?.uri.clone();
    }
    if context.facts.family.is_generator() {
        let workflow = provenance.internal_parameters.text("GITHUB_WORKFLOW_REF")?.ok()?;
        let (path, git_ref) = workflow.split_once('@')?;
        let mut parts = path.splitn(3, '/');
        let (owner, name) = (parts.next()?, parts.next()?);
        parts.next()?;
        return Some(format!("git+{}/{owner}/{name}@{git_ref}", context.facts.server));
    }
    let workflow = provenance.external_parameters.object("workflow")?;
    let text = |name: &str| workflow.get(name)?.as_str();
    Some(format!("git+{}@{}", text("repository")?, text("ref")?))
}
