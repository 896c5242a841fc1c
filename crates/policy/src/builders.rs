//! Builders known without a policy: the reusable workflows of slsa-github-generator.
//!
//! Source: slsa-verifier's list of trusted reusable workflows and of build types (2.7.1).

use crate::family::Family;

/// Where the workflows of slsa-github-generator live.
pub const GENERATOR: &str =
    "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/";

const GENERATOR_TYPES: &str = "https://github.com/slsa-framework/slsa-github-generator";
const ACTIONS_ATTEST: &str = "https://actions.github.io/buildtypes/workflow/v1";
const ACTIONS_WORKFLOW: &str =
    "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1";

/// The short builder ids that the npm CLI writes.
pub const ACTIONS_RUNNER: &str = "https://github.com/actions/runner";
/// The same, for a runner hosted by GitHub.
pub const ACTIONS_RUNNER_HOSTED: &str = "https://github.com/actions/runner/github-hosted";
/// The same, for a runner of one's own.
pub const ACTIONS_RUNNER_SELF_HOSTED: &str = "https://github.com/actions/runner/self-hosted";

/// One workflow of slsa-github-generator.
struct KnownWorkflow {
    file: &'static str,
    family: Family,
    /// Trusted for artifacts without being named.
    default: bool,
}

const WORKFLOWS: [KnownWorkflow; 6] = [
    KnownWorkflow { file: "generator_generic_slsa3.yml", family: Family::Generic, default: true },
    KnownWorkflow { file: "builder_go_slsa3.yml", family: Family::Go, default: true },
    KnownWorkflow {
        file: "builder_container-based_slsa3.yml",
        family: Family::ContainerBased,
        default: true,
    },
    KnownWorkflow {
        file: "generator_container_slsa3.yml",
        family: Family::Container,
        default: false,
    },
    KnownWorkflow { file: "delegator_generic_slsa3.yml", family: Family::Delegator, default: true },
    KnownWorkflow {
        file: "delegator_lowperms-generic_slsa3.yml",
        family: Family::Delegator,
        default: true,
    },
];

fn known(workflow: &str) -> Option<&'static KnownWorkflow> {
    let file = workflow.strip_prefix(GENERATOR)?;
    WORKFLOWS.iter().find(|known| known.file == file)
}

/// The family of a signing workflow of slsa-github-generator, by its URI without ref.
pub(crate) fn family_of(workflow: &str) -> Option<Family> {
    known(workflow).map(|known| known.family)
}

/// Whether artifacts of this workflow are trusted without its being named.
pub fn is_built_in(workflow: &str) -> bool {
    known(workflow).is_some_and(|known| known.default)
}

/// Whether the builder id names a workflow of slsa-github-generator itself.
pub fn is_generator(builder_name: &str) -> bool {
    builder_name.strip_prefix(GENERATOR).is_some_and(|file| !file.is_empty() && !file.contains('/'))
}

/// The build types that builders of a family sign.
pub(crate) fn build_types(family: Family) -> Vec<String> {
    let generator = |suffix: &str| format!("{GENERATOR_TYPES}{suffix}");
    match family {
        Family::Generic => vec![generator("/generic@v1")],
        Family::Go => vec![generator("/go@v1"), generator("@v1"), generator("-go@v1")],
        Family::Container => vec![generator("/container@v1")],
        Family::ContainerBased => {
            vec!["https://slsa.dev/container-based-build/v0.1?draft".to_owned()]
        }
        Family::Delegator => vec![generator("/delegator-generic@v0")],
        Family::NpmCli => vec![
            "https://github.com/npm/cli/gha@v1".to_owned(),
            "https://github.com/npm/cli/gha/v2".to_owned(),
            ACTIONS_WORKFLOW.to_owned(),
        ],
        Family::GithubAttestation | Family::ManagedKey => vec![ACTIONS_ATTEST.to_owned()],
    }
}
