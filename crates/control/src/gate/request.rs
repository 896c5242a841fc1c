//! What a gate is asked.

use crate::candidate::attestations_of;
use crate::config::{GateSection, LoadedConfig, StoreSection};
use crate::error::ControlError;
use crate::expectations::Expectations;
use crate::verify::ArtifactInput;
use provost_attestation::git_ref::{Tag, is_commit};
use provost_policy::{ExpectedBuilders, ExpectedSource, Policy};
use provost_store::StoreUrl;
use provost_trust::{embedded_roots, roots_from_file};
use provost_verify::root::Root;
use std::path::PathBuf;

/// One release to decide about: flags over the configuration file.
#[derive(Debug, Clone)]
pub struct GateRequest {
    /// The policy file.
    pub config: LoadedConfig,
    /// The release's tag.
    pub tag: Tag,
    /// The run that must have made the provenance.
    pub run: Option<u64>,
    /// URL of the release.
    pub release_url: Option<String>,
    /// Bundle files or folders.
    pub bundles: Vec<PathBuf>,
    /// What is released.
    pub artifacts: ArtifactSet,
    /// Another source, builder or minimum than the file's.
    pub expectations: Expectations,
    /// Another trusted root than the file's.
    pub trusted_root: Option<PathBuf>,
    /// Another event log than the file's.
    pub store_url: Option<String>,
}

/// What is released, exactly.
#[derive(Debug, Clone)]
pub enum ArtifactSet {
    /// The files of this folder.
    Folder(PathBuf),
    /// Artifacts whose digests are known.
    Known(Vec<ArtifactInput>),
}

impl GateRequest {
    /// A request from the file's `[gate]` section and what the flags say instead. `bundles` and
    /// `artifacts` are as given on the command line; those of the file are relative to it.
    ///
    /// # Errors
    /// [`ControlError::Configuration`] when tag, bundle or artifacts are named nowhere.
    pub fn new(
        config: LoadedConfig,
        tag: Option<String>,
        bundles: Vec<PathBuf>,
        artifacts: Option<PathBuf>,
    ) -> Result<Self, ControlError> {
        let GateSection { tag: file_tag, run, bundle, artifacts: folder, release_url } =
            config.config.gate.clone();
        let missing = |what: &str, flag: &str, key: &str| {
            ControlError::Configuration(format!(
                "no {what}: give {flag}, or `{key}` under [gate] in {}",
                config.path.display()
            ))
        };
        let tag = tag.or(file_tag).ok_or_else(|| missing("tag", "--tag", "tag"))?;
        let tag: Tag =
            tag.parse().map_err(|error| ControlError::Configuration(format!("--tag: {error}")))?;
        let bundles = match (bundles.is_empty(), bundle) {
            (false, _) => bundles,
            (true, Some(bundle)) => vec![config.resolve(&bundle)],
            (true, None) => return Err(missing("bundle", "--bundle", "bundle")),
        };
        let folder = artifacts
            .or_else(|| folder.map(|folder| config.resolve(&folder)))
            .ok_or_else(|| missing("artifacts", "--artifacts", "artifacts"))?;
        Ok(Self {
            config,
            tag,
            run,
            release_url,
            bundles,
            artifacts: ArtifactSet::Folder(folder),
            expectations: Expectations::default(),
            trusted_root: None,
            store_url: None,
        })
    }

    /// The policy of this release: the file's, with what the flags say instead. A flag may raise
    /// the minimum level and never lowers it.
    ///
    /// # Errors
    /// [`ControlError::Configuration`].
    pub fn policy(&self) -> Result<Policy, ControlError> {
        let config = &self.config.config;
        let commit = self.expectations.source_digest.clone();
        if let Some(commit) = commit.as_deref().filter(|commit| !is_commit(commit)) {
            let text = format!("--source-digest: {commit:?} is no commit of 40 hex digits");
            return Err(ControlError::Configuration(text));
        }
        let mut policy =
            config.policy(Some(&self.tag), commit).map_err(ControlError::Configuration)?;
        let flags = self.expectations.policy(Some(config))?;
        if self.expectations.source_uri.is_some() {
            policy.source = flags.source;
        }
        if self.expectations.builder_id.is_some() {
            policy.builders = flags.builders;
        }
        policy.min_level = policy.min_level.max(self.expectations.min_level);
        policy.run_id = self.run;
        if !matches!(policy.builders, ExpectedBuilders::Named(_)) {
            return Err(ControlError::Configuration(format!(
                "{} names no builder: a gate accepts nobody's builds by default; add a \
                 [[policy.builder]]",
                self.config.path.display()
            )));
        }
        Ok(policy)
    }

