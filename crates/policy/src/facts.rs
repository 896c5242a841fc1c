//! The facts of one verified statement, laid out for the checks.

use crate::artifact::Artifact;
use crate::family::Family;
use provost_attestation::provenance::{InvalidProvenance, Provenance};
use provost_attestation::subject::Subject;
use provost_verify::claims::{CertificateClaims, Claim};
use provost_verify::{Signer, VerifiedStatement};

/// A workflow run and its attempt, from OID .21.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunId {
    /// GitHub's run id.
    pub id: u64,
    /// Attempt, counted from 1.
    pub attempt: u32,
}

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, attempt {}", self.id, self.attempt)
    }
}

impl RunId {
    /// Reads `<repository URL>/actions/runs/<id>/attempts/<n>`.
    pub(crate) fn from_url(url: &str, repository_url: &str) -> Option<Self> {
        let rest = url.get(repository_url.len()..)?;
        if !url[..repository_url.len()].eq_ignore_ascii_case(repository_url) {
            return None;
        }
        let (id, attempt) = rest.strip_prefix("/actions/runs/")?.split_once("/attempts/")?;
        Some(Self { id: number(id)?, attempt: number(attempt)?.try_into().ok()? })
    }
}

/// Decimal digits without sign or leading zero.
pub(crate) fn number(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// What the checks look at: signed facts, and the artifact in hand.
pub(crate) struct Facts<'a> {
    pub(crate) verified: &'a VerifiedStatement,
    pub(crate) artifact: &'a Artifact,
    pub(crate) subject: Option<&'a Subject>,
    pub(crate) provenance: Result<Provenance, InvalidProvenance>,
    pub(crate) family: Family,
    pub(crate) signer: Option<SignerWorkflow<'a>>,
    pub(crate) server: &'a str,
}

/// The workflow that signed: the certificate's name, cut into URI and ref.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SignerWorkflow<'a> {
    pub(crate) uri: &'a str,
    pub(crate) git_ref: &'a str,
}

impl<'a> Facts<'a> {
    pub(crate) fn new(
        verified: &'a VerifiedStatement,
        artifact: &'a Artifact,
        server: &'a str,
    ) -> Self {
        let statement = verified.statement();
        let provenance = Provenance::parse(&statement.predicate_type, &statement.predicate);
        let signer = verified.claims().and_then(|claims| split_workflow(claims.san()));
        let family = match (verified.signer(), &signer, &provenance) {
            (Signer::Key { .. }, ..) => Family::ManagedKey,
            (_, Some(signer), Ok(provenance)) => Family::of(signer.uri, &provenance.builder_id),
            (_, Some(signer), Err(_)) => Family::of(signer.uri, ""),
            _ => Family::GithubAttestation,
        };
        let subject = statement.subjects.iter().find(|subject| subject.is(&artifact.digests));
        Self { verified, artifact, subject, provenance, family, signer, server }
    }

    pub(crate) fn claims(&self) -> Option<&'a CertificateClaims> {
        self.verified.claims()
    }

    /// Repository URL by the certificate: .12, or .5 on the server.
    pub(crate) fn repository_url(&self) -> Option<String> {
        let claims = self.claims()?;
        match (claims.get(Claim::SourceRepositoryUri), claims.get(Claim::RepositoryV1)) {
            (Some(url), _) => Some(url.to_owned()),
            (None, Some(slug)) => Some(format!("{}/{slug}", self.server)),
            (None, None) => None,
        }
    }

    /// The workflow file that ran, from OID .18: its path in the repository, and its ref.
    pub(crate) fn build_config(&self) -> Option<(&'a str, &'a str)> {
        let config = self.claims()?.get(Claim::BuildConfigUri)?;
        let (uri, git_ref) = config.split_once('@')?;
        let path = uri.strip_prefix(self.repository_url()?.as_str())?.strip_prefix('/')?;
        Some((path, git_ref))
    }

    pub(crate) fn run(&self) -> Option<RunId> {
        let url = self.claims()?.get(Claim::RunInvocationUri)?;
        RunId::from_url(url, &self.repository_url()?)
    }

    /// Whether another workflow than the one that was called signed: a reusable workflow, whose
    /// steps the caller cannot change.
    pub(crate) fn is_reusable(&self) -> Option<bool> {
        let config = self.claims()?.get(Claim::BuildConfigUri)?;
        let (called, _) = config.split_once('@')?;
        Some(self.signer?.uri != called)
    }
}

