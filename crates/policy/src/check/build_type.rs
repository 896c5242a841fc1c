//! `build-type`

use super::{Context, builder_id};
use crate::builders;
use crate::family::Family;
use provost_attestation::provenance::ProvenanceVersion;
use provost_verify::check::{Check, CheckId, CheckInfo};

/// The id.
pub const ID: CheckId = CheckId::new("build-type");

/// What it means.
pub const INFO: CheckInfo = CheckInfo {
    id: ID,
    question: "Is the build described in a way this builder is known to use?",
    meaning: "`buildType` says how the parameters are to be read. Each family of builders signs \
        fixed types, with one version of provenance; under another type the same member could \
        mean something else. A policy may add types to a builder it names.",
    mend: "If the builder really uses this type, add it to `build_types` of its \
        `[[policy.builder]]`.",
};

pub(crate) fn run(context: &Context<'_>) -> Check {
    let found = context.provenance.build_type.as_str();
    if found.is_empty() {
        return Check::failed(ID, "a build type", "none");
    }
    if context.facts.family == Family::ManagedKey {
        return Check::passed(ID, "whatever build type the key's holder names", found);
    }
    let mut allowed = builders::build_types(context.facts.family);
    if let Some(builder) = builder_id::matched(context) {
        if builder.build_types.iter().any(|allowed| allowed == found) {
            return Check::passed(ID, builder.build_types.join(" or "), found);
        }
        allowed.extend(builder.build_types.iter().cloned());
    }
    let expected = allowed.join(" or ");
    if !allowed.iter().any(|allowed| allowed == found) {
        return Check::failed(ID, expected, found);
    }
    let version = context.provenance.version;
    if !version_fits(context.facts.family, found, version) {
        let found = format!("{found} in provenance {version:?}");
        return Check::failed(ID, expected, found);
    }
    Check::passed(ID, expected, found)
}

/// Which version of the predicate a family writes its types in.
fn version_fits(family: Family, build_type: &str, version: ProvenanceVersion) -> bool {
    match family {
        Family::Generic | Family::Go | Family::Container => version == ProvenanceVersion::V02,
        Family::ContainerBased | Family::GithubAttestation => version == ProvenanceVersion::V1,
        Family::NpmCli => {
            let old = build_type.starts_with("https://github.com/npm/cli/gha");
            old == (version == ProvenanceVersion::V02)
        }
        Family::Delegator | Family::ManagedKey => true,
    }
}
