//! What a gate is asked.

use crate::candidate::{bundles_of, is_attestation};
use crate::config::{GateSection, LoadedConfig, StoreSection, TagBinding};
use crate::error::ControlError;
use crate::expectations::Expectations;
use crate::roots::trusted_roots;
use crate::verify::ArtifactInput;
use provost_attestation::git_ref::Tag;
use provost_manifest::Manifests;
use provost_policy::{ExpectedBuilders, Policy};
use provost_store::StoreUrl;
use provost_verify::root::Root;
use std::collections::BTreeMap;
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
    pub store: Option<StoreUrl>,
}

/// What is released, exactly.
#[derive(Debug, Clone)]
pub enum ArtifactSet {
    /// The files of this folder.
    Folder(PathBuf),
    /// Artifacts whose digests are known; there may be more.
    Known(Vec<ArtifactInput>),
    /// Exactly these.
    Released(Vec<ArtifactInput>),
    /// Whatever the release on GitHub has.
    Unknown,
}

/// How a bundle was given.
enum Given {
    /// By its own name.
    File,
    /// By a folder, which may hold other files too; only its content tells.
    InFolder,
}

impl GateRequest {
    /// A request from the file's `[gate]` section and what the flags say instead. `bundles` and
    /// `artifacts` are as given on the command line; those of the file are relative to it. What is
    /// named nowhere is to be found on GitHub: see [`GateRequest::is_complete`].
    ///
    /// # Errors
    /// [`ControlError::Configuration`] when no tag is named.
    pub fn new(
        config: LoadedConfig,
        tag: Option<String>,
        bundles: Vec<PathBuf>,
        artifacts: Option<PathBuf>,
    ) -> Result<Self, ControlError> {
        let GateSection { tag: file_tag, run, bundle, artifacts: folder, release_url } =
            config.config.gate.clone();
        let tag = tag.or(file_tag).ok_or_else(|| {
            ControlError::Configuration(format!(
                "no tag: give --tag, or `tag` under [gate] in {}",
                config.path.display()
            ))
        })?;
        let tag: Tag =
            tag.parse().map_err(|error| ControlError::Configuration(format!("--tag: {error}")))?;
        let bundles = match (bundles.is_empty(), bundle) {
            (false, _) => bundles,
            (true, Some(bundle)) => vec![config.resolve(&bundle)],
            (true, None) => Vec::new(),
        };
        let folder = artifacts.or_else(|| folder.map(|folder| config.resolve(&folder)));
        Ok(Self {
            config,
            tag,
            run,
            release_url,
            bundles,
            artifacts: folder.map_or(ArtifactSet::Unknown, ArtifactSet::Folder),
            expectations: Expectations::default(),
            trusted_root: None,
            store: None,
        })
    }

    /// Whether bundle and artifacts are named, so that nothing must be looked for.
    pub fn is_complete(&self) -> bool {
        !self.bundles.is_empty() && !matches!(self.artifacts, ArtifactSet::Unknown)
    }

    /// What is missing of it, in words that say how to give it.
    pub(super) fn incomplete(&self) -> ControlError {
        let (what, flag, key) = match self.bundles.is_empty() {
            true => ("bundle", "--bundle", "bundle"),
            false => ("artifacts", "--artifacts", "artifacts"),
        };
        ControlError::Configuration(format!(
            "no {what}: give {flag}, or `{key}` under [gate] in {}",
            self.config.path.display()
        ))
    }

    /// Whether the tag is bound to the provenance by the commit it peels to.
    pub(super) fn binds_by_commit(&self) -> bool {
        self.config.config.source.tag_binding == TagBinding::Commit
    }

    /// The policy of this release: the file's, with what the flags say instead. A flag may raise
    /// the minimum level and never lowers it.
    ///
    /// # Errors
    /// [`ControlError::Configuration`].
    pub fn policy(&self) -> Result<Policy, ControlError> {
        let file =
            self.config.config.policy(Some(&self.tag)).map_err(ControlError::Configuration)?;
        let minimum = file.min_level;
        let mut policy = self.expectations.over(file)?;
        policy.min_level = policy.min_level.max(minimum);
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
        trusted_roots(self.trusted_root_file().as_deref())
    }

    /// Whether the roots built into the program are used.
    pub fn uses_embedded_roots(&self) -> bool {
        self.trusted_root_file().is_none()
    }

    fn trusted_root_file(&self) -> Option<PathBuf> {
        self.trusted_root.clone().or_else(|| self.config.trusted_root_file())
    }

    /// The released artifacts: everything in the folder that is not itself a given bundle.
    pub(super) fn artifacts(&self) -> Result<Vec<ArtifactInput>, ControlError> {
        let folder = match &self.artifacts {
            ArtifactSet::Known(artifacts) | ArtifactSet::Released(artifacts) => {
                return Ok(artifacts.clone());
            }
            ArtifactSet::Unknown => return Err(self.incomplete()),
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
            let real = path.canonicalize().ok();
            let is_bundle = match real.and_then(|real| bundles.get(&real)) {
                None => false,
                Some(Given::File) => true,
                Some(Given::InFolder) => is_attestation(&path)?,
            };
            if !is_bundle {
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

    /// The given bundles by their real paths, with those files of given folders that may be some.
    fn bundle_files(&self) -> Result<BTreeMap<PathBuf, Given>, ControlError> {
        let mut files = BTreeMap::new();
        for folder in self.bundles.iter().filter(|path| path.is_dir()) {
            let real = bundles_of(folder)?.into_iter().filter_map(|path| path.canonicalize().ok());
            files.extend(real.map(|path| (path, Given::InFolder)));
        }
        let named = self.bundles.iter().filter(|path| !path.is_dir());
        let real = named.filter_map(|path| path.canonicalize().ok());
        // Whatever a folder holds: what is named itself is meant as a bundle.
        files.extend(real.map(|path| (path, Given::File)));
        Ok(files)
    }

    /// The manifests below the configured root, which is made when it is missing.
    pub(super) fn manifests(&self) -> Result<Manifests, ControlError> {
        let root = self.config.resolve(&self.config.config.manifest.root);
        std::fs::create_dir_all(&root)
            .map_err(|source| ControlError::Unreadable { path: root.clone(), source })?;
        Ok(Manifests::at(&root))
    }

    /// Whether nobody chose an event log, so that the default one is used.
    pub fn uses_default_store(&self) -> bool {
        self.store.is_none() && self.config.config.store.url == StoreSection::DEFAULT_URL
    }

    /// The event log: the one that was named beside the file, or the file's.
    pub(super) fn store_url(&self) -> Result<StoreUrl, ControlError> {
        match &self.store {
            Some(url) => Ok(url.clone()),
            None => self.config.store_url(),
        }
    }
}
