//! `[source]` and `[policy]`: the file's words turned into a [`Policy`].

use super::{Config, GithubSection};
use provost_attestation::builder_id::BuilderId;
use provost_attestation::git_ref::{Tag, is_commit};
use provost_attestation::repository::Repository;
use provost_policy::{
    ExpectedBuilder, ExpectedBuilders, ExpectedRef, ExpectedSource, Policy, RefPattern,
};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where releases are built from.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceSection {
    /// `github.com/OWNER/NAME`.
    pub repository: String,
    /// GitHub's numeric id of the repository; guards against a name that was re-used.
    pub repository_id: Option<u64>,
    /// GitHub's numeric id of its owner.
    pub owner_id: Option<u64>,
    /// What ties a tag to signed facts.
    #[serde(default)]
    pub tag_binding: TagBinding,
}

/// What ties a release's tag to facts that were signed. A workflow input never does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TagBinding {
    /// The certificate's ref (OID .14) is `refs/tags/<tag>`.
    #[default]
    Ref,
    /// The certificate's commit (OID .13) is the one given with `--source-digest`.
    Commit,
    /// The version in the subject's package URL is the tag without a leading `v`.
    PackageVersion,
}

/// What is expected of a release's provenance.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicySection {
    /// The least SLSA Build level, 1 to 3.
    pub min_level: Option<u8>,
    /// Events that may start a release build.
    #[serde(default = "default_triggers")]
    pub triggers: Vec<String>,
    /// Accept builds on self-hosted runners.
    #[serde(default)]
    pub allow_self_hosted_runners: bool,
    /// The commit of the signing workflow (OID .10).
    pub signer_digest: Option<String>,
    /// Inputs that a dispatched run must have had.
    #[serde(default)]
    pub inputs: BTreeMap<String, String>,
    /// The package name that the subject must have.
    pub package_name: Option<String>,
    /// Assets of a release that need no attestation, by name; `*` stands for any text.
    #[serde(default)]
    pub unattested_assets: Vec<String>,
    /// A trusted root file instead of the embedded ones.
    pub trusted_root: Option<PathBuf>,
    /// Builders that may sign a release. `provost gate` needs at least one.
    #[serde(default, rename = "builder")]
    pub builders: Vec<BuilderSection>,
}

fn default_triggers() -> Vec<String> {
    ["push", "release", "workflow_dispatch"].map(str::to_owned).to_vec()
}

impl Default for PolicySection {
    fn default() -> Self {
        Self {
            min_level: None,
            triggers: default_triggers(),
            allow_self_hosted_runners: false,
            signer_digest: None,
            inputs: BTreeMap::new(),
            package_name: None,
            unattested_assets: Vec::new(),
            trusted_root: None,
            builders: Vec::new(),
        }
    }
}

/// One builder that may sign a release.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BuilderSection {
    /// The builder id of the provenance: a URI, with or without `@REF`.
    pub id: Option<String>,
    /// The signing workflow: `OWNER/REPO/.github/workflows/x.yml`.
    pub signer_workflow: Option<String>,
    /// Accepted refs of the builder: full refs, tag names, commits, or full refs with `*`.
    #[serde(default)]
    pub refs: Vec<String>,
    /// Build types that this builder signs beyond those known for its kind.
    #[serde(default)]
    pub build_types: Vec<String>,
    /// The highest SLSA Build level that it is trusted for, 1 to 3.
    pub level: Option<u8>,
}

impl PolicySection {
    pub(super) fn check(&self) -> Result<(), String> {
        check_level("[policy].min_level", self.min_level)?;
        if let Some(digest) = self.signer_digest.as_deref().filter(|digest| !is_commit(digest)) {
            return Err(format!("[policy].signer_digest: {digest:?} is no 40-digit commit"));
        }
        for trigger in &self.triggers {
            let odd = |byte: u8| !(byte.is_ascii_lowercase() || byte == b'_');
            if trigger.is_empty() || trigger.bytes().any(odd) {
                return Err(format!("[policy].triggers: {trigger:?} is no event name"));
            }
        }
        self.builders.iter().try_for_each(|builder| builder.expected().map(|_| ()))
    }
}

fn check_level(what: &str, level: Option<u8>) -> Result<(), String> {
    match level {
        None | Some(1..=3) => Ok(()),
        Some(level) => Err(format!("{what}: level {level} does not exist; write 1, 2 or 3")),
    }
}

