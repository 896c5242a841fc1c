//! Expectations: what the caller of `verify` asks for, flag by flag, made into a [`Policy`].

use crate::config::{Config, workflow_uri};
use crate::error::ControlError;
use provost_attestation::builder_id::BuilderId;
use provost_attestation::git_ref::is_commit;
use provost_attestation::provenance;
use provost_attestation::repository::Repository;
use provost_attestation::version::ReleaseTag;
use provost_policy::{
    ExpectedBuilder, ExpectedBuilders, ExpectedIdentity, ExpectedRef, ExpectedSource, Policy,
};

/// What is asked of every artifact of one call. `None` asks nothing; an empty text asks for an
/// empty value, which nothing has.
#[derive(Debug, Clone, Default)]
pub struct Expectations {
    /// `github.com/OWNER/NAME`.
    pub source_uri: Option<String>,
    /// Accept any source. Unsafe.
    pub unsafe_any_source: bool,
    /// A tag.
    pub source_tag: Option<String>,
    /// A version line of tags.
    pub source_versioned_tag: Option<String>,
    /// A branch.
    pub source_branch: Option<String>,
    /// A commit.
    pub source_digest: Option<String>,
    /// A builder id, with or without `@REF`.
    pub builder_id: Option<String>,
    /// The signing workflow, `OWNER/REPO/.github/workflows/x.yml`.
    pub signer_workflow: Option<String>,
    /// The commit of the signing workflow.
    pub signer_digest: Option<String>,
    /// Inputs of the dispatched run, `KEY=VALUE`.
    pub build_workflow_inputs: Vec<String>,
    /// Predicate types instead of SLSA provenance v0.2 and v1.
    pub predicate_types: Vec<String>,
    /// The least SLSA Build level.
    pub min_level: Option<u8>,
    /// Refuse self-hosted runners.
    pub deny_self_hosted_runners: bool,
    /// The certificate's whole name.
    pub certificate_identity: Option<String>,
    /// The certificate's OIDC issuer.
    pub certificate_oidc_issuer: Option<String>,
}

impl Expectations {
    /// The policy that these expectations make, on top of a configuration when there is one: a
    /// flag replaces what the file says about the same thing.
    ///
    /// # Errors
    /// [`ControlError::Configuration`] for an expectation that nothing could ever meet, and
    /// [`ControlError::NotSupported`] for a predicate type that is not verified yet.
    pub fn policy(&self, config: Option<&Config>) -> Result<Policy, ControlError> {
        let base = match config {
            Some(config) => config.policy(None).map_err(configuration)?,
            None => {
                let source = self.source()?.ok_or_else(|| {
                    configuration(
                        "which source is expected? give --source-uri github.com/OWNER/REPO, a \
                         --config file, or --unsafe-any-source",
                    )
                })?;
                Policy::new(source, ExpectedBuilders::BuiltIn)
            }
        };
        self.over(base)
    }

    /// The same on top of a policy.
    ///
    /// # Errors
    /// As [`Expectations::policy`].
    pub fn over(&self, mut policy: Policy) -> Result<Policy, ControlError> {
        if let Some(source) = self.source()? {
            policy.source = source;
        }
        if let Some(builders) = self.builders()? {
            policy.builders = builders;
        }
        let source_refs = self.source_refs()?;
        if !source_refs.is_empty() {
            policy.source_refs = source_refs;
        }
        if let Some(commit) = &self.source_digest {
            policy.source_digest = Some(commit_of("--source-digest", commit)?);
        }
        if let Some(commit) = &self.signer_digest {
            policy.signer_digest = Some(commit_of("--signer-digest", commit)?);
        }
        if !self.build_workflow_inputs.is_empty() {
            policy.build_inputs = self
                .build_workflow_inputs
                .iter()
                .map(|text| input(text))
                .collect::<Result<_, _>>()?;
        }
        if let Some(level) = self.min_level {
            policy.min_level = Some(level);
        }
        policy.deny_self_hosted_runners |= self.deny_self_hosted_runners;
        if let Some(issuer) = &self.certificate_oidc_issuer {
            policy.oidc_issuer = issuer.clone();
        }
        policy.identity = self
            .certificate_identity
            .as_ref()
            .map(|san| ExpectedIdentity { san: san.clone(), issuer: policy.oidc_issuer.clone() });
        if let Some(types) = self.predicate_types()? {
            policy.predicate_types = types;
        }
        Ok(policy)
    }

