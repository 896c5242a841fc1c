//! Families of provenance: where each kind of builder writes what.

use crate::builders;

/// A family of provenance, told by who signed; it decides where facts stand in the predicate and
/// which of them the certificate must repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// slsa-github-generator's generic generator, v0.2.
    Generic,
    /// Its Go builder, v0.2.
    Go,
    /// Its container generator, v0.2.
    Container,
    /// Its container-based builder, v1.
    ContainerBased,
    /// A builder behind one of its delegators (BYOB): the predicate names the real builder.
    Delegator,
    /// Provenance that the npm CLI wrote inside the publishing workflow.
    NpmCli,
    /// An attestation by `actions/attest`, signed by the workflow that ran it.
    GithubAttestation,
    /// Signed with a key; no certificate says anything.
    ManagedKey,
}

impl Family {
    /// The family, by the signing workflow's URI without ref and the predicate's builder id.
    pub(crate) fn of(signer_workflow: &str, builder_id: &str) -> Self {
        if let Some(family) = builders::family_of(signer_workflow) {
            return family;
        }
        match builder_id {
            builders::ACTIONS_RUNNER
            | builders::ACTIONS_RUNNER_HOSTED
            | builders::ACTIONS_RUNNER_SELF_HOSTED => Self::NpmCli,
            _ => Self::GithubAttestation,
        }
    }

    /// Whether slsa-github-generator signed: its provenance carries the event payload.
    pub(crate) fn is_generator(self) -> bool {
        matches!(
            self,
            Self::Generic | Self::Go | Self::Container | Self::ContainerBased | Self::Delegator
        )
    }
}
