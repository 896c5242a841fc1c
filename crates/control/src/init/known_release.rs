//! A policy read off a release that is known to be good: everything comes from a verified
//! signature, and the policy is only kept when it accepts that release.

use super::{InitError, Origin, policy_file};
use crate::candidate;
use crate::config::Config;
use crate::error::ControlError;
use crate::roots::trusted_roots;
use crate::verify::{ArtifactInput, verify};
use jiff::Timestamp;
use provost_attestation::bundle::{ClaimedBundle, Content};
use provost_attestation::digest::ArtifactDigests;
use provost_attestation::git_ref::{GitRef, RefKind};
use provost_attestation::repository::Repository;
use provost_policy::Decision;
use provost_verify::claims::{CertificateClaims, Claim};
use provost_verify::{VerifiedStatement, Verifier};
use std::path::{Path, PathBuf};

/// What a release's signature says about how it was made.
#[derive(Debug)]
pub(super) struct KnownRelease {
    /// The file name of the bundle, of harmless characters.
    pub(super) name: String,
    /// The workflow that signed, and its refs.
    pub(super) builder: KnownBuilder,
    /// The event that started the run.
    pub(super) trigger: Option<String>,
    /// GitHub's number of the source repository.
    pub(super) repository_id: Option<u64>,
    /// GitHub's number of its owner.
    pub(super) owner_id: Option<u64>,
    /// The SLSA Build level that the release reached; 1 to 3.
    pub(super) level: u8,
    /// The trusted root in the repository that this took, relative to its root.
    pub(super) trusted_root: Option<String>,
}

/// The workflow that signed.
#[derive(Debug)]
pub(super) struct KnownBuilder {
    /// `https://HOST/OWNER/REPO/.github/workflows/x.yml`.
    pub(super) workflow: String,
    /// The builder id of the predicate, where the workflow's name is not enough.
    pub(super) id: Option<String>,
    /// A ref pattern.
    pub(super) refs: String,
}

impl KnownRelease {
    /// Verifies the bundle and reads it.
    ///
    /// # Errors
    /// [`InitError::NotAccepted`] when its signature does not stand, or when the policy read off
    /// it would refuse it; [`InitError::Unfit`] for a release of another repository, of a branch,
    /// or not signed by a workflow; [`InitError::Control`] when it could not be checked.
    pub(super) fn verify(
        path: &Path,
        trusted_root: Option<&Path>,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Self, InitError> {
        let bundle = Bundle { path, origin, now, verifier: verifier(trusted_root)? };
        let verified = bundle.signature()?;
        let claims = verified
            .claims()
            .ok_or_else(|| bundle.unfit("it is signed with a key and not by a workflow"))?;
        let mut known = bundle.read(claims)?;
        let digests = digests(&verified);
        // Some families of builders sign an id of their own beside the workflow.
        let plain = bundle.decide(&known, &digests)?;
        let decisions = match first_refusal(&plain) {
            None => plain,
            Some(_) => {
                known.builder.id = signed_builder_id(&plain);
                bundle.decide(&known, &digests)?
            }
        };
        if let Some(refusal) = first_refusal(&decisions) {
            return Err(bundle.not_accepted(&reason(refusal)));
        }
        known.level = decisions.iter().map(Decision::level).min().unwrap_or(1).max(1);
        Ok(known)
    }
}

fn verifier(trusted_root: Option<&Path>) -> Result<Verifier, InitError> {
    Ok(Verifier::new(trusted_roots(trusted_root)?))
}

/// The bundle, and what it is judged with.
struct Bundle<'a> {
    path: &'a Path,
    origin: &'a Origin,
    now: Timestamp,
    verifier: Verifier,
}