impl BuilderSection {
    fn expected(&self) -> Result<ExpectedBuilder, String> {
        let here = |error: &dyn std::fmt::Display| format!("[[policy.builder]]: {error}");
        if self.id.is_none() && self.signer_workflow.is_none() {
            return Err(here(&"name it by `id` or by `signer_workflow`"));
        }
        check_level("[[policy.builder]].level", self.level)?;
        let id = self.id.as_deref().map(BuilderId::parse).transpose().map_err(|e| here(&e))?;
        let refs: Result<Vec<RefPattern>, _> = self.refs.iter().map(|text| text.parse()).collect();
        let signer_workflow =
            self.signer_workflow.as_deref().map(workflow_uri).transpose().map_err(|e| here(&e))?;
        Ok(ExpectedBuilder {
            id,
            signer_workflow,
            refs: refs.map_err(|e| here(&e))?,
            build_types: self.build_types.clone(),
            level: self.level,
        })
    }
}

/// `OWNER/REPO/.github/workflows/x.yml`, with or without `github.com/` or `https://github.com/`
/// before it, as the URI that a certificate carries.
///
/// # Errors
/// When it is none of these.
pub fn workflow_uri(text: &str) -> Result<String, String> {
    let path = text.strip_prefix("https://").unwrap_or(text);
    let path = path.strip_prefix("github.com/").unwrap_or(path);
    let mut parts = path.splitn(3, '/');
    let (owner, name, file) = (parts.next(), parts.next(), parts.next());
    let (Some(owner), Some(name), Some(file)) = (owner, name, file) else {
        return Err(format!("{text:?} is no OWNER/REPO/.github/workflows/FILE"));
    };
    Repository::from_slug(&format!("{owner}/{name}"), provost_attestation::repository::GITHUB)
        .map_err(|error| error.to_string())?;
    let is_workflow = file
        .strip_prefix(".github/workflows/")
        .is_some_and(|file| file.ends_with(".yml") || file.ends_with(".yaml"))
        && !file.contains(['@', ' ', '?', '#']);
    if !is_workflow {
        return Err(format!("{text:?} is no OWNER/REPO/.github/workflows/FILE.yml, without ref"));
    }
    Ok(format!("{}/{owner}/{name}/{file}", provost_attestation::repository::GITHUB))
}

impl Config {
    /// The policy that this file describes. `tag` is the release's; without one, no ref is asked
    /// for.
    ///
    /// # Errors
    /// What cannot be used, in words.
    pub fn policy(&self, tag: Option<&Tag>) -> Result<Policy, String> {
        let source = ExpectedSource::Repository {
            repository: self.repository()?,
            id: self.source.repository_id,
            owner_id: self.source.owner_id,
        };
        let section = &self.policy;
        let builders = match section.builders.is_empty() {
            true => ExpectedBuilders::BuiltIn,
            false => ExpectedBuilders::Named(
                section.builders.iter().map(BuilderSection::expected).collect::<Result<_, _>>()?,
            ),
        };
        let mut policy = Policy::new(source, builders);
        let GithubSection { server_url, oidc_issuer, .. } = &self.github;
        policy.server = server_url.trim_end_matches('/').to_owned();
        policy.oidc_issuer = oidc_issuer.clone();
        policy.source_refs = tag
            .map(|tag| match self.source.tag_binding {
                TagBinding::Ref => ExpectedRef::Tag(tag.to_string()),
                TagBinding::Commit => ExpectedRef::Commit(tag.clone()),
                TagBinding::PackageVersion => ExpectedRef::PackageVersion(tag.clone()),
            })
            .into_iter()
            .collect();
        policy.signer_digest = section.signer_digest.clone();
        policy.build_inputs =
            section.inputs.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        policy.triggers = Some(section.triggers.clone());
        policy.deny_self_hosted_runners = !section.allow_self_hosted_runners;
        policy.min_level = section.min_level;
        policy.package_name = section.package_name.clone();
        Ok(policy)
    }

    /// The source repository.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn repository(&self) -> Result<Repository, String> {
        let server = self.github.server_url.trim_end_matches('/');
        if server == provost_attestation::repository::GITHUB {
            return Repository::from_expectation(&self.source.repository)
                .map_err(|error| error.to_string());
        }
        let text = self.source.repository.as_str();
        let host = server.strip_prefix("https://").unwrap_or(server);
        let url = match text.strip_prefix(host) {
            Some(rest) => format!("{server}{rest}"),
            None => text.to_owned(),
        };
        Repository::from_url(&url, server).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workflows_have_one_meaning() {
        let uri = "https://github.com/o/r/.github/workflows/w.yml";
        for text in ["o/r/.github/workflows/w.yml", "github.com/o/r/.github/workflows/w.yml", uri] {
            assert_eq!(workflow_uri(text).as_deref(), Ok(uri), "{text}");
        }
        for wrong in [
            "",
            "o/r",
            "w.yml",
            "o/r/w.yml",
            "o/r/.github/workflows/w.yml@main",
            "o/r/.github/workflows/w.txt",
            "https://gitlab.com/o/r/.github/workflows/w.yml",
        ] {
            assert!(workflow_uri(wrong).is_err(), "{wrong}");
        }
    }
}
