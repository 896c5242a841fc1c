//! The certificate with the predicate, family by family.

use super::Pair;
use crate::check::Context;
use crate::check::source_repository::trigger_uri;
use crate::facts::{RunId, number};
use crate::family::Family;
use provost_attestation::provenance::{Dependency, Parameters, ProvenanceVersion};
use provost_attestation::repository::SourceUri;
use provost_verify::claims::{CertificateClaims, Claim};
use std::collections::BTreeMap;

type Difference = (String, String);

/// Every fact that the family's predicate and the certificate may both state.
///
/// # Errors
/// A difference that is no pair: a claim of the npm CLI that nothing vouches for, a run that
/// cannot be read, a trigger that is not the source.
pub(super) fn pairs(
    context: &Context<'_>,
    claims: &CertificateClaims,
) -> Result<Vec<Pair>, Difference> {
    let collector = Collector { context, claims, pairs: Vec::new() };
    match (context.facts.family, context.provenance.version) {
        (Family::Generic | Family::Go | Family::Container, _) => collector.generator_v02(),
        (Family::ContainerBased, _) => collector.container_based(),
        (Family::Delegator, _) => collector.delegator(),
        (Family::NpmCli, ProvenanceVersion::V02) => collector.npm_v02(),
        (Family::NpmCli, ProvenanceVersion::V1) => collector.npm_v1(),
        // A builder of one's own that a policy names may still write v0.2.
        (Family::GithubAttestation, ProvenanceVersion::V02) => collector.generator_v02(),
        (Family::GithubAttestation | Family::ManagedKey, _) => collector.attestation(),
    }
}

struct Collector<'a> {
    context: &'a Context<'a>,
    claims: &'a CertificateClaims,
    pairs: Vec<Pair>,
}

