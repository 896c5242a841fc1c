//! What a file or job is for, as far as releases go.

use crate::effect::Act;
use crate::model::Document;
use crate::world::{JobView, World};

/// Whether an act is part of making, checking, recording or telling of provenance.
pub(crate) fn is_critical(act: &Act) -> bool {
    matches!(
        act,
        Act::Dispatch { .. }
            | Act::RepositoryDispatch { .. }
            | Act::Sign
            | Act::Verify
            | Act::Notify
            | Act::Record
            | Act::Publish
            | Act::PushTag
            | Act::Release { .. }
            | Act::WriteProvenance { .. }
            | Act::LookInto { .. }
    )
}

/// What an act does, as the end of "the step that …".
pub(crate) fn purpose(act: &Act) -> &'static str {
    match act {
        Act::Dispatch { .. } | Act::RepositoryDispatch { .. } => "starts a workflow",
        Act::Sign => "signs provenance",
        Act::WriteProvenance { .. } => "writes provenance",
        Act::Verify | Act::LookInto { .. } => "checks provenance",
        Act::Notify => "tells people",
        Act::Record => "records the outcome",
        Act::Publish => "publishes packages",
        Act::Release { .. } => "makes the release",
        Act::PushTag => "pushes the tag",
        Act::Push => "pushes commits",
        Act::Reconcile => "compares the records",
        Act::Build => "builds",
        _ => "does it",
    }
}

pub(crate) fn signs(act: &Act) -> bool {
    matches!(act, Act::Sign)
}

pub(crate) fn ships(act: &Act) -> bool {
    matches!(act, Act::Release { .. } | Act::Publish)
}

/// Workflows that sign, release or publish, with everything that they call.
pub(crate) fn release_files(world: &World) -> Vec<usize> {
    let mut files: Vec<usize> = world
        .workflows()
        .filter(|(index, ..)| world.workflow_does(*index, &|act| signs(act) || ships(act)))
        .flat_map(|(index, ..)| world.called_by(index))
        .collect();
    files.sort_unstable();
    files.dedup();
    files
}

/// Files that are about provenance, by what they do or, when they cannot be read, by their words.
pub(crate) fn is_about_provenance(world: &World, file: usize) -> bool {
    let source = world.file(file);
    match &source.document {
        Document::Workflow(_) => world.workflow_does(file, &|act| {
            matches!(
                act,
                Act::Sign | Act::WriteProvenance { .. } | Act::Verify | Act::LookInto { .. }
            )
        }),
        Document::Broken(_) | Document::TooLarge(_) => {
            let text = source.text.to_ascii_lowercase();
            let words = ["provenance", "attest", "slsa", "cosign"];
            words
                .iter()
                .any(|word| source.path.to_ascii_lowercase().contains(word) || text.contains(word))
        }
        Document::Action(_) => false,
    }
}

/// Jobs that make provenance: they sign, call a workflow that does, or say so of themselves.
pub(crate) fn makes_provenance(world: &World, job: JobView<'_>) -> bool {
    world.does(job, &|act| matches!(act, Act::Sign | Act::WriteProvenance { .. }))
}