    pub(super) fn roots(&self) -> Result<Vec<Root>, ControlError> {
        let from_file = self.config.config.policy.trusted_root.as_ref();
        let path = match (&self.trusted_root, from_file) {
            (Some(path), _) => Some(path.clone()),
            (None, Some(path)) => Some(self.config.resolve(path)),
            (None, None) => None,
        };
        match path {
            Some(path) => Ok(roots_from_file(&path)?),
            None => embedded_roots().map_err(|fault| ControlError::Internal(fault.to_string())),
        }
    }

    /// Whether the roots built into the program are used.
    pub fn uses_embedded_roots(&self) -> bool {
        self.trusted_root.is_none() && self.config.config.policy.trusted_root.is_none()
    }

    /// The released artifacts: everything in the folder that is not itself a given bundle.
    pub(super) fn artifacts(&self) -> Result<Vec<ArtifactInput>, ControlError> {
        let folder = match &self.artifacts {
            ArtifactSet::Known(artifacts) => return Ok(artifacts.clone()),
            ArtifactSet::Folder(folder) => folder,
        };
        let bundles = self.bundle_files()?;
        let unreadable = |source| ControlError::Unreadable { path: folder.clone(), source };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            // What is no file cannot be attested, and must not be released unseen.
            if !path.is_file() {
                return Err(ControlError::Configuration(format!(
                    "{} is no file; the artifacts folder holds the released files and nothing else",
                    path.display()
                )));
            }
            if path.canonicalize().map_or(true, |real| !bundles.contains(&real)) {
                files.push(path);
            }
        }
        if files.is_empty() {
            let text = format!("no artifact in {}", folder.display());
            return Err(ControlError::NothingToCheck(text));
        }
        files.sort();
        Ok(files.into_iter().map(ArtifactInput::File).collect())
    }

    /// The given bundles, and in a given folder the files that are attestations.
    fn bundle_files(&self) -> Result<Vec<PathBuf>, ControlError> {
        let mut files = Vec::new();
        for path in &self.bundles {
            let named = match path.is_dir() {
                true => attestations_of(path)?,
                false => vec![path.clone()],
            };
            files.extend(named.iter().filter_map(|path| path.canonicalize().ok()));
        }
        Ok(files)
    }

    /// `OWNER/NAME` of the expected source.
    pub(super) fn repository(&self) -> Option<String> {
        match self.policy().ok()?.source {
            ExpectedSource::Repository { repository, .. } => Some(repository.slug()),
            ExpectedSource::AnyUnsafe => None,
        }
    }

    /// The folder that holds `docs/reports` and `artifacts/slsa`.
    pub fn manifest_root(&self) -> PathBuf {
        self.config.resolve(&self.config.config.manifest.root)
    }

    /// Whether nobody chose an event log, so that the default one is used.
    pub fn uses_default_store(&self) -> bool {
        let default = StoreSection::default().url;
        self.store_url.is_none() && self.config.config.store.url == default
    }

    /// The event log: the flag's, relative to the working directory, or the file's, relative to
    /// the file.
    pub(super) fn store_url(&self) -> Result<StoreUrl, ControlError> {
        Ok(match &self.store_url {
            Some(url) => StoreUrl::parse(url, std::path::Path::new("."))?,
            None => StoreUrl::parse(&self.config.config.store.url, &self.config.base)?,
        })
    }
}