impl Collector<'_> {
    fn generator_v02(mut self) -> Result<Vec<Pair>, Difference> {
        self.config_source();
        self.dependency(true);
        self.same_trigger_and_source()?;
        let names = ParameterNames::LOWER;
        self.environment(&names)?;
        self.invocation_pair()?;
        Ok(self.pairs)
    }

    fn container_based(mut self) -> Result<Vec<Pair>, Difference> {
        self.dependency(true);
        self.same_trigger_and_source()?;
        if let Some(source) = self.context.provenance.external_parameters.object("source") {
            let uri = source.get("uri").and_then(|uri| uri.as_str()).map(str::to_owned);
            let digests: BTreeMap<String, String> = source
                .get("digest")
                .and_then(|digest| digest.as_object())
                .into_iter()
                .flatten()
                .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
                .collect();
            self.source("externalParameters.source", &Dependency { uri, digests }, true);
        }
        self.environment(&ParameterNames::UPPER)?;
        self.invocation_url();
        Ok(self.pairs)
    }

    fn delegator(mut self) -> Result<Vec<Pair>, Difference> {
        self.config_source();
        // Without a ref, the builder checked out something else than what triggered it; its commit
        // is then `source-digest`'s question alone.
        let has_ref = self.dependency_ref().is_some();
        self.dependency(has_ref);
        if has_ref {
            self.same_trigger_and_source()?;
        }
        self.environment(&ParameterNames::UPPER)?;
        match self.context.provenance.version {
            ProvenanceVersion::V02 => self.invocation_pair()?,
            ProvenanceVersion::V1 => self.invocation_url(),
        }
        Ok(self.pairs)
    }

    fn attestation(mut self) -> Result<Vec<Pair>, Difference> {
        self.workflow();
        self.dependency(true);
        self.same_trigger_and_source()?;
        self.github_object(true);
        self.environment(&ParameterNames::UPPER)?;
        self.invocation_url();
        Ok(self.pairs)
    }

    fn npm_v1(mut self) -> Result<Vec<Pair>, Difference> {
        self.only_names("github", &["event_name", "repository_id", "repository_owner_id"])?;
        self.one_dependency()?;
        self.workflow();
        self.dependency(true);
        self.same_trigger_and_source()?;
        self.github_object(false);
        self.invocation_url();
        Ok(self.pairs)
    }

    /// The npm CLI's v0.2 predicate is written by the build itself: it may state only what the
    /// certificate can confirm.
    fn npm_v02(mut self) -> Result<Vec<Pair>, Difference> {
        let provenance = self.context.provenance;
        if let Some(claim) = provenance.unverifiable_claims.first() {
            return Err(("no claim that nothing vouches for".into(), (*claim).to_owned()));
        }
        if let Some(name) = provenance.external_parameters.names().next() {
            let found = format!("invocation.parameters.{name}");
            return Err(("no claim that nothing vouches for".into(), found));
        }
        self.one_dependency()?;
        let subjects = &self.context.facts.verified.statement().subjects;
        if subjects.len() != 1 || !subjects[0].digest_set().contains_key("sha512") {
            return Err((
                "one subject with a sha512 digest".into(),
                format!("{} subjects", subjects.len()),
            ));
        }
        const KNOWN: [&str; 10] = [
            "GITHUB_EVENT_NAME",
            "GITHUB_REPOSITORY",
            "GITHUB_REF",
            "GITHUB_REPOSITORY_ID",
            "GITHUB_REPOSITORY_OWNER_ID",
            "GITHUB_SHA",
            "GITHUB_WORKFLOW_REF",
            "GITHUB_WORKFLOW_SHA",
            "GITHUB_RUN_ID",
            "GITHUB_RUN_ATTEMPT",
        ];
        let unknown = provenance.internal_parameters.names().find(|name| !KNOWN.contains(name));
        if let Some(name) = unknown {
            let found = format!("invocation.environment.{name}");
            return Err(("no claim that nothing vouches for".into(), found));
        }
        self.config_source();
        self.dependency(self.dependency_ref().is_some());
        self.environment(&ParameterNames::UPPER)?;
        self.parameter("GITHUB_WORKFLOW_REF", Some(self.signer_path()));
        self.parameter("GITHUB_WORKFLOW_SHA", self.claim(Claim::BuildSignerDigest));
        self.invocation_pair()?;
        Ok(self.pairs)
    }

    /// The signer's `owner/repo/path@ref`, without the server.
    fn signer_path(&self) -> String {
        let san = self.claims.san();
        let server = self.context.facts.server;
        san.strip_prefix(server).and_then(|path| path.strip_prefix('/')).unwrap_or(san).to_owned()
    }

    fn claim(&self, claim: Claim) -> Option<String> {
        self.claims.get(claim).map(str::to_owned)
    }

    fn pair(&mut self, what: &'static str, certificate: Option<String>, other: Option<String>) {
        self.pairs.push(Pair { what, certificate, other, ignore_case: false });
    }

    fn name_pair(
        &mut self,
        what: &'static str,
        certificate: Option<String>,
        other: Option<String>,
    ) {
        self.pairs.push(Pair { what, certificate, other, ignore_case: true });
    }

    fn dependency_ref(&self) -> Option<String> {
        let uri = self.context.provenance.dependencies.first()?.uri.as_deref()?;
        SourceUri::parse(uri)?.git_ref.filter(|r| !r.is_empty()).map(str::to_owned)
    }

    /// Repository, ref and, where it must be the triggering one, commit of dependency 0.
    fn dependency(&mut self, with_commit: bool) {
        if let Some(dependency) = self.context.provenance.dependencies.first().cloned() {
            self.source("resolved source", &dependency, with_commit);
        }
    }

    fn source(&mut self, what: &'static str, dependency: &Dependency, with_commit: bool) {
        let uri = dependency.uri.as_deref().and_then(SourceUri::parse);
        let repository = uri.as_ref().map(|uri| uri.uri.trim_start_matches("git+").to_owned());
        let git_ref = uri.as_ref().and_then(|uri| uri.git_ref).map(str::to_owned);
        self.name_pair(what, self.context.facts.repository_url(), repository);
        self.pair(what, self.claims.git_ref().map(str::to_owned), git_ref);
        if with_commit {
            let commit = dependency.commit().map(str::to_owned);
            self.pair(what, self.claims.commit().map(str::to_owned), commit);
        }
    }

    fn config_source(&mut self) {
        let Some(config) = self.context.provenance.config_source.clone() else {
            return;
        };
        let dependency = Dependency { uri: config.uri, digests: config.digests };
        self.source("configSource", &dependency, true);
        let path = self.context.facts.build_config().map(|(path, _)| path.to_owned());
        self.pair("entryPoint", path, config.entry_point);
    }

    /// `externalParameters.workflow` of attestations and of the npm CLI.
    fn workflow(&mut self) {
        let Some(workflow) = self.context.provenance.external_parameters.object("workflow") else {
            return;
        };
        let text = |name: &str| workflow.get(name).map(plain_text);
        let path = self.context.facts.build_config().map(|(path, _)| path.to_owned());
        self.name_pair(
            "workflow.repository",
            self.context.facts.repository_url(),
            text("repository"),
        );
        self.pair("workflow.ref", self.claims.git_ref().map(str::to_owned), text("ref"));
        self.pair("workflow.path", path, text("path"));
    }

    /// `internalParameters.github` of attestations and of the npm CLI.
    fn github_object(&mut self, with_runner: bool) {
        let Some(github) = self.context.provenance.internal_parameters.object("github") else {
            return;
        };
        let text = |name: &str| github.get(name).map(plain_text);
        self.pair(
            "github.event_name",
            self.claims.trigger().map(str::to_owned),
            text("event_name"),
        );
        let id = self.claim(Claim::SourceRepositoryIdentifier);
        self.pair("github.repository_id", id, text("repository_id"));
        let owner = self.claim(Claim::SourceRepositoryOwnerIdentifier);
        self.pair("github.repository_owner_id", owner, text("repository_owner_id"));
        if with_runner {
            let runner = self.claim(Claim::RunnerEnvironment);
            self.pair("github.runner_environment", runner, text("runner_environment"));
        }
    }

    fn only_names(&self, object: &str, known: &[&str]) -> Result<(), Difference> {
        let Some(members) = self.context.provenance.internal_parameters.object(object) else {
            return Ok(());
        };
        match members.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => {
                let found = format!("internalParameters.{object}.{name}");
                Err(("no claim that nothing vouches for".into(), found))
            }
        }
    }

    fn one_dependency(&self) -> Result<(), Difference> {
        match self.context.provenance.dependencies.len() {
            1 => Ok(()),
            n => Err(("exactly one resolved source".into(), n.to_string())),
        }
    }

    /// The trigger and the source are one: the workflow's repository at its ref was built.
    fn same_trigger_and_source(&self) -> Result<(), Difference> {
        let source = self.context.provenance.dependencies.first().and_then(|d| d.uri.clone());
        match (trigger_uri(self.context), source) {
            (Some(trigger), Some(source)) if trigger != source => {
                Err((format!("triggered by {trigger}"), format!("built from {source}")))
            }
            _ => Ok(()),
        }
    }

    /// The run's environment as slsa-github-generator and old npm CLIs write it.
    fn environment(&mut self, names: &ParameterNames) -> Result<(), Difference> {
        self.parameter(names.event_name, self.claims.trigger().map(str::to_owned));
        self.parameter(names.git_ref, self.claims.git_ref().map(str::to_owned));
        self.parameter(names.sha, self.claims.commit().map(str::to_owned));
        self.parameter(names.repository_id, self.claim(Claim::SourceRepositoryIdentifier));
        self.parameter(names.owner_id, self.claim(Claim::SourceRepositoryOwnerIdentifier));
        if names.is_upper {
            let repository = self.context.facts.repository_url();
            let slug = repository.and_then(|url| {
                Some(url.strip_prefix(self.context.facts.server)?.strip_prefix('/')?.to_owned())
            });
            let stated = text(&self.context.provenance.internal_parameters, "GITHUB_REPOSITORY");
            self.name_pair("GITHUB_REPOSITORY", slug, stated);
            if self.context.facts.family != Family::NpmCli {
                self.parameter("GITHUB_WORKFLOW_REF", self.workflow_ref());
                self.parameter("GITHUB_WORKFLOW_SHA", self.claim(Claim::BuildConfigDigest));
            }
        }
        let stated_run = text(&self.context.provenance.internal_parameters, names.run_id);
        let stated_attempt = text(&self.context.provenance.internal_parameters, names.run_attempt);
        for (name, stated) in [(names.run_id, &stated_run), (names.run_attempt, &stated_attempt)] {
            if let Some(stated) = stated
                && number(stated).is_none()
            {
                return Err((format!("a number in {name}"), stated.clone()));
            }
        }
        let run = self.context.facts.run();
        self.pair("run", run.map(|run| run.id.to_string()), stated_run);
        self.pair("run attempt", run.map(|run| run.attempt.to_string()), stated_attempt);
        Ok(())
    }

    /// OID .18 as `owner/repo/path@ref`.
    fn workflow_ref(&self) -> Option<String> {
        let config = self.claim(Claim::BuildConfigUri)?;
        Some(config.strip_prefix(self.context.facts.server)?.strip_prefix('/')?.to_owned())
    }

    fn parameter(&mut self, name: &'static str, certificate: Option<String>) {
        let stated = text(&self.context.provenance.internal_parameters, name);
        self.pair(name, certificate, stated);
    }

    /// v0.2: `<run>-<attempt>`.
    fn invocation_pair(&mut self) -> Result<(), Difference> {
        let Some(stated) = self.context.provenance.invocation_id.clone() else {
            return Ok(());
        };
        let well_formed = stated
            .split_once('-')
            .is_some_and(|(run, attempt)| number(run).is_some() && number(attempt).is_some());
        if !well_formed {
            return Err(("an invocation id RUN-ATTEMPT".into(), stated));
        }
        let run = self.context.facts.run();
        let expected = run.map(|RunId { id, attempt }| format!("{id}-{attempt}"));
        self.pair("invocation id", expected, Some(stated));
        Ok(())
    }

    /// v1: the run's URL, which the certificate repeats.
    fn invocation_url(&mut self) {
        let stated = self.context.provenance.invocation_id.clone();
        self.name_pair("invocation id", self.claim(Claim::RunInvocationUri), stated);
    }
}

