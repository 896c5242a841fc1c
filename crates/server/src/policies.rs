//! Policies by their names, with the trusted roots under which they hold.

use crate::error::ServerError;
use jiff::Timestamp;
use provost_attestation::digest::ArtifactDigest;
use provost_attestation::git_ref::Tag;
use provost_control::config::LoadedConfig;
use provost_control::{ControlError, JudgedDocument, trusted_roots, verify_document};
use provost_verify::Verifier;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The policies of `[[server.policy]]`, read once.
#[derive(Debug)]
pub(crate) struct Policies {
    named: BTreeMap<String, Arc<NamedPolicy>>,
    /// Verifications at the same time: one a core, so that the rest of the server goes on.
    pub(crate) bench: Arc<Semaphore>,
}

/// A policy, and what it trusts.
#[derive(Debug)]
pub(crate) struct NamedPolicy {
    loaded: LoadedConfig,
    verifier: Verifier,
    /// `OWNER/NAME` of the source.
    pub(crate) repository: String,
}

impl Policies {
    pub(crate) fn load(loaded: &LoadedConfig) -> Result<Self, ServerError> {
        let mut named = BTreeMap::new();
        for section in &loaded.config.server.policies {
            let policy = NamedPolicy::load(loaded, &section.config)
                .map_err(|source| ServerError::Policy { name: section.name.clone(), source })?;
            named.insert(section.name.clone(), Arc::new(policy));
        }
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self { named, bench: Arc::new(Semaphore::new(cores)) })
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Arc<NamedPolicy>> {
        self.named.get(name)
    }
}

impl NamedPolicy {
    fn load(server: &LoadedConfig, config: &std::path::Path) -> Result<Self, ControlError> {
        let loaded = LoadedConfig::from_file(&server.resolve(config))?;
        let policy = loaded.config.policy(None).map_err(ControlError::Configuration)?;
        if matches!(&policy.builders, provost_policy::ExpectedBuilders::BuiltIn) {
            let text = format!("{}: name at least one [[policy.builder]]", loaded.path.display());
            return Err(ControlError::Configuration(text));
        }
        let roots = trusted_roots(loaded.trusted_root_file().as_deref())?;
        let repository = loaded.config.repository().map_err(ControlError::Configuration)?.slug();
        Ok(Self { loaded, verifier: Verifier::new(roots), repository })
    }

    /// SHA-256 of the policy's file, hex.
    pub(crate) fn sha256(&self) -> &str {
        &self.loaded.sha256
    }

    /// Verifies a bundle for the release of a tag. It takes the time of a signature check: not on
    /// a thread that runs tasks.
    pub(crate) fn judge(
        &self,
        bundle: &[u8],
        digest: ArtifactDigest,
        tag: &Tag,
        now: Timestamp,
    ) -> Result<JudgedDocument, ControlError> {
        let policy = self.loaded.config.policy(Some(tag)).map_err(ControlError::Configuration)?;
        verify_document(bundle, digest, &self.verifier, &policy, now)
    }
}