/// Cuts `https://host/owner/repo/path@ref` at the first `@`; both parts must be there, and the URI
/// must have a path.
fn split_workflow(san: &str) -> Option<SignerWorkflow<'_>> {
    let (uri, git_ref) = san.split_once('@')?;
    let path = uri.strip_prefix("https://")?.split_once('/')?.1;
    (!path.is_empty() && !git_ref.is_empty()).then_some(SignerWorkflow { uri, git_ref })
}

/// What a decision may show as fact, because a verified signature covers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenFacts {
    /// OIDC issuer; `None` for a managed key.
    pub issuer: Option<String>,
    /// Subject alternative name; `None` for a managed key.
    pub san: Option<String>,
    /// The builder id of the predicate.
    pub builder_id: Option<String>,
    /// `git+https://…`, without ref.
    pub source_uri: Option<String>,
    /// The full ref.
    pub source_ref: Option<String>,
    /// The commit.
    pub source_commit: Option<String>,
    /// The run.
    pub run: Option<RunId>,
    /// The event that started it.
    pub trigger: Option<String>,
    /// The earliest trusted time.
    pub signed_at: Option<jiff::Timestamp>,
    /// The predicate type.
    pub predicate_type: String,
    /// The matching subject's name, when the artifact is one of the subjects.
    pub subject_name: Option<String>,
    /// Every subject of the statement.
    pub subjects: Vec<Subject>,
    /// The signed payload, byte for byte.
    pub payload: Vec<u8>,
}

impl ProvenFacts {
    pub(crate) fn of(facts: &Facts<'_>) -> Self {
        let claims = facts.claims();
        let text = |value: Option<&str>| value.map(str::to_owned);
        Self {
            issuer: text(claims.and_then(CertificateClaims::issuer)),
            san: text(claims.map(CertificateClaims::san)),
            builder_id: facts.provenance.as_ref().ok().map(|p| p.builder_id.clone()),
            source_uri: facts.repository_url().map(|url| format!("git+{url}")),
            source_ref: text(claims.and_then(CertificateClaims::git_ref)),
            source_commit: text(claims.and_then(CertificateClaims::commit)),
            run: facts.run(),
            trigger: text(claims.and_then(CertificateClaims::trigger)),
            signed_at: facts.verified.signed_at(),
            predicate_type: facts.verified.statement().predicate_type.clone(),
            subject_name: text(facts.subject.and_then(Subject::name)),
            subjects: facts.verified.statement().subjects.clone(),
            payload: facts.verified.payload().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_run_url_of_its_repository_only() {
        let repository = "https://github.com/o/r";
        let run = |url: &str| RunId::from_url(url, repository);
        assert_eq!(
            run("https://github.com/o/r/actions/runs/77/attempts/2"),
            Some(RunId { id: 77, attempt: 2 })
        );
        assert_eq!(
            run("https://github.com/O/R/actions/runs/77/attempts/2"),
            Some(RunId { id: 77, attempt: 2 })
        );
        for wrong in [
            "https://github.com/o/r/actions/runs/77",
            "https://github.com/o/r/actions/runs/077/attempts/1",
            "https://github.com/o/r/actions/runs/+77/attempts/1",
            "https://github.com/o/r/actions/runs/77/attempts/1/x",
            "https://github.com/o/rx/actions/runs/77/attempts/1",
            "https://github.com/o/x/actions/runs/77/attempts/1",
            "",
        ] {
            assert_eq!(run(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn cuts_a_workflow_at_the_first_at_sign() {
        let workflow =
            split_workflow("https://github.com/o/r/.github/workflows/w.yml@refs/tags/p@1");
        assert_eq!(workflow.map(|w| w.git_ref), Some("refs/tags/p@1"));
        for wrong in ["", "https://github.com/@x", "https://github.com/o/r/w.yml", "x@y", "a@"] {
            assert_eq!(split_workflow(wrong), None, "{wrong}");
        }
    }
}
