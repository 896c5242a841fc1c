//! The set of artifacts is exact, and a tag is released once.

use super::request::{ArtifactSet, GateRequest};
use crate::error::ControlError;
use crate::verify::Judgement;
use provost_attestation::bundle::{Content, parse_documents};
use provost_attestation::digest::{ArtifactDigest, ArtifactDigests};
use provost_attestation::git_ref::Tag;
use provost_manifest::{ArtifactKind, Manifests};
use provost_policy::check::elsewhere::TAG_REUSE;
use provost_policy::{Decision, check};
use provost_verify::check::Check;
use provost_verify::fault;
use std::collections::BTreeSet;

/// Adds what only the whole release can tell: subjects that no artifact is, and digests that were
/// released before under another tag, or other digests under this one.
pub(super) fn complete(
    judgements: Vec<Judgement>,
    request: &GateRequest,
    manifests: &Manifests,
) -> Result<Vec<Judgement>, ControlError> {
    let artifacts: Vec<ArtifactDigests> = judgements
        .iter()
        .filter_map(|judgement| judgement.result.as_ref().ok())
        .map(|judged| judged.decision.artifact().digests.clone())
        .collect();
    let released = Released::load(&request.tag, &artifacts, manifests)?;
    let complete = |mut judgement: Judgement| {
        judgement.result = judgement.result.map(|mut judged| {
            if matches!(request.artifacts, ArtifactSet::Folder(_) | ArtifactSet::Released(_))
                && let Some(check) = missing_artifact(&judged.decision, &artifacts)
            {
                judged.decision = judged.decision.with_check(check);
            }
            let check = released.check(&judged.decision);
            judged.decision = judged.decision.with_check(check);
            judged
        });
        judgement
    };
    Ok(judgements.into_iter().map(complete).collect())
}

/// The failed check when an accepted statement attests something that is not among the artifacts.
fn missing_artifact(decision: &Decision, artifacts: &[ArtifactDigests]) -> Option<Check> {
    if !decision.is_accepted() {
        return None;
    }
    let subjects = &decision.facts()?.subjects;
    let missing =
        subjects.iter().find(|subject| !artifacts.iter().any(|artifact| subject.is(artifact)))?;
    let name = missing.name().unwrap_or("a subject without name");
    let digest = missing.strong_digests().next();
    let digest = digest.map_or("without a strong digest".to_owned(), |digest| digest.to_string());
    Some(
        Check::failed(
            check::subject_digest::ID,
            "every attested subject among the artifacts",
            format!("no artifact is {name} {digest}"),
        )
        .with_hint(
            "release exactly what was attested: a missing file is as wrong as a foreign one",
        ),
    )
}

/// The digests that the tag's kept bundle attests. Only an acceptance puts a bundle there, and a
/// later refusal of the same run takes the place of its manifest entry, not of the bundle.
fn digests_of_kept_bundle(
    tag: &Tag,
    manifests: &Manifests,
) -> Result<Vec<ArtifactDigest>, ControlError> {
    // Where it cannot be read it cannot be written either: nothing will be accepted then, and the
    // recording says why.
    let Ok(Some(bytes)) = manifests.artifacts().read(tag, ArtifactKind::Provenance) else {
        return Ok(Vec::new());
    };
    let documents = parse_documents(&bytes).map_err(|error| {
        ControlError::Undecidable(format!("the bundle kept for tag {tag} cannot be read: {error}"))
    })?;
    let statements = documents.iter().filter_map(|document| match &document.content {
        Content::Bundle(bundle) => bundle.statement().ok(),
        _ => None,
    });
    Ok(statements
        .flat_map(|statement| &statement.subjects)
        .flat_map(|subject| subject.strong_digests())
        .collect())
}

/// What the manifest knows of earlier releases.
struct Released {
    tag: Tag,
    under_tag: BTreeSet<ArtifactDigest>,
    elsewhere: Vec<(ArtifactDigest, Tag)>,
}

impl Released {
    fn load(
        tag: &Tag,
        artifacts: &[ArtifactDigests],
        manifests: &Manifests,
    ) -> Result<Self, ControlError> {
        let accepted = manifests.accepted_digests()?;
        let elsewhere = |digest: &ArtifactDigest| {
            let tags = accepted.tags_of(digest).into_iter().filter(|other| other != tag);
            tags.map(|other| (digest.clone(), other)).collect::<Vec<_>>()
        };
        let elsewhere =
            artifacts.iter().flat_map(ArtifactDigests::iter).flat_map(elsewhere).collect();
        let mut under_tag = accepted.of_tag(tag);
        under_tag.extend(digests_of_kept_bundle(tag, manifests)?);
        Ok(Self { tag: tag.clone(), under_tag, elsewhere })
    }

    fn check(&self, decision: &Decision) -> Check {
        fault::point(TAG_REUSE);
        let digests = &decision.artifact().digests;
        let expected = format!("bytes never released before, or released as {} already", self.tag);
        let other = self
            .elsewhere
            .iter()
            .find(|(digest, _)| digests.of(digest.algorithm()) == Some(digest));
        if let Some((digest, other)) = other {
            return Check::failed(TAG_REUSE, expected, format!("{digest} was released as {other}"))
                .with_hint("an old artifact under a new tag is a rollback");
        }
        let known = digests.iter().any(|digest| self.under_tag.contains(digest));
        let comparable = digests
            .iter()
            .any(|digest| self.under_tag.iter().any(|d| d.algorithm() == digest.algorithm()));
        if comparable && !known {
            let found = format!("{} was released with other bytes", self.tag);
            return Check::failed(TAG_REUSE, expected, found)
                .with_hint("release other bytes under another tag");
        }
        let found = if known { "released as this tag already" } else { "never released before" };
        Check::passed(TAG_REUSE, expected, found)
    }
}
