//! `source-ref`

use super::Context;
use super::build_input::event_payload;
use super::package::package;
use crate::family::Family;
use crate::policy::ExpectedRef;
use provost_attestation::git_ref::{GitRef, RefKind, Tag};
use provost_attestation::provenance::Provenance;
use provost_attestation::repository::SourceUri;
use provost_attestation::version::ReleaseTag;
use provost_verify::check::{Check, CheckId, CheckInfo};

/// The id.
pub const ID: CheckId = CheckId::new("source-ref");

/// What it means.
pub const INFO: CheckInfo = CheckInfo {
    id: ID,
    question: "Was it built from the expected tag or branch?",
    meaning: "The certificate decides (OID .14, or .6 of an old one): the whole ref is compared, so \
        that a branch named like a tag does not pass for it. A policy may instead bind the tag to \
        the package's version or to a commit; a workflow input never binds. Behind a delegator the \
        source that was resolved must carry the ref. `--source-branch` of a tag build is read from \
        the event payload that slsa-github-generator signs, and says so; the gate never uses that.",
    mend: "Dispatch the provenance workflow on the tag itself (`--ref refs/tags/TAG`). If your \
        releases are built from a branch, choose `tag_binding = \"commit\"` or \
        `\"package-version\"`.",
};

const DISPATCH: &str =
    "the workflow did not run on the tag; dispatch it with `--ref refs/tags/TAG`";

pub(crate) fn run(context: &Context<'_>) -> Check {
    let asked = &context.policy.source_refs;
    if asked.is_empty() {
        return Check::skipped(ID, "no tag or branch is asked for");
    }
    let mut answers: Vec<Check> = asked.iter().map(|asked| run_one(context, asked)).collect();
    match answers.iter().position(|answer| !answer.has_passed()) {
        Some(index) => answers.swap_remove(index),
        None => answers.swap_remove(0),
    }
}

fn run_one(context: &Context<'_>, asked: &ExpectedRef) -> Check {
    match asked {
        ExpectedRef::Tag(tag) => tag_equals(context, tag),
        ExpectedRef::VersionedTag(version) => tag_satisfies(context, version),
        ExpectedRef::Branch(branch) => branch_equals(context, branch),
        ExpectedRef::PackageVersion(tag) => package_version_is(context, tag),
        ExpectedRef::Commit(tag) => commit_is(context, tag),
    }
}

fn package_version_is(context: &Context<'_>, tag: &Tag) -> Check {
    let expected = format!("package version {}, for tag {tag}", tag.version());
    match package(context).map(|package| package.version) {
        Some(found) if found == tag.version() => Check::passed(ID, expected, found),
        Some(found) => Check::failed(ID, expected, format!("package version {found}")),
        None => Check::failed(ID, expected, "a subject without a package version"),
    }
}

fn commit_is(context: &Context<'_>, tag: &Tag) -> Check {
    let Some(commit) = &context.policy.source_digest else {
        return Check::failed(ID, format!("the commit of tag {tag}"), "no commit was given")
            .with_hint("name the commit that the tag peels to with --source-digest");
    };
    let expected = format!("commit {commit}, for tag {tag}");
    match context.facts.claims().and_then(|claims| claims.commit()) {
        Some(found) if found == commit => Check::passed(ID, expected, found),
        found => Check::failed(ID, expected, found.unwrap_or("no signed commit")),
    }
}

/// The signed ref: the certificate's, except for a key. Behind a delegator the resolved source
/// must carry a ref of its own, since the certificate's ref may be that of another checkout.
fn signed_ref(context: &Context<'_>) -> Result<GitRef, String> {
    let source_ref = dependency_ref(context.provenance);
    match context.facts.family {
        Family::ManagedKey => source_ref.ok_or("the provenance names no ref".to_owned()),
        Family::Delegator if source_ref.is_none() => {
            Err("the resolved source carries no ref".to_owned())
        }
        _ => context
            .facts
            .claims()
            .and_then(|claims| claims.git_ref())
            .map(GitRef::new)
            .ok_or("the certificate names no ref (OIDs .14 and .6)".to_owned()),
    }
}

fn dependency_ref(provenance: &Provenance) -> Option<GitRef> {
    let uri = provenance.dependencies.first()?.uri.as_deref()?;
    SourceUri::parse(uri)?.git_ref.map(GitRef::new)
}

fn tag_equals(context: &Context<'_>, tag: &str) -> Check {
    let expected = format!("refs/tags/{tag}");
    match signed_ref(context) {
        Ok(found) if found.kind() == RefKind::Tag(tag) => {
            Check::passed(ID, expected, found.as_str())
        }
        Ok(found) => Check::failed(ID, expected, found.as_str()).with_hint(DISPATCH),
        Err(found) => Check::failed(ID, expected, found),
    }
}

fn tag_satisfies(context: &Context<'_>, version: &str) -> Check {
    let expected = format!("a tag of version {version}");
    let Some(wanted) = ReleaseTag::parse(version) else {
        return Check::failed(ID, expected, "the version asked for is none");
    };
    let found = match signed_ref(context) {
        Ok(found) => found,
        Err(found) => return Check::failed(ID, expected, found),
    };
    let fits = match found.kind() {
        RefKind::Tag(tag) => ReleaseTag::parse(tag).is_some_and(|tag| tag.satisfies(&wanted)),
        _ => false,
    };
    if fits {
        Check::passed(ID, expected, found.as_str())
    } else {
        Check::failed(ID, expected, found.as_str())
    }
}

fn branch_equals(context: &Context<'_>, branch: &str) -> Check {
    let expected = format!("refs/heads/{branch}");
    let found = match signed_ref(context) {
        Ok(found) => found,
        Err(found) => return Check::failed(ID, expected, found),
    };
    if let (RefKind::Tag(_), true) = (found.kind(), context.facts.family.is_generator()) {
        return match base_branch(context) {
            Some((branch, origin)) if branch == expected => {
                Check::passed(ID, expected, format!("{branch} ({origin})"))
            }
            Some((branch, origin)) => Check::failed(ID, expected, format!("{branch} ({origin})")),
            None => Check::failed(ID, expected, found.as_str()),
        };
    }
    match found.kind() {
        RefKind::Branch(name) if name == branch => Check::passed(ID, expected, found.as_str()),
        _ => Check::failed(ID, expected, found.as_str()),
    }
}

/// The branch behind a tag build, from the signed event: `base_ref`, or the release's target.
fn base_branch(context: &Context<'_>) -> Option<(String, &'static str)> {
    let parameters = &context.provenance.internal_parameters;
    let text = |upper: &str| {
        let lower = upper.to_ascii_lowercase();
        parameters.text(upper).or_else(|| parameters.text(&lower))?.ok()
    };
    if let Some(base) = text("GITHUB_BASE_REF").filter(|base| !base.is_empty()) {
        return Some((base, "GITHUB_BASE_REF of the signed event"));
    }
    let payload = event_payload(context.provenance)?;
    match context.facts.claims()?.trigger()? {
        "push" => {
            let base = payload.get("base_ref")?.as_str()?;
            Some((base.to_owned(), "base_ref of the signed event"))
        }
        "release" => {
            let target = payload.get("release")?.get("target_commitish")?.as_str()?;
            Some((format!("refs/heads/{target}"), "target_commitish of the signed event"))
        }
        _ => None,
    }
}