    fn source(&self) -> Result<Option<ExpectedSource>, ControlError> {
        match (&self.source_uri, self.unsafe_any_source) {
            (Some(_), true) => {
                Err(configuration("--source-uri and --unsafe-any-source exclude each other"))
            }
            (Some(uri), false) => Ok(Some(ExpectedSource::Repository {
                repository: Repository::from_expectation(uri)
                    .map_err(|error| configuration(format!("--source-uri: {error}")))?,
                id: None,
                owner_id: None,
            })),
            (None, true) => Ok(Some(ExpectedSource::AnyUnsafe)),
            (None, false) => Ok(None),
        }
    }

    fn builders(&self) -> Result<Option<ExpectedBuilders>, ControlError> {
        if self.builder_id.is_none() && self.signer_workflow.is_none() {
            return Ok(None);
        }
        if self.builder_id.as_deref() == Some("") && self.signer_workflow.is_none() {
            return Ok(Some(ExpectedBuilders::BuiltInWithoutDelegators));
        }
        let id = self.builder_id.as_deref().map(BuilderId::parse).transpose();
        let signer_workflow = self.signer_workflow.as_deref().map(workflow_uri).transpose();
        Ok(Some(ExpectedBuilders::Named(vec![ExpectedBuilder {
            id: id.map_err(|error| configuration(format!("--builder-id: {error}")))?,
            signer_workflow: signer_workflow
                .map_err(|error| configuration(format!("--signer-workflow: {error}")))?,
            refs: Vec::new(),
            build_types: Vec::new(),
            level: None,
        }])))
    }

    fn source_refs(&self) -> Result<Vec<ExpectedRef>, ControlError> {
        if self.source_tag.is_some() && self.source_versioned_tag.is_some() {
            return Err(configuration(
                "--source-tag and --source-versioned-tag exclude each other",
            ));
        }
        if let Some(version) = &self.source_versioned_tag
            && ReleaseTag::parse(version).is_none()
        {
            return Err(configuration(format!(
                "--source-versioned-tag: {version:?} is no version such as v1, v1.2 or v1.2.3"
            )));
        }
        let tag = self.source_tag.clone().map(ExpectedRef::Tag);
        let versioned = self.source_versioned_tag.clone().map(ExpectedRef::VersionedTag);
        let branch = self.source_branch.clone().map(ExpectedRef::Branch);
        Ok([tag, versioned, branch].into_iter().flatten().collect())
    }

    fn predicate_types(&self) -> Result<Option<Vec<String>>, ControlError> {
        let known = [provenance::V02, provenance::V1];
        let unknown = self.predicate_types.iter().find(|wanted| !known.contains(&wanted.as_str()));
        if let Some(unknown) = unknown {
            return Err(ControlError::NotSupported(format!(
                "--predicate-type {unknown:?} is not supported yet; {} and {} are",
                known[0], known[1]
            )));
        }
        Ok((!self.predicate_types.is_empty()).then(|| self.predicate_types.clone()))
    }
}

fn configuration(text: impl Into<String>) -> ControlError {
    ControlError::Configuration(text.into())
}

fn commit_of(flag: &str, text: &str) -> Result<String, ControlError> {
    if is_commit(text) {
        return Ok(text.to_owned());
    }
    Err(configuration(format!("{flag}: {text:?} is no commit of 40 lower-case hex digits")))
}

fn input(text: &str) -> Result<(String, String), ControlError> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(configuration(format!("--build-workflow-input: {text:?} is no KEY=VALUE"))),
    }
}
