//! `provost.toml`: what a repository expects of its releases.

mod dispatch;
mod github;
mod notify;
mod policy;
mod reconcile;
mod text;

pub use dispatch::DispatchSection;
pub use github::GithubSection;
pub use notify::NotifySection;
pub use policy::{BuilderSection, PolicySection, SourceSection, TagBinding, workflow_uri};
pub use reconcile::ReconcileSection;
pub use text::ConfigError;

use crate::error::ControlError;
use crate::hash::sha256_hex;
use crate::publish::DocsBucket;
use provost_manifest::{BranchName, PushTarget, RemoteName};
use provost_store::StoreUrl;
use schemars::JsonSchema;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The file at the repository root. Unknown keys are refused; paths are relative to the file.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where releases are built from.
    pub source: SourceSection,
    /// What is expected of their provenance.
    #[serde(default)]
    pub policy: PolicySection,
    /// Which release `provost gate` looks at when no flag says otherwise.
    #[serde(default)]
    pub gate: GateSection,
    /// Where the manifest lives.
    #[serde(default)]
    pub manifest: ManifestSection,
    /// Where the event log lives.
    #[serde(default)]
    pub store: StoreSection,
    /// How the provenance workflow is started.
    #[serde(default)]
    pub dispatch: DispatchSection,
    /// Whom `provost notify` tells.
    #[serde(default)]
    pub notify: NotifySection,
    /// When `provost reconcile` expects things to be done.
    #[serde(default)]
    pub reconcile: ReconcileSection,
    /// Which GitHub server is meant.
    #[serde(default)]
    pub github: GithubSection,
}

/// Which release `provost gate` looks at when no flag says otherwise.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GateSection {
    /// The tag of the release.
    pub tag: Option<String>,
    /// The run that made the provenance; default: the run that the certificate names.
    pub run: Option<u64>,
    /// The bundle file or folder.
    pub bundle: Option<PathBuf>,
    /// The folder of released artifacts. Exactly its files must be attested.
    pub artifacts: Option<PathBuf>,
    /// URL of the release.
    pub release_url: Option<String>,
}

/// Where the manifest lives.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ManifestSection {
    /// The folder that holds `docs/reports` and `artifacts/slsa`.
    #[serde(default = "here")]
    pub root: PathBuf,
    /// The git remote that `provost manifest push` pushes to, by its name.
    #[serde(default = "default_remote")]
    #[schemars(length(min = 1, max = 128))]
    pub remote: String,
    /// The branch that takes the manifest; default: the remote's default branch.
    pub branch: Option<String>,
    /// The bucket that `provost manifest publish` uploads to, as Supabase Storage names it:
    /// `https://HOST/storage/v1/object/BUCKET`. Its key is read from `PROVOST_DOCS_KEY`.
    pub docs_bucket_url: Option<String>,
}

impl ManifestSection {
    /// The remote and branch, as names that git cannot take for anything else.
    ///
    /// # Errors
    /// What is wrong, ready to print.
    pub fn push_target(&self) -> Result<PushTarget, String> {
        let remote = self.remote.parse::<RemoteName>();
        let remote = remote.map_err(|error| format!("[manifest].remote: {error}"))?;
        let branch = self.branch.as_deref().map(str::parse::<BranchName>).transpose();
        let branch = branch.map_err(|error| format!("[manifest].branch: {error}"))?;
        Ok(PushTarget::new(remote, branch))
    }

    /// The docs bucket, when one is named.
    ///
    /// # Errors
    /// What is wrong, ready to print.
    pub fn docs_bucket(&self) -> Result<Option<DocsBucket>, String> {
        let url = self.docs_bucket_url.as_deref();
        url.map(|url| DocsBucket::parse(url, "[manifest].docs_bucket_url")).transpose()
    }
}

fn default_remote() -> String {
    RemoteName::default().to_string()
}

fn here() -> PathBuf {
    PathBuf::from(".")
}

impl Default for ManifestSection {
    fn default() -> Self {
        Self { root: here(), remote: default_remote(), branch: None, docs_bucket_url: None }
    }
}

/// Where the event log lives.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StoreSection {
    /// `sqlite:PATH`.
    #[serde(default = "default_store")]
    pub url: String,
}

impl StoreSection {
    /// The event log when nobody names one.
    pub const DEFAULT_URL: &str = "sqlite:.provost/events.db";
}

fn default_store() -> String {
    StoreSection::DEFAULT_URL.to_owned()
}

impl Default for StoreSection {
    fn default() -> Self {
        Self { url: default_store() }
    }
}

/// A configuration together with where it came from.
#[derive(Debug, Clone)]
pub struct LoadedConfig {
    /// The configuration.
    pub config: Config,
    /// The folder that its paths are relative to.
    pub base: PathBuf,
    /// The file, as it was named.
    pub path: PathBuf,
    /// SHA-256 of the file's text, hex.
    pub sha256: String,
}

