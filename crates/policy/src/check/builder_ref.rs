//! `builder-ref`

use super::{Context, builder_id};
use crate::builders;
use crate::family::Family;
use crate::policy::{ExpectedBuilder, Policy};
use provost_attestation::builder_id::{BuilderId, is_jreleaser_ref, is_release_ref};
use provost_attestation::git_ref::{GitRef, RefKind};
use provost_verify::check::{Check, CheckId, CheckInfo};
use provost_verify::claims::Claim;

/// The id.
pub const ID: CheckId = CheckId::new("builder-ref");

/// What it means.
pub const INFO: CheckInfo = CheckInfo {
    id: ID,
    question: "Was the builder used at a released version?",
    meaning: "A reusable workflow is only as fixed as the ref it was called by. Workflows of \
        slsa-github-generator, and the builders behind its delegators, must be at a release tag \
        `vX.Y.Z`. Any other reusable workflow must be at a release tag, or at a tag, commit or \
        pattern that the policy gives; a branch only if the policy spells it out. Where the \
        called workflow itself signed, its ref is the source's, and `source-ref` asks.",
    mend: "Call the builder by a release tag. To accept another ref, list it in `refs` of its \
        `[[policy.builder]]`, as `--builder-id ID@REF`, or pin its commit with `--signer-digest`.",
};

const RELEASE: &str = "a release tag refs/tags/vX.Y.Z";

pub(crate) fn run(context: &Context<'_>) -> Check {
    let Some(signer) = context.facts.signer else {
        return match context.facts.family {
            Family::ManagedKey => Check::skipped(ID, "signed with a managed key"),
            _ => Check::failed(ID, RELEASE, "no workflow ref in the certificate"),
        };
    };
    match context.facts.family {
        Family::Delegator => delegated(context, signer.git_ref),
        Family::Generic | Family::Go | Family::Container | Family::ContainerBased => {
            released(context, signer.git_ref)
        }
        Family::NpmCli | Family::GithubAttestation | Family::ManagedKey => {
            workflow_of_policy(context, signer.git_ref)
        }
    }
}

/// Both the delegator's ref and the ref of the builder behind it.
fn delegated(context: &Context<'_>, delegator_ref: &str) -> Check {
    if !is_release_ref(delegator_ref) {
        return Check::failed(ID, RELEASE, format!("{delegator_ref}, of the delegator"));
    }
    let Ok(builder) = BuilderId::parse(&context.provenance.builder_id) else {
        return Check::failed(ID, RELEASE, context.provenance.builder_id.as_str());
    };
    let git_ref = builder.git_ref().unwrap_or_default();
    let shape_ok = if is_jreleaser(builder.name()) {
        is_jreleaser_ref(git_ref)
    } else {
        is_release_ref(git_ref)
    };
    if !shape_ok {
        return Check::failed(ID, RELEASE, format!("{git_ref}, of the builder"));
    }
    listed(builder_id::matched(context), git_ref)
}

/// JReleaser's builder is released as `vX.Y.Z-java`; its files stand in one repository.
fn is_jreleaser(name: &str) -> bool {
    name.strip_prefix("https://github.com/jreleaser/release-action")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn released(context: &Context<'_>, git_ref: &str) -> Check {
    if !is_release_ref(git_ref) {
        return Check::failed(ID, RELEASE, git_ref);
    }
    listed(builder_id::matched(context), git_ref)
}

/// A ref of the right shape must still be among those that the policy lists, if it lists any.
fn listed(builder: Option<&ExpectedBuilder>, git_ref: &str) -> Check {
    match builder {
        Some(builder) if !builder.refs.is_empty() => pattern_match(builder, git_ref),
        _ => Check::passed(ID, RELEASE, git_ref),
    }
}

fn pattern_match(builder: &ExpectedBuilder, git_ref: &str) -> Check {
    let patterns: Vec<String> = builder.refs.iter().map(ToString::to_string).collect();
    let expected = patterns.join(" or ");
    if builder.refs.iter().any(|pattern| pattern.matches(git_ref)) {
        Check::passed(ID, expected, git_ref)
    } else {
        Check::failed(ID, expected, git_ref)
    }
}

fn workflow_of_policy(context: &Context<'_>, git_ref: &str) -> Check {
    let builder = builder_id::matched(context);
    if let Some(builder) = builder.filter(|builder| !builder.refs.is_empty()) {
        return pattern_match(builder, git_ref);
    }
    let exact = builder.and_then(|builder| builder.id.as_ref()).and_then(BuilderId::git_ref);
    if let Some(exact) = exact {
        // The name was matched together with this ref; a branch is spelled out in full.
        return Check::passed(ID, exact, git_ref);
    }
    if let Some(pinned) = &context.policy.identity {
        return Check::passed(ID, pinned.san.as_str(), git_ref);
    }
    if pinned_by_digest(context, context.policy) {
        return Check::passed(ID, "any ref, at the pinned commit", git_ref);
    }
    match context.facts.is_reusable() {
        Some(false) => {
            Check::skipped(ID, "the workflow that was called signed; its ref is the source's")
        }
        _ if is_release_ref(git_ref) => Check::passed(ID, RELEASE, git_ref),
        _ => {
            let hint = match GitRef::new(git_ref).kind() {
                RefKind::Branch(_) => "a branch moves; call the reusable workflow by a release tag",
                _ => "list this ref in `refs` of the builder, or pin its commit",
            };
            Check::failed(ID, RELEASE, git_ref).with_hint(hint)
        }
    }
}

fn pinned_by_digest(context: &Context<'_>, policy: &Policy) -> bool {
    let signed = context.facts.claims().and_then(|claims| claims.get(Claim::BuildSignerDigest));
    policy.signer_digest.is_some() && policy.signer_digest.as_deref() == signed
}

/// Whether the policy pins which version of the builder may sign: level 3 rests on it.
pub(crate) fn is_pinned(context: &Context<'_>) -> bool {
    let builder = builder_id::matched(context);
    let by_refs = builder.is_some_and(|builder| {
        !builder.refs.is_empty() && !builder.refs.iter().any(|pattern| pattern.allows_branches())
    });
    let by_id = builder.and_then(|builder| builder.id.as_ref()).and_then(BuilderId::git_ref);
    let by_id = by_id.is_some_and(|git_ref| !git_ref.starts_with("refs/heads/"));
    let by_shape = context.facts.signer.is_some_and(|signer| is_release_ref(signer.git_ref));
    by_refs || by_id || by_shape || pinned_by_digest(context, context.policy)
}

/// Whether the builder behind a delegator is one of slsa-github-generator's own.
pub(crate) fn is_generator_builder(context: &Context<'_>) -> bool {
    BuilderId::parse(&context.provenance.builder_id)
        .is_ok_and(|builder| builders::is_generator(builder.name()))
}
