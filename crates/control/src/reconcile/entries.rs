//! Entries against tags, kept bundles and assets.

use super::gap::{Gap, GapKind};
use super::world::World;
use crate::error::ControlError;
use crate::gate::Online;
use crate::roots::trusted_roots;
use crate::verify::{ArtifactInput, verify};
use jiff::Timestamp;
use provost_attestation::digest::{ArtifactDigest, ArtifactDigests};
use provost_github::{Asset, Release, Repository};
use provost_manifest::{ArtifactKind, Entry};
use provost_policy::check::subject_digest;
use provost_record::{Status, Verdict};
use provost_verify::Verifier;

/// Looks at every success since then.
pub(super) fn compare(
    world: &World,
    online: &Online,
    gaps: &mut Vec<Gap>,
) -> Result<(), ControlError> {
    let repository = online.connection.repository();
    let verifier = Verifier::new(trusted_roots(world.config.trusted_root_file().as_deref())?);
    for entry in world.entries().filter(|entry| entry.status == Status::Success) {
        let mut gap = |kind, detail: String| {
            gaps.push(Gap::new(kind, entry.tag.as_str(), entry.run, detail));
        };
        compare_tag(world, entry, &mut gap);
        match entry.decision {
            Some(Verdict::Accepted) => {
                compare_bundle(world, entry, &verifier, &mut gap)?;
                let tag = entry.tag.as_str();
                let release = world.releases.iter().find(|release| release.tag_name == tag);
                if let Some(release) = release {
                    compare_assets(world, entry, release, &repository, &mut gap)?;
                }
            }
            _ if world.is_due(entry.validated_at) => {
                gap(GapKind::NotDecided, format!("recorded {}", entry.validated_at));
                compare_artifacts(entry, &repository, &mut gap)?;
            }
            _ => {}
        }
    }
    Ok(())
}

type Report<'a> = dyn FnMut(GapKind, String) + 'a;

fn compare_tag(world: &World, entry: &Entry, gap: &mut Report<'_>) {
    let recorded = entry.commit.as_deref();
    match (world.tags.get(entry.tag.as_str()), recorded) {
        (None, _) => gap(GapKind::TagGone, format!("recorded {}", entry.validated_at)),
        (Some(now), Some(recorded)) if now != recorded => {
            gap(GapKind::TagMoved, format!("leads to {now}, attested was {recorded}"));
        }
        _ => {}
    }
}

/// What nobody decided about needs the provenance that its run keeps, for a while only.
fn compare_artifacts(
    entry: &Entry,
    repository: &Repository<'_>,
    gap: &mut Report<'_>,
) -> Result<(), ControlError> {
    if entry.run == 0 {
        return Ok(());
    }
    let artifacts = match repository.artifacts(entry.run) {
        Ok(artifacts) => artifacts,
        // The run itself is gone, and is asked about by itself.
        Err(error) if error.is_not_found() => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let is_provenance = |name: &str| name.to_ascii_lowercase().contains("provenance");
    let mut of_provenance = artifacts.iter().filter(|artifact| is_provenance(&artifact.name));
    if let Some(artifact) = of_provenance.find(|artifact| artifact.expired) {
        let since = artifact.expires_at.map_or_else(String::new, |at| format!(", gone since {at}"));
        gap(GapKind::ArtifactExpired, format!("{}{since}", artifact.name));
    }
    Ok(())
}

/// The kept bundle must still prove the digests that were accepted, whatever policy says today.
fn compare_bundle(
    world: &World,
    entry: &Entry,
    verifier: &Verifier,
    gap: &mut Report<'_>,
) -> Result<(), ControlError> {
    let artifacts = world.manifests.artifacts();
    let Some(_) = artifacts.read(&entry.tag, ArtifactKind::Provenance)? else {
        gap(GapKind::BundleMissing, entry.artifact.clone());
        return Ok(());
    };
    let path = artifacts.path(&entry.tag, ArtifactKind::Provenance)?;
    let root = world.config.resolve(&world.config.config.manifest.root);
    let policy = world.config.config.policy(None).map_err(ControlError::Configuration)?;
    let inputs: Vec<ArtifactInput> = entry.subjects.iter().flatten().filter_map(known).collect();
    if inputs.is_empty() {
        return Ok(());
    }
    let bundles = [root.join(path.as_str())];
    for judgement in verify(&inputs, &bundles, verifier, &policy, Timestamp::now())? {
        let judged = judgement.result?;
        let decision = &judged.decision;
        let is_other = decision.failed_checks().any(|check| check.id() == subject_digest::ID);
        if let Some((check, detail)) = decision.rejection() {
            gap(GapKind::BundleAltered, format!("{check}: {detail}"));
            return Ok(());
        }
        if is_other {
            gap(GapKind::BundleAltered, format!("it does not name {}", judgement.name));
            return Ok(());
        }
    }
    Ok(())
}

fn known(subject: &provost_manifest::EntrySubject) -> Option<ArtifactInput> {
    let digests = ArtifactDigests::from_list(subject.digests().collect())?;
    Some(ArtifactInput::Digests { name: subject.name.clone(), digests })
}

/// The release's assets against the bytes that were accepted, by digest.
fn compare_assets(
    world: &World,
    entry: &Entry,
    release: &Release,
    repository: &Repository<'_>,
    gap: &mut Report<'_>,
) -> Result<(), ControlError> {
    let assets = repository.assets(release)?;
    let accepted: Vec<ArtifactDigest> = entry.digests().collect();
    let digest = |asset: &Asset| asset.digest.as_deref()?.parse::<ArtifactDigest>().ok();
    let is_accepted = |asset: &&Asset| digest(asset).is_some_and(|it| accepted.contains(&it));
    let subjects = entry.subjects.as_deref().unwrap_or_default();
    // A gate on local files may accept what is never an asset of this release.
    let any_there = assets.iter().any(|asset| is_accepted(&asset));
    for subject in subjects {
        match assets.iter().find(|asset| asset.name == subject.name) {
            Some(asset) if digest(asset).is_some() && !is_accepted(&asset) => {
                let now = asset.digest.clone().unwrap_or_default();
                gap(GapKind::AssetAltered, format!("{} is {now} now", asset.name));
            }
            None if any_there && !subject.digests().any(|it| has(&assets, &it)) => {
                gap(GapKind::AssetMissing, subject.name.clone());
            }
            _ => {}
        }
    }
    let excepted = &world.config.config.policy.unattested_assets;
    let stranger = assets.iter().find(|asset| {
        let is_subject = subjects.iter().any(|subject| subject.name == asset.name);
        let is_fine = is_accepted(asset)
            || crate::gate::is_attestation_name(&asset.name)
            || excepted.iter().any(|pattern| crate::gate::matches(pattern, &asset.name));
        !is_subject && !is_fine && digest(asset).is_some() && any_there
    });
    if let Some(stranger) = stranger {
        gap(GapKind::AssetUnattested, stranger.name.clone());
    }
    Ok(())
}

fn has(assets: &[Asset], digest: &ArtifactDigest) -> bool {
    let text = digest.to_string();
    assets.iter().any(|asset| asset.digest.as_deref() == Some(text.as_str()))
}
