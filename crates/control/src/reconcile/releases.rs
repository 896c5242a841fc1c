//! Releases against the manifest.

use super::gap::{Gap, GapKind};
use super::world::World;
use provost_record::Status;

/// A published release whose tag has no success is one without accepted provenance.
pub(super) fn compare(world: &World, gaps: &mut Vec<Gap>) {
    for release in &world.releases {
        let Some(at) = release.published_at.filter(|at| world.is_due(*at)) else { continue };
        let of_tag = || world.all.iter().filter(|entry| entry.tag.as_str() == release.tag_name);
        if of_tag().any(|entry| entry.status == Status::Success) {
            continue;
        }
        let last = of_tag().max_by_key(|entry| entry.validated_at);
        let (run, detail) = match last {
            None => (0, format!("published {at}, and nothing was recorded")),
            Some(entry) => {
                let reason = entry.failure_reason.as_deref().unwrap_or("no reason was given");
                (entry.run, format!("published {at}; the last word is a failure: {reason}"))
            }
        };
        gaps.push(Gap::new(GapKind::ReleaseWithoutProvenance, &release.tag_name, run, detail));
    }
}
