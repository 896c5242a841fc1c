//! `builder-id`

use super::Context;
use crate::builders;
use crate::family::Family;
use crate::policy::{ExpectedBuilder, ExpectedBuilders};
use provost_attestation::builder_id::BuilderId;
use provost_verify::check::{Check, CheckId, CheckInfo};

/// The id.
pub const ID: CheckId = CheckId::new("builder-id");

/// What it means.
pub const INFO: CheckInfo = CheckInfo {
    id: ID,
    question: "Was it built by a builder that is trusted?",
    meaning: "The signing workflow of the certificate must be one that the policy names, or one of \
        slsa-github-generator when none is named, and the provenance must name the same builder. \
        Behind a delegator of slsa-github-generator the provenance names the real builder, and \
        that name is compared; for the npm CLI it names GitHub's runner, and the signing workflow \
        must belong to the source repository or be named. Names are compared whole.",
    mend: "If the builder is yours, name it: `--builder-id`, `--signer-workflow`, or a \
        `[[policy.builder]]`. Otherwise treat the artifact as built by somebody else.",
};

pub(crate) fn run(context: &Context<'_>) -> Check {
    let Ok(claimed) = BuilderId::parse(&context.provenance.builder_id) else {
        return Check::failed(ID, "a builder id", context.provenance.builder_id.as_str());
    };
    if context.facts.family == Family::ManagedKey {
        return managed_key(context, &claimed);
    }
    let Some(signer) = context.facts.signer else {
        let found = context.facts.claims().map_or("", |claims| claims.san());
        return Check::failed(ID, "a workflow URI with its ref as the signer", found);
    };
    if let Some(pinned) = &context.policy.identity {
        let found = context.facts.claims().map_or("", |claims| claims.san());
        if found != pinned.san {
            return Check::failed(ID, pinned.san.as_str(), found);
        }
    }
    match context.facts.family {
        Family::Delegator => behind_delegator(context, &claimed),
        Family::NpmCli => npm_cli(context, &claimed, signer.uri),
        _ => signing_workflow(context, &claimed, signer.uri, signer.git_ref),
    }
}

/// The builder of the policy that this provenance is by, if it is by one.
pub(crate) fn matched<'a>(context: &Context<'a>) -> Option<&'a ExpectedBuilder> {
    let ExpectedBuilders::Named(builders) = &context.policy.builders else {
        return None;
    };
    let claimed = BuilderId::parse(&context.provenance.builder_id).ok()?;
    builders.iter().find(|builder| is_named(context, builder, &claimed))
}

/// Whether the provenance is by that builder: the id it claims, and the workflow that signed.
fn is_named(context: &Context<'_>, builder: &ExpectedBuilder, claimed: &BuilderId) -> bool {
    let signer = context.facts.signer.map(|signer| signer.uri);
    let id_fits = builder.id.as_ref().is_none_or(|id| id_satisfies(context, claimed, id));
    let signer_fits = match &builder.signer_workflow {
        Some(workflow) => signer.is_some_and(|uri| same_workflow(uri, workflow)),
        None => true,
    };
    let names_something = builder.id.is_some() || builder.signer_workflow.is_some();
    names_something && id_fits && signer_fits
}

/// The npm CLI writes its builder with and without the kind of runner; both spellings name it,
/// the kind itself is `runner-environment`'s question.
fn id_satisfies(context: &Context<'_>, claimed: &BuilderId, expected: &BuilderId) -> bool {
    let short = context.facts.family == Family::NpmCli
        && expected.git_ref().is_none()
        && expected.name() == builders::ACTIONS_RUNNER
        && claimed.name() == builders::ACTIONS_RUNNER_HOSTED;
    let long = context.facts.family == Family::NpmCli
        && expected.name() == builders::ACTIONS_RUNNER_HOSTED
        && claimed.name() == builders::ACTIONS_RUNNER;
    short || long || claimed.satisfies(expected)
}

/// Workflow URIs are equal when owner and repository are, whatever their case, and the path is.
fn same_workflow(found: &str, expected: &str) -> bool {
    let split = |uri: &str| {
        let rest = uri.strip_prefix("https://")?;
        let mut parts = rest.splitn(4, '/');
        let (host, owner, name, path) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        Some((format!("{host}/{owner}/{name}").to_ascii_lowercase(), path.to_owned()))
    };
    split(found).is_some() && split(found) == split(expected)
}

fn expected_text(context: &Context<'_>) -> String {
    match &context.policy.builders {
        ExpectedBuilders::BuiltIn => "a workflow of slsa-github-generator (built-in list)".into(),
        ExpectedBuilders::BuiltInWithoutDelegators => {
            "a workflow of slsa-github-generator, not behind a delegator".into()
        }
        ExpectedBuilders::Named(builders) => {
            let names: Vec<String> = builders.iter().map(name_of).collect();
            if names.is_empty() {
                "a builder that the policy names".into()
            } else {
                names.join(" or ")
            }
        }
    }
}

