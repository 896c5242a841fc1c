//! `package-name` and `package-version`

use super::Context;
use crate::policy::ExpectedRef;
use provost_attestation::package_url::PackageUrl;
use provost_verify::check::{Check, CheckId, CheckInfo};

/// The id of the name's check.
pub const NAME_ID: CheckId = CheckId::new("package-name");
/// The id of the version's check.
pub const VERSION_ID: CheckId = CheckId::new("package-version");

/// What the name's check means.
pub const NAME_INFO: CheckInfo = CheckInfo {
    id: NAME_ID,
    question: "Is it the expected package?",
    meaning: "The subject that matches the artifact names a package by its package URL, such as \
        `pkg:npm/sigstore@2.0.0`. Its name, with scope, must equal the expected one.",
    mend: "Check which package the file belongs to; the same bytes may be published under \
        another name.",
};

/// What the version's check means.
pub const VERSION_INFO: CheckInfo = CheckInfo {
    id: VERSION_ID,
    question: "Is it the expected version of the package?",
    meaning: "The version in the subject's package URL must equal the expected one: the version \
        given, or the release's tag without a leading `v` where the policy binds tags to package \
        versions (`tag_binding = \"package-version\"`).",
    mend: "Check that tag and package version belong together; an older package offered under a \
        newer tag is a rollback.",
};

pub(crate) fn run_name(context: &Context<'_>) -> Check {
    let Some(expected) = context.policy.package_name.as_deref() else {
        return Check::skipped(NAME_ID, "no package name is asked for");
    };
    match package(context) {
        Some(found) => Check::equal(NAME_ID, expected, &found.name),
        None => Check::failed(NAME_ID, expected, "the subject names no package"),
    }
}

pub(crate) fn run_version(context: &Context<'_>) -> Check {
    let bound = context.policy.source_refs.iter().find_map(|asked| match asked {
        ExpectedRef::PackageVersion(tag) => Some(tag.version()),
        _ => None,
    });
    let Some(expected) = context.policy.package_version.as_deref().or(bound) else {
        return Check::skipped(VERSION_ID, "no package version is asked for");
    };
    match package(context) {
        Some(found) => Check::equal(VERSION_ID, expected, &found.version),
        None => Check::failed(VERSION_ID, expected, "the subject names no package"),
    }
}

/// The package that the matching subject names.
pub(super) fn package(context: &Context<'_>) -> Option<PackageUrl> {
    PackageUrl::parse(context.facts.subject?.name()?)
}
