//! Policy: what is expected of a release's provenance.

use crate::GITHUB_ACTIONS_ISSUER;
use crate::ref_pattern::RefPattern;
use provost_attestation::builder_id::BuilderId;
use provost_attestation::git_ref::Tag;
use provost_attestation::provenance;
use provost_attestation::repository::{GITHUB, Repository};

/// Everything a decision compares signed facts with. No field weakens another.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The repository the artifact must be built from.
    pub source: ExpectedSource,
    /// The tag, branch or binding it must be built from; all of them. None asks nothing.
    pub source_refs: Vec<ExpectedRef>,
    /// The commit it must be built from: 40 hex digits.
    pub source_digest: Option<String>,
    /// Who may have built it.
    pub builders: ExpectedBuilders,
    /// The exact certificate name and issuer, when the caller pins them.
    pub identity: Option<ExpectedIdentity>,
    /// The OIDC issuer of the GitHub server.
    pub oidc_issuer: String,
    /// The GitHub server whose repositories and workflows are meant.
    pub server: String,
    /// The commit of the signing workflow (OID .10).
    pub signer_digest: Option<String>,
    /// Predicate types that count as provenance.
    pub predicate_types: Vec<String>,
    /// Inputs that a dispatched run must have had.
    pub build_inputs: Vec<(String, String)>,
    /// Events that may start the build; `None` asks nothing.
    pub triggers: Option<Vec<String>>,
    /// Refuse builds on self-hosted runners.
    pub deny_self_hosted_runners: bool,
    /// The least SLSA Build level.
    pub min_level: Option<u8>,
    /// The run that must have made it.
    pub run_id: Option<u64>,
    /// The package name that the subject's package URL must have.
    pub package_name: Option<String>,
    /// The package version that the subject's package URL must have.
    pub package_version: Option<String>,
}

impl Policy {
    /// A policy for github.com that names a source and leaves the rest unasked.
    pub fn new(source: ExpectedSource, builders: ExpectedBuilders) -> Self {
        Self {
            source,
            source_refs: Vec::new(),
            source_digest: None,
            builders,
            identity: None,
            oidc_issuer: GITHUB_ACTIONS_ISSUER.to_owned(),
            server: GITHUB.to_owned(),
            signer_digest: None,
            predicate_types: vec![provenance::V02.to_owned(), provenance::V1.to_owned()],
            build_inputs: Vec::new(),
            triggers: None,
            deny_self_hosted_runners: false,
            min_level: None,
            run_id: None,
            package_name: None,
            package_version: None,
        }
    }
}

/// Which source repository is wanted.
#[derive(Debug, Clone)]
pub enum ExpectedSource {
    /// This one; numeric ids, when given, must be equal too, so that a repository deleted and
    /// made again under the same name is another one.
    Repository {
        /// Its name.
        repository: Repository,
        /// GitHub's id of the repository (OID .15).
        id: Option<u64>,
        /// GitHub's id of its owner (OID .17).
        owner_id: Option<u64>,
    },
    /// Any. The caller typed *unsafe* for this.
    AnyUnsafe,
}

/// Which ref is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectedRef {
    /// `refs/tags/<tag>`.
    Tag(String),
    /// A tag of this version line.
    VersionedTag(String),
    /// `refs/heads/<branch>`.
    Branch(String),
    /// The signed package version is the tag's.
    PackageVersion(Tag),
    /// The signed commit is the one the tag peels to, which the caller found out; it stands in
    /// [`Policy::source_digest`].
    Commit(Tag),
}

/// Which builders are wanted.
#[derive(Debug, Clone)]
pub enum ExpectedBuilders {
    /// The list in [`crate::builders`].
    BuiltIn,
    /// The same list, and nobody behind a delegator: what an empty builder id asks for, since no
    /// builder there has an empty name.
    BuiltInWithoutDelegators,
    /// One of these.
    Named(Vec<ExpectedBuilder>),
}

/// One builder that a policy names.
#[derive(Debug, Clone)]
pub struct ExpectedBuilder {
    /// The builder id that the provenance must carry; with a ref, that ref.
    pub id: Option<BuilderId>,
    /// The workflow that must have signed, as a URI without ref.
    pub signer_workflow: Option<String>,
    /// Accepted refs of the builder; empty means release tags `vX.Y.Z` for a reusable workflow.
    pub refs: Vec<RefPattern>,
    /// Accepted build types beyond those known for the builder's family.
    pub build_types: Vec<String>,
    /// The highest level this builder is trusted for.
    pub level: Option<u8>,
}

/// Certificate name and issuer, always as a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedIdentity {
    /// The whole subject alternative name.
    pub san: String,
    /// The OIDC issuer.
    pub issuer: String,
}