/// How a family spells the run's environment.
struct ParameterNames {
    is_upper: bool,
    event_name: &'static str,
    git_ref: &'static str,
    sha: &'static str,
    repository_id: &'static str,
    owner_id: &'static str,
    run_id: &'static str,
    run_attempt: &'static str,
}

impl ParameterNames {
    const LOWER: Self = Self {
        is_upper: false,
        event_name: "github_event_name",
        git_ref: "github_ref",
        sha: "github_sha1",
        repository_id: "github_repository_id",
        owner_id: "github_repository_owner_id",
        run_id: "github_run_id",
        run_attempt: "github_run_attempt",
    };
    const UPPER: Self = Self {
        is_upper: true,
        event_name: "GITHUB_EVENT_NAME",
        git_ref: "GITHUB_REF",
        sha: "GITHUB_SHA",
        repository_id: "GITHUB_REPOSITORY_ID",
        owner_id: "GITHUB_REPOSITORY_OWNER_ID",
        run_id: "GITHUB_RUN_ID",
        run_attempt: "GITHUB_RUN_ATTEMPT",
    };
}

/// A parameter as text; a value of another type is shown as its JSON, which equals no claim.
fn text(parameters: &Parameters, name: &str) -> Option<String> {
    parameters.text(name).map(|text| text.unwrap_or_else(|json| json))
}

fn plain_text(value: &serde_json::Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => value.to_string(),
    }
}