impl Bundle<'_> {
    /// The one bundle of the file, once its signature stands.
    fn signature(&self) -> Result<VerifiedStatement, InitError> {
        let mut candidates = candidate::load(&[self.path.to_owned()])?;
        if candidates.len() != 1 {
            return Err(self.unfit("it holds several attestations; give the one of the release"));
        }
        let content = candidates.remove(0).content;
        let claimed: ClaimedBundle = match content {
            Ok(Content::Bundle(bundle)) => *bundle,
            Ok(_) => return Err(self.unfit("it is no Sigstore bundle")),
            Err(malformed) => return Err(self.not_accepted(&malformed.error.to_string())),
        };
        self.verifier.verify(&claimed, None, self.now).map_err(|rejection| {
            self.not_accepted(&format!("{}: {}", rejection.failed(), rejection.detail()))
        })
    }

    fn read(&self, claims: &CertificateClaims) -> Result<KnownRelease, InitError> {
        self.of_this_repository(claims)?;
        let git_ref = claims.git_ref().map(GitRef::new);
        if !git_ref.as_ref().is_some_and(|r| matches!(r.kind(), RefKind::Tag(_))) {
            return Err(self.unfit(
                "its run was not on a tag, so its signed ref does not name the release; make the \
                 policy by hand, with another `tag_binding`",
            ));
        }
        let number = |claim| claims.get(claim).and_then(|text| text.parse().ok());
        Ok(KnownRelease {
            name: shown_name(self.path),
            builder: self.builder(claims)?,
            trigger: claims.trigger().map(str::to_owned),
            repository_id: number(Claim::SourceRepositoryIdentifier),
            owner_id: number(Claim::SourceRepositoryOwnerIdentifier),
            level: 1,
            trusted_root: None,
        })
    }

    fn of_this_repository(&self, claims: &CertificateClaims) -> Result<(), InitError> {
        let server = self.origin.server();
        let signed = claims.get(Claim::SourceRepositoryUri).unwrap_or_default();
        let own = Repository::from_slug(self.origin.slug(), server);
        match (Repository::from_url(signed, server), own) {
            (Ok(signed), Ok(own)) if signed == own => Ok(()),
            _ => Err(self
                .unfit(&format!("it is signed for {signed:?}, and `origin` is {}", self.origin))),
        }
    }

    fn builder(&self, claims: &CertificateClaims) -> Result<KnownBuilder, InitError> {
        let prefix = format!("{}/", self.origin.server());
        let (workflow, signer_ref) = claims
            .san()
            .split_once('@')
            .filter(|(workflow, _)| workflow.starts_with(&prefix))
            .ok_or_else(|| self.unfit("its signer is no workflow of the server of `origin`"))?;
        let refs = match GitRef::new(signer_ref).kind() {
            // A builder of the repository itself is tagged with every release.
            RefKind::Tag(tag) if tag.starts_with('v') && self.is_own(workflow) => {
                "refs/tags/v*".to_owned()
            }
            RefKind::Tag(tag) => format!("refs/tags/{}", tag_pattern(tag)),
            RefKind::Commit(_) => signer_ref.to_owned(),
            RefKind::Branch(_) | RefKind::Other => {
                return Err(self.unfit(
                    "its signer ran on a branch, which moves; such a builder is written into a \
                     policy by hand",
                ));
            }
        };
        Ok(KnownBuilder { workflow: workflow.to_owned(), id: None, refs })
    }

    fn is_own(&self, workflow: &str) -> bool {
        workflow.starts_with(&format!("{}/{}/", self.origin.server(), self.origin.slug()))
    }

    /// Decides about every subject under the policy that would be written.
    fn decide(
        &self,
        known: &KnownRelease,
        digests: &[ArtifactDigests],
    ) -> Result<Vec<Decision>, InitError> {
        let text = policy_file::unchecked(self.origin, Some(known));
        let config = Config::parse(&text).map_err(|detail| self.unfit(&detail))?;
        let policy = config.policy(None).map_err(ControlError::Configuration)?;
        let artifacts: Vec<ArtifactInput> = digests
            .iter()
            .map(|digests| ArtifactInput::Digests {
                name: "a subject".to_owned(),
                digests: digests.clone(),
            })
            .collect();
        let paths = [PathBuf::from(self.path)];
        let judgements = verify(&artifacts, &paths, &self.verifier, &policy, self.now)?;
        let decided = judgements.into_iter().map(|judgement| Ok(judgement.result?.decision));
        decided.collect()
    }

    fn unfit(&self, reason: &str) -> InitError {
        InitError::Unfit { path: self.path.to_owned(), reason: reason.to_owned() }
    }

    fn not_accepted(&self, reason: &str) -> InitError {
        InitError::NotAccepted { path: self.path.to_owned(), reason: reason.to_owned() }
    }
}

/// The strong digests of every subject that has one.
fn digests(verified: &VerifiedStatement) -> Vec<ArtifactDigests> {
    let subjects = verified.statement().subjects.iter();
    subjects
        .filter_map(|subject| ArtifactDigests::from_list(subject.strong_digests().collect()))
        .collect()
}

fn first_refusal(decisions: &[Decision]) -> Option<&Decision> {
    decisions.iter().find(|decision| !decision.is_accepted())
}

/// The builder id that was signed, without its ref.
fn signed_builder_id(decisions: &[Decision]) -> Option<String> {
    let id = decisions.first()?.facts()?.builder_id.as_deref()?;
    id.split('@').next().map(str::to_owned)
}

fn reason(refused: &Decision) -> String {
    let ids: Vec<&str> = refused.failed_checks().map(|check| check.id().as_str()).collect();
    format!("the checks {} refuse it", ids.join(", "))
}

/// Later releases of the same major version: `v1.4.0` gives `v1.*`. A tag that begins otherwise
/// stands for itself.
fn tag_pattern(tag: &str) -> String {
    let rest = tag.strip_prefix('v').unwrap_or_default();
    match rest.split_once('.') {
        Some((major, _)) if !major.is_empty() && major.bytes().all(|b| b.is_ascii_digit()) => {
            format!("v{major}.*")
        }
        _ => tag.to_owned(),
    }
}

/// A file name that may stand in a comment.
fn shown_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_plain = |char: &char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '-');
    name.chars().filter(is_plain).take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_in_the_line_of_a_release_and_no_other() {
        for (tag, pattern) in [
            ("v1.4.0", "v1.*"),
            ("v12.0.0-rc.1", "v12.*"),
            ("v1", "v1"),
            ("1.4.0", "1.4.0"),
            ("vx.1", "vx.1"),
            ("release-1.0", "release-1.0"),
        ] {
            assert_eq!(tag_pattern(tag), pattern);
        }
    }
}