fn name_of(builder: &ExpectedBuilder) -> String {
    match (&builder.id, &builder.signer_workflow) {
        (Some(id), Some(workflow)) => format!("{id} signed by {workflow}"),
        (Some(id), None) => id.to_string(),
        (None, Some(workflow)) => workflow.clone(),
        (None, None) => "a builder without a name".into(),
    }
}

const NAME_IT: &str = "if this signer is yours, name it with --builder-id or --signer-workflow, or in [[policy.builder]]";

fn behind_delegator(context: &Context<'_>, claimed: &BuilderId) -> Check {
    let expected = expected_text(context);
    if claimed.git_ref().is_none() {
        let found = format!("{claimed}, without a ref");
        return Check::failed(ID, "the real builder as name@ref, behind a delegator", found);
    }
    let trusted = match &context.policy.builders {
        ExpectedBuilders::BuiltIn => builders::is_generator(claimed.name()),
        ExpectedBuilders::BuiltInWithoutDelegators => false,
        ExpectedBuilders::Named(_) => matched(context).is_some(),
    };
    if trusted {
        Check::passed(ID, expected, claimed.to_string())
    } else {
        Check::failed(ID, expected, claimed.to_string()).with_hint(NAME_IT)
    }
}

fn npm_cli(context: &Context<'_>, claimed: &BuilderId, signer: &str) -> Check {
    let expected = expected_text(context);
    let Some(builder) = matched(context) else {
        return Check::failed(ID, expected, claimed.to_string()).with_hint(NAME_IT);
    };
    let own_workflow = context.facts.repository_url().is_some_and(|repository| {
        signer.strip_prefix(&repository).is_some_and(|path| path.starts_with("/.github/workflows/"))
    });
    if builder.signer_workflow.is_none() && !own_workflow {
        let expected = "a workflow of the source repository, or one that the policy names";
        return Check::failed(ID, expected, signer).with_hint(NAME_IT);
    }
    Check::passed(ID, expected, format!("{claimed}, in {signer}"))
}

fn signing_workflow(
    context: &Context<'_>,
    claimed: &BuilderId,
    signer: &str,
    git_ref: &str,
) -> Check {
    let expected = expected_text(context);
    let signed_by = format!("{signer}@{git_ref}");
    let trusted = match &context.policy.builders {
        ExpectedBuilders::BuiltIn | ExpectedBuilders::BuiltInWithoutDelegators => {
            // A pinned certificate identity is a named signer.
            builders::is_built_in(signer) || context.policy.identity.is_some()
        }
        ExpectedBuilders::Named(builders) => {
            let workflow = BuilderId::parse(&signed_by).ok();
            workflow.is_some_and(|workflow| {
                builders.iter().any(|builder| is_named(context, builder, &workflow))
            })
        }
    };
    if !trusted {
        return Check::failed(ID, expected, signed_by).with_hint(NAME_IT);
    }
    let same = claimed.name() == signer
        && claimed.git_ref().is_some_and(|claimed| {
            claimed == git_ref || git_ref.strip_prefix("refs/tags/") == Some(claimed)
        });
    if !same {
        let expected = format!("{signed_by}, which signed");
        let found = format!("{claimed}, in the provenance");
        return Check::failed(ID, expected, found);
    }
    Check::passed(ID, expected, signed_by)
}

fn managed_key(context: &Context<'_>, claimed: &BuilderId) -> Check {
    match &context.policy.builders {
        ExpectedBuilders::BuiltIn | ExpectedBuilders::BuiltInWithoutDelegators => {
            Check::passed(ID, "whatever builder the key's holder names", claimed.to_string())
        }
        ExpectedBuilders::Named(_) if matched(context).is_some() => {
            Check::passed(ID, expected_text(context), claimed.to_string())
        }
        ExpectedBuilders::Named(_) => {
            Check::failed(ID, expected_text(context), claimed.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workflows_are_compared_whole() {
        let workflow = "https://github.com/Org/repo/.github/workflows/w.yml";
        assert!(same_workflow("https://github.com/org/Repo/.github/workflows/w.yml", workflow));
        for other in [
            "https://github.com/org/repo/.github/workflows/w.yml.evil.yml",
            "https://github.com/org/repo/.github/workflows/W.yml",
            "https://github.com/org/repo-evil/.github/workflows/w.yml",
            "https://evil.example/org/repo/.github/workflows/w.yml",
            "http://github.com/org/repo/.github/workflows/w.yml",
            "",
        ] {
            assert!(!same_workflow(other, workflow), "{other}");
        }
    }
}