impl LoadedConfig {
    /// Reads and checks a `provost.toml`.
    ///
    /// # Errors
    /// [`ConfigError`], with line and column of what is wrong.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        let base = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let config = Config::parse(&text)
            .map_err(|detail| ConfigError::Invalid { path: path.to_owned(), detail })?;
        Ok(Self { config, base, path: path.to_owned(), sha256: sha256_hex(text.as_bytes()) })
    }

    /// A path of the configuration, relative to its file.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        // Of several dots that mean "here" one is enough to show.
        self.base.join(path).components().collect()
    }

    /// The file of trusted roots that it names, if it names one.
    pub fn trusted_root_file(&self) -> Option<PathBuf> {
        self.config.policy.trusted_root.as_deref().map(|path| self.resolve(path))
    }

    /// The event log that it names.
    ///
    /// # Errors
    /// [`ControlError::StoreUrl`].
    pub fn store_url(&self) -> Result<StoreUrl, ControlError> {
        Ok(StoreUrl::parse(&self.config.store.url, &self.base)?)
    }
}

impl Config {
    /// Parses the text of a `provost.toml`.
    ///
    /// # Errors
    /// What is wrong and where, ready to print.
    pub fn parse(text: &str) -> Result<Self, String> {
        let config: Self = toml::from_str(text).map_err(|error| text::with_place(text, &error))?;
        config.policy.check()?;
        config.dispatch.check()?;
        config.github.check()?;
        config.manifest.push_target()?;
        config.manifest.docs_bucket()?;
        config.notify.check()?;
        config.repository().map_err(|error| format!("[source].repository: {error}"))?;
        Ok(config)
    }

    /// The JSON Schema of the file.
    pub fn json_schema() -> serde_json::Value {
        let mut schema = schemars::schema_for!(Self).to_value();
        if let Some(object) = schema.as_object_mut() {
            object.insert("title".into(), "provost.toml".into());
        }
        schema
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
[source]
repository = "github.com/acme/app"

[[policy.builder]]
id = "https://github.com/acme/builders/.github/workflows/build.yml"
refs = ["refs/tags/v*"]
"#;

    #[test]
    fn defaults_are_strict() {
        let config = Config::parse(GOOD).expect("config");
        assert_eq!(config.source.tag_binding, TagBinding::Ref);
        assert!(!config.policy.allow_self_hosted_runners);
        assert_eq!(config.policy.triggers, ["push", "release", "workflow_dispatch"]);
        assert_eq!(config.store.url, "sqlite:.provost/events.db");
    }

    /// The fenced blocks of a document in one language.
    fn blocks<'a>(document: &'a str, language: &str) -> Vec<&'a str> {
        let fence = format!("```{language}\n");
        document.split(&fence).skip(1).filter_map(|rest| rest.split("```").next()).collect()
    }

    #[test]
    fn the_documented_configurations_parse() {
        let blocks = blocks(include_str!("../../../docs/configuration.md"), "toml");
        assert_eq!(blocks.len(), 2);
        for block in blocks {
            let config = Config::parse(block).expect(block);
            assert!(config.policy(None).is_ok(), "{block}");
        }
    }

    #[test]
    fn the_documented_manifest_is_one_that_provost_writes() {
        let blocks = blocks(include_str!("../../../docs/records.md"), "json");
        assert_eq!(blocks.len(), 1);
        let file = provost_manifest::DayFile::parse("docs/records.md", blocks[0].as_bytes());
        assert_eq!(file.expect("a manifest").render(), blocks[0]);
    }

    #[test]
    fn refuses_unknown_keys_with_their_line() {
        for (from, to, line) in [
            ("refs =", "ref =", "line 7"),
            ("[source]", "[sources]", "line 2"),
            ("repository =", "repo =", "line 3"),
            ("refs = [\"refs/tags/v*\"]", "level = \"3\"", "line 7"),
            ("refs = [\"refs/tags/v*\"]", "level = 4", "level"),
            ("\"refs/tags/v*\"", "\"*\"", "ref pattern"),
            ("github.com/acme/app", "github.com/acme/app.git", ".git"),
            ("[source]", "[notify]\nslack_token = \"x\"\n[source]", "line 3"),
            (
                "[source]",
                "[manifest]\ndocs_bucket_url = \"https://h/docs\"\n[source]",
                "docs_bucket_url",
            ),
        ] {
            let error = Config::parse(&GOOD.replacen(from, to, 1)).expect_err(to);
            assert!(error.contains(line), "{to}: {error}");
        }
        assert!(Config::parse("").is_err());
    }

    #[test]
    fn remote_and_branch_are_names() {
        let target = |section: &str| {
            let config = Config::parse(&format!("{GOOD}\n[manifest]\n{section}\n"))?;
            config.manifest.push_target()
        };
        let default = target("").expect("target");
        assert_eq!((default.remote.as_str(), default.branch), ("origin", None));
        let named = target("remote = \"upstream\"\nbranch = \"records\"").expect("target");
        let branch = named.branch.as_ref().map(BranchName::as_str);
        assert_eq!((named.remote.as_str(), branch), ("upstream", Some("records")));
        for (section, key) in [
            ("remote = \"https://token@github.com/o/r\"", "[manifest].remote"),
            ("remote = \"--upload-pack=x\"", "[manifest].remote"),
            ("branch = \"refs/heads/main\"", "[manifest].branch"),
            ("branch = \"-f\"", "[manifest].branch"),
            ("branch = \"a:b\"", "[manifest].branch"),
        ] {
            let error = target(section).expect_err(section);
            assert!(error.contains(key), "{section}: {error}");
        }
    }
}
